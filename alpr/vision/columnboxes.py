"""Boxes of characters that stand below each other, put together to columns.

A detector of lines finds columns in parts: single characters, two or three together, a boxed digit for itself, some not
at all. What stands in one line downwards is one column; it is taken a little longer than what was found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from alpr.vision.textboxes import TextBox

_ALONE: Final = 0.6
"""A box this tall, in its width, may be a character or several below each other."""
_ASIDE: Final = 0.55
"""Widths that the middles of two neighbours in a column may be apart."""
_LEAN: Final = 0.1
"""Widths aside that a column may go for each width down."""
_LEANS: Final = 1.7
"""A box this much taller than wide shows which way its column leans."""
_NARROW: Final = 0.45
"""A 1 beside a W, or the digit beside its box."""
_GAP: Final = 4.0
"""Widths of characters between two that were found: those between were not."""
_LEAST: Final = 2.4
"""Widths that the found parts of a column must reach down together."""
_LONG: Final = 9.0
_MORE, _MUCH_MORE = 2.6, 5.0
"""Widths that a column is taken longer at both ends; much more where little of it was found."""
_MOST: Final = 5
_TIGHT: Final = 0.8
"""Of the width that the detector gives a character, which is generous."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What was found of a column: the middles of its upper and lower end `(x, y)`, and how wide it is."""

    top: tuple[float, float]
    bottom: tuple[float, float]
    width: float

    @property
    def height(self) -> float:
        return self.bottom[1] - self.top[1]


def columns_among(boxes: Sequence[TextBox]) -> list[TextBox]:
    """Return the columns of characters among the boxes, longest first."""
    parts = sorted((_part(box) for box in boxes if box.box.height > _ALONE * box.box.width), key=lambda p: p.top[1])
    groups = [group for group in _groups(parts) if _length(group) > _LEAST * _width(group)]
    return [_column(group) for group in sorted(groups, key=_length, reverse=True)[:_MOST]]


def _part(box: TextBox) -> _Part:
    upright = box.box
    if upright.height < _LEANS * upright.width:
        # The rectangle round a single character may stand askew though the character does not.
        middle = upright.centre[0]
        return _Part((middle, upright.y1), (middle, upright.y2), upright.width)
    down = box.corners[np.argsort(box.corners[:, 1], kind="stable")]
    (ax, ay), (bx, by) = down[:2].mean(axis=0).tolist(), down[2:].mean(axis=0).tolist()
    return _Part((ax, ay), (bx, by), min(box.width, box.height))


def _groups(parts: Sequence[_Part]) -> list[list[_Part]]:
    """Put each part to the column that ends nearest above it."""
    groups: list[list[_Part]] = []
    for part in parts:
        near = [group for group in groups if _goes_on(group[-1], part)]
        if near:
            min(near, key=lambda group: abs(part.top[1] - group[-1].bottom[1])).append(part)
        else:
            groups.append([part])
    return groups


def _goes_on(upper: _Part, lower: _Part) -> bool:
    wide = max(upper.width, lower.width)
    if min(upper.width, lower.width) < _NARROW * wide:
        return False
    gap = (lower.top[1] - upper.bottom[1]) / wide
    aside = abs(upper.bottom[0] - lower.top[0]) / wide
    return -1.0 < gap < _GAP and aside < _ASIDE + _LEAN * max(0.0, gap)


def _length(group: Sequence[_Part]) -> float:
    return max(part.bottom[1] for part in group) - group[0].top[1]


def _width(group: Sequence[_Part]) -> float:
    # The parts that reach furthest down say how wide a character is; a box round a digit is wider.
    return float(np.average([part.width for part in group], weights=[part.height for part in group]))


def _column(group: Sequence[_Part]) -> TextBox:
    """Lay a box along the middles of the parts, `corners` from its top left."""
    width = _width(group)
    top, bottom = group[0].top[1], max(part.bottom[1] for part in group)
    ends = np.array([end for part in group for end in (part.top, part.bottom)])
    weights = np.repeat([part.height for part in group], 2)
    slope, begin = np.polyfit(ends[:, 1], ends[:, 0], 1, w=weights).tolist()
    more = width * (_MORE if bottom - top > _LONG * width else _MUCH_MORE)
    above, below = top - more, bottom + more
    half = _TIGHT * width / 2
    first, last = begin + slope * above, begin + slope * below
    corners = [(first - half, above), (first + half, above), (last + half, below), (last - half, below)]
    return TextBox(np.array(corners, np.float32), 1.0)
