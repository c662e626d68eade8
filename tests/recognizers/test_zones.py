"""Zones: what lies in a polygon, concave ones and overlapping ones too."""

from __future__ import annotations

import pytest

from alpr.domain import Box, Detection, Label
from alpr.recognizers.zones import ZoneMask

_SQUARE = ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8))
_HORSESHOE = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.6, 0.9), (0.6, 0.4), (0.4, 0.4), (0.4, 0.9), (0.1, 0.9))
_HOLE = ((0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6))


@pytest.mark.parametrize(
    ("mask", "point", "looked_at"),
    [
        (ZoneMask(), (0.5, 0.5), True),
        (ZoneMask(include=(_SQUARE,)), (0.5, 0.5), True),
        (ZoneMask(include=(_SQUARE,)), (0.1, 0.5), False),
        (ZoneMask(include=(_HORSESHOE,)), (0.25, 0.7), True),
        (ZoneMask(include=(_HORSESHOE,)), (0.5, 0.7), False),
        (ZoneMask(include=(_HORSESHOE,)), (0.5, 0.2), True),
        (ZoneMask(include=(_HORSESHOE[::-1],)), (0.5, 0.7), False),
        (ZoneMask(ignore=(_HOLE,)), (0.5, 0.5), False),
        (ZoneMask(ignore=(_HOLE,)), (0.3, 0.3), True),
        (ZoneMask(include=(_SQUARE,), ignore=(_HOLE,)), (0.5, 0.5), False),
        (ZoneMask(include=(_SQUARE,), ignore=(_HOLE,)), (0.3, 0.3), True),
        (ZoneMask(include=(_HOLE, _SQUARE)), (0.25, 0.25), True),
    ],
)
def test_points(mask, point, looked_at):
    """Without zones everything counts; what is ignored stays ignored, wherever it is included."""
    assert mask.allows(*point) is looked_at


def test_a_box_is_judged_by_its_middle():
    """In fractions of the picture, whatever its size."""
    inside = Detection(Label.PLATE, Box(300, 150, 500, 250), 0.9)
    outside = Detection(Label.PLATE, Box(0, 150, 200, 250), 0.9)
    mask = ZoneMask(include=(_SQUARE,))
    assert mask.keep([inside, outside], 800, 400) == [inside]
    assert mask.keep([inside, outside], 8000, 4000) == []
