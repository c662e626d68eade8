"""A video file: as a camera in real time, or as fast as it goes without losing a picture."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Final

import av
import av.error
import av.video.stream

from alpr.camera.faults import path_fault
from alpr.camera.link import Deliver
from alpr.camera.pace import Pacing, Thinning
from alpr.camera.picture import VideoPicture
from alpr.camera.thread import in_thread
from alpr.domain import Frame, utc_now
from alpr.errors import CameraError
from alpr.status import CameraState, CameraStatus

_USUAL_RATE: Final = 25.0
# FFmpeg takes a text file for ANSI art, and a list of other addresses for a video.
_NO_VIDEO_FILES: Final = frozenset({"tty", "hls", "concat", "dash", "ffmetadata", "sdp", "rtsp"})


@dataclass(frozen=True, slots=True)
class StreamFrame:
    """A decoded picture and its stream time: seconds since the first picture, growing over loops."""

    time: float
    frame: av.VideoFrame


def stream_frames(path: Path, status: CameraStatus, *, loop: bool = False) -> Generator[StreamFrame, None, None]:
    """Decode the pictures of a video file in order; close the generator to close the file.

    Damaged packets are counted and left out. Raises CameraError when the path is missing, a folder,
    unreadable, empty, no video, holds no picture that can be decoded, or breaks off with an error.
    """
    offset = 0.0
    while True:
        last = None
        step = 1 / _USUAL_RATE
        with _opened(path) as container:
            stream = container.streams.video[0]
            step = 1 / float(stream.average_rate or _USUAL_RATE)
            status.codec = stream.codec_context.name
            for found in _decoded(path, container, status, step):
                last = offset + found.time
                yield StreamFrame(last, found.frame)
        if last is None:
            raise CameraError(f"{path}: no picture of it can be decoded ({status.codec}): play it, or record it anew")
        if not loop:
            return
        offset = last + step


class FileSource:
    """A video file read as fast as the consumer takes its frames: waits, loses nothing, raises CameraError.

    The first frame is taken to be captured when the file is opened, later ones by stream time after
    it. Closing the generator (or cancelling its consumer) closes the file.
    """

    live = False

    def __init__(
        self,
        path: Path,
        status: CameraStatus,
        *,
        fps: float,
        loop: bool = False,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.name = status.name
        self._path = path
        self._status = status
        self._fps = fps
        self._loop = loop
        self._now = now

    async def frames(self) -> AsyncGenerator[Frame, None]:
        """Yield every frame that `fps` allows, decoded one ahead in a thread of its own."""
        start = self._now()
        pictures = self._thinned()
        thread = ThreadPoolExecutor(1, f"file {self.name}")
        running = asyncio.get_running_loop()
        ahead = running.run_in_executor(thread, next, pictures, None)
        number = 0
        try:
            while (found := await ahead) is not None:
                ahead = running.run_in_executor(thread, next, pictures, None)
                captured_at = start + timedelta(seconds=found.time)
                self._count(found.frame, captured_at)
                yield Frame(self.name, number, captured_at, found.time, VideoPicture(found.frame))
                number += 1
            self._status.change(CameraState.ENDED)
        except CameraError as error:
            self._status.change(CameraState.ENDED, str(error))
            raise
        finally:
            if not ahead.cancel() and not ahead.cancelled():
                ahead.exception()  # seen: it would be reported as forgotten
            thread.submit(pictures.close)  # after the picture under way, in the thread that opened the file
            thread.shutdown(wait=False)

    def _thinned(self) -> Generator[StreamFrame, None, None]:
        thinning = Thinning(self._fps)
        for found in stream_frames(self._path, self._status, loop=self._loop):
            if thinning.admits(found.time):
                yield found

    def _count(self, frame: av.VideoFrame, captured_at: datetime) -> None:
        self._status.change(CameraState.LIVE)
        self._status.width, self._status.height = frame.width, frame.height
        self._status.last_frame_at = captured_at


class ReplayLink:
    """A video file played in real time, as a link to a camera: once, or for ever without a seam."""

    def __init__(
        self, path: Path, status: CameraStatus, *, loop: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._path = path
        self._status = status
        self._loop = loop
        self._clock = clock

    async def run(self, deliver: Deliver) -> None:
        """Play the file and return at its end; raise CameraError as `stream_frames` does."""

        def play(stop: Event) -> None:
            pacing = Pacing()
            for found in stream_frames(self._path, self._status, loop=self._loop):
                if stop.wait(pacing.wait(found.time, self._clock())):
                    return
                deliver(VideoPicture(found.frame), utc_now())

        await in_thread(play, f"replay {self._status.name}")


@contextmanager
def _opened(path: Path) -> Iterator[av.container.InputContainer]:
    _check(path)
    try:
        container = av.open(str(path))
    except OSError as error:
        raise CameraError(f"{path}: {path_fault(error)}") from None
    except av.error.FFmpegError as error:
        raise CameraError(f"{path}: no video file ({error.strerror}): check that it was copied whole") from None
    with container:
        if container.format.name in _NO_VIDEO_FILES:
            raise CameraError(f"{path}: no video file but {container.format.long_name}: check the path")
        if not container.streams.video:
            raise CameraError(f"{path}: has no video in it, only {_content(container)}: check the path")
        container.streams.video[0].codec_context.thread_count = 1  # more threads burn more and gain little
        yield container


def _check(path: Path) -> None:
    try:
        if path.is_dir():
            raise CameraError(f"{path}: is a folder, not a video: write `folder://{path}` for the stills in it")
        if path.stat().st_size == 0:
            raise CameraError(f"{path}: empty (0 bytes): check that its recording ended well")
    except OSError as error:
        raise CameraError(f"{path}: {path_fault(error)}") from None


def _content(container: av.container.InputContainer) -> str:
    return ", ".join(sorted({stream.type for stream in container.streams})) or "nothing"


def _decoded(
    path: Path, container: av.container.InputContainer, status: CameraStatus, step: float
) -> Iterator[StreamFrame]:
    """Decode the first video stream; times start at 0, never go back, and are filled in where there are none."""
    first: float | None = None
    seconds = -step
    try:
        for packet in container.demux(container.streams.video[0]):
            for frame in _pictures(packet, status):
                first = frame.time if first is None else first
                timed = frame.time is not None and first is not None
                seconds = max(0.0, seconds, frame.time - first) if timed else seconds + step
                yield StreamFrame(seconds, frame)
    except (av.error.FFmpegError, OSError) as error:
        reached = f"{max(0.0, seconds):.1f} s ({error.strerror})"
        raise CameraError(f"{path}: breaks off after {reached}: check the disk, or copy the file anew") from None


def _pictures(packet: av.Packet[av.video.stream.VideoStream], status: CameraStatus) -> list[av.VideoFrame]:
    try:
        frames = packet.decode()
    except av.error.FFmpegError:
        status.decode_errors += 1
        return []
    status.frames_decoded += len(frames)
    return frames
