"""The motion gate: opens for what could be a vehicle, and for little else."""

from __future__ import annotations

import numpy as np
import pytest

from alpr.vision.motion import MotionGate


def _scene(seed: int = 0, size: tuple[int, int] = (720, 1280)) -> np.ndarray:
    """Draw a scene with the noise of a camera: the same scene, other noise for each seed."""
    scene = np.tile(np.linspace(60, 180, size[1]), (size[0], 1))
    return np.clip(scene + np.random.default_rng(seed).normal(0, 4, size), 0, 255).astype(np.uint8)


def test_the_first_frame_passes():
    """Nothing is known yet, so it has to be looked at."""
    gate = MotionGate()
    assert gate.moved(_scene(), 0.0)
    assert gate.changed


def test_noise_does_not_open_it():
    """Nineteen frames of a still scene, each with noise of its own, are held back."""
    gate = MotionGate(every=60)
    gate.moved(_scene(), 0.0)
    assert not any(gate.moved(_scene(n), n / 10) for n in range(1, 20))


@pytest.mark.parametrize("size", [(720, 1280), (1080, 1920), (288, 352)])
def test_something_of_a_plates_size_opens_it(size):
    """A dark patch of 7 % of the picture's width appears."""
    gate = MotionGate(every=60)
    gate.moved(_scene(0, size), 0.0)
    scene = _scene(1, size)
    width = int(0.07 * size[1])
    scene[size[0] // 2 : size[0] // 2 + width // 2, 100 : 100 + width] = 20
    assert gate.moved(scene, 0.1)
    assert gate.changed


def test_a_cloud_does_not_open_it():
    """The whole picture gets darker by 20 of 255: no vehicle."""
    gate = MotionGate(every=60)
    gate.moved(_scene(), 0.0)
    assert not gate.moved(_scene(1) - 20, 0.1)


def test_a_slow_vehicle_is_not_lost_in_small_steps():
    """Frames are compared with the last one that passed, so that what creeps adds up."""
    gate = MotionGate(every=1000)
    opened = 0
    for number in range(100):
        scene = _scene(number)
        scene[300:420, 100 + number : 300 + number] = 20
        opened += gate.moved(scene, number / 10)
    assert 3 < opened < 60


def test_it_opens_by_turn():
    """Every two seconds a frame passes although nothing changed, and the gate says that it was its turn only."""
    gate = MotionGate(every=2.0)
    passed = [(tenth, gate.changed) for tenth in range(50) if gate.moved(_scene(tenth), tenth / 10)]
    assert passed == [(0, True), (20, False), (40, False)]


def test_a_picture_smaller_than_the_grid():
    """A thumbnail is judged as well."""
    gate = MotionGate(every=60)
    assert gate.moved(np.zeros((20, 30), np.uint8), 0.0)
    assert not gate.moved(np.zeros((20, 30), np.uint8), 0.1)
