"""Rules that open a barrier: an order is checked once more against the read that it was made for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from alpr.access import Verdict
from alpr.barrier.gates import Barrier, Barriers, Order
from alpr.domain import utc_now
from alpr.errors import DeliveryError, StoreError
from alpr.store import reads
from alpr.store.database import Database
from alpr.store.deliveries import Delivery

PREFIX: Final = "barrier/"
_AGAIN: Final = timedelta(seconds=0.5)
"""Until a barrier that could not open is tried again: the order lives ten seconds, and somebody waits at it."""


class BarrierTarget:
    """One barrier as the target of rules, under `barrier/NAME`."""

    def __init__(
        self, name: str, barriers: Barriers, database: Database, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._name, self._barriers, self._database, self._clock = name, barriers, database, clock

    async def send(self, delivery: Delivery, picture: bytes | None) -> None:  # noqa: ARG002  no barrier looks at pictures
        """Open the barrier, trying again while the order lives; raises DeliveryError, permanent if it must not open."""
        barrier = self._barriers.get(self._name)
        if barrier is None:
            raise DeliveryError(f"barrier {self._name}: is not there any more: check [[barrier]]", permanent=True)
        order = await self._checked(barrier, delivery)
        while True:
            try:
                await barrier.open(order)
            except DeliveryError as error:
                if error.permanent or delivery.expires_at is None or self._clock() + _AGAIN >= delivery.expires_at:
                    await barrier.note_failure(order, error)
                    raise
            else:
                return
            await asyncio.sleep(_AGAIN.total_seconds())

    async def close(self) -> None:
        """Leave the barrier to its owner."""

    async def _checked(self, barrier: Barrier, delivery: Delivery) -> Order:
        """Return the order, or refuse it for good: what the lists say now counts, not what they said."""
        facts = delivery.facts.get("read")
        read: Mapping[str, Any] = facts if isinstance(facts, dict) else {}
        try:
            stored = await reads.get(self._database, delivery.read_id) if delivery.read_id else None
        except StoreError as error:
            raise DeliveryError(f"barrier {self._name}: the read cannot be looked up: {error}") from None
        if read.get("opens") is not True or stored is None or stored.verdict is not Verdict.ALLOWED:
            raise self._refused("the lists do not let this read open it")
        if stored.read.camera not in barrier.habits.cameras:
            raise self._refused(f"camera {stored.read.camera} does not stand there: check `cameras` in [[barrier]]")
        if stored.read.reading.confidence < barrier.habits.min_confidence:
            sure, needed = stored.read.reading.confidence, barrier.habits.min_confidence
            raise self._refused(f"the read is not sure enough ({sure:.0%}, `min_confidence` is {needed:.0%})")
        return Order(f"rule {delivery.rule}", f"{stored.read.text}: {stored.verdict_reason}", delivery.read_id)

    def _refused(self, why: str) -> DeliveryError:
        return DeliveryError(f"barrier {self._name}: not opened: {why}", permanent=True)
