"""Passes as they happen before a gate camera: the vehicle's way, the barrier, the sensor. Frames with their truth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from alpr.domain import BgrImage
from alpr.training.light import Light
from alpr.training.place import Place, on_lane
from alpr.training.scenery import Scenery
from alpr.training.staging import Actor, Shown, draw_boom, stage

_HIDDEN: Final = 29.5
"""Metres along the lane at which a vehicle is behind the warehouse."""
_LIFT: Final = 1.1
"""Seconds that the boom takes."""
_NOISES: Final = 6


@dataclass(frozen=True, slots=True)
class Moment:
    """One frame of a pass and what it shows."""

    picture: BgrImage
    shown: Shown


@dataclass(frozen=True, slots=True)
class Step:
    """Where the vehicle's front is along the lane, and how far the boom is lifted."""

    front: float
    lifted: float


def film(
    place: Place, scenery: Scenery, light: Light, actor: Actor, *, rate: float, leaving: bool = False, pace: float = 1.0
) -> Iterator[Moment]:
    """Yield the frames of one pass, `rate` a second: arriving towards the camera, or leaving away from it."""
    length = actor.model.length
    steps = leaving_steps(place, length, rate, pace) if leaving else arriving_steps(place, length, rate, pace)
    for number, step in enumerate(steps):
        frame = scenery.picture.copy()
        stand = on_lane(place, length, step.front, leaving=leaving)
        nearest = step.front - length if leaving else step.front
        boom_before = place.boom is not None and nearest > place.boom
        if not boom_before:
            draw_boom(frame, place, light, step.lifted)
        shown = stage(frame, place, scenery, light, actor, stand)
        if boom_before:
            draw_boom(frame, place, light, step.lifted)
        yield Moment(sense(frame, light, number), shown)


def empty(place: Place, scenery: Scenery, light: Light, frames: int, seed: int = 0) -> Iterator[BgrImage]:
    """Yield frames of the closed gate with nobody before it."""
    for number in range(frames):
        frame = scenery.picture.copy()
        draw_boom(frame, place, light, 0.0)
        yield sense(frame, light, seed + number)


def arriving_steps(place: Place, length: float, rate: float, pace: float) -> list[Step]:
    """Return the way in: slower before the barrier, which opens in time and closes behind."""
    front, lifted, steps = _HIDDEN, 0.0, []
    boom = place.boom if place.boom is not None else 9.0
    while front > 3.0 - length or lifted > 0:
        speed = pace * (3.6 + 3.6 * min(1.0, abs(front - boom) / 10))
        front -= speed / rate
        wanted = front < boom + 10 and front + length > boom - 1.2
        lifted = _moved(lifted, rate, wanted=wanted)
        steps.append(Step(front, lifted))
    return steps


def leaving_steps(place: Place, length: float, rate: float, pace: float) -> list[Step]:
    """Return the way out: up to the barrier, a moment's wait, and away round the corner."""
    front, lifted, steps, waited = 4.0, 0.0, [], 0.0
    boom = place.boom if place.boom is not None else 15.0
    line = boom - 1.2
    while front - length < _HIDDEN or lifted > 0:
        if front < line:
            speed = pace * min(6.0, 0.9 + 1.1 * (line - front))
        elif lifted < 0.9 and front - length < boom:  # noqa: PLR2004 - the driver does not wait for the last bit
            speed, waited = 0.0, waited + 1 / rate
        else:
            speed = pace * (2.0 + 0.45 * (front - line))
        front += min(speed, 9.0) / rate
        wanted = front > line - 1.0 and front - length < boom + 1.5
        lifted = _moved(lifted, rate, wanted=wanted)
        steps.append(Step(front, lifted))
    return steps


def _moved(lifted: float, rate: float, *, wanted: bool) -> float:
    step = 1 / (_LIFT * rate)
    return min(1.0, lifted + step) if wanted else max(0.0, lifted - step)


def sense(frame: BgrImage, light: Light, number: int) -> BgrImage:
    """Return the frame as a sensor gives it: with its noise."""
    noise = _noise(frame.shape[0], frame.shape[1], round(light.noise * 10))[number % _NOISES]
    return cv2.add(frame, noise, dtype=cv2.CV_8U).astype(np.uint8, copy=False)


@cache
def _noise(height: int, width: int, tenths: int) -> NDArray[np.int16]:
    """Return a few frames of noise, `(n, h, w, 3)`."""
    random = np.random.default_rng(0)
    grain = random.normal(0, tenths / 10, (_NOISES, height, width, 1)) + random.normal(
        0, tenths / 25, (_NOISES, height, width, 3)
    )
    return grain.round().astype(np.int16)
