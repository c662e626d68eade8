"""The colour of drawn vehicles, and silence where there is no colour to tell."""

from __future__ import annotations

import numpy as np
import pytest

from alpr.domain import Box
from alpr.vision.colour import vehicle_colour
from tests.drawn_plates import empty_street

_CAR = Box(200, 150, 600, 450)


def _car(bgr: tuple[int, int, int]) -> np.ndarray:
    image = empty_street().copy()
    image[150:450, 200:600] = bgr
    image[170:230, 240:560] = (40, 30, 30)
    return image


@pytest.mark.parametrize(
    ("bgr", "name"),
    [
        ((30, 30, 200), "red"), ((200, 60, 30), "blue"), ((40, 160, 40), "green"), ((20, 220, 230), "yellow"),
        ((20, 110, 240), "orange"), ((150, 30, 110), "purple"), ((240, 240, 240), "white"),
        ((120, 122, 121), "grey"), ((50, 50, 52), "black"),
    ],
)  # fmt: skip
def test_drawn_vehicles(bgr, name):
    """Each of the few classes is told."""
    assert vehicle_colour(_car(bgr), _CAR) == name


def test_infrared_tells_no_colour():
    """A picture without any colour is of a camera at night: white paint and red paint look alike."""
    grey = _car((240, 240, 240)).mean(axis=2, keepdims=True).astype(np.uint8).repeat(3, axis=2)
    assert vehicle_colour(grey, _CAR) is None


def test_darkness_tells_no_colour():
    """Nearly black pixels may be anything."""
    assert vehicle_colour(_car((12, 10, 11)), _CAR) is None


@pytest.mark.parametrize("box", [Box(200, 150, 210, 160), Box(-500, -500, -100, -100), Box(5000, 10, 6000, 900)])
def test_nothing_to_look_at(box):
    """Tiny boxes and boxes outside the picture have no colour."""
    assert vehicle_colour(_car((30, 30, 200)), box) is None


def test_half_outside_the_picture():
    """A vehicle that is driving in is coloured by the half that shows."""
    assert vehicle_colour(_car((30, 30, 200)), Box(-200, 150, 1000, 450)) is not None
