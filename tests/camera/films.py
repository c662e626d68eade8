"""Little films whose pictures carry their own number as a bar code of ten black or white bars."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

from alpr.domain import Picture

BITS = 10
BAR = 16


def numbered(number: int, height: int = 48) -> np.ndarray:
    """Draw the number as bars, the lowest bit first: BGR `(height, 160, 3) uint8`."""
    bars = [235 if number >> bit & 1 else 20 for bit in range(BITS)]
    row = np.repeat(np.array(bars, np.uint8), BAR)
    return np.repeat(np.tile(row, (height, 1))[:, :, None], 3, axis=2)


def number_in(picture: Picture) -> int:
    """Read the number of a drawn picture back."""
    middle = picture.bgr()[picture.height // 2, :, 1]
    return sum(1 << bit for bit in range(BITS) if middle[bit * BAR + BAR // 2] > 128)


def film(path: Path | str, count: int, *, fps: int = 25, codec: str = "libx264", first: int = 0, **options) -> None:
    """Write `count` numbered pictures as a video; `options` go to the container."""
    with av.open(str(path), "w", **options) as container:
        stream = container.add_stream(codec, rate=fps)
        stream.width, stream.height = BITS * BAR, 48
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        if codec != "mjpeg":
            stream.gop_size = fps
        stream.time_base = Fraction(1, fps)
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(numbered(first + number), format="bgr24")
            frame.pts = number
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)


def sound(path: Path) -> None:
    """Write a second of silence."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 8000
        for packet in [*stream.encode(frame), *stream.encode()]:
            container.mux(packet)


def jpeg(number: int) -> bytes:
    """Encode one numbered picture as JPEG."""
    buffer = io.BytesIO()
    Image.fromarray(numbered(number)).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()
