"""What every target has in common: it takes one delivery at a time, or says why not."""

from __future__ import annotations

from typing import Protocol

from alpr.store.deliveries import Delivery


class Target(Protocol):
    """Somebody to be told, under the name that rules use."""

    async def send(self, delivery: Delivery, picture: bytes | None) -> None:
        """Hand over one delivery, with the JPEG of its read where one is wanted.

        Returns when the target has taken it. Raises DeliveryError: `permanent` when another attempt would fail just
        so, `retry_after` seconds when the target has said how long to wait. It may be called again for the same key.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
