"""Reads of other systems on their way into the store: many requests share one transaction.

Pictures are looked at and written first, then everything of a batch is committed at once: reads, hits, visits,
deliveries. Whoever sends is answered only then, so that what was answered is stored, and what was not may be sent
again: the same event has the same id.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final, ParamSpec, Protocol, TypeVar

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.access import Decision
from alpr.bus import Bus, LateReads, ReadCommitted
from alpr.domain import Read, utc_now
from alpr.errors import StoreError
from alpr.exchange.admission import Admitted, Terms, admit
from alpr.exchange.outcome import Fate, Outcome
from alpr.exchange.told import FieldFaultError, Item, Refused, Silent
from alpr.intake.arrivals import Arrival, add, is_news, paths_of, write
from alpr.intake.evidence import look_at
from alpr.store import foreign
from alpr.store.database import Database
from alpr.store.images import Images

_DEPTH: Final = 16
_TOGETHER: Final = 1000
"""Reads of one transaction, about."""
_THREADS: Final = 2
_STOPPING: Final = "the site is stopping: send them again"
_P = ParamSpec("_P")
_T = TypeVar("_T")
_log = structlog.get_logger(__name__)


class Judge(Protocol):
    """Judges reads inside their transaction, all at once."""

    async def __call__(
        self,
        connection: AsyncConnection,
        reads: Sequence[Read],
        now: datetime,
        *,
        told: Collection[str],
        opening: Collection[str],
    ) -> list[Decision]:
        """Store what lists, visits and rules make of the reads; rules follow those `told` of, barriers `opening`."""
        ...


@dataclass(frozen=True, slots=True)
class IntakeSettings:
    """What the site takes."""

    enabled: bool = True
    terms: Terms = field(default_factory=Terms)
    bad_picture_kept: bool = False
    picture_bytes: int = 4_000_000
    request_bytes: int = 8_000_000
    batch: int = 500
    tell_within: timedelta = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class _Job:
    arrivals: list[Arrival]
    done: asyncio.Future[None]


class Intake:
    """Takes what other systems send; `run` stores it."""

    def __init__(
        self,
        db: Database,
        images: Images,
        bus: Bus,
        *,
        judge: Judge | None = None,
        committed: Callable[[], None] = lambda: None,
        settings: IntakeSettings | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._db = db
        self._images = images
        self._bus = bus
        self._judge = judge
        self._committed = committed
        self._clock = clock
        self.settings = settings or IntakeSettings()
        self._queue: asyncio.Queue[_Job] = asyncio.Queue(_DEPTH)
        self._stopped = False
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="intake")
        # One after the other: two requests may bring the same event, whose pictures have the same names.
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="intake-pictures")

    async def take(self, items: Sequence[Item], source: str) -> list[Outcome]:
        """Store what can be stored and say of each item what became of it; raises StoreError."""
        now = self._clock()
        admitted = [_admitted(item, source, self.settings.terms, now) for item in items]
        arrivals: list[Arrival] = []
        outcomes: list[Outcome | Arrival] = []
        for one in admitted:
            ready = one if isinstance(one, Outcome) else await self._ready(one)
            outcomes.append(ready)
            if isinstance(ready, Arrival):
                arrivals.append(ready)
        if arrivals:
            job = _Job(arrivals, asyncio.get_running_loop().create_future())
            await self._queue.put(job)
            if self._stopped:
                raise StoreError(_STOPPING)
            await job.done
        return [one if isinstance(one, Outcome) else _outcome(one) for one in outcomes]

    async def run(self) -> None:
        """Store what comes until cancelled; what waits then, or comes still, is refused and may be sent again."""
        try:
            await self._run()
        finally:
            self._stopped = True
            while not self._queue.empty():
                _answer([self._queue.get_nowait()], StoreError(_STOPPING))

    async def _run(self) -> None:
        """Store what waits together in one transaction."""
        while True:
            jobs = [await self._queue.get()]
            while not self._queue.empty() and sum(len(job.arrivals) for job in jobs) < _TOGETHER:
                jobs.append(self._queue.get_nowait())
            try:
                await self._store([arrival for job in jobs for arrival in job.arrivals])
            except StoreError as error:
                _log.error("reads of other systems not stored", error=str(error))
                _answer(jobs, error)
            except BaseException:
                _answer(jobs, StoreError(_STOPPING))
                raise
            else:
                _answer(jobs, None)

    async def _ready(self, admitted: Admitted) -> Arrival | Outcome:
        """Look at the pictures of a read that is not known yet and write them; refuse what is no picture."""
        arrival = Arrival(admitted, admitted.read)
        if admitted.frame is None and admitted.crop is None:
            arrival.read = replace(admitted.read, vehicle_box=None)
            return arrival
        id_ = admitted.read.id
        if not is_news(admitted, (await foreign.known(self._db, [id_])).get(id_)):
            return arrival  # its pictures are there already, and its fate is told by the transaction
        try:
            arrival.read, arrival.pictures = await _in_thread(
                self._threads, look_at, admitted.read, admitted.frame, admitted.crop, self.settings.picture_bytes
            )
        except FieldFaultError as error:
            if not self.settings.bad_picture_kept:
                return _refusal(admitted, error)
            arrival.notes = (error,)
        else:
            arrival.evidence = await _in_thread(self._writer, write, self._images, arrival)
        return arrival

    async def _store(self, arrivals: list[Arrival]) -> None:
        async with self._db.write() as connection:
            now = self._clock()  # the order of changes is that of transactions
            stored = await add(connection, arrivals, now)
            judged: list[Read] = [arrival.read for arrival in stored]
            late = {read.id for read in judged if now - read.last_seen > self.settings.tell_within}
            opening = {arrival.read.id for arrival in stored if arrival.admitted.station.opens}
            decisions: list[Decision | None] = [None] * len(judged)
            if self._judge is not None and judged:
                told = {read.id for read in judged} - late
                decisions = list(await self._judge(connection, judged, now, told=told, opening=opening))
        self._committed()
        self._tell(stored, decisions, late)
        await self._forget(arrivals)

    def _tell(self, stored: list[Arrival], decisions: Sequence[Decision | None], late: Collection[str]) -> None:
        for arrival, decision in zip(stored, decisions, strict=True):
            if arrival.read.id not in late:
                self._bus.publish(ReadCommitted(arrival.read, arrival.fate is Fate.ACCEPTED, decision))
        if late:
            self._bus.publish(LateReads())

    async def _forget(self, arrivals: list[Arrival]) -> None:
        """Delete the pictures that no read names: of reads that turned out to be known, of previews now complete."""
        written = {
            path for one in arrivals for given in (one.evidence, one.replaced) if given for path in paths_of(given)
        }
        if all(one.fate is Fate.ACCEPTED for one in arrivals) or not written:
            return
        with suppress(StoreError):  # the next start sweeps
            async with self._db.read() as connection:
                named = await foreign.pictures_of(connection, {one.read.id for one in arrivals})
            litter = written - {path for given in named.values() for path in paths_of(given)}
            await _in_thread(self._writer, self._images.delete, sorted(litter))


async def _in_thread(
    threads: ThreadPoolExecutor, function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs
) -> _T:
    return await asyncio.get_running_loop().run_in_executor(threads, partial(function, *args, **kwargs))


def _answer(jobs: Sequence[_Job], error: StoreError | None) -> None:
    """Let those who wait go on; some may have gone meanwhile."""
    for job in jobs:
        if job.done.done():
            continue
        if error is None:
            job.done.set_result(None)
        else:
            job.done.set_exception(error)


def _admitted(item: Item, source: str, terms: Terms, now: datetime) -> Admitted | Outcome:
    if isinstance(item, Silent):
        return Outcome(Fate.IGNORED, why=item.why)
    admitted = item if isinstance(item, Refused) else admit(item, source, terms, now)
    return Outcome(Fate.REFUSED, faults=admitted.faults) if isinstance(admitted, Refused) else admitted


def _refusal(admitted: Admitted, error: FieldFaultError) -> Outcome:
    return Outcome(Fate.REFUSED, external_id=admitted.read.external_id, faults=(error.fault,))


def _outcome(arrival: Arrival) -> Outcome:
    notes = (*arrival.admitted.notes, *(error.fault for error in arrival.notes))
    return Outcome(arrival.fate, arrival.read.id, arrival.read.external_id, notes)
