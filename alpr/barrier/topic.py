"""A relay that listens to an MQTT topic."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

Publish = Callable[[str, str], Awaitable[None]]
"""Hands a payload to the broker and returns once the broker has it; raises DeliveryError."""


class TopicRelay:
    """Told by payloads what to do; without one for letting go it does so by itself."""

    def __init__(self, publish: Publish, topic: str, on: str, off: str) -> None:
        self._publish, self._topic, self._on, self._off = publish, topic, on, off

    async def close_contact(self) -> None:
        """Publish the order."""
        await self._publish(self._topic, self._on)

    async def release(self) -> None:
        """Publish that it is over."""
        if self._off:
            await self._publish(self._topic, self._off)

    async def disconnect(self) -> None:
        """Leave the broker to its owner."""
