"""The link to the broker, against a real Mosquitto that drops, freezes, refuses and encrypts."""

from __future__ import annotations

import asyncio
import gc
import shutil
import socket
import subprocess
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from alpr.delivery.mqtt import Broker, MqttLink, tls_context
from alpr.delivery.topics import Topics
from alpr.errors import ConfigError, DeliveryError
from tests.delivery.mosquitto import ear, mosquitto
from tests.fakes import until


async def nothing() -> None:
    """Greet with nothing."""


async def run(*command) -> None:
    """Run a program to its end, which must be a good one."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    assert await (await asyncio.create_subprocess_exec(*command, **quiet)).wait() == 0


@asynccontextmanager
async def linked(port, *, greet=nothing, username="", password="", tls=None, birth=""):
    """Run a link that tries again quickly."""
    broker = Broker("127.0.0.1", port, username, password, "alpr", tls)
    link = MqttLink(broker, Topics("alpr"), first_pause=0.02, longest_pause=0.1)
    running = asyncio.create_task(link.run(greet, birth))
    try:
        yield link
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def test_online_while_there_and_offline_after_a_goodbye(tmp_path):
    """The retained state says whether the box is there, also to whoever listens later."""
    async with mosquitto(tmp_path) as broker:
        async with linked(broker.port) as link:
            await until(lambda: not link.fault)
            async with ear(broker) as heard:
                await heard.until(lambda: heard.last.get("alpr/status") == "online")
        async with ear(broker) as heard:
            await heard.until(lambda: heard.last.get("alpr/status") == "offline")


async def test_the_last_will_speaks_when_the_box_cannot(tmp_path):
    """A connection that breaks without a goodbye makes the broker say `offline`."""
    async with mosquitto(tmp_path) as broker, ear(broker) as heard, linked(broker.port) as link:
        await until(lambda: not link.fault)
        link._client._client.socket().shutdown(socket.SHUT_RDWR)
        await heard.until(lambda: b"offline" in heard.of("alpr/status"))
        await heard.until(lambda: heard.of("alpr/status")[-1] == b"online")


async def test_a_broker_that_dies_and_returns(tmp_path):
    """The link comes back by itself and greets anew; meanwhile a message is refused, to be tried again."""
    greeted = []

    async def greet():
        greeted.append(True)

    async with mosquitto(tmp_path) as broker, linked(broker.port, greet=greet) as link:
        await until(lambda: not link.fault)
        await broker.stop()
        await until(lambda: bool(link.fault))
        with pytest.raises(DeliveryError, match="mqtt: no link to 127") as refused:
            await link.publish("alpr/x", "1")
        assert not refused.value.permanent
        await broker.start()
        await until(lambda: not link.fault)
        await link.publish("alpr/x", "2")
        assert len(greeted) == 2


async def test_published_means_that_the_broker_has_it(tmp_path):
    """A broker that freezes takes nothing, and the message counts as not delivered."""
    async with mosquitto(tmp_path) as broker, linked(broker.port) as link:
        await until(lambda: not link.fault)
        broker.freeze(frozen=True)
        asked = asyncio.create_task(link.publish("alpr/x", "1"))
        await asyncio.sleep(0.05)
        assert not asked.done()
        broker.freeze(frozen=False)
        await asked


async def test_an_end_that_meets_an_acknowledgement(tmp_path):
    """A task that is cancelled just as the broker acknowledges its message ends all the same."""
    async with mosquitto(tmp_path) as broker, linked(broker.port) as link:
        await asyncio.wait_for(link.up.wait(), 10)

        async def chatter():
            while True:
                await link.publish("alpr/x", "1")

        for pause in range(60):
            talking = asyncio.create_task(chatter())
            await asyncio.sleep(0.0005 * (pause % 10))
            talking.cancel()
            async with asyncio.timeout(5):
                await asyncio.wait([talking])
            assert talking.cancelled()


async def test_home_assistant_starts(tmp_path):
    """Its birth message is answered with everything once more."""
    greeted = asyncio.Queue()

    async def greet():
        greeted.put_nowait(True)

    async with mosquitto(tmp_path) as broker, linked(broker.port, greet=greet, birth="homeassistant/status") as link:
        await greeted.get()
        await until(lambda: not link.fault)
        async with asyncio.timeout(10):
            while greeted.empty():  # the subscription may still be on its way
                await link.publish("homeassistant/status", "online")
                await asyncio.sleep(0.02)


@pytest.mark.skipif(shutil.which("mosquitto_passwd") is None, reason="needs mosquitto_passwd")
async def test_a_login(tmp_path):
    """The right password lets in; a wrong one is told in words."""
    passwords = tmp_path / "passwords"
    await run("mosquitto_passwd", "-b", "-c", passwords, "gate", "secret one")
    settings = ["allow_anonymous false", f"password_file {passwords}"]
    async with mosquitto(tmp_path, *settings) as broker:
        async with linked(broker.port, username="gate", password="secret one") as link:
            await until(lambda: not link.fault)
        async with linked(broker.port, username="gate", password="wrong") as link:
            await until(lambda: link.fault == "refused: check username and password")


@pytest.fixture
async def authority(tmp_path):
    """Make a certificate for the loopback that signed itself; return its path without the suffix."""
    path = tmp_path / "ca"
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", f"{path}.key", "-out", f"{path}.crt"]
    kind = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=broker"]
    await run("openssl", *kind, *names)
    return path


def encrypted(authority) -> list[str]:
    return [f"certfile {authority}.crt", f"keyfile {authority}.key", "allow_anonymous true"]


async def test_tls(tmp_path, authority):
    """The link is encrypted and trusts the authority that it was given, or whatever comes where that is wanted."""
    async with mosquitto(tmp_path, *encrypted(authority)) as broker:
        for tls in (tls_context(Path(f"{authority}.crt"), verify=True), tls_context(None, verify=False)):
            async with linked(broker.port, tls=tls) as link:
                await until(lambda link=link: not link.fault)
                await link.publish("alpr/x", "1")


# paho leaves the socket of a failed handshake to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_broker_that_nobody_vouches_for(tmp_path, authority):
    """A certificate of an unknown authority is refused, in words."""
    async with mosquitto(tmp_path, *encrypted(authority)) as broker:
        async with linked(broker.port, tls=tls_context(None, verify=True)) as link:
            await until(lambda: "its certificate is not trusted" in link.fault)
        gc.collect()


def test_an_authority_that_is_none(tmp_path):
    """A file that holds no certificate is a fault of the configuration."""
    (tmp_path / "ca.pem").write_text("nothing")
    with pytest.raises(ConfigError, match=r"`tls_ca` .*ca\.pem cannot be used"):
        tls_context(tmp_path / "ca.pem", verify=True)
    with pytest.raises(ConfigError, match="No such file"):
        tls_context(tmp_path / "none.pem", verify=True)
