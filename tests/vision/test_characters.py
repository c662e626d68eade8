"""Characters below each other are found by their shape, whatever their distance."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from alpr.vision.characters import characters_in_columns
from alpr.vision.columnboxes import columns_among
from alpr.vision.textboxes import TextBox


def wall(text: str, pitch: int, ink: int = 230, size: tuple[int, int] = (640, 640)) -> np.ndarray:
    """Write a text downwards from (300, 40) on a wall, a space leaves half a place: BGR `(h, w, 3) uint8`."""
    picture = Image.new("RGB", size, (120, 110, 100))
    draw, font, y = ImageDraw.Draw(picture), ImageFont.load_default(36), 40
    for char in text:
        if char != " ":
            draw.text((300, y), char, (ink,) * 3, font=font, anchor="mt", stroke_width=1)
        y += pitch // 2 if char == " " else pitch
    return np.asarray(picture)[:, :, ::-1].copy()


@pytest.mark.parametrize("pitch", [32, 44])
@pytest.mark.parametrize("ink", [230, 20], ids=["light", "dark"])
def test_a_column_is_found(pitch, ink):
    """Every character of it, and together they are one column."""
    boxes = characters_in_columns(wall("MSKU 413532", pitch, ink), [])
    assert len(boxes) == 10
    (column,) = columns_among(boxes)
    assert column.box.centre[0] == pytest.approx(300, abs=4)


def test_few_characters_and_lines_are_none():
    """Five below each other may be lines that begin alike; what lies in a known line is no column."""
    assert characters_in_columns(wall("MSKU4", 40), []) == []
    corners = np.array([[0, 0], [640, 0], [640, 639], [0, 639]], np.float32)
    assert characters_in_columns(wall("MSKU 413532", 40), [TextBox(corners, 0.9)]) == []


def test_a_large_picture_is_looked_at_smaller():
    """The boxes stand in its own pixels."""
    boxes = characters_in_columns(wall("MSKU 413532", 44, size=(2400, 1200)), [])
    assert len(boxes) == 10
    assert boxes[0].box.centre[0] == pytest.approx(300, abs=4)
