"""Notifications through Apprise: mail, messengers, SMS and whatever else one of its addresses names.

Apprise blocks, so each target has a thread. It tells only whether a message went out; why not stands in its log, which
is overheard here and nowhere else shown, because it may hold parts of the address.
"""

from __future__ import annotations

import asyncio
import logging
import re
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import apprise
from apprise.attachment.memory import AttachMemory

from alpr.configfile.appriseurl import without_secrets
from alpr.delivery.payloads import message_id
from alpr.errors import ConfigError, DeliveryError
from alpr.store.deliveries import Delivery

_LONGEST_FACTOR: Final = 3
"""A message takes several steps (connect, send, upload), each bounded by the timeout: so many times it for all."""
_REST: Final = 0.2
_STATUS: Final = re.compile(r"error=(\d{3})\b")
_TEMPORARY: Final = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
_SHOWN: Final = 240
_REASON: Final = "Socket Exception:"
_RECORDS: Final[ContextVar[list[logging.LogRecord] | None]] = ContextVar("_RECORDS", default=None)


@dataclass(slots=True)
class _Attempt:
    key: str
    future: asyncio.Future[str]

    def has_failed(self) -> bool:
        """Whether it is over and nothing arrived."""
        return self.future.done() and self.future.result() != ""


class NotifyTarget:
    """Tells one address of Apprise; raises ConfigError when it is none."""

    def __init__(self, name: str, url: str, *, timeout: float = 10.0) -> None:
        self._subject = f"target {name}"
        self._url = url
        _overhear()
        self._service = _service(name, url, timeout)
        self._longest = timeout * _LONGEST_FACTOR + self._service[0].request_rate_per_sec
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"target {name}")
        self._attempt: _Attempt | None = None

    async def send(self, delivery: Delivery, picture: bytes | None) -> None:
        """Hand the message to the service, with the picture where the service takes one."""
        attempt = self._attempt
        if attempt is not None and attempt.key != delivery.key and not attempt.future.done():
            raise DeliveryError(f"{self._subject}: is still busy with an earlier message")
        if attempt is None or attempt.key != delivery.key or attempt.has_failed():
            # An attempt that was given up may arrive all the same: then the next one only learns of it.
            loop = asyncio.get_running_loop()
            future = loop.run_in_executor(self._thread, self._notify, delivery, picture)
            attempt = self._attempt = _Attempt(delivery.key, future)
        longest = self._longest
        try:
            async with asyncio.timeout(longest):
                said = await asyncio.shield(attempt.future)
        except TimeoutError:
            raise DeliveryError(f"{self._subject}: no answer within {longest:g} s: check the service") from None
        self._attempt = None
        if said:
            raise DeliveryError(f"{self._subject}: {said}", permanent=_is_permanent(said))

    async def close(self) -> None:
        """Let go of the thread; a message that is on its way goes on without us."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _notify(self, delivery: Delivery, picture: bytes | None) -> str:
        """Send in the target's thread; return what went wrong, empty when nothing did."""
        server = self._service[0]
        if isinstance(getattr(server, "headers", None), dict):
            # Mail and Apprise's own webhooks can carry the key; the others have no place for it.
            server.headers["Idempotency-Key"] = message_id(delivery.key)
        attach = None if picture is None else _attachment(picture)
        records: list[logging.LogRecord] = []
        # In the context: Apprise hands the work on to threads of its own, which inherit it.
        token = _RECORDS.set(records)
        try:
            body, title = delivery.body or delivery.subject, delivery.subject
            sent = self._service.notify(body, title=title, body_format="text", attach=attach)
        finally:
            _RECORDS.reset(token)
        return "" if sent else without_secrets(_said(records) or "was not taken", self._url)[:_SHOWN]


def _attachment(jpeg: bytes) -> Any:
    return AttachMemory(jpeg, name="picture.jpg", mimetype="image/jpeg")  # type: ignore[no-untyped-call]


def _service(name: str, url: str, timeout: float) -> Any:
    # In memory: nothing of a message is left on the disk. In our thread and within our limit: what Apprise gives up by
    # itself may still arrive behind its back. Redirects lead to where nobody told us to.
    asset = apprise.AppriseAsset(
        storage_mode="memory", async_mode=False, service_timeout=0, http_redirects=False, app_id="alpr", app_desc="alpr"
    )
    service = apprise.Apprise(asset=asset)
    if not service.add(url):
        raise ConfigError(f"target {name}: Apprise does not take its url: `alpr check` says why")
    server = service[0]
    server.socket_connect_timeout = server.socket_read_timeout = timeout
    if server.request_rate_per_sec == apprise.NotifyBase.request_rate_per_sec:
        # Seconds between two messages where a service asks for none of its own: 5.5 would let a gate's mails queue up.
        server.request_rate_per_sec = _REST
    return service


def _is_permanent(said: str) -> bool:
    status = int(found[1]) if (found := _STATUS.search(said)) else 0
    return HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in _TEMPORARY


class _Ear(logging.Handler):
    """Keeps what Apprise logs for whoever listens; it goes no further."""

    def emit(self, record: logging.LogRecord) -> None:
        if (records := _RECORDS.get()) is not None:
            records.append(record)


def _overhear() -> None:
    """Take Apprise's log for ourselves, once."""
    logger = logging.getLogger("apprise")
    if not any(isinstance(handler, _Ear) for handler in logger.handlers):
        logger.addHandler(_Ear(logging.DEBUG))
    logger.propagate = False
    logger.setLevel(logging.DEBUG)


def _said(records: list[logging.LogRecord]) -> str:
    """Return the warnings and the reasons of failed connections, each once, on one line."""
    lines = (" ".join(record.getMessage().split()) for record in records if _matters(record))
    return "; ".join(dict.fromkeys(line.removeprefix(_REASON).strip() for line in lines))


def _matters(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING or record.getMessage().startswith(_REASON)
