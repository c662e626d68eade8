"""A watched folder of stills: each complete picture is read once, broken ones are tried again later."""

from __future__ import annotations

import asyncio
import fnmatch
import os
import re
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Final, Protocol

import structlog

from alpr.camera.faults import path_fault
from alpr.camera.still import PICTURE_SUFFIXES, DecodedStill, decode_still, load_file
from alpr.domain import Frame, Picture, Still, utc_now
from alpr.errors import CameraError, StoreError
from alpr.status import CameraState, CameraStatus

_log = structlog.get_logger(__name__)

RETRY_AFTER: Final = (5.0, 30.0, 300.0)
"""Seconds until a broken picture is tried again; after as many more attempts it has failed for good."""

# What copies, browsers and synchronisers call a file that is still being written.
_UNFINISHED: Final = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".filepart", ".swp", "~")
_BATCH: Final = 500
_REST: Final = 5  # times the duration of a look: a folder of very many files does not keep a core busy


class Ledger(Protocol):
    """Remembers over restarts what became of each still.

    A success is not told here: the recorder writes it in the transaction of the still's reads.
    """

    async def known(self, stills: Sequence[Still]) -> set[Still]:
        """Return those of `stills` that were processed, or have failed for good."""
        ...

    async def failed(self, still: Still, error: str, attempts: int, retry_at: datetime | None) -> None:
        """Note that a still could not be read, and when it is tried again; None is for good."""
        ...

    async def retries(self) -> Mapping[Still, tuple[int, datetime]]:
        """Return the failed stills that will be tried again: attempts so far, and when."""
        ...


@dataclass(frozen=True, slots=True)
class FolderRules:
    """Which files are taken, and when (seconds)."""

    pattern: str = "*.jpg"
    """As a shell's, capitals or not."""
    settle: float = 1.0
    """Unchanged for so long, a file counts as complete."""
    poll: float = 1.0
    """Between two looks into the folder; longer where a look itself takes long."""
    timezone: tzinfo = UTC
    """Of EXIF times that carry no offset."""
    retry_after: tuple[float, ...] = RETRY_AFTER
    ask_again: float = 15.0
    """Between two questions to the ledger, whether somebody wants a picture tried again that was given up."""


@dataclass(slots=True)
class _Watch:
    """What the source remembers of the files in the folder, and of no others."""

    unchanged_since: dict[Still, float] = field(default_factory=dict)
    finished: set[Still] = field(default_factory=set)
    """Handed out, known to the ledger, or failed for good."""
    retries: dict[Still, tuple[int, datetime]] = field(default_factory=dict)
    handed: set[Still] = field(default_factory=set)
    """Handed out since the start: the ledger may not know of them yet."""

    def try_again(self, wanted: Mapping[Still, tuple[int, datetime]]) -> None:
        """Take up what the ledger wants tried again, but for what is on its way."""
        for still in wanted.keys() - self.retries.keys() - self.handed:
            self.retries[still] = wanted[still]
            self.finished.discard(still)

    def complete(self, present: Sequence[Still], now: float, settle: float) -> list[Still]:
        """Note what is there; return the complete ones nothing has been done with yet, in order."""
        self.unchanged_since = {still: self.unchanged_since.get(still, now) for still in present}
        self.finished.intersection_update(self.unchanged_since)
        self.handed.intersection_update(self.unchanged_since)
        return [
            still
            for still, since in self.unchanged_since.items()
            if now - since >= settle and still not in self.finished
        ]


class FolderSource:
    """Yields each picture of a folder as one frame with its `still`; waits for the consumer, loses nothing.

    A file counts as complete when size and time of change stayed the same for `settle` seconds of
    watching. A folder that is missing or closed to us is tried again at every `poll`, for ever.
    Closing the generator of `frames` (or cancelling its consumer) suffices to end it.
    """

    live = False

    def __init__(
        self,
        folder: Path,
        status: CameraStatus,
        *,
        rules: FolderRules,
        ledger: Ledger | None = None,
        now: Callable[[], datetime] = utc_now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = status.name
        self._folder = folder
        self._status = status
        self._rules = rules
        self._ledger = ledger
        self._now = now
        self._clock = clock
        self._watch = _Watch()
        self._lost_at: float | None = None
        self._asked_at: float | None = None

    async def frames(self) -> AsyncGenerator[Frame, None]:
        """Yield the stills by time of change, then name; `time` is seconds since this call."""
        started = self._clock()
        number = 0
        while True:
            looked_at = self._clock()
            due = await self._due()
            spent = self._clock() - looked_at
            for still in due:
                if decoded := await self._decoded(still):
                    self._count(decoded.picture)
                    captured_at = decoded.taken_at or _changed_at(still)
                    yield Frame(self.name, number, captured_at, self._clock() - started, decoded.picture, still)
                    number += 1
            await asyncio.sleep(max(self._rules.poll, _REST * spent))

    async def _due(self) -> list[Still]:
        """Return what is complete and to be read now; a fault of folder or store is told and tried again later."""
        try:
            if self._ledger and (self._asked_at is None or self._clock() - self._asked_at >= self._rules.ask_again):
                self._watch.try_again(await self._ledger.retries())
                self._asked_at = self._clock()
            due = await self._unknown(await asyncio.to_thread(self._complete))
        except (CameraError, StoreError) as error:
            self._tell_lost(str(error))
            return []
        self._tell_back()
        return due

    def _complete(self) -> list[Still]:
        present = _present(self._folder, self._rules.pattern)
        return self._watch.complete(present, self._clock(), self._rules.settle)

    async def _unknown(self, stills: list[Still]) -> list[Still]:
        now = self._now()
        waiting = self._watch.retries
        stills = [still for still in stills if still not in waiting or waiting[still][1] <= now]
        if self._ledger is None:
            return stills
        for begin in range(0, len(stills), _BATCH):
            asked = [still for still in stills[begin : begin + _BATCH] if still not in waiting]
            self._watch.finished |= await self._ledger.known(asked)
        return [still for still in stills if still not in self._watch.finished]

    async def _decoded(self, still: Still) -> DecodedStill | None:
        """Read one picture; None when it vanished, changed under our hands, or is broken."""
        path = self._folder / still.path
        try:
            decoded = await asyncio.to_thread(_load, path, still, self._rules.timezone)
        except CameraError as error:
            await self._failed(still, str(error))
            return None
        if decoded is not None:
            self._watch.finished.add(still)
            self._watch.handed.add(still)
            self._watch.retries.pop(still, None)
        return decoded

    async def _failed(self, still: Still, error: str) -> None:
        attempts = self._watch.retries.get(still, (0, None))[0] + 1
        again = attempts <= len(self._rules.retry_after)
        retry_at = self._now() + timedelta(seconds=self._rules.retry_after[attempts - 1]) if again else None
        if retry_at:
            self._watch.retries[still] = attempts, retry_at
        else:
            self._watch.retries.pop(still, None)
            self._watch.finished.add(still)
        self._status.decode_errors += 1
        self._status.change(self._status.state, error)
        _log.warning("still_failed", camera=self.name, error=error, attempts=attempts, again=again)
        if self._ledger:
            try:
                await self._ledger.failed(still, error, attempts, retry_at)
            except StoreError as fault:  # remembered here at least until the next start
                _log.warning("still_failure_not_stored", camera=self.name, error=str(fault))

    def _count(self, picture: Picture) -> None:
        self._status.frames_decoded += 1
        self._status.width, self._status.height = picture.width, picture.height
        self._status.last_frame_at = self._now()

    def _tell_lost(self, error: str) -> None:
        self._status.change(CameraState.RECONNECTING, error)
        if self._lost_at is None:
            self._lost_at = self._clock()
            _log.warning("camera_lost", camera=self.name, error=error)

    def _tell_back(self) -> None:
        if self._status.change(CameraState.LIVE) and self._lost_at is not None:
            self._status.reconnects += 1
            _log.info("camera_back", camera=self.name, seconds=round(self._clock() - self._lost_at, 1))
        self._lost_at = None


def list_stills(folder: Path, pattern: str = "*") -> list[Path]:
    """Return the picture files of a folder in natural order (2 before 10); raise CameraError when it is closed."""
    names = (Path(still.path) for still in _present(folder, pattern))
    return sorted((folder / name for name in names if name.suffix.lower() in PICTURE_SUFFIXES), key=_natural)


def load_still(path: Path, *, timezone: tzinfo = UTC) -> tuple[Picture, datetime]:
    """Read a picture file: the picture, and when it was taken (EXIF if sane, else its time of change).

    Raises CameraError as `alpr.camera.still.decode_still` does.
    """
    decoded = decode_still(load_file(path), str(path), timezone=timezone)
    return decoded.picture, decoded.taken_at or datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _present(folder: Path, pattern: str) -> list[Still]:
    """Return the files that match, by time of change, then name; `path` is the name within the folder."""
    try:
        with os.scandir(folder) as entries:
            found = [_still(entry) for entry in entries if _wanted(entry.name, pattern)]
    except OSError as error:
        raise CameraError(f"{folder}: {path_fault(error)}") from None
    return sorted((still for still in found if still), key=lambda still: (still.mtime_ns, still.path))


def _still(entry: os.DirEntry[str]) -> Still | None:
    try:
        if not entry.is_file():
            return None
        stat = entry.stat()
    except OSError:  # gone, or a broken link: not there
        return None
    return Still(entry.name, stat.st_size, stat.st_mtime_ns)


def _wanted(name: str, pattern: str) -> bool:
    lower = name.lower()  # cameras write .JPG as well
    hidden = name.startswith(".") or lower.endswith(_UNFINISHED)
    return not hidden and fnmatch.fnmatchcase(lower, pattern.lower())


def _load(path: Path, still: Still, timezone: tzinfo) -> DecodedStill | None:
    try:
        data = load_file(path)
    except CameraError:
        if not os.path.exists(path):  # noqa: PTH110 - Path.exists raises where permission is missing
            return None
        raise
    if not _same(path, still):
        return None  # still being written: it settles anew under its new size and time
    return decode_still(data, str(path), timezone=timezone)


def _same(path: Path, still: Still) -> bool:
    try:
        stat = path.stat()
    except OSError:
        return False
    return (stat.st_size, stat.st_mtime_ns) == (still.size, still.mtime_ns)


def _changed_at(still: Still) -> datetime:
    return datetime.fromtimestamp(still.mtime_ns / 1e9, UTC)


def _natural(path: Path) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", path.name.lower())]
