"""`alpr batch`: a folder of stills read as a whole into the site's store, by several workers, resumed after a crash.

What became of each picture is written in the transaction of its reads, so a batch that was killed goes on where it
was, and no picture is lost or read twice. Lists, passes and visits see the reads; rules do not: nobody wants to be
told now of who passed then.
"""

from __future__ import annotations

import argparse
import asyncio
import heapq
import re
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Protocol, TypeAlias
from zoneinfo import ZoneInfo

import cv2
from sqlalchemy.ext.asyncio import AsyncConnection
from tqdm import tqdm

from alpr.access import Decision
from alpr.bus import Bus
from alpr.camera.still import PICTURE_SUFFIXES, decode_still, load_file
from alpr.config import Config
from alpr.config.base import plain_name
from alpr.configfile import config_path, load_config
from alpr.domain import Capture, Frame, Read, Recording, Still, utc_now
from alpr.errors import CameraError, ConfigError, StoreError
from alpr.keepers.visits import VisitKeeper
from alpr.keepers.yard import YardKeeper
from alpr.ops.reader import add_model_arguments, open_reader
from alpr.recorder import Recorder
from alpr.site.lists.matching import Index
from alpr.status import Status
from alpr.store import batches, hits, lists
from alpr.store.database import Database, open_database
from alpr.store.images import Images
from alpr.store.stills import StillLedger

BACK_OFF: Final = (1.0, 5.0, 30.0)
"""Seconds until a picture that could not be read is tried again; then it has failed."""
_NOTE_EVERY: Final = 2.0
_AT_ONCE: Final = 500
_LONGEST_NAME: Final = 64


Keepers: TypeAlias = Callable[[Config, Database, Bus], tuple[YardKeeper, VisitKeeper]]
"""Makes what groups reads into passes, and what makes visits of them, as the configuration says."""


class StillReader(Protocol):
    """What reads everything in one picture; safe to call from several workers at once."""

    async def still(self, frame: Frame) -> list[Capture]:
        """Return what stands in it."""
        ...


@dataclass(frozen=True, slots=True)
class Batch:
    """What is to be read, and how."""

    name: str
    """Under which the reads and the ledger stand, as if it were a camera."""
    folder: Path
    workers: int = 1
    direction: str = ""
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    """Of EXIF times that carry no offset."""
    back_off: tuple[float, ...] = BACK_OFF
    retry_failed: bool = False
    """Try once more what an earlier run gave up."""


@dataclass(slots=True)
class Progress:
    """How far a batch is."""

    pictures: int = 0
    known: int = 0
    """Read by an earlier run."""
    done: int = 0
    failed: int = 0
    reads: int = 0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `alpr batch`."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder of pictures, those below it included")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="pictures read at the same time (1)")
    parser.add_argument("--name", help="of the camera that the reads are kept under; default: that of the folder")
    parser.add_argument("--direction", choices=("in", "out"), default="", help="where the vehicles were going")
    parser.add_argument("--retry-failed", action="store_true", help="try again what an earlier run gave up")
    add_model_arguments(parser)
    parser.epilog = "Run again after a crash or a power cut, it goes on where it was. It may run beside `alpr run`."


def batch_command(args: argparse.Namespace, keepers: Keepers) -> int:
    """Read the folder into the store of the configuration; exit code 1 when a picture could not be read."""
    config = load_config(config_path(args.config))
    if args.workers < 1:
        raise ConfigError("--workers: 1 or more")
    args.region = args.region or list(config.site.regions)
    name = _checked(args.name) if args.name else _plain(args.folder.absolute().name)
    batch = Batch(
        name,
        args.folder.absolute(),
        args.workers,
        args.direction,
        ZoneInfo(config.site.timezone),
        retry_failed=args.retry_failed,
    )
    cv2.setNumThreads(1)
    return asyncio.run(_main(batch, config, open_reader(args, args.workers), keepers))


async def _main(batch: Batch, config: Config, reader: StillReader, keepers: Keepers) -> int:
    began = time.perf_counter()
    async with _open(config.store.data) as (database, alone):
        done = await run_batch(batch, database, reader, config, keepers, sweeps=alone)
    minutes = (time.perf_counter() - began) / 60
    rate = f"{done.done / minutes:.0f} a minute with {batch.workers} workers" if done.done else "nothing new"
    told = f"{done.pictures} pictures: {done.done} read now ({rate}), {done.known} before, {done.failed} failed"
    print(f"{batch.name}: {told}; {done.reads} reads")
    return 1 if done.failed else 0


@asynccontextmanager
async def _open(data: Path) -> AsyncIterator[tuple[Database, bool]]:
    """Give the database, and whether it is ours alone: a site may be running over it."""
    alone = True
    try:
        database = await open_database(data)
    except StoreError:
        database, alone = await open_database(data, alone=False), False
    try:
        yield database, alone
    finally:
        await database.close()


async def run_batch(
    batch: Batch,
    database: Database,
    reader: StillReader,
    config: Config,
    keepers: Keepers,
    *,
    sweeps: bool = True,
    clock: Callable[[], datetime] = utc_now,
) -> Progress:
    """Read all pictures of the folder that have not been read yet; return what came of it. Raises CameraError."""
    ledger = StillLedger(database, batch.name, clock)
    stills = await asyncio.to_thread(find_stills, batch.folder)
    progress = Progress(pictures=len(stills))
    todo = await _todo(batch, database, ledger, stills, progress, clock)
    await batches.begin(database, batch.name, str(batch.folder), len(stills), batch.workers, clock())
    judge = await _judge(database, config, keepers)
    recorder = Recorder(
        database,
        Images(config.store.data / "images"),
        Bus(),
        Status(),
        quality=config.store.jpeg_quality,
        decide=judge.decide,
        clock=clock,
        sweeps=sweeps,
    )
    work = _Work(batch, ledger, reader, recorder, progress, clock)
    async with asyncio.TaskGroup() as tasks:
        services = [tasks.create_task(recorder.run()), tasks.create_task(_note(batch, database, clock))]
        with tqdm(total=len(todo), unit="picture", disable=not sys.stderr.isatty(), leave=False) as bar:
            await work.all_of(todo, bar.update)
        await recorder.drain(timeout=600)
        for service in services:
            service.cancel()
    await batches.touch(database, batch.name, clock(), finished=True)
    return progress


def find_stills(folder: Path) -> list[Still]:
    """Return the pictures in and below a folder by name; paths are relative to it. Raises CameraError."""
    if not folder.is_dir():
        raise CameraError(f"{folder}: no such folder: name one with pictures")
    found = []
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in PICTURE_SUFFIXES and not path.name.startswith(".") and path.is_file():
            stat = path.stat()
            found.append(Still(path.relative_to(folder).as_posix(), stat.st_size, stat.st_mtime_ns))
    return found


async def _todo(
    batch: Batch,
    database: Database,
    ledger: StillLedger,
    stills: Sequence[Still],
    progress: Progress,
    clock: Callable[[], datetime],
) -> list[Still]:
    """Return what is still to be read; what an earlier run gave up only when asked to."""
    if batch.retry_failed:
        await batches.retry(database, batch.name, clock())
    known: set[Still] = set()
    for begin in range(0, len(stills), _AT_ONCE):
        known |= await ledger.known(stills[begin : begin + _AT_ONCE])
    progress.known = len(known)
    return [still for still in stills if still not in known]


@dataclass(frozen=True, slots=True)
class _Judge:
    """Says of each read what the lists say, and lets passes and visits see it."""

    index: Index
    yard: YardKeeper
    visits: VisitKeeper

    async def decide(self, connection: AsyncConnection, read: Read, now: datetime) -> Decision:  # noqa: ARG002
        decision = self.index.decide(read, read.captured_at)
        await hits.save(connection, read.id, decision)
        await self.yard.put(connection, read)
        await self.visits.put(connection, read)
        return decision


async def _judge(database: Database, config: Config, keepers: Keepers) -> _Judge:
    index = Index(await lists.load_entries(database), ZoneInfo(config.site.timezone))
    return _Judge(index, *keepers(config, database, Bus()))


@dataclass(frozen=True, slots=True, order=True)
class _Due:
    """A picture that waits for a worker, from a time of the monotonic clock on."""

    at: float
    number: int
    still: Still = field(compare=False)
    attempts: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class _Work:
    """The workers of a batch."""

    batch: Batch
    ledger: StillLedger
    reader: StillReader
    recorder: Recorder
    progress: Progress
    clock: Callable[[], datetime]

    async def all_of(self, stills: Sequence[Still], tick: Callable[[], object]) -> None:
        """Let the workers take one picture after the other; returns when all have been read or given up."""
        due = [_Due(0.0, number, still) for number, still in enumerate(stills)]

        async def worker() -> None:
            while due:
                one = heapq.heappop(due)
                await asyncio.sleep(one.at - time.monotonic())
                if (again := await self._one(one)) is not None:
                    heapq.heappush(due, again)
                else:
                    tick()

        async with asyncio.TaskGroup() as tasks:
            for _ in range(self.batch.workers):
                tasks.create_task(worker())

    async def _one(self, one: _Due) -> _Due | None:
        """Read one picture; return when to try it again, or None when it is read or given up."""
        try:
            frame = await asyncio.to_thread(self._load, one.number, one.still)
        except CameraError as error:
            return await self._failed(one, str(error))
        captures = tuple(_going(capture, self.batch.direction) for capture in await self.reader.still(frame))
        await self.recorder.record(Recording(self.batch.name, captures, one.still))
        self.progress.done += 1
        self.progress.reads += len(captures)
        return None

    async def _failed(self, one: _Due, error: str) -> _Due | None:
        if one.attempts >= len(self.batch.back_off):
            await self.ledger.failed(one.still, error, one.attempts + 1, None)
            self.progress.failed += 1
            return None
        pause = self.batch.back_off[one.attempts]
        await self.ledger.failed(one.still, error, one.attempts + 1, self.clock() + timedelta(seconds=pause))
        return _Due(time.monotonic() + pause, one.number, one.still, one.attempts + 1)

    def _load(self, number: int, still: Still) -> Frame:
        path = self.batch.folder / still.path
        decoded = decode_still(load_file(path), str(path), timezone=self.batch.timezone)
        at = decoded.taken_at or datetime.fromtimestamp(still.mtime_ns / 1e9, self.batch.timezone)
        return Frame(self.batch.name, number, at.astimezone(ZoneInfo("UTC")), 0.0, decoded.picture, still)


async def _note(batch: Batch, database: Database, clock: Callable[[], datetime]) -> None:
    """Say now and then that the batch is still at work."""
    while True:
        await asyncio.sleep(_NOTE_EVERY)
        await batches.touch(database, batch.name, clock())


def _going(capture: Capture, direction: str) -> Capture:
    return replace(capture, read=replace(capture.read, direction=direction)) if direction else capture


def _checked(name: str) -> str:
    try:
        return plain_name("batch")(name)
    except ValueError as error:
        raise ConfigError(f"--name: {error}") from None


def _plain(name: str) -> str:
    """Make of a folder's name one that can stand in paths."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-._")[:_LONGEST_NAME] or "batch"
