"""Web Push against a push service that is a process of its own, and against the numbers of RFC 8291."""

from __future__ import annotations

import asyncio
import json
import ssl
import stat
import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from alpr.access import Message
from alpr.delivery.pushcrypt import Receiver, encrypt, parse_receiver
from alpr.delivery.vapid import FILE, Vapid, load_key
from alpr.delivery.webpush import PushTarget
from alpr.domain import utc_now
from alpr.errors import DeliveryError, StoreError
from alpr.store import deliveries, subscriptions, users
from alpr.store.database import Database, open_database
from alpr.store.subscriptions import NewSubscription
from alpr.store.users import Role
from tests.delivery.pushservice import AUTH, KEY, padless, point, unpadded

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_the_example_of_the_rfc():
    """With the keys and the salt of RFC 8291, appendix A, the body is the one printed there."""
    receiver = parse_receiver(
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "BTBZMqHH6r4Tts7J_aSIgg",
    )
    private = int.from_bytes(unpadded("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big")
    body = encrypt(
        b"When I grow up, I want to be a watermelon",
        receiver,
        ec.derive_private_key(private, ec.SECP256R1()),
        unpadded("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert padless(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95b"
        "Qpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


@pytest.mark.parametrize(
    ("p256dh", "auth"),
    [("", ""), ("AAAA", "AAAA"), ("!!!", "???"), ("ä", "b"), (padless(b"\4" + b"\1" * 64), padless(b"a" * 16))],
)
def test_keys_that_are_none(p256dh, auth):
    """What a browser never gives is refused before anything is encrypted with it."""
    with pytest.raises(ValueError, match=r"keys|Invalid|point"):
        parse_receiver(p256dh, auth)


def test_the_key_pair_is_made_once_and_for_its_owner_alone(tmp_path):
    """Later starts find the same key; the file may be read by nobody else."""
    first, second = (Vapid(load_key(tmp_path)).public_key for _ in range(2))
    assert first == second
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize("content", ["", "nothing", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_key_file_that_is_broken(tmp_path, content):
    """It is told, and not replaced: every device would have to subscribe anew."""
    (tmp_path / FILE).write_text(content)
    with pytest.raises(StoreError, match=r"push-key\.pem: is no key: restore it"):
        load_key(tmp_path)


@dataclass
class Service:
    """The process, what it got, and how to trust it."""

    process: asyncio.subprocess.Process
    port: int
    trust: ssl.SSLContext

    async def next(self) -> dict:
        return json.loads(await asyncio.wait_for(self.process.stdout.readline(), 10))

    def endpoint(self, path: str) -> str:
        return f"https://localhost:{self.port}/{path}"


@pytest.fixture
async def service(tmp_path):
    certificate, key = tmp_path / "push.crt", tmp_path / "push.key"
    kind = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate]
    made = await asyncio.create_subprocess_exec("openssl", *kind, *names, stderr=subprocess.DEVNULL)
    assert await made.wait() == 0
    process = await asyncio.create_subprocess_exec(
        sys.executable, Path(__file__).with_name("pushservice.py"), certificate, key, stdout=subprocess.PIPE
    )
    port = json.loads(await process.stdout.readline())["port"]
    yield Service(process, port, ssl.create_default_context(cafile=certificate))
    process.kill()
    await process.communicate()


@pytest.fixture
async def database(tmp_path):
    opened = await open_database(tmp_path / "data")
    await users.create(opened, "anna", "hash", Role.GUARD, NOON)
    yield opened
    await opened.close()


@pytest.fixture
async def target(database, service):
    vapid = Vapid(ec.generate_private_key(ec.SECP256R1()), "mailto:admin@example.org")
    made = PushTarget(database, vapid, ("localhost",), verify=service.trust, clock=lambda: NOON)
    made.key = vapid.public_key
    yield made
    await made.close()


async def subscribe(database: Database, endpoint: str, p256dh: str = padless(point(KEY.public_key()))) -> None:
    assert await subscriptions.add(database, "anna", NewSubscription(endpoint, p256dh, padless(AUTH), "Test"), NOON)


async def delivery(database: Database, **changes):
    values = {"subject": "GX 4821 denied", "body": "At gate-in, 12:00", "facts": {"event": "read"}, "read_id": "r1"}
    message = Message("rule night/r1/push", "push", **(values | changes))
    async with database.write() as connection:
        assert await deliveries.add(connection, message, utc_now())
    return (await deliveries.queue(database, "push", 1))[0]


async def test_only_the_device_can_read_it(target, service, database):
    """The service gets an encrypted body and a signed header; the device's keys give the message back."""
    await subscribe(database, service.endpoint("ok/1"))
    await target.send(await delivery(database, expires_at=NOON + timedelta(seconds=90)), None)
    got = await service.next()
    assert got["message"] == {
        "title": "GX 4821 denied",
        "body": "At gate-in, 12:00",
        "url": "/reads/r1",
        "tag": "rule night/r1/push",
    }
    assert (got["encoding"], got["ttl"], got["urgency"], len(got["topic"])) == ("aes128gcm", "90", "high", 32)
    assert got["claims"] == {
        "aud": f"https://localhost:{service.port}",
        "exp": int(NOON.timestamp()) + 12 * 3600,
        "sub": "mailto:admin@example.org",
        "key": target.key,
    }


@pytest.mark.parametrize("code", [404, 410])
async def test_a_subscription_that_ended_is_forgotten(target, service, database, code):
    """404 and 410 mean that the browser does not want to be told any more; nobody else is harmed."""
    await subscribe(database, service.endpoint(f"{code}/1"))
    await subscribe(database, service.endpoint("ok/1"))
    await target.send(await delivery(database), None)
    assert [one.endpoint for one in await subscriptions.everyone(database)] == [service.endpoint("ok/1")]


async def test_one_that_fails_is_told_again_and_the_others_are_not(target, service, database):
    """A repetition goes only to whoever has not had it, after the pause that was asked for."""
    await subscribe(database, service.endpoint("ok/1"))
    await subscribe(database, service.endpoint("429/1"))
    message = await delivery(database)
    for _ in range(2):
        with pytest.raises(DeliveryError, match="localhost answered 429") as failed:
            await target.send(message, None)
        assert (failed.value.permanent, failed.value.retry_after) == (False, 7.0)
    assert sorted([(await service.next())["path"] for _ in range(3)]) == ["/429/1", "/429/1", "/ok/1"]


async def test_one_that_fails_does_not_hold_up_the_others_for_ever(target, service, database):
    """After a few attempts the message counts as told, for the next one waits; but not while nobody has had it."""
    await subscribe(database, service.endpoint("503/1"))
    late = replace(await delivery(database), attempts=9)
    with pytest.raises(DeliveryError, match="localhost answered 503"):
        await target.send(late, None)
    await subscribe(database, service.endpoint("ok/1"))
    await target.send(late, None)


@pytest.mark.parametrize(
    ("path", "said"), [("403/1", "does not accept our key: set `contact`"), ("400/1", "localhost answered 400")]
)
async def test_what_another_attempt_would_not_help(target, service, database, path, said):
    """A refusal for good is told as such."""
    await subscribe(database, service.endpoint(path))
    with pytest.raises(DeliveryError, match=said) as failed:
        await target.send(await delivery(database), None)
    assert failed.value.permanent


@pytest.mark.parametrize(
    "endpoint", ["https://127.0.0.1:1/x", "http://localhost/x", "https://localhost.evil.example/x"]
)
async def test_only_services_of_the_configuration_are_called(target, database, endpoint):
    """An address that a browser could not have got from a push service is never asked."""
    await subscribe(database, endpoint)
    with pytest.raises(DeliveryError, match="push: anna: the address is") as failed:
        await target.send(await delivery(database), None)
    assert failed.value.permanent


async def test_a_long_message_is_cut_to_what_services_take(target, service, database):
    """However long text and title are, the service gets at most 4096 bytes, which are still a message."""
    await subscribe(database, service.endpoint("ok/1"))
    await target.send(await delivery(database, subject="Ä" * 900, body="€" * 9000), None)
    assert (await service.next())["message"]["title"].startswith("ÄÄÄ")


async def test_nobody_subscribed_and_nobody_active(target, service, database):
    """Without devices there is nothing to tell, and an account that was switched off is not told."""
    await target.send(await delivery(database), None)
    await subscribe(database, service.endpoint("403/1"))
    await users.set_active(database, "anna", active=False)
    await target.send((await deliveries.queue(database, "push", 1))[0], None)


async def test_a_service_that_is_away(target, database, service):
    """No network is no reason to give up."""
    await subscribe(database, "https://localhost:1/ok/1")
    with pytest.raises(DeliveryError, match="push: localhost cannot be reached") as failed:
        await target.send(await delivery(database), None)
    assert not failed.value.permanent


def test_every_message_has_a_key_of_its_own():
    """The same message twice is never the same bytes."""
    receiver = Receiver(point(KEY.public_key()), AUTH)
    assert encrypt(b"x", receiver) != encrypt(b"x", receiver)
