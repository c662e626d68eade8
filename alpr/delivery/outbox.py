"""The outbox: one loop that sends what waits in the store, each target in its own order and at its own pace.

A target that does not answer is left alone for longer and longer, up to a bound, and harms no other. A delivery is
noted as sent right after its target has taken it, so that a process that dies in between sends that one again, under
the same key: at least once, and the receiver can tell.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

import structlog

from alpr.bus import Bus, DeliveriesChanged
from alpr.delivery.lane import Lane, Pace, Shared
from alpr.delivery.target import Target
from alpr.domain import utc_now
from alpr.errors import StoreError
from alpr.store import deliveries
from alpr.store.database import Database
from alpr.store.images import Images

_log = structlog.get_logger(__name__)

_TIDY: Final = 60.0
_PUBLISH: Final = 0.5
_DRAIN: Final = 5.0


class Outbox:
    """Sends deliveries to the targets of these names; `patience` is for how long each is tried, in seconds."""

    def __init__(
        self,
        db: Database,
        images: Images,
        targets: Mapping[str, Target],
        *,
        patience: Mapping[str, float] | None = None,
        bus: Bus | None = None,
        pace: Pace | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._db = db
        self._bus = bus
        self._clock = clock
        self._targets, self._patience = dict(targets), dict(patience or {})
        self._lanes: dict[str, Lane] = {}
        self._changed = asyncio.Event()
        self._shared = Shared(db, images, pace or Pace(), clock, self._changed.set)
        self._tasks: asyncio.TaskGroup | None = None

    async def run(self) -> None:
        """Send until cancelled; `drain` before that lets what is on its way arrive."""
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                tasks.create_task(self._publish())
                for name in self._targets:
                    self._open(name)
                while True:
                    await self._tidy()
                    await asyncio.sleep(_TIDY)
        finally:
            self._tasks = None
            for target in self._targets.values():
                await target.close()

    def wake(self) -> None:
        """Look at once: something new waits, or a person wants what failed to be tried anew."""
        for lane in self._lanes.values():
            lane.wake()

    async def replace(self, targets: Mapping[str, Target], patience: Mapping[str, float] | None = None) -> None:
        """Go on with other targets; those that went are closed when they have ended what they are at."""
        old, self._targets, self._patience = self._targets, dict(targets), dict(patience or {})
        gone = [name for name, target in old.items() if self._targets.get(name) is not target]
        await asyncio.gather(*(self._lanes.pop(name).end() for name in gone if name in self._lanes))
        for name in gone:
            await old[name].close()
        for name in self._targets:
            if name in self._lanes:
                self._lanes[name].patience = self._patience_of(name)
            elif self._tasks is not None:
                self._open(name)
        if self._tasks is not None:
            await self._give_up_orphans()

    async def drain(self) -> None:
        """Begin nothing more, and wait a few seconds for what is on its way."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN):
                await asyncio.gather(*(lane.end() for lane in self._lanes.values()))

    def _open(self, name: str) -> None:
        assert self._tasks is not None
        lane = Lane(name, self._targets[name], self._patience_of(name), self._shared)
        self._lanes[name] = lane
        lane.start(self._tasks)

    def _patience_of(self, name: str) -> timedelta:
        return timedelta(seconds=self._patience.get(name, self._shared.pace.patience))

    async def _publish(self) -> None:
        """Tell the pages, but not of every single one of thousands."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            if self._bus is not None:
                self._bus.publish(DeliveriesChanged())
            await asyncio.sleep(_PUBLISH)

    async def _tidy(self) -> None:
        try:
            await self._give_up_orphans()
            while await deliveries.remove_old(self._db, self._clock() - timedelta(seconds=self._shared.pace.keep)):
                pass
        except StoreError as error:
            _log.warning("old deliveries not tidied up", error=str(error))

    async def _give_up_orphans(self) -> None:
        now: datetime = self._clock()
        for name in sorted(await deliveries.waiting_targets(self._db) - self._targets.keys()):
            error = f"target {name}: is not configured (any more): add a [[target]] of that name, then retry"
            count = await deliveries.give_up_target(self._db, name, error, now)
            _log.error("deliveries given up", target=name, count=count, error=error)
            self._changed.set()
