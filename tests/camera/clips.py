"""Short clips in which every picture carries its own number as a barcode, made once for a test run."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import av
import cv2
import numpy as np

from alpr.camera.nal import Codec
from alpr.domain import GreyImage

FPS = 25
PICTURES = 75
GROUP = 25
WIDTH, HEIGHT = 1280, 720
CELL = 32
BITS = 8

_OPTIONS = {
    Codec.H264: ("libx264", {"preset": "ultrafast", "x264-params": "aud=1:repeat-headers=1:bframes=0:scenecut=0"}),
    Codec.H265: (
        "libx265",
        {"preset": "ultrafast", "x265-params": "aud=1:repeat-headers=1:bframes=0:scenecut=0:log-level=none"},
    ),
}


@cache
def units(codec: Codec, width: int = WIDTH, height: int = HEIGHT, pictures: int = PICTURES) -> tuple[bytes, ...]:
    """Encode a clip; return its access units as Annex B bytes, each with a delimiter, a key picture a second."""
    name, options = _OPTIONS[codec]
    encoder = av.CodecContext.create(name, "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, FPS), Fraction(FPS)
    encoder.gop_size, encoder.bit_rate = GROUP, 3_000_000
    encoder.options = {**options, "forced-idr": "1"}
    noise = np.random.default_rng(7).integers(0, 256, (height // 8, width // 8), dtype=np.uint8)
    background = cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC) // 2 + 64
    packets = []
    for number in range(pictures):
        frame = av.VideoFrame.from_ndarray(picture(number, background), format="gray").reformat(format="yuv420p")
        frame.pts = number
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    return tuple(bytes(packet) for packet in packets)


def picture(number: int, background: GreyImage) -> GreyImage:
    """Draw picture `number`: its bits in a row at the top left, over a background that moves."""
    image = np.roll(background, 3 * number, axis=1)
    for bit in range(BITS):
        image[:CELL, bit * CELL : (bit + 1) * CELL] = 235 if number >> bit & 1 else 16
    return image


def number_of(luma: GreyImage) -> int:
    """Read the barcode back."""
    middle = CELL // 2
    return sum(int(luma[middle, bit * CELL + middle] > 128) << bit for bit in range(BITS))
