"""Parts of columns as a detector of lines finds them, put together."""

from __future__ import annotations

import numpy as np
import pytest

from alpr.vision.columnboxes import columns_among
from alpr.vision.textboxes import TextBox


def box(x1: float, y1: float, x2: float, y2: float, lean: float = 0.0) -> TextBox:
    """Make an upright box, its lower end `lean` pixels further right."""
    return TextBox(np.array([[x1, y1], [x2, y1], [x2 + lean, y2], [x1 + lean, y2]], np.float32), 0.9)


@pytest.mark.parametrize(
    "parts",
    [
        [box(100, 100, 130, 400)],
        [box(100, 100, 130, 200), box(102, 220, 128, 340), box(95, 360, 135, 400)],
        [box(100, 100, 130, 130), box(100, 220, 130, 250), box(104, 260, 126, 400)],
    ],
    ids=["whole", "with the box round its digit", "most characters not found"],
)
def test_parts_below_each_other_are_one_column(parts):
    """It reaches further than what was found, and is as wide as its characters."""
    (column,) = columns_among(parts)
    assert column.box.y1 < 60
    assert column.box.y2 > 440
    assert column.box.centre[0] == pytest.approx(115, abs=3)
    assert 18 < column.box.width < 32


def test_a_leaning_column_is_followed():
    """Its corners lean as its parts do."""
    (column,) = columns_among([box(100, 100, 130, 400, lean=30)])
    (ax, ay), _, _, (bx, by) = column.corners.tolist()
    assert (bx - ax) / (by - ay) == pytest.approx(0.1, abs=0.01)


def test_lines_and_single_characters_are_no_column():
    """Nor is what stands beside each other, or in two sizes, or far below."""
    lines = [box(100, 100, 300, 130), box(100, 140, 300, 170), box(100, 180, 300, 210)]
    single = [box(400, 100, 430, 130), box(500, 200, 530, 230), box(400, 500, 430, 530), box(395, 135, 500, 240)]
    assert columns_among([*lines, *single]) == []
