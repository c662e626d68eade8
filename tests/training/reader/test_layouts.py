"""Plates as they are issued, and photographs of them."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from alpr.training.reader import layouts
from alpr.training.reader.photograph import Camera, Shot, legible
from alpr.training.reader.press import BR, EU, OTHER, US, Press
from alpr.vision.ocr import ALPHABET


@pytest.fixture(scope="module")
def press():
    """Make a press with few typefaces."""
    return Press(Random(0), typefaces=6, words_kept=40)


@pytest.mark.parametrize(
    ("layout", "region", "aspects"),
    [
        (layouts.american, US, (1.3, 2.4)),
        (layouts.european, EU, (3.2, 5.2)),
        (layouts.brazilian, BR, (0.8, 3.6)),
        (layouts.elsewhere, OTHER, (1.3, 5.2)),
        (layouts.inlaid, OTHER, (1.4, 3.2)),
        (layouts.stacked, OTHER, (0.8, 2.3)),
    ],
)
def test_a_layout_draws_its_plates(press, layout, region, aspects):
    """Every plate has a text that can be read, its region, and the shape that plates there have."""
    for _ in range(12):
        plate = layout(press)
        height, width = plate.canvas.shape
        assert plate.region == region
        assert aspects[0] < width / height < aspects[1]
        assert plate.canvas.dtype == np.float32
        assert np.isfinite(plate.canvas).all()
        assert plate.text
        assert set(plate.text) <= set(ALPHABET)


def test_two_rows_are_told():
    """Columns cannot read two rows, so the training must know."""
    press = Press(Random(1), typefaces=3, words_kept=20)
    assert {layouts.stacked(press).rows for _ in range(5)} == {2}
    assert {layouts.american(press).rows for _ in range(5)} == {1}


def test_the_same_seed_draws_the_same_plates():
    """A training can be repeated."""
    one, other = (Press(Random(7), typefaces=3, words_kept=20) for _ in range(2))
    for _ in range(5):
        a, b = layouts.draw_plate(one), layouts.draw_plate(other)
        assert a.text == b.text
        assert np.array_equal(a.canvas, b.canvas)


def test_a_wish_is_never_set_in_a_typeface_that_cannot_be_read():
    """Where O is 0, a text without a format would be a coin toss."""
    press = Press(Random(2), typefaces=20, words_kept=20)
    assert not any(press.face(clear=True).ambiguous for _ in range(100))


def test_a_photograph_is_the_readers_crop(press):
    """Grey, 48 x 128, whatever the plate's shape, with and without what is round it."""
    around = [np.full((96, 256), 90, np.uint8)]
    for camera in (Camera(Random(1)), Camera(Random(1), around)):
        for _ in range(20):
            crop = camera.take(layouts.draw_plate(press).canvas, Shot(margins=(-0.03, 0.15)))
            assert crop.shape == (48, 128)
            assert crop.dtype == np.uint8


def test_the_crop_is_as_loose_as_asked():
    """A white plate on black ground fills less of a crop with wide margins."""
    white, ground = np.full((60, 240), 250, np.float32), [np.zeros((96, 256), np.uint8)]

    def filled(margin):
        camera = Camera(Random(3), ground)
        shot = Shot(margins=(margin, margin), turn=0, hard=0)
        return np.mean([(camera.take(white, shot) > 60).mean() for _ in range(40)])

    assert filled(0.0) > filled(0.3) + 0.2


def test_what_has_no_contrast_is_not_legible():
    """Nothing can be learned from an empty or a blown-out crop."""
    stripes = np.tile(np.repeat(np.array([20, 200], np.uint8), 4), 16)[None].repeat(48, 0)
    assert legible(stripes)
    assert not legible(np.full((48, 128), 128, np.uint8))
    assert not legible(np.full((48, 128), 255, np.uint8))
