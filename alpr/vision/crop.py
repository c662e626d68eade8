"""Cutting boxes out of pictures."""

from __future__ import annotations

import math

from alpr.domain import BgrImage, Box


def cut(image: BgrImage, box: Box) -> BgrImage:
    """Copy the part of the picture `(h, w, 3) uint8` that the box covers; at least one pixel."""
    height, width = image.shape[:2]
    x1, y1 = min(max(0, int(box.x1)), width - 1), min(max(0, int(box.y1)), height - 1)
    x2, y2 = max(x1 + 1, min(width, math.ceil(box.x2))), max(y1 + 1, min(height, math.ceil(box.y2)))
    return image[y1:y2, x1:x2].copy()
