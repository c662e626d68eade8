"""Plates and streets drawn for tests that let the shipped models read."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from alpr.domain import BgrImage
from alpr.paths import shipped
from alpr.recognizers.registry import Engine, load_engine

STREET = 960, 540


@cache
def shipped_engine() -> Engine:
    """Load the shipped models once for a test run."""
    return load_engine(shipped("models"), "cpu")


def drawn_plate(text: str, height: int = 48) -> BgrImage:
    """Draw dark letters on white within a dark border: BGR `(height, w, 3) uint8`."""
    font = ImageFont.load_default(size=int(height * 0.72))
    width = int(font.getlength(text) + height * 0.6)
    plate = Image.new("RGB", (width, height), (245, 245, 245))
    pen = ImageDraw.Draw(plate)
    pen.rectangle((1, 1, width - 2, height - 2), outline=(20, 20, 20), width=2)
    pen.text((width / 2, height / 2), text, font=font, fill=(15, 15, 15), anchor="mm", stroke_width=1)
    return np.ascontiguousarray(np.asarray(plate)[:, :, ::-1])


@cache
def empty_street(width: int = STREET[0], height: int = STREET[1]) -> BgrImage:
    """Draw a soft, dull background: BGR `(height, width, 3) uint8`; it cannot be written to."""
    blots = np.random.default_rng(1).integers(70, 130, (27, 48, 3), dtype=np.uint8)
    image = cv2.resize(blots, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.uint8, copy=False)
    image.setflags(write=False)  # every test sees the same one
    return image


def street(
    text: str, at: tuple[int, int] = (400, 300), *, height: int = 48, size: tuple[int, int] = STREET
) -> BgrImage:
    """Draw a plate on a block of a vehicle in a street, the plate's top left corner at `at`."""
    image = empty_street(*size).copy()
    plate = drawn_plate(text, height)
    (x, y), (h, w) = at, plate.shape[:2]
    cv2.rectangle(image, (x - 3 * h, y - 4 * h), (x + w + 3 * h, y + 2 * h), (60, 60, 150), -1)
    cv2.rectangle(image, (x - 2 * h, y - 7 * h // 2), (x + w + 2 * h, y - 2 * h), (40, 30, 30), -1)
    for middle in (x - 2 * h, x + w + 2 * h):
        cv2.circle(image, (middle, y + 2 * h), h, (20, 20, 20), -1)
    part = image[max(0, y) : y + h, max(0, x) : x + w]
    part[:] = plate[max(0, -y) :, max(0, -x) :][: part.shape[0], : part.shape[1]]
    return image


def write_film(path: Path, pictures: list[BgrImage], fps: int = 10) -> None:
    """Write the pictures as an H.264 video."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps, options={"preset": "ultrafast", "crf": "12"})
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.time_base = Fraction(1, fps)
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def passing(text: str, frames: int = 20, step: int = 12) -> list[BgrImage]:
    """Draw a plate that drives from the left to the right."""
    return [street(text, (200 + step * number, 300)) for number in range(frames)]
