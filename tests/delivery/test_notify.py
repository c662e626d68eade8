"""Notifications by Apprise against a mail server and a web service in processes of their own."""

from __future__ import annotations

import asyncio
import email
import email.policy
import logging
import subprocess
import sys
import time
from pathlib import Path

import pytest

from alpr.delivery.notify import NotifyTarget
from alpr.delivery.payloads import message_id
from alpr.errors import ConfigError, DeliveryError
from tests.delivery.drawn_deliveries import make_delivery, make_jpeg
from tests.fakes import until

_TO = "?from=gate@example.org&to="


class Mailbox:
    """The mail server's process and what it has kept."""

    def __init__(self, folder):
        self.folder = folder
        self.port = 0
        self._process = None

    async def start(self):
        program = Path(__file__).with_name("mailserver.py")
        command = (sys.executable, program, str(self.port), self.folder)
        self._process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
        async with asyncio.timeout(20):
            self.port = int(await self._process.stdout.readline())

    async def stop(self):
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    def mails(self):
        files = sorted(self.folder.glob("*.eml"), key=lambda path: int(path.stem))
        return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in files]

    def url(self, to="guard@example.org", login=""):
        return f"mailto://{login}127.0.0.1:{self.port}{_TO}{to}"


@pytest.fixture
async def mailbox(tmp_path):
    started = Mailbox(tmp_path)
    await started.start()
    yield started
    (tmp_path / "stall").unlink(missing_ok=True)
    await started.stop()


@pytest.fixture(autouse=True)
def _apprises_log_stays_as_it_was():
    """Give the log of Apprise back, which a target takes for itself."""
    logger = logging.getLogger("apprise")
    before = logger.handlers[:], logger.propagate, logger.level
    yield
    logger.handlers[:], logger.propagate, logger.level = before


async def _send(url, delivery=None, picture=None):
    target = NotifyTarget("mail", url, timeout=5)
    try:
        await target.send(delivery or make_delivery(), picture)
    finally:
        await target.close()


async def _refused(url, **more):
    with pytest.raises(DeliveryError) as told:
        await _send(url, **more)
    return told.value


async def test_a_mail_arrives_with_its_text_and_picture(mailbox):
    """Subject, text, the JPEG as it was, and the key in a header of its own."""
    await _send(mailbox.url(), picture=make_jpeg())
    (mail,) = mailbox.mails()
    assert (mail["From"], mail["To"], mail["Subject"]) == ("gate@example.org", "guard@example.org", "GX15 OGJ denied")
    assert mail["Idempotency-Key"] == message_id(make_delivery().key)
    text, picture = mail.iter_parts()
    assert text.get_content().strip() == "Gate in: GX15 OGJ is denied"
    assert picture.get_content_type() == "image/jpeg"
    assert picture.get_content() == make_jpeg()


async def test_without_a_picture_a_mail_is_a_text(mailbox):
    """Nothing is attached where nothing is wanted; accents and signs arrive as written."""
    await _send(mailbox.url(), make_delivery(subject="Tür <offen> & zu 🚚", body="Straße, *x*"))
    (mail,) = mailbox.mails()
    assert mail["Subject"] == "Tür <offen> & zu 🚚"
    assert mail.get_content().strip() == "Straße, *x*"


async def test_logins(mailbox):
    """The right password logs in; a wrong one is told, and neither stands in the error."""
    await _send(mailbox.url(login="gate:p%40ss@"))
    assert len(mailbox.mails()) == 1
    error = await _refused(mailbox.url(login="gate:wr0ng-one@"))
    assert str(error).startswith("target mail: Connection error while submitting email")
    assert "535" in str(error)
    assert "wr0ng" not in str(error)


@pytest.mark.parametrize(("to", "said"), [("nobody@example.org", "failed"), ("later@example.org", "failed")])
async def test_people_whom_the_server_refuses(mailbox, to, said):
    """What the server says of a recipient ends as an error, not as silence."""
    error = await _refused(mailbox.url(to))
    assert said in str(error) or "error" in str(error)
    assert mailbox.mails() == []


async def test_a_server_that_is_down_and_comes_back(mailbox):
    """Worth another attempt, with the same target."""
    target = NotifyTarget("mail", mailbox.url(), timeout=5)
    await mailbox.stop()
    with pytest.raises(DeliveryError, match="refused") as told:
        await target.send(make_delivery(), None)
    assert not told.value.permanent
    await mailbox.start()
    await target.send(make_delivery(), None)
    await target.close()
    assert len(mailbox.mails()) == 1


async def test_a_late_arrival_is_not_sent_twice(mailbox):
    """A message that arrives after its time limit is known to the next attempt."""
    (mailbox.folder / "stall").touch()
    target = NotifyTarget("mail", mailbox.url(), timeout=0.3)
    target._service[0].socket_connect_timeout = 30
    began = time.monotonic()
    with pytest.raises(DeliveryError, match=r"no answer within 1\.1 s"):
        await target.send(make_delivery(), None)
    assert time.monotonic() - began < 3
    with pytest.raises(DeliveryError, match="still busy"):
        await target.send(make_delivery(key="another"), None)
    (mailbox.folder / "stall").unlink()
    await until(lambda: len(mailbox.mails()) == 1)
    await target.send(make_delivery(), None)
    await target.send(make_delivery(key="another"), None)
    await target.close()
    keys = [mail["Idempotency-Key"] for mail in mailbox.mails()]
    assert keys == [message_id(make_delivery().key), message_id("another")]


async def test_web_services_tell_for_good_or_for_now(receiver):
    """A status in what Apprise says decides whether another attempt makes sense."""
    for status, permanent in ((404, True), (401, True), (429, False), (503, False)):
        error = await _refused(f"json://127.0.0.1:{receiver.port}/status/{status}")
        assert (error.permanent, f"error={status}" in str(error)) == (permanent, True)
    await _send(f"json://127.0.0.1:{receiver.port}/ok")
    assert receiver.arrivals()[-1].key == message_id(make_delivery().key)


async def test_redirects_are_not_followed_by_services_either(receiver):
    """What a service answers leads nowhere that nobody configured."""
    error = await _refused(f"json://127.0.0.1:{receiver.port}/redirect")
    assert "302" in str(error)


async def test_nothing_of_an_address_is_shown(receiver, capfd):
    """Tokens stand in the path of many services."""
    error = await _refused(f"json://me:passw0rd@127.0.0.1:{receiver.port}/status/500/T0KEN123?+X-Key=S3CRET99")
    assert not any(secret in str(error) + capfd.readouterr().err for secret in ("passw0rd", "T0KEN123", "S3CRET99"))


def test_an_address_that_is_none():
    """Checked at load already; here it is refused once more."""
    with pytest.raises(ConfigError, match="target mail: Apprise does not take its url"):
        NotifyTarget("mail", "mailtoo://x")
