"""Where text stands: the map of a detection model turned into lines, and the model on a drawn wall."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from alpr.recognizers.registry import with_text
from alpr.vision.textboxes import lines_of
from tests.drawn_containers import steel
from tests.drawn_plates import shipped_engine


def test_a_blob_becomes_a_line_grown_to_its_text():
    """The model's blobs are shrunk: the line is larger, its corners go round from the top left."""
    text = np.zeros((100, 200), np.float32)
    text[40:50, 50:150] = 0.9
    (line,) = lines_of(text)
    assert (line.width, line.height) == (pytest.approx(115, abs=3), pytest.approx(25, abs=3))
    assert line.corners[0].tolist() < line.corners[2].tolist()
    assert line.along == pytest.approx((1, 0), abs=0.02)
    assert line.score > 0.75


def test_a_leaning_line_keeps_its_direction():
    """Ten degrees down to the right."""
    text = np.zeros((200, 300), np.float32)
    corners = cv2.boxPoints(((150, 100), (160, 16), 10))
    cv2.fillPoly(text, [corners.astype(np.int32)], 0.9)
    (line,) = lines_of(text)
    assert np.degrees(np.arctan2(line.along[1], line.along[0])) == pytest.approx(10, abs=1.5)


def test_specks_and_faint_places_are_no_text():
    """A few pixels, or less than half sure."""
    text = np.zeros((100, 200), np.float32)
    text[10:12, 10:12] = 0.9
    text[50:60, 50:150] = 0.35
    assert lines_of(text) == []


def test_the_shipped_model_finds_lines_where_they_stand():
    """Two lines on steel, in the pixels of the picture although that was shrunk."""
    found = with_text(shipped_engine(), "cpu").text.finder.find(
        steel(("MSKU 413532 9", 300, 120), ("22G1", 700, 400), size=(1600, 900))
    )
    code = next(line for line in found if line.box.contains(420, 135))
    size = next(line for line in found if line.box.contains(740, 415))
    assert 280 < code.box.x1 < 305
    assert 540 < code.box.x2 < 620
    assert size.box.width < code.box.width / 2
    assert len(found) == 2
