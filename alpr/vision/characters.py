"""Characters that stand below each other, found by their shape: a detector of lines passes over wide-set columns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from alpr.domain import BgrImage, Box
from alpr.vision.textboxes import TextBox

_MOST_PIXELS: Final = 1_300_000
"""A larger picture is looked at smaller: a megapixel takes some 25 ms."""
_WINDOW: Final = 25
"""Pixels round each that say whether it is lighter or darker than its ground."""
_CONTRAST: Final = 14
_HEIGHTS: Final = 9, 60
_SHAPES: Final = 0.12, 1.15
"""Width of a character in its height."""
_INK: Final = 0.18, 0.9
"""Share of its box that a character covers."""
_ALIKE: Final = 0.75
_ASIDE: Final = 0.35
"""Heights that the middles of two neighbours may be apart sideways."""
_APART: Final = 0.02, 1.9
"""Heights that are free between two neighbours, from and to: a group stands further apart."""
_FEWEST: Final = 6


def characters_in_columns(image: BgrImage, lines: Sequence[TextBox]) -> list[TextBox]:
    """Return upright boxes round characters of `(h, w, 3) uint8` of which six or more stand below each other.

    What lies in one of the lines that are known already is left out.
    """
    scale = min(1.0, math.sqrt(_MOST_PIXELS / (image.shape[0] * image.shape[1])))
    grey = cv2.resize(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    grey = cv2.GaussianBlur(grey, (3, 3), 0)
    ground = cv2.boxFilter(grey, cv2.CV_16S, (_WINDOW, _WINDOW))
    differ = grey.astype(np.int16) - ground
    known = [_scaled(line.box, scale) for line in lines if line.box.width > line.box.height]
    found: list[TextBox] = []
    for ink in (differ > _CONTRAST, differ < -_CONTRAST):
        boxes = [box for box in _shapes(ink.astype(np.uint8)) if not any(line.contains(*box.centre) for line in known)]
        found += [_text_box(_scaled(box, 1 / scale)) for column in _columns(boxes) for box in column]
    return found


def _scaled(box: Box, scale: float) -> Box:
    return Box(box.x1 * scale, box.y1 * scale, box.x2 * scale, box.y2 * scale)


def _shapes(ink: NDArray[np.uint8]) -> list[Box]:
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    x, y, wide, tall, area = stats[1:].T
    share = area / (wide * tall)
    fit = (tall >= _HEIGHTS[0]) & (tall <= _HEIGHTS[1]) & (wide >= _SHAPES[0] * tall) & (wide <= _SHAPES[1] * tall)
    fit &= (share >= _INK[0]) & (share <= _INK[1])
    rows = np.stack([x, y, x + wide, y + tall], axis=1)[fit]
    return [Box(*map(float, row)) for row in rows[np.argsort(rows[:, 1], kind="stable")]]


def _columns(boxes: Sequence[Box]) -> list[list[Box]]:
    """Chain characters to the next below, from the top; those of too few are left out."""
    columns: list[list[Box]] = []
    for box in boxes:
        for column in columns:
            if _below(column[-1], box):
                column.append(box)
                break
        else:
            columns.append([box])
    return [column for column in columns if len(column) >= _FEWEST]


def _below(upper: Box, lower: Box) -> bool:
    tall = max(upper.height, lower.height)
    if min(upper.height, lower.height) < _ALIKE * tall:
        return False
    free = (lower.y1 - upper.y2) / tall
    return _APART[0] < free < _APART[1] and abs(lower.centre[0] - upper.centre[0]) < _ASIDE * tall


def _text_box(box: Box) -> TextBox:
    """Grow a box as a detector of lines does, `corners` from its top left."""
    room = 0.15 * box.height
    half = max(box.width / 2, 0.3 * box.height) + room  # a 1 is as wide as the others of its column
    middle = box.centre[0]
    x1, y1, x2, y2 = middle - half, box.y1 - room, middle + half, box.y2 + room
    return TextBox(np.array([[x1, y1], [x2, y1], [x2, y2], [x1, y2]], np.float32), 1.0)
