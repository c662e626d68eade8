"""Cutting boxes out of pictures."""

from __future__ import annotations

import math

from alpr.domain import BgrImage, Box

_EDGE = 1.5
"""Pixels: a box that comes nearer to the picture's edge may go on beyond it."""


def cut(image: BgrImage, box: Box) -> BgrImage:
    """Copy the part of the picture `(h, w, 3) uint8` that the box covers; at least one pixel."""
    height, width = image.shape[:2]
    x1, y1 = min(max(0, int(box.x1)), width - 1), min(max(0, int(box.y1)), height - 1)
    x2, y2 = max(x1 + 1, min(width, math.ceil(box.x2))), max(y1 + 1, min(height, math.ceil(box.y2)))
    return image[y1:y2, x1:x2].copy()


def is_cut(box: Box, width: int, height: int) -> bool:
    """Whether one edge of a picture of that size takes the box in.

    What reaches from edge to edge is not cut: the picture shows nothing else.
    """
    sides = box.x1 < _EDGE, box.x2 > width - _EDGE
    ends = box.y1 < _EDGE, box.y2 > height - _EDGE
    return sides[0] != sides[1] or ends[0] != ends[1]
