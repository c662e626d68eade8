"""Pictures to train on: truth goes where the pixels go."""

from __future__ import annotations

from pathlib import Path
from random import Random

import cv2
import numpy as np
import pytest

from alpr.training.detector.clutter import draw_no_plate
from alpr.training.detector.photo import compressed, expose
from alpr.training.detector.scenes import compose, photograph
from alpr.training.detector.signs import Texture, draw_any_plate, outline
from alpr.training.detector.truth import Scene, likely_quads

_MARK = (0, 0, 255)


def _marked(exact: bool = True) -> Scene:
    """Tell of one plate at (200, 150, 320, 180) and one car round it."""
    box = np.array([(200, 150, 320, 180)], np.float32)
    corners = np.array([[(200, 150), (320, 150), (320, 180), (200, 180)]], np.float32)
    car = np.array([(1, 120, 60, 400, 260)], np.float32)
    nowhere = np.array([(0, 420, 20, 500, 100)], np.float32)
    return Scene("drawn/x.png", Path("x.png"), box, corners, np.array([exact]), car, nowhere)


def _marked_picture() -> np.ndarray:
    image = np.full((360, 540, 3), 90, np.uint8)
    image[150:180, 200:320] = _MARK
    return image


def _nothing() -> Texture:
    """Return a texture that cannot be seen."""
    return Texture(np.zeros((20, 94, 4), np.uint8), outline(0, 0, 94, 20))


@pytest.mark.parametrize("seed", range(6))
def test_truth_goes_where_the_plate_goes(seed):
    """Turned, flipped, scaled and moved: the marked pixels lie within the corners told, and fill them."""
    photographs = [photograph(_marked(), _marked_picture())]
    clear = False
    random = Random(seed)
    for _ in range(12):
        sample = compose(random, photographs, [_nothing()], [_nothing()], (384, 288))
        blue, green, red = (sample.image[..., n].astype(int) for n in range(3))
        marked = (red - np.maximum(blue, green) > 100).astype(np.uint8)
        told = np.zeros_like(marked)
        for row in sample.rows[(sample.rows[:, 0] == 0)]:
            cv2.fillPoly(told, [row[5:13].reshape(4, 2).round().astype(np.int32)], 1)
        for row in sample.ignored[sample.ignored[:, 0] == 0]:
            cv2.rectangle(told, *(tuple(map(int, row[n : n + 2])) for n in (1, 3)), 1, -1)
        wide = cv2.dilate(told, np.ones((5, 5), np.uint8))
        assert (marked[wide == 0] == 0).all()
        clear = clear or marked.sum() > 100
    assert clear


def test_rows_are_whole_and_inside():
    """Boxes lie in the picture and hold their corners; labels are classes; unknown corners are said to be so."""
    random = Random(2)
    photographs = [photograph(_marked(), _marked_picture()), photograph(_marked(exact=False), _marked_picture())]
    plates, others = [draw_any_plate(random) for _ in range(12)], [draw_no_plate(random) for _ in range(6)]
    known = set()
    for _ in range(30):
        sample = compose(random, photographs, plates, others, (384, 288))
        assert sample.image.shape == (288, 384, 3)
        assert sample.rows.shape[1] == 15
        assert set(sample.rows[:, 0].tolist()) <= {0.0, 1.0}
        assert (sample.rows[:, 1:5] >= 0).all()
        assert (sample.rows[:, [1, 3]] <= 384).all()
        assert (sample.rows[:, [2, 4]] <= 288).all()
        assert (sample.rows[:, 3] > sample.rows[:, 1]).all()
        for row in sample.rows[sample.rows[:, 14] == 1]:
            corners = row[5:13].reshape(4, 2)
            inside = corners.clip(0, (384, 288))
            assert np.allclose(np.concatenate([inside.min(0), inside.max(0)]), row[1:5], atol=2)
        known |= set(map(tuple, sample.rows[sample.rows[:, 0] == 0][:, 13:].tolist()))
    assert {(1.0, 1.0), (0.0, 0.0)} <= known


def test_the_same_seed_composes_the_same():
    """A course can be repeated."""
    photographs = [photograph(_marked(), _marked_picture())]
    plates = [draw_any_plate(Random(1))]
    one, again, other = (
        compose(Random(seed), photographs, plates, [draw_no_plate(Random(1))], (320, 320)) for seed in (7, 7, 8)
    )
    assert np.array_equal(one.image, again.image)
    assert np.array_equal(one.rows, again.rows)
    assert not np.array_equal(one.image, other.image)


def test_a_picture_without_plates_still_serves():
    """Streets without a plate are shown too, with drawn plates on them or none."""
    none = np.zeros((0, 4), np.float32)
    empty = Scene(
        "drawn/y.png", Path("y.png"), none, likely_quads(none), np.zeros(0, np.bool_),
        np.zeros((0, 5), np.float32), np.zeros((0, 5), np.float32),
    )  # fmt: skip
    sample = compose(Random(1), [photograph(empty, _marked_picture())], [_nothing()], [_nothing()], (320, 320))
    assert sample.image.shape == (320, 320, 3)


def test_exposures_keep_the_shape_and_differ():
    """Another camera, another hour: the same size, other pixels, and the same for the same seed."""
    image = _marked_picture()
    shots = [expose(Random(seed), image) for seed in range(12)]
    assert {shot.shape for shot in shots} == {image.shape}
    assert {shot.dtype for shot in shots} == {np.dtype(np.uint8)}
    assert len({shot.tobytes() for shot in shots}) == 12
    assert np.array_equal(expose(Random(3), image), shots[3])
    assert compressed(image, 30).shape == image.shape
