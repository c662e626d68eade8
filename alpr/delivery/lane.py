"""The queue of one target, sent one after the other: attempts, pauses between them, and when to give up."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar

import structlog

from alpr.delivery.target import Target
from alpr.errors import DeliveryError, StoreError
from alpr.store import deliveries, reads
from alpr.store.database import Database
from alpr.store.deliveries import Delivery
from alpr.store.images import Images

_log = structlog.get_logger(__name__)
_T = TypeVar("_T")

_AT_ONCE: Final = 20
"""How many deliveries are fetched with one question."""
_STORE_PAUSE: Final = 1.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How a target that fails is tried again: pauses that double, with jitter, between two bounds; all in seconds."""

    first_pause: float = 1.0
    longest_pause: float = 60.0
    longest_asked: float = 3600.0
    """Of the pause that a target may ask for (Retry-After)."""
    longest_send: float = 300.0
    """After which a target that bounds nothing itself counts as stalled."""
    patience: float = 86400.0
    """For how long a delivery is tried, where its target says nothing else."""
    keep: float = 30 * 86400.0
    """For how long a delivery that is over stays in the store."""

    def pause(self, failures: int, asked: float | None = None) -> timedelta:
        """Return how long to wait after so many failures in a row."""
        pause = min(self.longest_pause, self.first_pause * 2 ** min(failures - 1, 30))
        # Partly by chance: the sites behind one power cut must not all come back in step.
        pause *= random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing
        return timedelta(seconds=max(pause, min(asked or 0.0, self.longest_asked)))


@dataclass(frozen=True, slots=True)
class Shared:
    """What all lanes of an outbox have in common."""

    db: Database
    images: Images
    pace: Pace
    clock: Callable[[], datetime]
    changed: Callable[[], None]


class Lane:
    """Sends what waits for one target, in order."""

    def __init__(self, name: str, target: Target, patience: timedelta, shared: Shared) -> None:
        self.patience = patience
        self._name = name
        self._target = target
        self._db, self._images, self._pace = shared.db, shared.images, shared.pace
        self._clock, self._changed = shared.clock, shared.changed
        self._wake = asyncio.Event()
        self._ending = False
        self._failures = 0
        self._task: asyncio.Task[None] | None = None

    def start(self, tasks: asyncio.TaskGroup) -> None:
        """Begin to send."""
        self._task = tasks.create_task(self._run(), name=f"target {self._name}")

    def wake(self) -> None:
        """Look at the queue now."""
        self._wake.set()

    async def end(self) -> None:
        """Wait until what is on its way has arrived or failed, and begin nothing more."""
        self._ending = True
        self._wake.set()
        if self._task is not None:
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        while not self._ending:
            self._wake.clear()
            waiting = await self._stored(lambda: deliveries.queue(self._db, self._name, _AT_ONCE))
            pause = await self._send_in_order(waiting)
            if pause is not None or not waiting:
                await self._rest(pause)

    async def _send_in_order(self, waiting: tuple[Delivery, ...]) -> float | None:
        """Send until one has to wait; return for how many seconds, None when all are over with."""
        for delivery in waiting:
            if self._ending:
                return None
            if await self._is_too_old(delivery):
                continue
            due_at = await self._attempt(delivery) if self._is_due(delivery) else delivery.due_at
            if due_at is not None:
                return max(0.0, (min(due_at, self._deadline(delivery)) - self._clock()).total_seconds())
        return None

    async def _attempt(self, delivery: Delivery) -> datetime | None:
        """Try once; return when to try again, None when the delivery is over with."""
        try:
            async with asyncio.timeout(self._pace.longest_send):
                await self._target.send(delivery, await self._picture(delivery))
        except TimeoutError:
            stalled = f"target {self._name}: stalled for {self._pace.longest_send:g} s"
            return await self._failed(delivery, DeliveryError(stalled))
        except DeliveryError as error:
            return await self._failed(delivery, error)
        await self._stored(lambda: deliveries.finish(self._db, delivery.id, self._clock()))
        if self._failures:
            _log.info("target takes deliveries again", target=self._name, failures=self._failures)
        self._failures = 0
        self._changed()
        return None

    async def _failed(self, delivery: Delivery, error: DeliveryError) -> datetime | None:
        self._failures += 1
        if self._failures == 1:
            _log.warning("target failed", target=self._name, error=str(error), permanent=error.permanent)
        self._changed()
        if error.permanent:
            await self._stored(lambda: deliveries.give_up(self._db, delivery.id, str(error), self._clock()))
            return None
        due_at = self._clock() + self._pace.pause(self._failures, error.retry_after)
        await self._stored(lambda: deliveries.fail(self._db, delivery.id, str(error), due_at))
        return due_at

    def _is_due(self, delivery: Delivery) -> bool:
        # No pause is as long as that: the clock was wrong when it was written, as it may be after the power was off.
        bound = timedelta(seconds=max(self._pace.longest_asked, self._pace.longest_pause))
        return delivery.due_at <= self._clock() or delivery.due_at > self._clock() + bound

    async def _is_too_old(self, delivery: Delivery) -> bool:
        now = self._clock()
        if now < self._deadline(delivery):
            return False
        if delivery.expires_at is not None and delivery.expires_at <= now:
            error = "expired: nobody wants to be told any more"
        else:
            error = f"given up after {self.patience.total_seconds() / 3600:.3g} h"
        error += f"; last error: {delivery.error}" if delivery.error else ""
        await self._stored(lambda: deliveries.give_up(self._db, delivery.id, error, now, attempted=False))
        self._changed()
        return True

    def _deadline(self, delivery: Delivery) -> datetime:
        patient_until = (delivery.retried_at or delivery.created_at) + self.patience
        return patient_until if delivery.expires_at is None else min(patient_until, delivery.expires_at)

    async def _picture(self, delivery: Delivery) -> bytes | None:
        """Return the frame of the delivery's read; a message without its picture is better than none."""
        if not delivery.with_picture or delivery.read_id is None:
            return None
        with suppress(StoreError):
            for _ in range(2):
                # A final may replace the pictures of its preview between the two looks.
                if (stored := await reads.get(self._db, delivery.read_id)) is None:
                    return None
                if not stored.evidence.frame_path:
                    return None
                with suppress(StoreError):
                    return await asyncio.to_thread(self._images.read, stored.evidence.frame_path)
        return None

    async def _stored(self, work: Callable[[], Awaitable[_T]]) -> _T:
        """Do something in the store, again and again while it cannot be used: what was sent must be noted."""
        failed = False
        while True:
            try:
                done = await work()
            except StoreError as error:
                if not failed:
                    _log.error("deliveries wait for the store", target=self._name, error=str(error))
                failed = True
                await asyncio.sleep(_STORE_PAUSE)
            else:
                return done

    async def _rest(self, seconds: float | None) -> None:
        """Wait for news, this long at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()
