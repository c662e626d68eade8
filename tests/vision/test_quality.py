"""Quality: what makes a crop worth more than another of the same plate."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from alpr.domain import Box
from alpr.vision.ocr import reader_crop
from alpr.vision.quality import plate_quality
from tests.drawn_plates import drawn_plate

_BOX = Box(0, 0, 140, 36)


def _crop(blur: float = 0.0) -> np.ndarray:
    plate = drawn_plate("ABC1234")
    image = cv2.GaussianBlur(plate, (0, 0), blur) if blur else plate
    return reader_crop(image, Box(0, 0, image.shape[1], image.shape[0]))


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ((_crop(), _BOX, 0.9), (_crop(blur=4), _BOX, 0.9)),
        ((_crop(), _BOX, 0.9), (_crop(), Box(0, 0, 70, 18), 0.9)),
        ((_crop(), _BOX, 0.9), (_crop(), Box(0, 0, 36, 36), 0.9)),
        ((_crop(), _BOX, 0.9), (_crop(), Box(0, 0, 400, 36), 0.9)),
        ((_crop(), _BOX, 0.9), (_crop(), _BOX, 0.4)),
    ],
    ids=["sharper", "larger", "not seen from the side", "not stretched", "surer"],
)
def test_what_counts(better, worse):
    """Sharpness, height, frontality and the detector's score each count."""
    assert plate_quality(*better) > plate_quality(*worse)


@pytest.mark.parametrize("crop", [np.zeros((48, 128), np.uint8), np.full((48, 128), 255, np.uint8), _crop()])
@pytest.mark.parametrize("box", [_BOX, Box(0, 0, 1, 1), Box(0, 0, 4000, 1000)])
def test_it_stays_between_0_and_1(crop, box):
    """Flat crops and impossible boxes give numbers, not errors."""
    assert 0 < plate_quality(crop, box, 1.0) <= 1


def test_contrast_alone_is_no_sharpness():
    """The same plate in dim light is nearly as sharp."""
    dim = (_crop() // 3 + 40).astype(np.uint8)
    assert plate_quality(dim, _BOX, 1.0) == pytest.approx(plate_quality(_crop(), _BOX, 1.0), rel=0.15)
