"""What stands on plates beside their characters: words, stickers, scenery, bolts."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from alpr.training.reader.chance import happens
from alpr.training.reader.emblems import emblem, polygon
from alpr.training.reader.typeface import Mask

Canvas: TypeAlias = NDArray[np.float32]
"""`(h, w) float32`: grey, 0 to 255 and a little beyond."""
Span: TypeAlias = tuple[float, float, float, float]
"""Left, top, width, height in pixels."""


def ink(canvas: Canvas, mask: Mask, left: float, top: float, tone: float, opacity: float = 1.0) -> None:
    """Lay a tone over the canvas where the mask says; parts outside are cut."""
    x, y = int(left), int(top)
    height, width = mask.shape
    x1, y1 = max(0, x), max(0, y)
    x2, y2 = min(canvas.shape[1], x + width), min(canvas.shape[0], y + height)
    if x2 <= x1 or y2 <= y1:
        return
    cover = mask[y1 - y : y2 - y, x1 - x : x2 - x].astype(np.float32) * np.float32(opacity / 255)
    part = canvas[y1:y2, x1:x2]
    part += (np.float32(tone) - part) * cover


def word(random: Random, canvas: Canvas, masks: Sequence[Mask], span: Span, tone: float) -> None:
    """Set one of the words into the middle of the span, its shape stretched a little at most."""
    left, top, width, height = span
    if height < 3 or width < 4:  # noqa: PLR2004 - pixels: nothing would be seen
        return
    mask = random.choice(masks)
    wide = min(width, mask.shape[1] * height / mask.shape[0] * random.uniform(0.75, 1.35))
    small = cv2.resize(mask, (max(3, int(wide)), max(3, int(height))), interpolation=cv2.INTER_AREA)
    ink(canvas, small.astype(np.uint8, copy=False), left + (width - wide) / 2, top, tone)


def scenery(random: Random, canvas: Canvas, clouds: Sequence[Canvas]) -> None:
    """Colour the paper: clouds, a rising sun, hills, bands above and below."""
    height, width = canvas.shape
    if happens(random, 0.4):
        canvas += random.choice(clouds)[:height, :width] * np.float32(random.uniform(10, 75))
    if happens(random, 0.3):
        canvas += np.linspace(-1, 1, height, dtype=np.float32)[:, None] * np.float32(random.uniform(-50, 50))
    if happens(random, 0.22):
        _hills(random, canvas)
    for edge in (0, 1):
        if happens(random, 0.12):
            deep = int(height * random.uniform(0.12, 0.27))
            part = canvas[:deep] if edge == 0 else canvas[height - deep :]
            part[:] = random.uniform(20, 235)
    if happens(random, 0.1):
        picture = emblem(random, int(width * random.uniform(0.3, 0.8)), int(height * random.uniform(0.5, 1)))
        ink(
            canvas,
            picture,
            random.uniform(0, 0.5) * width,
            random.uniform(0, 0.4) * height,
            random.uniform(60, 255),
            0.5,
        )


def _hills(random: Random, canvas: Canvas) -> None:
    height, width = canvas.shape
    count = random.randint(4, 9)
    level = random.uniform(0.3, 0.85)
    tops = [(width * i / count, height * (level + random.uniform(-0.2, 0.15))) for i in range(count + 1)]
    mask = np.zeros((height, width), np.uint8)
    polygon(mask, np.array([*tops, (width, height), (0, height)]), 255)
    ink(canvas, mask, 0, 0, random.uniform(40, 250), random.uniform(0.2, 0.8))


def stickers(random: Random, canvas: Canvas, masks: Sequence[Mask], share: float) -> None:
    """Stick months and years into the corners."""
    height, width = canvas.shape
    for x in (0.02, 0.8):
        for y in (0.03, 0.78):
            if not happens(random, share):
                continue
            wide, high = int(width * random.uniform(0.1, 0.18)), int(height * random.uniform(0.13, 0.21))
            left, top = int(width * (x + random.uniform(-0.01, 0.03))), int(height * y)
            tone = random.uniform(0, 255)
            if happens(random, 0.8):
                canvas[top : top + high, left : left + wide] = tone
            dark = tone > 128  # noqa: PLR2004 - the middle grey
            span = (left, top + high * 0.1, wide * 0.95, high * 0.8)
            word(random, canvas, masks, span, random.uniform(0, 70) if dark else random.uniform(180, 255))


def bolts(random: Random, canvas: Canvas) -> None:
    """Screw the plate down: heads and empty holes, also where characters stand."""
    height, width = canvas.shape
    tone = random.uniform(0, 255)
    for _ in range(random.randint(1, 4)):
        x = int(width * random.choice((0.05, 0.18, 0.22, 0.5, 0.78, 0.82, 0.95)))
        y = int(height * random.choice((0.07, 0.1, 0.5, 0.9, 0.93)))
        cv2.circle(canvas, (x, y), max(1, int(height * random.uniform(0.02, 0.055))), tone, -1, cv2.LINE_AA)
        if happens(random, 0.4):
            cv2.circle(canvas, (x, y), 1, 255 - tone, -1)


def stars(canvas: Canvas, band: tuple[int, int], tone: float) -> None:
    """Set Europe's twelve stars into the upper half of a band, given by its left edge and its width."""
    left, wide = band
    for turn in np.arange(12) * np.pi / 6:
        x, y = left + wide / 2 + np.cos(turn) * wide * 0.28, canvas.shape[0] * 0.3 + np.sin(turn) * wide * 0.28
        cv2.circle(canvas, (int(x), int(y)), max(1, round(wide / 26)), tone, -1)
