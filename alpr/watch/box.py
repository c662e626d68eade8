"""Watches the box itself: cameras, disk, memory, what waits to be stored, how sure and how many the reads are.

What passes a threshold is told once, and once more when it is over.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

import psutil
import structlog

from alpr.domain import Picture, utc_now
from alpr.errors import StoreError
from alpr.live import LiveView
from alpr.site.rules.states import BoxState, Measure, Watch
from alpr.status import CameraState, CameraStatus, Status
from alpr.store import alarms, firings
from alpr.store.database import Database
from alpr.store.modeldrift import Moved, compare
from alpr.store.rates import average_confidence, read_rate

_EVERY: Final = 2.0
_MACHINE_TURN: Final = 5
"""So many looks lie between two at disk and memory, and"""
_READS_TURN: Final = 30
"""between two at the reads of the last hour, and"""
_DRIFT_TURN: Final = 900
"""between two at those of four weeks."""
_VISITS_TURN: Final = 5
"""between two at who is inside."""
_FLAT: Final = 8.0
"""Standard deviation of the brightness (0 to 255) below which a picture shows hardly anything."""
_SILENT: Final = {CameraState.STARTING, CameraState.RECONNECTING, CameraState.STALLED}
_OF_CAMERAS: Final = {"camera lost", "camera blocked"}
_CAMERA_WORDS: Final = {
    "camera lost": "is silent",
    "camera blocked": "shows hardly anything: look whether it is covered",
}

VisitMeasures: TypeAlias = Callable[[Collection[Watch], Collection[str], datetime], Awaitable[list[Measure]]]
"""Measures who is inside, for these watches, and the end of these keys."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Machine:
    """How full disk and memory are, 0 to 1, and the gigabytes left on the disk."""

    disk: float
    disk_left: float
    memory: float


class Watchdog:
    """Compares what it measures with the thresholds, and remembers what it has told."""

    def __init__(  # noqa: PLR0913  what it looks at, whom it calls
        self,
        db: Database,
        status: Status,
        live: LiveView,
        *,
        tell: Callable[[BoxState], Awaitable[None]],
        escalate: Callable[[], Awaitable[None]],
        watches: Callable[[], Iterable[Watch]],
        clock: Callable[[], datetime] = utc_now,
        machine: Callable[[], Machine] | None = None,
        visits: VisitMeasures | None = None,
    ) -> None:
        self._db = db
        self._status = status
        self._live = live
        self._tell = tell
        self._escalate = escalate
        self._watches = watches
        self._clock = clock
        self._machine = machine or self._look_at_machine
        self._visits = visits
        self._open: set[str] | None = None
        self._since: dict[tuple[str, str], datetime] = {}
        self._turn = 0

    async def run(self) -> None:
        """Look every two seconds until cancelled."""
        while True:
            try:
                await self.look()
            except StoreError as error:
                _log.warning("alarms wait for the database", error=str(error))
            await asyncio.sleep(_EVERY)

    async def look(self) -> None:
        """Measure, and tell what has changed; raises StoreError, then the next look tells it."""
        watches = tuple(self._watches())
        wanted = frozenset(watch.on for watch in watches)
        async for measure in self._measures(wanted):
            for watch in watches:
                await self._compare(watch, measure)
        for measure in await self._inside(watches):
            for watch in watches:
                await self._compare(watch, measure)
        await self._escalate()
        self._turn += 1

    async def _inside(self, watches: Collection[Watch]) -> list[Measure]:
        if self._visits is None or self._turn % _VISITS_TURN:
            return []
        await self._remember()
        return await self._visits(watches, self._open or (), self._clock())

    async def _compare(self, watch: Watch, measure: Measure) -> None:
        told = await self._remember()
        state = watch.judge(measure, open_now=watch.key(measure) in told)
        if state is None:
            return
        await self._tell(state)
        if state.over:
            told.discard(state.key)
            _log.info("alarm is over", alarm=state.key)
        else:
            told.add(state.key)
            _log.warning("alarm", alarm=state.key, words=state.words)

    async def _remember(self) -> set[str]:
        """Return what has been told and is not over: what was told before a restart is not told again."""
        if self._open is None:
            self._open = {*await alarms.open_states(self._db), *await firings.open_states(self._db)}
        return self._open

    async def _measures(self, wanted: frozenset[str]) -> AsyncIterator[Measure]:
        now = self._clock()
        for camera in self._status.cameras.values():
            yield self._silence(camera, now)
            if "camera blocked" in wanted:
                yield await self._blindness(camera, now)
        for measure in self._gone():
            yield measure
        waiting = self._status.recorder_queue
        yield Measure("backlog", "", waiting, f"{waiting} reads wait to be stored", waiting)
        if self._turn % _MACHINE_TURN == 0 and wanted & {"disk", "memory"}:
            for measure in _of_machine(await asyncio.to_thread(self._machine)):
                yield measure
        if self._turn % _READS_TURN == 0:
            async for measure in self._of_reads(wanted, now):
                yield measure
        if self._turn % _DRIFT_TURN == 0 and "drift" in wanted:
            for measure in drift_measures(await compare(self._db, now)):
                yield measure

    def _silence(self, camera: CameraStatus, now: datetime) -> Measure:
        """Measure for how long a camera has given no picture; a file that came to its end has done its work."""
        given_up = camera.state is CameraState.ENDED and bool(camera.error)
        silent = camera.state in _SILENT or given_up
        error = camera.error.removeprefix(f"camera {camera.name}: ")
        words = f"camera {camera.name} is silent" + (f": {error}" if silent and error else "")
        return Measure("camera lost", camera.name, self._lasted("camera lost", camera.name, now, bad=silent), words)

    async def _blindness(self, camera: CameraStatus, now: datetime) -> Measure:
        newest = self._live.latest(camera.name)
        flat = newest is not None and await asyncio.to_thread(contrast, newest.frame.picture) < _FLAT
        words = f"camera {camera.name} {_CAMERA_WORDS['camera blocked']}"
        return Measure("camera blocked", camera.name, self._lasted("camera blocked", camera.name, now, bad=flat), words)

    def _gone(self) -> Iterator[Measure]:
        """End what is still open of cameras that are no more."""
        for key in sorted(self._open or ()):
            on, _, name = key.partition("/")
            if on in _OF_CAMERAS and name not in self._status.cameras:
                yield Measure(on, name, 0.0, f"camera {name} {_CAMERA_WORDS[on]}")

    def _lasted(self, what: str, name: str, now: datetime, *, bad: bool) -> float:
        """Return the seconds that something has been bad without a break; 0 when it is well."""
        if not bad:
            self._since.pop((what, name), None)
            return 0.0
        # More than nothing from the first moment, for nothing would mean that it is over.
        return max(0.001, (now - self._since.setdefault((what, name), now)).total_seconds())

    async def _of_reads(self, wanted: frozenset[str], now: datetime) -> AsyncIterator[Measure]:
        if "confidence" in wanted and (sure := await average_confidence(self._db, now)) is not None:
            words = f"the reads of the last hour are {100 * sure:.0f} % sure on average: look at light, focus and angle"
            yield Measure("confidence", "", 1 - sure, words, round(sure, 4))
        if "read rate" in wanted and (rate := await read_rate(self._db, now)) is not None:
            words = f"the last hour brought {100 * rate:.0f} % of the reads that are usual at this time"
            yield Measure("read rate", "", 1 - rate, words, round(rate, 4))

    def _look_at_machine(self) -> Machine:
        disk, memory = shutil.disk_usage(self._db.path.parent), psutil.virtual_memory()
        return Machine(1 - disk.free / disk.total, disk.free / 1e9, memory.percent / 100)


def contrast(picture: Picture) -> float:
    """Return the standard deviation of the brightness, 0 to 127, from one pixel in 64."""
    return float(picture.luma()[::8, ::8].std())


def drift_measures(found: Iterable[Moved]) -> Iterator[Measure]:
    """Measure how far each camera or model has moved: by its confidence or by its states, whichever moved more."""
    subjects: dict[str, list[Moved]] = {}
    for one in found:
        subjects.setdefault(one.subject, []).append(one)
    for subject, ones in subjects.items():
        worst = max(ones, key=lambda one: one.drift.level)
        yield Measure("drift", subject, worst.drift.level, _drift_words(worst), round(worst.drift.psi, 4))


def _drift_words(worst: Moved) -> str:
    who = f"camera {worst.subject}" if worst.of_reads else f"model {worst.subject}"
    if worst.what != "confidence" or worst.usual is None or worst.lately is None:
        return f"{who}: tells other things than in the weeks before: see the page Models"
    than = "less sure" if worst.lately < worst.usual else "surer"
    now, then = f"{worst.lately:.0%}".replace("%", " %"), f"{worst.usual:.0%}".replace("%", " %")
    return f"{who}: {than} than in the weeks before ({now} now, {then} then): see the page Models"


def _of_machine(machine: Machine) -> Iterator[Measure]:
    full = f"the disk is {100 * machine.disk:.0f} % full, {machine.disk_left:.1f} GB left: free some space"
    yield Measure("disk", "", machine.disk, full, round(machine.disk, 4))
    used = f"the memory is {100 * machine.memory:.0f} % full: close other programs, or watch fewer cameras"
    yield Measure("memory", "", machine.memory, used, round(machine.memory, 4))
