"""The link to an MQTT broker: made again whenever it is lost, with a last will, over TLS where wanted."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import aiomqtt
import structlog

from alpr.delivery.topics import OFFLINE, ONLINE, Topics
from alpr.errors import ConfigError, DeliveryError

_KEEPALIVE: Final = 15
"""Seconds; a broker that is silent for longer counts as gone."""
_PATIENCE: Final = 5.0
"""Seconds for connecting, and for the broker's acknowledgement of a message."""
_AGAIN: Final = 2.0
"""Seconds until a delivery is tried again that the broker did not take: it is back at any moment."""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the broker is, and who we are there."""

    host: str
    port: int
    username: str
    password: str
    client_id: str
    tls: ssl.SSLContext | None


def tls_context(ca: Path | None, *, verify: bool) -> ssl.SSLContext:
    """Make the context of an encrypted link; raises ConfigError when the authority's file cannot be used."""
    try:
        context = ssl.create_default_context(cafile=ca)
    except (OSError, ssl.SSLError) as error:
        words = error.strerror or "no certificate in PEM form"
        raise ConfigError(f"mqtt: `tls_ca` {ca} cannot be used ({words})") from None
    if not verify:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


class Ear(Protocol):
    """Who hears what others publish below a topic."""

    async def hear(self, sender: str, payload: bytes) -> str:
        """Take a message; returns what is answered once the message is safe, so that it may be acknowledged."""
        ...


class MqttLink:
    """Publishes what others hand over, while there is a broker; `greet` tells it all that is retained.

    With an `ear` it also hears activity events. A message is acknowledged to the broker only after the ear has taken
    it, and the broker keeps the session: what was not acknowledged comes again, after a crash too.
    """

    def __init__(
        self,
        broker: Broker,
        topics: Topics,
        *,
        ear: Ear | None = None,
        first_pause: float = 1.0,
        longest_pause: float = 30.0,
    ) -> None:
        self._broker, self.topics, self._ear = broker, topics, ear
        self._first_pause, self._longest_pause = first_pause, longest_pause
        self._client: aiomqtt.Client | None = None
        self.fault = "not connected yet"
        """Why there is no link; empty while there is one."""
        self.up = asyncio.Event()
        """Set while there is a link."""

    async def run(self, greet: Callable[[], Awaitable[None]], birth: str = "") -> None:
        """Keep the link up until cancelled.

        `greet` is called after each connection, and whenever `online` is heard under the topic `birth`.
        """
        pause, told = self._first_pause, False
        while True:
            try:
                async with self._connected(greet) as client:
                    _log.info("mqtt connected", host=self._broker.host, port=self._broker.port)
                    pause, told = self._first_pause, False
                    await self._listen(client, greet, birth)
            except aiomqtt.MqttError as error:
                self.fault = _words(error)
                if not told:
                    _log.warning("mqtt lost, trying again", host=self._broker.host, error=self.fault)
                told = True
            await asyncio.sleep(pause)
            pause = min(2 * pause, self._longest_pause)

    async def publish(self, topic: str, payload: str | bytes, *, retain: bool = False) -> None:
        """Hand a message to the broker; returns once the broker has it. Raises DeliveryError."""
        client = self._client
        if client is None:
            raise DeliveryError(f"mqtt: no link to {self._broker.host}: {self.fault}", retry_after=_AGAIN)
        try:
            await client.publish(topic, payload, qos=1, retain=retain, timeout=_PATIENCE)
            _end_if_cancelled()
        except aiomqtt.MqttError as error:
            raise DeliveryError(f"mqtt: {self._broker.host}: {_words(error)}", retry_after=_AGAIN) from None
        except ValueError as error:
            raise DeliveryError(f"mqtt: {topic[:80]} cannot be published: {error}", permanent=True) from None

    @asynccontextmanager
    async def _connected(self, greet: Callable[[], Awaitable[None]]) -> AsyncIterator[aiomqtt.Client]:
        broker = self._broker
        client = aiomqtt.Client(
            broker.host,
            broker.port,
            username=broker.username or None,
            password=broker.password or None,
            identifier=broker.client_id,
            will=aiomqtt.Will(self.topics.status, OFFLINE, qos=1, retain=True),
            tls_context=broker.tls,
            timeout=_PATIENCE,
            keepalive=_KEEPALIVE,
            clean_session=self._ear is None,
        )
        # The library acknowledges before anybody has read: https://github.com/empicano/aiomqtt has no setting for it.
        client._client.manual_ack_set(True)  # noqa: SLF001, FBT003
        async with client:
            self._client, self.fault = client, ""
            self.up.set()
            try:
                await client.publish(self.topics.status, ONLINE, qos=1, retain=True)
                _end_if_cancelled()
                with suppress(DeliveryError):  # the link went again: the next one greets anew
                    await greet()
                yield client
            finally:
                self.up.clear()
                self._client, self.fault = None, self.fault or "the connection was closed"
                # A clean goodbye leaves no will behind, so it is said by hand.
                with suppress(aiomqtt.MqttError):
                    await client.publish(self.topics.status, OFFLINE, qos=1, retain=True, timeout=1.0)

    async def _listen(self, client: aiomqtt.Client, greet: Callable[[], Awaitable[None]], birth: str) -> None:
        if birth:
            await client.subscribe(birth, qos=1)
            _end_if_cancelled()
        if self._ear is not None:
            await client.subscribe(f"{self.topics.activity}/#", qos=1)
            _end_if_cancelled()
        async for message in client.messages:
            topic = message.topic.value
            if self._ear is not None and (topic + "/").startswith(self.topics.activity + "/"):
                await self._heard(self._ear, topic, message)
            elif message.payload == ONLINE.encode() and not message.retain:
                with suppress(DeliveryError):
                    await greet()
            client._client.ack(message.mid, message.qos)  # noqa: SLF001  the library has no method for it

    async def _heard(self, ear: Ear, topic: str, message: aiomqtt.Message) -> None:
        payload = message.payload if isinstance(message.payload, bytes | bytearray) else b""
        answer = await ear.hear(topic.removeprefix(self.topics.activity).strip("/"), bytes(payload))
        with suppress(DeliveryError):  # the sender may ask by sending again
            await self.publish(self.topics.activity_answers, answer)


def _end_if_cancelled() -> None:
    """Raise the cancellation that aiomqtt lost: before Python 3.12 `wait_for` drops one that meets its result."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _words(error: aiomqtt.MqttError) -> str:
    said = str(error)
    if "ot authori" in said or "Bad user name" in said:
        return "refused: check username and password"
    if "CERTIFICATE_VERIFY_FAILED" in said:
        return "its certificate is not trusted: check `tls_ca`, or set tls_verify = false"
    if "Disconnected during message iteration" in said:
        return "the connection was lost"
    return f"{said or 'no answer'}: check host, port and whether the broker runs"
