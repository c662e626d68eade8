"""Whether a camera sees what it should: drawn scenes by day and night, covered, turned, behind a lorry."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from alpr.status import View
from alpr.vision.viewcheck import ViewCheck


def scene(seed: int = 0, *, shift: tuple[int, int] = (0, 0)) -> np.ndarray:
    """Draw a yard of posts, walls and windows: `(270, 480) uint8`."""
    dice = np.random.default_rng(seed)
    picture = np.full((270, 480), 150, np.uint8)
    cv2.rectangle(picture, (0, 170), (480, 270), 90, -1)
    for _ in range(40):
        x, y = (int(dice.integers(0, most)) for most in (480, 270))
        wide, high = (int(dice.integers(8, 60)) for _ in range(2))
        cv2.rectangle(picture, (x, y), (x + wide, y + high), int(dice.integers(20, 240)), -1)
    return np.roll(picture, shift, (0, 1))


def night(picture: np.ndarray) -> np.ndarray:
    """Draw the same scene under a weak lamp, with noise."""
    noise = np.random.default_rng(1).normal(0, 4, picture.shape)
    return np.clip(picture * 0.35 + 8 + noise, 0, 255).astype(np.uint8)


def lorry(picture: np.ndarray) -> np.ndarray:
    """Put a grey box before it that covers more than half."""
    covered = picture.copy()
    cv2.rectangle(covered, (90, 60), (430, 270), 205, -1)
    return covered


def seen(*pictures: np.ndarray, every: float = 5.0) -> list[View]:
    """Look at the pictures, after the usual view for a minute."""
    check = ViewCheck(patience=20)
    for n in range(12):
        check.look(scene(), n * every)
    return [check.look(picture, (12 + n) * every) for n, picture in enumerate(pictures)]


@pytest.mark.parametrize(
    ("picture", "view"),
    [
        (scene(), View.CLEAR),
        (night(scene()), View.CLEAR),
        (scene(shift=(1, 1)), View.CLEAR),
        (lorry(scene()), View.CLEAR),
        (np.clip(scene().astype(int) + 60, 0, 255).astype(np.uint8), View.CLEAR),
        (scene(7), View.MOVED),
        (scene(shift=(40, 120)), View.MOVED),
        (np.full((270, 480), 30, np.uint8), View.BLOCKED),
        (cv2.blur(scene(), (181, 181)), View.BLOCKED),
        (np.random.default_rng(2).normal(40, 3, (270, 480)).clip(0, 255).astype(np.uint8), View.BLOCKED),
    ],
    ids=["same", "night", "wind", "lorry", "sun", "another", "turned", "cloth", "fog", "dark"],
)
def test_what_lasts_is_told(picture, view):
    """What differs for twenty seconds is told, and light, wind and vehicles are not taken for it."""
    said = seen(*[picture] * 8)
    assert said[0] is View.CLEAR
    assert said[-1] is view


def test_it_is_over_as_soon_as_the_view_is_back():
    """One look is enough to take it back; a short cover is never told."""
    cloth = np.full((270, 480), 30, np.uint8)
    assert seen(*[cloth] * 6, scene())[-2:] == [View.BLOCKED, View.CLEAR]
    assert set(seen(cloth, cloth, cloth, scene(), cloth, cloth, scene())) == {View.CLEAR}


def test_another_view_becomes_the_usual_one():
    """A camera that was turned on purpose is clear again after half an hour."""
    said = seen(*[scene(7)] * 400)
    assert said[10] is View.MOVED
    assert said[-1] is View.CLEAR


def test_a_scene_without_edges_is_not_compared():
    """Where there is next to nothing to compare, nothing is said to have moved."""
    check = ViewCheck(patience=0)
    plain = np.tile(np.linspace(60, 200, 480).astype(np.uint8), (270, 1))
    assert {check.look(plain, n) for n in range(10)} == {View.CLEAR}
    assert {check.look(np.flip(plain, 1), 10 + n) for n in range(10)} == {View.CLEAR}
