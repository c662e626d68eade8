"""The plate reader: crops keep their shape, and the shipped model reads drawn plates."""

from __future__ import annotations

import numpy as np
import pytest

from alpr.domain import Box
from alpr.errors import ModelError
from alpr.paths import shipped
from alpr.vision.fusion import FusionSettings, WeightedLook, fuse
from alpr.vision.ocr import CLASSES, PlateReader, reader_crop
from alpr.vision.onnx import open_session
from tests.drawn_plates import drawn_plate, shipped_engine, street
from tests.fakes import FreeGrammar


@pytest.mark.parametrize("text", ["ABC1234", "KLM4607", "WVX8832", "7PRT905"])
def test_it_reads_a_drawn_plate(text):
    """Both heads together give the text that was drawn."""
    plate = drawn_plate(text)
    crop = reader_crop(plate, Box(0, 0, plate.shape[1], plate.shape[0]))
    [seen] = shipped_engine().reader.read([crop])
    assert fuse([WeightedLook((seen,))], FreeGrammar(), FusionSettings()).text == text


def test_what_it_gives():
    """Two heads of probabilities for each crop; nothing for no crops."""
    reader = shipped_engine().reader
    assert reader.read([]) == []
    crops = [np.zeros((48, 128), np.uint8), np.full((48, 128), 255, np.uint8)]
    for seen in reader.read(crops):
        assert seen.slots.shape == (10, CLASSES)
        assert seen.ctc.shape[1] == CLASSES
        assert seen.slots.sum(axis=1) == pytest.approx(1, abs=1e-3)
        assert seen.ctc.sum(axis=1) == pytest.approx(1, abs=1e-3)


def test_crops_of_one_run_do_not_touch_each_other():
    """A crop is read the same alone and among others."""
    crops = [reader_crop(p, Box(0, 0, p.shape[1], p.shape[0])) for p in map(drawn_plate, ("ABC1234", "KLM4607"))]
    reader = shipped_engine().reader
    together, alone = reader.read(crops)[1], reader.read(crops[1:])[0]
    assert together.slots == pytest.approx(alone.slots, abs=1e-4)


@pytest.mark.parametrize(
    ("at", "box"),
    [
        ((-20, 300), Box(-20, 300, 157, 348)),
        ((860, 300), Box(860, 300, 1037, 348)),
        ((400, 515), Box(400, 515, 577, 563)),
    ],
    ids=["left", "right", "bottom"],
)
def test_a_plate_at_the_edge_keeps_its_shape(at, box):
    """What lies inside the picture stands in the crop where it would stand in the whole plate."""
    whole = reader_crop(street("ABC1234", (400, 300)), Box(400, 300, 577, 348)).astype(int)
    crop = reader_crop(street("ABC1234", at), box).astype(int)
    assert crop.shape == (48, 128)
    left, right = max(0, -box.x1) / 177 * 128, 128 - max(0, box.x2 - 960) / 177 * 128
    below = 48 - max(0, box.y2 - 540)
    inner = slice(3, int(below) - 3), slice(int(left) + 3, int(right) - 3)
    assert np.abs(crop[inner] - whole[inner]).mean() < 8


@pytest.mark.parametrize("box", [Box(-300, -300, -100, -200), Box(5000, 10, 5100, 40), Box(50, 50, 50, 50)])
def test_boxes_that_hold_nothing(box):
    """Boxes outside the picture and empty boxes give a crop all the same."""
    assert reader_crop(street("ABC1234"), box).shape == (48, 128)


def test_a_model_of_another_kind():
    """The detector's file in the reader's place is refused by name."""
    with pytest.raises(ModelError, match=r"gate-detector\.onnx: input .* not a plate reader"):
        PlateReader(open_session(shipped("models") / "gate-detector.onnx", "cpu"))
