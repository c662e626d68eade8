"""Setting a plate's characters: lines of masks with gaps, marks, seals and emblems, pressed into the paper."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import cv2
import numpy as np

from alpr.training.reader.chance import happens
from alpr.training.reader.emblems import emblem
from alpr.training.reader.ornaments import Canvas, Span, ink
from alpr.training.reader.typeface import GLYPH_HEIGHT, Mask, Typeface, blank


@dataclass(frozen=True, slots=True)
class Spacing:
    """How a line is set, in pixels of a character `GLYPH_HEIGHT` high."""

    between: float
    gap: float
    """The width of a space."""
    emblem: float


def spacing(random: Random) -> Spacing:
    """Make up how a line is set."""
    return Spacing(
        between=random.uniform(1, 9),
        gap=random.uniform(0.15, 0.5) * GLYPH_HEIGHT,
        emblem=random.uniform(0.3, 1.0) * GLYPH_HEIGHT,
    )


def line(random: Random, shown: str, face: Typeface, spaces: Spacing) -> Mask:
    """Set one line: `(GLYPH_HEIGHT, w)`."""
    parts: list[Mask] = []
    for char in shown:
        parts.append(face.glyphs[char] if char in face.glyphs else _mark(random, char, face, spaces))
        parts.append(blank(spaces.between))
    return np.hstack(parts[:-1])


def _mark(random: Random, char: str, face: Typeface, spaces: Spacing) -> Mask:
    if char == "#":
        mask = blank(spaces.emblem)
        high = int(GLYPH_HEIGHT * random.uniform(0.35, 1.0))
        picture = emblem(random, mask.shape[1], high)
        top = (GLYPH_HEIGHT - high) // 2
        mask[top : top + high] = (picture * random.uniform(0.3, 1)).astype(np.uint8)[: mask.shape[0] - top]
        return mask
    if char == "-":
        mask = blank(max(10, face.width * random.uniform(0.35, 0.8)))
        half = random.randint(2, 5)
        mask[GLYPH_HEIGHT // 2 - half : GLYPH_HEIGHT // 2 + half, 1:-1] = 255
        return mask
    if char == ".":
        mask = blank(max(10, face.width * 0.5))
        level = random.choice((GLYPH_HEIGHT // 2, GLYPH_HEIGHT // 2, GLYPH_HEIGHT - 6))
        cv2.circle(mask, (mask.shape[1] // 2, level), random.randint(2, 5), 255, -1, cv2.LINE_AA)
        return mask
    return _seals(random, face) if char == ":" else blank(spaces.gap)


def _seals(random: Random, face: Typeface) -> Mask:
    """Two round seals one above the other, as on German plates."""
    mask = blank(max(14, face.width * random.uniform(0.5, 0.75)))
    middle = mask.shape[1] // 2
    for level, radius in ((0.22, random.randint(4, 8)), (0.72, random.randint(6, 10))):
        if happens(random, 0.9):
            cv2.circle(mask, (middle, int(GLYPH_HEIGHT * level)), radius, random.randint(40, 200), -1, cv2.LINE_AA)
            cv2.circle(mask, (middle, int(GLYPH_HEIGHT * level)), radius // 2, random.randint(20, 230), 1, cv2.LINE_AA)
    return mask


def place(random: Random, mask: Mask, span: Span, size: tuple[int, int], *, filled: bool = False) -> Mask:
    """Place a line in the span of a plate of `size` (h, w), about as wide as it is or to fill it; return the ink."""
    left, top, width, height = span
    wide = width if filled else min(width, mask.shape[1] * height / GLYPH_HEIGHT * random.uniform(0.85, 1.18))
    if happens(random, 0.4):
        wide = min(width, wide * random.uniform(1, 1.3))
    wide = max(6.0, wide)
    at = random.uniform(0.35, 0.65) if happens(random, 0.75) else random.random()
    return laid(mask, (left + (width - wide) * at, top, wide, height), size)


def laid(mask: Mask, span: Span, size: tuple[int, int]) -> Mask:
    """Stretch a line over the span of a plate of `size` (h, w); return the ink, cut at the plate's edges."""
    left, top, wide, height = span
    method = cv2.INTER_AREA if wide < mask.shape[1] else cv2.INTER_LINEAR
    scaled = cv2.resize(mask, (int(wide), max(4, int(height))), interpolation=method)
    sheet = np.zeros(size, np.uint8)
    x, y = int(max(0, left)), int(max(0, top))
    room = sheet[y : y + scaled.shape[0], x : x + scaled.shape[1]]
    room[:] = scaled[: room.shape[0], : room.shape[1]]
    return sheet


def press(random: Random, canvas: Canvas, mask: Mask, tone: float, clouds: Canvas) -> None:
    """Paint the characters and, on most plates, press them out of the metal."""
    if happens(random, 0.5):
        deep, reach = random.uniform(10, 70), random.choice((1, 1, 1, 2))
        emboss(canvas, mask, deep, (reach, random.choice((-reach, 0, reach))))
    opacity = random.uniform(0.75, 1.0)
    if happens(random, 0.12):  # paint that has come off in places
        worn = np.clip(1 + clouds[: mask.shape[0], : mask.shape[1]] * random.uniform(0.3, 1.6), 0.25, 1)
        mask = (mask * worn).astype(np.uint8)
    if happens(random, 0.05):
        rim = cv2.morphologyEx(mask, cv2.MORPH_GRADIENT, np.ones((2, 2), np.uint8))
        ink(canvas, rim.astype(np.uint8), 0, 0, random.uniform(0, 255), 0.7)
    ink(canvas, mask, 0, 0, tone, opacity)


def emboss(canvas: Canvas, mask: Mask, deep: float, shift: tuple[int, int]) -> None:
    """Raise the characters in place: a dark edge on the side of `shift` (down, right), a light one opposite."""
    down, right = shift
    for sign, share in ((1, -1.0), (-1, 0.6)):
        shifted = np.roll(mask, (sign * down, sign * right), (0, 1)).astype(np.float32)
        canvas += shifted * np.float32(share * deep / 255)
