"""Barriers: one order makes one pulse, and whatever happens the relay is let go."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog

from alpr.barrier.relay import Input, Relay
from alpr.domain import utc_now
from alpr.errors import DeliveryError

_START: Final = 0.5
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Order:
    """Who wants it open, why, and for which read."""

    actor: str
    """An account's name, or `rule NAME`."""
    why: str
    read_id: str | None = None


@dataclass(frozen=True, slots=True)
class Habits:
    """How a barrier is opened."""

    cameras: frozenset[str] = frozenset()
    """Whose reads may open it."""
    pulse: float = 1.0
    repeat_after: float = 10.0
    """Seconds in which a second order does nothing."""
    min_confidence: float = 0.9
    release_again: float = 2.0
    """Seconds between two tries to let go a relay that does not answer."""


@dataclass(slots=True)
class Record:
    """What happened to a barrier last, for the pages."""

    opened_at: datetime | None = None
    opened_by: str = ""
    opened_why: str = ""
    read_id: str | None = None
    fault: str = ""
    """Why the last order failed; empty after one that worked."""
    fault_at: datetime | None = None
    stuck: str = ""
    """Why the relay cannot be let go; empty when it is."""


class Outcome:
    """Words of the audit log."""

    ORDERED: Final = "open barrier"
    FAILED: Final = "barrier not opened"


Note = Callable[[str, str, Order, str], Awaitable[None]]
"""Keeps in the audit log what was done: an action, the barrier's name, the order, and what else there is to say."""


class Barrier:
    """One barrier. Orders come one after the other; each is audited before the contact closes."""

    def __init__(
        self,
        name: str,
        relay: Relay,
        interlock: Input | None,
        habits: Habits,
        note: Note,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name, self.habits, self.record = name, habits, Record()
        self._relay, self._interlock, self._note, self._clock = relay, interlock, note, clock
        self._opened: float | None = None
        self._turn = asyncio.Lock()
        self._starting: asyncio.Task[None] | None = None
        self._releasing: asyncio.Task[None] | None = None

    def recall(self, opened_at: datetime, by: str, now: datetime) -> None:
        """Remember an opening of an earlier run, so that an order told again does not open twice."""
        self.record.opened_at, self.record.opened_by = opened_at, by
        self._opened = self._clock() - max(0.0, (now - opened_at).total_seconds())

    def start(self) -> asyncio.Task[None]:
        """Let the relay go, before any order: a process that was killed in the middle of a pulse could not."""
        self._starting = asyncio.create_task(self._begin(), name=f"start {self.name}")
        return self._starting

    async def open(self, order: Order) -> bool:
        """Open once; return False when that was done a moment ago. Raises DeliveryError."""
        async with self._turn:
            if self._opened is not None and self._clock() - self._opened < self.habits.repeat_after:
                return False
            try:
                await self._check_free()
                await self._note(Outcome.ORDERED, self.name, order, "")
                await self._pulse(order)
            except DeliveryError as error:
                self.record.fault, self.record.fault_at = str(error), utc_now()
                raise
        return True

    async def note_failure(self, order: Order, error: DeliveryError) -> None:
        """Keep in the audit log that an order came to nothing, once it is not tried again."""
        await self._note(Outcome.FAILED, self.name, order, str(error))

    async def close(self) -> None:
        """Finish the order in work, let the relay go, and give it up."""
        await _cancelled(self._starting)
        async with self._turn:
            await self._end_releasing()
            with suppress(DeliveryError):
                await self._relay.release()
            await self._relay.disconnect()
            if self._interlock is not None:
                await self._interlock.disconnect()

    async def _begin(self) -> None:
        async with self._turn:
            await self._let_go()

    async def _check_free(self) -> None:
        if self._interlock is not None and not await self._interlock.is_free():
            raise DeliveryError(f"barrier {self.name}: the way is not free: its interlock says that something is there")

    async def _pulse(self, order: Order) -> None:
        await self._end_releasing()
        try:
            await self._relay.close_contact()
            self._opened = self._clock()
            self.record.opened_at, self.record.opened_by, self.record.opened_why = utc_now(), order.actor, order.why
            self.record.read_id, self.record.fault = order.read_id, ""
            _log.info("barrier opened", barrier=self.name, by=order.actor, why=order.why, read=order.read_id)
            await asyncio.sleep(self.habits.pulse)
        finally:
            # After an error as well: an order whose answer was lost may have closed the contact.
            await asyncio.shield(asyncio.ensure_future(self._let_go()))

    async def _let_go(self) -> None:
        """Release the relay; when that fails go on trying beside everything else until it works."""
        try:
            await self._relay.release()
        except DeliveryError as error:
            self.record.stuck = str(error)
            _log.warning("relay not released, trying again", barrier=self.name, error=str(error))
            self._releasing = asyncio.create_task(self._keep_letting_go(), name=f"release {self.name}")

    async def _keep_letting_go(self) -> None:
        while self.record.stuck:
            await asyncio.sleep(self.habits.release_again)
            try:
                await self._relay.release()
            except DeliveryError as error:
                self.record.stuck = str(error)
            else:
                self.record.stuck = ""
                _log.info("relay released", barrier=self.name)

    async def _end_releasing(self) -> None:
        task, self._releasing = self._releasing, None
        await _cancelled(task)
        self.record.stuck = ""


class Barriers:
    """The barriers of the site, by name; a new configuration replaces them in place."""

    def __init__(self) -> None:
        self._barriers: dict[str, Barrier] = {}

    def __iter__(self) -> Iterator[Barrier]:
        return iter(self._barriers.values())

    def get(self, name: str) -> Barrier | None:
        """Return the barrier of this name."""
        return self._barriers.get(name)

    def of_camera(self, camera: str) -> tuple[Barrier, ...]:
        """Return the barriers at which a camera stands."""
        return tuple(barrier for barrier in self if camera in barrier.habits.cameras)

    async def replace(self, barriers: Mapping[str, Barrier]) -> None:
        """Give up the old ones first, since two cannot hold one line, then let all new relays go."""
        old, self._barriers = self._barriers, {}
        await asyncio.gather(*(barrier.close() for barrier in old.values()))
        for name, barrier in barriers.items():
            known = old[name].record if name in old else None
            if known is not None and known.opened_at is not None and barrier.record.opened_at is None:
                barrier.recall(known.opened_at, known.opened_by, utc_now())
        self._barriers = dict(barriers)
        starts = [barrier.start() for barrier in barriers.values()]
        if starts:
            # A relay that does not answer goes on being let go, and holds up nothing but its own orders.
            await asyncio.wait(starts, timeout=_START)

    async def close(self) -> None:
        """Give up all of them."""
        await self.replace({})


async def _cancelled(task: asyncio.Task[None] | None) -> None:
    if task is not None:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
