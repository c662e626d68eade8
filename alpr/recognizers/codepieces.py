"""Lines of text as pieces of a container code: what they say, and which can follow which by where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from alpr.recognizers.codeprobability import Places
from alpr.vision.ocr import ALPHABET
from alpr.vision.textboxes import TextBox

_BLANK: Final = 0.75
"""Probability of no character in a column of the reader, below which the runner-up there is a character."""
_LEGIBLE: Final = 0.4
_FAR: Final = 14.0
"""Heights of a character that two pieces in a row may be apart: from one leaf of a door to the other."""
_SIZES: Final = (0.62, 1.6)
_OFF_LINE: Final = 0.6
_BELOW: Final = (0.6, 2.6)
_ASIDE: Final = 4.0
LOST: Final = 0.12
"""Odds for each height of distance in a row, as an exponent: near pieces are likelier one code than far ones."""


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A line of text as read: where it stands, and `(n, 36)` places, raw probabilities."""

    box: TextBox
    places: Places
    height: float
    """Of a character, in pixels."""
    column: bool = False
    """Whether its characters stand below each other."""

    @property
    def text(self) -> str:
        """The likeliest characters."""
        return "".join(ALPHABET[index] for index in self.places.argmax(axis=1))


def places_of(ctc: NDArray[np.float32]) -> Places:
    """Collapse a reader's columns `(T, 37)` to one row a character, `(n, 36) float64`."""
    rows: list[NDArray[np.float64]] = []
    previous = 0
    for column in ctc.astype(np.float64):
        char = int(column.argmax())
        if not char and column[0] < _BLANK:
            char = int(column[1:].argmax()) + 1
        if char and char != previous:
            rows.append(column[1:].copy())
        elif char:
            rows[-1] = np.maximum(rows[-1], column[1:])
        previous = char
    if not rows:
        return np.zeros((0, len(ALPHABET)))
    places = np.array(rows)
    # What went to other scripts' characters is shared out, as long as something is left.
    seen: Places = places / np.maximum(places.sum(axis=1, keepdims=True), _LEGIBLE)
    return seen


def follows(one: Piece, other: Piece) -> float | None:
    """Return what the distance of the next piece costs, None when it cannot be the next."""
    if not _SIZES[0] < other.height / one.height < _SIZES[1]:
        return None
    height = (one.height + other.height) / 2
    if one.column:
        return _below_in_column(one, other, height)
    (ax, ay), along = one.box.centre, one.box.along
    (bx, by), here = other.box.centre, other.box.along
    if along[0] * here[0] + along[1] * here[1] < 0.9:  # noqa: PLR2004 - 25 degrees
        return None
    dx, dy = bx - ax, by - ay
    across = (dx * along[0] + dy * along[1]) / height
    down = (dy * along[0] - dx * along[1]) / height
    gap = across - (one.box.width + other.box.width) / (2 * height)
    if abs(down) < _OFF_LINE + 0.06 * max(0.0, gap) and -0.8 < gap < _FAR:  # noqa: PLR2004 - boxes overlap a little
        return LOST * max(0.0, gap)
    aside = across - (other.box.width - one.box.width) / (2 * height)
    if _BELOW[0] < down < _BELOW[1] and abs(aside) < _ASIDE:
        return LOST * (down - 1 + abs(aside))
    return None


def _below_in_column(one: Piece, other: Piece, height: float) -> float | None:
    upper, lower = one.box.box, other.box.box
    if abs(upper.centre[0] - lower.centre[0]) > 0.6 * height:
        return None
    gap = (lower.y1 - upper.y2) / height
    return LOST * max(0.0, gap) if -0.5 < gap < 4 else None  # noqa: PLR2004 - heights of a character
