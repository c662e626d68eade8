"""Captures on their way into the store: pictures first, then everything of a read in one transaction.

A capture is never lost: while the disk is full or the database locked, the recorder keeps what it has, tries again, and
the pipelines wait. Pictures are compressed before they queue, so that a queue of them stays small.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final, ParamSpec, TypeAlias, TypeVar

import cv2
import numpy as np
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.access import Decision
from alpr.bus import Bus, ReadCommitted
from alpr.domain import BgrImage, Capture, Kind, Read, Recording, State, Still, utc_now
from alpr.errors import StoreError
from alpr.recognizers.makers import Makers, no_makers
from alpr.status import Status
from alpr.store import reads
from alpr.store.database import Database
from alpr.store.images import Images, Picture
from alpr.store.reads import Evidence, Saved
from alpr.store.stills import mark_processed
from alpr.store.sweep import sweep

_DEPTH: Final = 32
_LONGEST_PAUSE: Final = 30.0
_THREADS: Final = 2
_THUMBNAIL_WIDTH: Final = 240
_THUMBNAIL_QUALITY: Final = 80

Decide: TypeAlias = Callable[[AsyncConnection, Read, datetime], Awaitable[Decision]]
"""Judges a read inside its transaction."""

_P = ParamSpec("_P")
_T = TypeVar("_T")

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Encoded:
    """A capture as it will lie on disk; its read has no pixels any more."""

    read: Read
    frame: bytes
    frame_width: int
    frame_height: int
    crop: bytes
    thumbnails: tuple[bytes | None, ...]


@dataclass(frozen=True, slots=True)
class _Job:
    camera: str
    captures: tuple[_Encoded, ...]
    still: Still | None


class Recorder:
    """Takes recordings from all pipelines and stores them one after the other."""

    def __init__(  # noqa: PLR0913  where to it writes, who judges, who is told
        self,
        db: Database,
        images: Images,
        bus: Bus,
        status: Status,
        *,
        quality: int = 90,
        decide: Decide | None = None,
        committed: Callable[[], None] = lambda: None,
        makers: Callable[[Kind], Makers] = no_makers,
        clock: Callable[[], datetime] = utc_now,
        first_pause: float = 0.5,
        sweeps: bool = True,
    ) -> None:
        self._db = db
        self._images = images
        self._bus = bus
        self._status = status
        self._quality = quality
        self._decide = decide
        self._committed = committed
        self._makers = makers
        self._clock = clock
        self._first_pause = first_pause
        self._sweeps = sweeps
        self._queue: asyncio.Queue[_Job] = asyncio.Queue(_DEPTH)
        self._waiting = 0
        self._closing = asyncio.Event()
        self._left_litter = True
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="recorder")

    async def record(self, recording: Recording) -> None:
        """Hand a recording over; waits while the queue is full. Recordings of one caller keep their order."""
        self._count(1)
        try:
            captures = (
                await self._in_thread(_encode, recording, self._quality, self._makers) if recording.captures else ()
            )
            await self._queue.put(_Job(recording.camera, captures, recording.still))
        except BaseException:
            self._count(-1)
            raise

    async def run(self) -> None:
        """Sweep, unless another process stores pictures as well, then store whatever comes until cancelled."""
        if self._sweeps:
            self._left_litter = not (await sweep(self._db, self._images)).complete
        while True:
            job = await self._queue.get()
            try:
                await self._store(job)
            finally:
                self._count(-1)
                self._queue.task_done()

    async def drain(self, timeout: float = 20.0) -> bool:  # noqa: ASYNC109 - the caller's budget for the whole of it
        """Finish what is queued, `run` still running and all pipelines stopped; return whether all was stored."""
        self._closing.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._queue.join()
        if self._waiting:
            _log.error("recordings lost at shutdown", recordings=self._waiting, error=self._status.recorder_error)
        elif not self._left_litter:
            with suppress(StoreError):  # it only saves the next start a look
                await self._in_thread(self._images.mark_swept)
        self._threads.shutdown(wait=False)
        return not self._waiting

    async def _store(self, job: _Job) -> None:
        pause = self._first_pause
        while True:
            started = time.perf_counter()
            try:
                await self._commit(job)
            except StoreError as error:
                self._failing(error)
                await self._rest(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            else:
                self._status.stage("record").add(time.perf_counter() - started)
                self._working()
                return

    async def _commit(self, job: _Job) -> None:
        stored = await self._write_all(job)
        now = self._clock()
        results: list[Saved] = []
        decisions: list[Decision | None] = []
        async with self._db.write() as connection:
            for capture, evidence in zip(job.captures, stored, strict=True):
                saved = await reads.save(connection, capture.read, evidence, capture.thumbnails, now)
                results.append(saved)
                read = saved.read or capture.read
                decisions.append(await self._judge(connection, read, now) if saved.stored else None)
            if job.still is not None:
                await mark_processed(connection, job.camera, job.still, len(job.captures), now)
        self._committed()
        for capture, saved, decision in zip(job.captures, results, decisions, strict=True):
            if saved.stored:
                self._status.camera(capture.read.camera).reads += saved.new
                self._bus.publish(ReadCommitted(saved.read or capture.read, saved.new, decision))
        await self._forget(stored, results)

    async def _judge(self, connection: AsyncConnection, read: Read, now: datetime) -> Decision | None:
        if self._decide is None or read.state is State.DISMISSED:
            return None
        return await self._decide(connection, read, now)

    async def _write_all(self, job: _Job) -> list[Evidence]:
        # One after the other: two captures of one read would write to the same temporary file.
        return [await self._in_thread(self._write, capture) for capture in job.captures]

    async def _forget(self, stored: list[Evidence], results: list[Saved]) -> None:
        """Delete the pictures that no row names any more."""
        unnamed: set[str] = set()
        for evidence, saved in zip(stored, results, strict=True):
            unnamed.update(_paths(saved.replaced) if saved.replaced else ())
            if saved.stored:
                unnamed.difference_update(_paths(evidence))
            else:
                unnamed.update(_paths(evidence))
        try:
            if unnamed:
                await self._in_thread(self._images.delete, sorted(unnamed))
        except StoreError as error:
            self._left_litter = True
            _log.warning("old pictures not removed", error=str(error))

    def _write(self, capture: _Encoded) -> Evidence:
        read = capture.read
        prefix = "preview-" if read.state is State.PREVIEW else ""
        pictures = (Picture(f"{prefix}frame", capture.frame), Picture(f"{prefix}crop", capture.crop))
        frame, crop = self._images.write(read.camera, read.id, read.captured_at, pictures)
        return Evidence(frame.path, frame.sha256, capture.frame_width, capture.frame_height, crop.path, crop.sha256)

    def _failing(self, error: StoreError) -> None:
        if not self._status.recorder_error:
            _log.error("nothing can be stored, trying again", error=str(error))
        self._status.recorder_error = str(error)

    def _working(self) -> None:
        if self._status.recorder_error:
            _log.info("storing again", waiting=self._waiting)
        self._status.recorder_error = ""

    async def _rest(self, seconds: float) -> None:
        if self._closing.is_set():
            await asyncio.sleep(self._first_pause)
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._closing.wait()

    async def _in_thread(self, function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(function, *args, **kwargs))

    def _count(self, change: int) -> None:
        self._waiting += change
        self._status.recorder_queue = self._waiting


def _encode(recording: Recording, quality: int, makers: Callable[[Kind], Makers]) -> tuple[_Encoded, ...]:
    """Compress the pictures of a recording; a frame that several captures share is compressed once."""
    frames: dict[int, bytes] = {}
    encoded = []
    for capture in recording.captures:
        bgr = capture.frame.bgr()
        if id(capture.frame) not in frames:
            frames[id(capture.frame)] = _jpeg(bgr, quality)
        frame = frames[id(capture.frame)]
        # A crop can be empty when the box was clipped at the picture's edge; the frame shows the same.
        crop = _jpeg(capture.crop, quality) if capture.crop.size else frame
        thumbnails = tuple(None if look.crop is None else _thumbnail(look.crop) for look in capture.read.looks)
        height, width = bgr.shape[:2]
        encoded.append(_Encoded(_signed(capture, makers), frame, width, height, crop, thumbnails))
    return tuple(encoded)


def _signed(capture: Capture, makers: Callable[[Kind], Makers]) -> Read:
    """Return the read with the names of its models and without pixels."""
    made_by = makers(capture.read.kind)
    # A crop may be a view that keeps its whole frame in memory.
    looks = tuple(replace(look, crop=None) for look in capture.read.looks)
    return replace(capture.read, looks=looks, detector=made_by.detector, reader=made_by.reader)


def _thumbnail(image: BgrImage) -> bytes | None:
    height, width = image.shape[:2]
    if not image.size:
        return None
    if width > _THUMBNAIL_WIDTH:
        size = (_THUMBNAIL_WIDTH, max(1, round(height * _THUMBNAIL_WIDTH / width)))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    return _jpeg(image, _THUMBNAIL_QUALITY)


def _jpeg(image: BgrImage, quality: int) -> bytes:
    done, data = cv2.imencode(".jpg", np.ascontiguousarray(image), [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError(f"no JPEG can be made of a picture of shape {image.shape}")
    return data.tobytes()


def _paths(evidence: Evidence) -> tuple[str, str]:
    return evidence.frame_path, evidence.crop_path
