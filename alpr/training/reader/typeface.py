"""A plate's set of characters as masks, and the lines set in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

GLYPH_HEIGHT: Final = 56
_AS_WIDE, _AS_DARK = 0.1, 10.0
"""How little two characters may differ and still be one: in width, and in ink of 255 on average."""
Mask: TypeAlias = NDArray[np.uint8]
"""`(h, w) uint8`: how much ink covers a pixel."""


@dataclass(frozen=True, slots=True)
class Typeface:
    """The characters `0`-`9`, `A`-`Z` as masks `GLYPH_HEIGHT` high."""

    name: str
    glyphs: Mapping[str, Mask]
    ambiguous: bool = False
    """Whether O and 0, or I and 1, are one shape: then only a format tells them apart."""

    @property
    def width(self) -> int:
        """How wide an H is."""
        return int(self.glyphs["H"].shape[1])


def blank(width: float) -> Mask:
    """Return a gap of that width, a pixel at the least."""
    return np.zeros((GLYPH_HEIGHT, max(1, int(width))), np.uint8)


def alike(one: Mask, other: Mask) -> bool:
    """Whether two characters are one shape, up to a little."""
    if abs(one.shape[1] - other.shape[1]) > _AS_WIDE * other.shape[1]:
        return False
    same = cv2.resize(one, (other.shape[1], other.shape[0]))
    return float(np.abs(same.astype(np.float32) - other).mean()) < _AS_DARK
