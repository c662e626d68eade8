"""Decoding by a child process: access units into its standard input, raw I420 frames out of its standard output.

For machines whose decoder no library in this process reaches (NVIDIA Jetson): its GStreamer does not
have to fit our Python, and its crash is not ours.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shlex
import subprocess
import threading
from collections import deque
from concurrent.futures import Future
from datetime import datetime
from typing import IO, Final

import av
import numpy as np

from alpr.camera.backlog import Backlog, Waiting
from alpr.camera.decodeoutput import Output, run_to
from alpr.camera.decodethread import FFMPEG_NAMES, software_context
from alpr.camera.nal import AccessUnit, Codec
from alpr.errors import CameraError

JETSON_COMMAND: Final = (
    "gst-launch-1.0 -q fdsrc fd=0 ! {codec}parse ! nvv4l2decoder enable-max-performance=1 disable-dpb=1 ! nvvidconv "
    "! video/x-raw,format=I420,width={width},height={height} ! fdsink fd=1 sync=false"
)
"""The default: NVIDIA's GStreamer. `{codec}` is h264 or h265, `{demuxer}` h264 or hevc as FFmpeg names it."""

_PIPE_BYTES: Final = 1024 * 1024
_MAX_PENDING: Final = 64
_SIZE_STEP: Final = 8  # GStreamer pads rows of other widths


class ChildDecoder:
    """Feeds a child process; a child that ends is a CameraError, so that the connection is made anew with another."""

    def __init__(self, codec: Codec, output: Output, command: str = "") -> None:
        self.done: Future[None] = Future()
        self._codec = codec
        self._output = output
        self._command = command or JETSON_COMMAND
        self._backlog = Backlog()
        self._pending: deque[datetime] = deque(maxlen=_MAX_PENDING)
        self._process: subprocess.Popen[bytes] | None = None
        self._closing = threading.Event()
        name = f"decode {output.status.name}"
        threading.Thread(target=run_to, args=(self.done, self._run), name=name, daemon=True).start()

    def put(self, unit: AccessUnit, captured_at: datetime) -> None:
        """Queue a unit, or drop up to the next key picture."""
        self._backlog.put(unit, captured_at)

    def close(self) -> None:
        """Ask the threads to end and the child to be killed."""
        self._closing.set()
        self._backlog.close()
        if process := self._process:
            process.kill()

    def _run(self) -> None:
        first = self._first_decodable()
        if first is None:
            return
        waiting, width, height = first
        with self._start(width, height) as process:
            self._process = process
            if self._closing.is_set():
                process.kill()
            complaints: deque[str] = deque(maxlen=3)
            threads = [
                threading.Thread(target=self._feed, args=(process.stdin, waiting), daemon=True),
                threading.Thread(target=_drain, args=(process.stderr, complaints), daemon=True),
            ]
            for thread in threads:
                thread.start()
            try:
                self._take(process.stdout, width, height)
            finally:
                self._backlog.close()
                process.kill()
                for thread in threads:
                    thread.join()
        if not self._closing.is_set():
            raise self._fault(f"ended ({process.returncode}): {' '.join(complaints) or 'without a word'}")

    def _first_decodable(self) -> tuple[Waiting, int, int] | None:
        """Wait for a key picture and decode it in software, only to learn its size."""
        context = software_context(self._codec)
        while waiting := self._backlog.get():
            try:
                frames = context.decode(av.Packet(waiting.unit.data)) + context.decode(None)
            except av.FFmpegError:
                frames = []
            if frames:
                size = frames[0].width // _SIZE_STEP * _SIZE_STEP, frames[0].height // 2 * 2
                return waiting, *size
            self._output.fail()
            self._backlog.restart()
            context = software_context(self._codec)
        return None

    def _start(self, width: int, height: int) -> subprocess.Popen[bytes]:
        try:
            words = self._command.format(
                codec=self._codec.value, demuxer=FFMPEG_NAMES[self._codec], width=width, height=height
            )
            process = subprocess.Popen(  # noqa: S603 - the command is the admin's, from the configuration, without a shell
                shlex.split(words), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
        except (OSError, ValueError, LookupError) as error:
            raise self._fault(f"cannot be started ({error})") from None
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):  # more than the system allows: the pipe stays small
                fcntl.fcntl(_open(pipe), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        return process

    def _feed(self, pipe: IO[bytes], first: Waiting) -> None:
        waiting: Waiting | None = first
        with contextlib.suppress(OSError), pipe:  # a child that ended is told by its output
            while waiting:
                self._pending.append(waiting.captured_at)
                pipe.write(waiting.unit.data)
                pipe.flush()
                waiting = self._backlog.get()

    def _take(self, pipe: IO[bytes] | None, width: int, height: int) -> None:
        output = _open(pipe)
        rows = height * 3 // 2
        while len(data := output.read(rows * width)) == rows * width:
            image = np.frombuffer(data, np.uint8).reshape(rows, width)
            frame = av.VideoFrame.from_ndarray(image, format="yuv420p")
            if self._pending:
                self._output.take(frame, self._pending.popleft())

    def _fault(self, what: str) -> CameraError:
        program = os.path.basename((self._command.split() or ["?"])[0])  # noqa: PTH119 - a word of a command
        return CameraError(
            f"camera {self._output.status.name}: the decoder {program} {what}: "
            f'check `decoder_command`, or set `decoder = "software"`'
        )


def _drain(pipe: IO[bytes], complaints: deque[str]) -> None:
    with pipe:
        for line in pipe:
            text = line.decode("utf-8", "replace").strip()
            if text:
                complaints.append(text[:200])


def _open(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe
