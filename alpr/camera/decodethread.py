"""Decoding in this process by FFmpeg, in a thread for each camera: in software, or on an NVIDIA GPU."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import Future
from datetime import datetime
from typing import Final, cast

import av
import structlog
from av.codec.hwaccel import HWAccel

from alpr.camera.backlog import Backlog, Waiting
from alpr.camera.decodeoutput import Output, run_to
from alpr.camera.nal import AccessUnit, Codec

FFMPEG_NAMES: Final[Mapping[Codec, str]] = {Codec.H264: "h264", Codec.H265: "hevc"}
_MAX_REORDERED: Final = 64
"""Pictures between the first and the last of a group that is shown in another order than it is sent."""
_PTS_WRAP: Final = 1 << 40

_log = structlog.get_logger(__name__)


def software_context(codec: Codec) -> av.VideoCodecContext:
    """Open FFmpeg's decoder with one thread: more cost more processor time and a picture of delay."""
    context = cast(av.VideoCodecContext, av.CodecContext.create(FFMPEG_NAMES[codec], "r"))
    context.thread_count = 1
    return context


class Gpu:
    """FFmpeg's decoder on the first NVIDIA GPU; where that does not work, in software, which is logged once."""

    def __init__(self, camera: str) -> None:
        self._camera = camera
        self._given_up = False

    def open(self, codec: Codec) -> av.VideoCodecContext:
        """Open a decoder, in software after the first failure."""
        if not self._given_up:
            try:
                hwaccel = HWAccel("cuda", device="0", allow_software_fallback=True)
                context = av.CodecContext.create(FFMPEG_NAMES[codec], "r", hwaccel=hwaccel)
                return cast(av.VideoCodecContext, context)
            except (av.FFmpegError, OSError, RuntimeError, ValueError) as error:
                self._give_up(str(error))
        return software_context(codec)

    def check(self, context: av.VideoCodecContext) -> None:
        """Look, after a picture, whether the GPU decoded it: FFmpeg itself falls back without a word."""
        if not self._given_up and not context.is_hwaccel:
            self._give_up("the GPU does not decode this stream")

    def _give_up(self, error: str) -> None:
        self._given_up = True
        _log.warning("decoder_fell_back_to_software", camera=self._camera, asked="cuda", error=error)


class ThreadDecoder:
    """Decodes in this process, in a thread of its own; FFmpeg lets go of the GIL meanwhile."""

    def __init__(self, codec: Codec, output: Output, gpu: Gpu | None = None) -> None:
        self.done: Future[None] = Future()
        self._codec = codec
        self._output = output
        self._gpu = gpu
        self._backlog = Backlog()
        self._captured: dict[int, datetime] = {}
        self._serial = 0
        # A daemon, so that a driver that hangs cannot keep the process from ending.
        threading.Thread(
            target=run_to, args=(self.done, self._run), name=f"decode {output.status.name}", daemon=True
        ).start()

    def put(self, unit: AccessUnit, captured_at: datetime) -> None:
        """Queue a unit, or drop up to the next key picture."""
        self._backlog.put(unit, captured_at)

    def close(self) -> None:
        """Ask the thread to end."""
        self._backlog.close()

    def _run(self) -> None:
        context = self._opened()
        while waiting := self._backlog.get():
            if waiting.after_gap and self._serial:
                context.flush_buffers()
                self._captured.clear()
            try:
                self._decode(context, waiting)
            except av.FFmpegError:
                self._output.fail()
                self._captured.clear()
                self._backlog.restart()
                context = self._opened()

    def _opened(self) -> av.VideoCodecContext:
        return self._gpu.open(self._codec) if self._gpu else software_context(self._codec)

    def _decode(self, context: av.VideoCodecContext, waiting: Waiting) -> None:
        self._serial = (self._serial + 1) % _PTS_WRAP
        packet = av.Packet(waiting.unit.data)
        packet.pts = packet.dts = self._serial
        self._captured[self._serial] = waiting.captured_at
        while len(self._captured) > _MAX_REORDERED:
            del self._captured[next(iter(self._captured))]
        frames = context.decode(packet)
        if frames and self._gpu:
            self._gpu.check(context)
        for frame in frames:
            captured_at = self._captured.pop(frame.pts or 0, waiting.captured_at)
            if frame.is_corrupt:
                self._output.fail()
            else:
                self._output.take(frame, captured_at)
