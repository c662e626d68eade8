"""The link to an MQTT broker: made again whenever it is lost, with a last will, over TLS where wanted."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

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


class MqttLink:
    """Publishes what others hand over, while there is a broker; `greet` tells it all that is retained."""

    def __init__(
        self, broker: Broker, topics: Topics, *, first_pause: float = 1.0, longest_pause: float = 30.0
    ) -> None:
        self._broker, self.topics = broker, topics
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
        )
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
        async for message in client.messages:
            if message.payload == ONLINE.encode() and not message.retain:
                with suppress(DeliveryError):
                    await greet()


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
