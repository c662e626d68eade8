"""What the stages of the work cost on this machine: decoder, models, motion, JPEG, disk."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from statistics import median

import av
import cv2
import numpy as np

from alpr.domain import BgrImage
from alpr.errors import CameraError, StoreError

WIDTH, HEIGHT, STREAM_FPS = 1920, 1080, 25
_CLIP_FRAMES = 50
_MEBIBYTE = 1 << 20
_WRITTEN = 16 * _MEBIBYTE
_FSYNCS = 20


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of one run: on the clock, and of processor time over all cores."""

    wall_ms: float
    cpu_ms: float


@dataclass(frozen=True, slots=True)
class DiskSpeed:
    """How fast a folder takes data that must survive a power cut."""

    write_mib_s: float
    fsync_ms: float
    free_gib: float


@dataclass(frozen=True, slots=True)
class Fit:
    """How many full-HD cameras the processor carries, with a fifth of it left for the rest."""

    moving: int
    """Something moves before every camera, always."""
    still: int
    """Nothing moves: decoding and the motion gate only."""


def cost(run: Callable[[], object], seconds: float = 1.0, runs: int = 200) -> Cost:
    """Measure the median of as many runs as fit into `seconds`, three at least, after one to warm up."""
    run()
    walls: list[float] = []
    cpus: list[float] = []
    end = time.perf_counter() + seconds
    while len(walls) < 3 or (time.perf_counter() < end and len(walls) < runs):  # noqa: PLR2004
        wall, cpu = time.perf_counter(), time.process_time()
        run()
        walls.append(1000 * (time.perf_counter() - wall))
        cpus.append(1000 * (time.process_time() - cpu))
    return Cost(median(walls), median(cpus))


def street() -> BgrImage:
    """Draw a full-HD picture `(1080, 1920, 3) uint8` with the noise and edges of a real one."""
    noise = np.random.default_rng(7).integers(90, 130, (HEIGHT // 4, WIDTH // 4, 3), dtype=np.uint8)
    image = cv2.resize(noise, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    cv2.rectangle(image, (600, 400), (1300, 900), (60, 40, 30), -1)
    cv2.rectangle(image, (860, 760), (1040, 800), (240, 240, 240), -1)
    cv2.putText(image, "AB12 CDE", (866, 793), cv2.FONT_HERSHEY_SIMPLEX, 1.1, (20, 20, 20), 3)
    return image.astype(np.uint8, copy=False)


def clip(image: BgrImage) -> bytes:
    """Encode two seconds of the drifting picture, H.264 in Matroska, MPEG-4 where H.264 is not to be had."""
    codec = "libx264" if "libx264" in av.codecs_available else "mpeg4"
    buffer = BytesIO()
    with av.open(buffer, "w", format="matroska") as container:
        stream = container.add_stream(codec, rate=STREAM_FPS)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.bit_rate, stream.time_base = 4_000_000, Fraction(1, STREAM_FPS)
        if codec == "libx264":
            stream.options = {"preset": "veryfast", "tune": "zerolatency"}
        for number in range(_CLIP_FRAMES):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(np.roll(image, 4 * number, axis=1)), format="bgr24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return buffer.getvalue()


def decode_cost(data: bytes) -> Cost:
    """Decode the whole clip on one thread; return what one frame costs. Raises `CameraError` when frames are lost."""
    wall, cpu = time.perf_counter(), time.process_time()
    with av.open(BytesIO(data), "r") as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        frames = sum(1 for _ in container.decode(stream))
    if frames != _CLIP_FRAMES:
        raise CameraError(f"decoder: {frames} of {_CLIP_FRAMES} frames came out of the test clip: reinstall `av`")
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Cost(1000 * wall / frames, 1000 * cpu / frames)


def disk_speed(folder: Path) -> DiskSpeed:
    """Write 16 MiB and twenty small blocks into the folder, each down to the disk; nothing stays behind."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            block = os.urandom(_MEBIBYTE)
            begin = time.perf_counter()
            for _ in range(_WRITTEN // _MEBIBYTE):
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
            seconds = time.perf_counter() - begin
            fsync = median(_fsync_seconds(file.fileno()) for _ in range(_FSYNCS))
        usage = os.statvfs(folder)
    except OSError as error:
        raise StoreError(f"data folder {folder}: {error.strerror}: free some space or choose another `data`") from None
    return DiskSpeed(_WRITTEN / _MEBIBYTE / seconds, 1000 * fsync, usage.f_bavail * usage.f_frsize / (1 << 30))


def _fsync_seconds(descriptor: int) -> float:
    begin = time.perf_counter()
    os.write(descriptor, bytes(4096))
    os.fsync(descriptor)
    return time.perf_counter() - begin


def cores() -> int:
    """Return how many processor cores this process may use."""
    return len(os.sched_getaffinity(0))


def cameras_that_fit(stages: dict[str, Cost], fps: float, processors: int) -> Fit:
    """Return how many cameras fit when `fps` frames a second are looked at.

    Every frame of the stream is decoded, every taken one is gated for motion, a moving one is
    converted and detected and holds one plate that is read; a picture is stored every two seconds.
    """
    cpu = {name: stage.cpu_ms for name, stage in stages.items()}
    idle = STREAM_FPS * cpu["decode"] + fps * cpu["motion"]
    busy = idle + fps * (cpu["convert"] + cpu["detect"] + cpu["read"]) + cpu["jpeg"] / 2
    budget = 0.8 * 1000 * processors
    return Fit(moving=int(budget / busy), still=int(budget / idle))
