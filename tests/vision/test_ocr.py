"""The plate reader: crops keep their shape, and the shipped model reads drawn plates."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from alpr.domain import Box
from alpr.errors import ModelError
from alpr.paths import shipped
from alpr.vision.fusion import FusionSettings, WeightedLook, fuse
from alpr.vision.ocr import CLASSES, PlateReader, in_two_rows, reader_crop, rectified_crop
from alpr.vision.onnx import open_session
from tests.drawn_plates import drawn_plate, empty_street, shipped_engine, street
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


_TURNED = np.array([(420, 330), (600, 290), (612, 340), (425, 384)], np.float32)


def _tilted(text: str, corners: np.ndarray) -> np.ndarray:
    """Return a street in which the plate hangs between these corners."""
    plate, scene = drawn_plate(text, 96), empty_street()
    height, width = plate.shape[:2]
    matrix = cv2.getPerspectiveTransform(
        np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32), corners
    )
    size = scene.shape[1::-1]
    hung = cv2.warpPerspective(plate, matrix, size, flags=cv2.INTER_AREA)
    cover = cv2.warpPerspective(np.full(plate.shape, 255, np.uint8), matrix, size)
    return np.where(cover > 127, hung, scene)


@pytest.mark.parametrize("scale", [1.0, 0.45])
def test_a_plate_is_straightened_by_its_corners(scale):
    """A plate that hangs askew gives nearly the crop of one that hangs straight, at any size."""
    corners = (_TURNED - 400) * np.float32(scale) + 400
    askew = rectified_crop(_tilted("ABC1234", corners), tuple(map(tuple, corners.tolist())), (0.0, 0.0)).astype(int)
    plate = drawn_plate("ABC1234", 96)
    straight = reader_crop(plate, Box(0, 0, plate.shape[1], plate.shape[0])).astype(int)
    assert askew.shape == straight.shape
    assert np.abs(askew - straight)[2:-2, 2:-2].mean() < 20
    assert np.corrcoef(askew.ravel(), straight.ravel())[0, 1] > 0.9


def test_the_margin_of_a_straightened_plate_is_a_share_of_it():
    """With a margin of half of itself on each side the plate takes the middle half of the crop."""
    scene = np.zeros((400, 600, 3), np.uint8)
    scene[100:140, 200:320] = 255
    corners = ((200.0, 100.0), (320.0, 100.0), (320.0, 140.0), (200.0, 140.0))
    crop = rectified_crop(scene, corners, (0.5, 0.5))
    assert (crop[14:34, 34:94] > 200).all()
    assert (crop[:10] < 60).all()
    assert (crop[:, :28] < 60).all()


def test_corners_outside_the_picture():
    """What lies outside repeats the edge; corners far outside give a crop all the same."""
    corners = ((-30.0, 10.0), (60.0, 10.0), (60.0, 40.0), (-30.0, 40.0))
    assert rectified_crop(np.full((100, 100, 3), 90, np.uint8), corners, (0.1, 0.1)).mean() == pytest.approx(90, abs=1)
    far = ((500.0, 500.0), (590.0, 500.0), (590.0, 530.0), (500.0, 530.0))
    assert rectified_crop(np.full((100, 100, 3), 90, np.uint8), far, (0.1, 0.1)).shape == (48, 128)


def test_a_model_of_another_kind():
    """The detector's file in the reader's place is refused by name."""
    with pytest.raises(ModelError, match=r"gate-detector\.onnx: input .* not a plate reader"):
        PlateReader(open_session(shipped("models") / "gate-detector.onnx", "cpu"))


@pytest.mark.parametrize(("width", "count"), [(200, 3), (260, 3), (270, 0)])
def test_rows_are_laid_side_by_side_where_two_fit(width, count):
    """The upper row to the left, the lower one to the right; nothing of a plate that is too long for two."""
    crop = np.zeros((100, width, 3), np.uint8)
    crop[60:] = 255
    laid = in_two_rows(crop)
    assert len(laid) == count
    for each in laid:
        assert each.shape[1] == 2 * width
        assert each[: each.shape[0] // 2, :width].max() == 0
        assert each[each.shape[0] // 2 :, width:].min() == 255
