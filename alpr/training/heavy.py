"""The vehicles that are no cars: a truck with its container, a motorcycle with its rider."""

from __future__ import annotations

from itertools import pairwise
from math import pi
from typing import Final

import numpy as np

from alpr.training.light import Colour
from alpr.training.mesh import Faces
from alpr.training.vehicles import (
    AMBER,
    CHROME,
    GLASS,
    LAMP,
    PLASTIC,
    RED,
    RUBBER,
    Corners,
    Model,
    plate_corners,
    wheel,
)

_CAB: Final = 2.2
_LENGTH: Final = 9.0
_HALF: Final = 1.24
_DECK: Final = 1.15
_ROOF: Final = 3.72


def truck(paint: Colour, load: Colour, code: str) -> Model:
    """Build a truck in this colour with a container that carries an ISO 6346 code on every side."""
    faces = Faces(1.6, 0.8, _LENGTH - 0.8)
    _cab(faces, paint)
    _container(faces, load)
    for z in (1.3, 6.2, 7.5):
        for side in (-1.0, 1.0):
            wheel(faces, side * (_HALF - 0.02), z, 0.5, side * 0.3)
    faces.box((-0.45, 0.7, 2.3), (0.45, 1.1, _LENGTH - 0.1), PLASTIC, 0.05)
    faces.box((-_HALF, 0.5, _LENGTH - 0.12), (_HALF, 0.68, _LENGTH), (0.12, 0.12, 0.12), 0.1, 0, 0.05)
    tail_lamps = []
    for side in (-1, 1):
        x1, x2 = sorted((side * 0.70, side * 1.16))
        faces.quad([(x1, 0.52, _LENGTH + 0.01), (x2, 0.52, _LENGTH + 0.01), (x2, 0.66, _LENGTH + 0.01),
                    (x1, 0.66, _LENGTH + 0.01)], RED, 0.5, 0.9, 0.3)  # fmt: skip
        tail_lamps.append((side * 0.93, 0.6, _LENGTH))
    front = plate_corners(0.0, 0.50, -0.03, towards=-1)
    rear = plate_corners(0.0, 0.60, _LENGTH + 0.03, towards=1)
    lamps = np.array([(side * 0.93, 0.72, 0.0) for side in (-1, 1)])
    return Model(
        "truck", faces.mesh(), _LENGTH, 2 * _HALF, _ROOF, front, rear, lamps, np.array(tail_lamps), _signs(code)
    )


def _signs(code: str) -> tuple[tuple[str, Corners], ...]:
    top, bottom = _ROOF - 0.25, _ROOF - 0.5
    behind = _LENGTH + 0.02
    # Who looks at the rear has the vehicle's right, x < 0, at the right.
    rear = np.array([(-0.05, top, behind), (-1.1, top, behind), (-1.1, bottom, behind), (-0.05, bottom, behind)])
    sides = tuple(
        np.array([(x, top, z1), (x, top, z2), (x, bottom, z2), (x, bottom, z1)])
        for x, z1, z2 in ((-_HALF - 0.02, 4.9, 3.1), (_HALF + 0.02, 3.1, 4.9))
    )
    # Above the cab, as wide as the wall: all that a camera sees of the container that comes towards it.
    before, high, low = _CAB + 0.28, _ROOF - 0.08, _ROOF - 0.36
    front = np.array([(-1.1, high, before), (1.1, high, before), (1.1, low, before), (-1.1, low, before)])
    return ((code, rear), (code, front), *((code, side) for side in sides))


def _cab(faces: Faces, paint: Colour) -> None:
    low, high, half = 0.42, 3.05, _HALF - 0.04
    rows = []
    for y in (low, 0.95, 1.55, 1.75, 2.70, high):
        lean = 0.0 if y < 1.7 else 0.22 * (y - 1.7)  # noqa: PLR2004 - metres
        rows.append([(u * half, y, lean + 0.16 * abs(u) ** 4) for u in np.linspace(-1, 1, 13)])
    faces.grid(np.array(rows), paint, 0.5)
    for side in (-1, 1):
        x = side * half
        for z1, z2 in ((0.16, 1.1), (1.1, _CAB)):
            faces.quad([(x, low, z1), (x, low, z2), (x, high, z2), (x, high, z1 + 0.3)], paint, 0.5)
        x = side * (half + 0.01)
        faces.quad([(x, 1.75, 0.45), (x, 1.75, 1.2), (x, 2.6, 1.2), (x, 2.6, 0.62)], GLASS, 1.0, 0, 0.1)
        x1, x2 = sorted((side * (half + 0.05), side * (half + 0.28)))
        faces.box((x1, 1.75, 0.1), (x2, 2.35, 0.22), PLASTIC, 0.2, 0, 0.2)
        x1, x2 = sorted((side * 0.72, side * 1.14))
        faces.quad(
            [(x1, 0.62, -0.01), (x2, 0.62, 0.08), (x2, 0.84, 0.08), (x1, 0.84, -0.01)], (0.2, 0.2, 0.2), 0.9, 0, 0.2
        )
        for middle in (0.83, 1.02):
            ring = [
                (side * middle + 0.085 * np.cos(a), 0.73 + 0.085 * np.sin(a), -0.01) for a in np.linspace(0, 2 * pi, 12)
            ]
            faces.polygon(ring, LAMP, 0.6, 1.0, 0.4)
        ring = [(side * 1.12 + 0.05 * np.cos(a), 0.95 + 0.04 * np.sin(a), 0.02) for a in np.linspace(0, 2 * pi, 9)]
        faces.polygon(ring, AMBER, 0.5, 0.3, 0.4)
    faces.quad(
        [(-half, high, 0.3), (half, high, 0.3), (half, high + 0.12, _CAB), (-half, high + 0.12, _CAB)], paint, 0.4
    )
    for x1, x2 in ((-1.08, -0.36), (-0.36, 0.36), (0.36, 1.08)):
        faces.quad([(x1, 1.78, 0.0), (x2, 1.78, 0.0), (x2, 2.66, 0.2), (x1, 2.66, 0.2)], GLASS, 1.0, 0, 0.2)
    faces.quad([(-0.9, 1.02, -0.01), (0.9, 1.02, -0.01), (0.9, 1.5, -0.01), (-0.9, 1.5, -0.01)], PLASTIC, 0.2, 0, 0.2)
    for y in (1.1, 1.2, 1.3, 1.4):
        faces.quad(
            [(-0.86, y, -0.02), (0.86, y, -0.02), (0.86, y + 0.03, -0.02), (-0.86, y + 0.03, -0.02)],
            CHROME,
            0.5,
            0,
            0.3,
        )
    faces.quad(
        [(-1.15, 0.42, -0.01), (1.15, 0.42, -0.01), (1.15, 0.58, -0.01), (-1.15, 0.58, -0.01)], PLASTIC, 0.1, 0, 0.2
    )
    for x in (-0.75, 0.0, 0.75):
        faces.quad(
            [(x - 0.07, 2.93, 0.2), (x + 0.07, 2.93, 0.2), (x + 0.07, 2.98, 0.22), (x - 0.07, 2.98, 0.22)],
            AMBER,
            0.4,
            0.8,
            0.3,
        )


def _container(faces: Faces, load: Colour) -> None:
    """Add a container of corrugated steel: ribs of light and shade along its sides."""
    begin, end = _CAB + 0.3, _LENGTH
    dark = (load[0] * 0.72, load[1] * 0.72, load[2] * 0.72)
    places = np.linspace(begin, end, 50)
    for number, (one, other) in enumerate(pairwise(places)):
        colour = load if number % 2 else dark
        for x in (-_HALF, _HALF):
            faces.quad([(x, _DECK, one), (x, _DECK, other), (x, _ROOF, other), (x, _ROOF, one)], colour, 0.15)
    for one, other in zip(np.linspace(begin, end, 8), np.linspace(begin, end, 8)[1:], strict=False):
        faces.quad(
            [(-_HALF, _ROOF, one), (_HALF, _ROOF, one), (_HALF, _ROOF, other), (-_HALF, _ROOF, other)], load, 0.1
        )
    steps = np.linspace(-_HALF, _HALF, 17)
    for number, (one, other) in enumerate(pairwise(steps)):
        colour = load if number % 2 else dark
        for low, high in ((_DECK, 2.4), (2.4, _ROOF)):
            wall = [(one, low, begin), (other, low, begin), (other, high, begin), (one, high, begin)]
            faces.quad(wall, colour, 0.15, 0, 0.02)  # biased: too near the middle to tell outwards
            faces.quad([(one, low, end), (other, low, end), (other, high, end), (one, high, end)], load, 0.15)
    z = end + 0.015
    for x in (-0.95, -0.45, 0.45, 0.95):
        faces.quad(
            [(x - 0.025, _DECK, z), (x + 0.025, _DECK, z), (x + 0.025, _ROOF, z), (x - 0.025, _ROOF, z)],
            CHROME,
            0.4,
            0,
            0.2,
        )
    faces.quad(
        [(-0.015, _DECK, z), (0.015, _DECK, z), (0.015, _ROOF, z), (-0.015, _ROOF, z)], (0.03, 0.03, 0.03), 0, 0, 0.2
    )


def motorcycle(paint: Colour, jacket: Colour) -> Model:
    """Build a motorcycle with its rider; only the rear carries a plate."""
    faces = Faces(0.7, 0.5, 1.7)
    for z in (0.33, 1.75):
        wheel(faces, 0.07, z, 0.32, 0.14)
        wheel(faces, -0.07, z, 0.32, -0.01)
    _ball(faces, (0, 0.80, 0.85), (0.19, 0.17, 0.45), paint, 0.7)
    _ball(faces, (0, 0.88, 0.30), (0.24, 0.24, 0.16), paint, 0.7)
    _ball(faces, (0, 0.55, 1.0), (0.20, 0.20, 0.35), (0.18, 0.18, 0.18), 0.4)
    _ball(faces, (0, 0.86, 1.45), (0.15, 0.07, 0.42), RUBBER, 0.2)
    _ball(faces, (0, 0.80, 1.85), (0.11, 0.09, 0.16), paint, 0.6)
    _ball(faces, (0, 1.22, 1.18), (0.25, 0.34, 0.22), jacket, 0.1)
    _ball(faces, (0, 1.66, 1.02), (0.15, 0.17, 0.18), (0.8, 0.8, 0.8), 0.8)
    for side in (-1, 1):
        _ball(faces, (side * 0.31, 1.18, 0.85), (0.08, 0.10, 0.33), jacket, 0.1)
        _ball(faces, (side * 0.24, 0.82, 1.05), (0.10, 0.11, 0.30), (0.15, 0.13, 0.12), 0.1)
        _ball(faces, (side * 0.24, 0.50, 1.25), (0.07, 0.24, 0.09), (0.13, 0.12, 0.12), 0.1)
        _ball(faces, (side * 0.40, 1.16, 0.50), (0.08, 0.05, 0.03), (0.1, 0.1, 0.1), 0.4)
        _ball(faces, (side * 0.17, 0.40, 1.75), (0.06, 0.06, 0.25), CHROME, 0.8)
    _ball(faces, (0, 0.92, 0.13), (0.11, 0.09, 0.04), LAMP, 0.8, 1.0)
    _ball(faces, (0, 0.80, 2.02), (0.09, 0.04, 0.03), RED, 0.6, 1.0)
    plate = plate_corners(0.0, 0.60, 2.07, towards=1)
    plate[:, 0] *= 0.62
    plate[:, 1] = 0.60 + (plate[:, 1] - 0.60) * 0.92
    faces.quad([(-0.19, 0.53, 2.05), (0.19, 0.53, 2.05), (0.19, 0.67, 2.05), (-0.19, 0.67, 2.05)], PLASTIC, 0.1, 0, 0.2)
    return Model(
        "motorcycle", faces.mesh(), 2.1, 0.9, 1.85, None, plate, np.array([(0, 0.92, 0.1)]), np.array([(0, 0.8, 2.03)])
    )


def _ball(
    faces: Faces, middle: tuple[float, float, float], radii: tuple[float, float, float], colour: Colour, gloss: float,
    glow: float = 0.0,
) -> None:  # fmt: skip
    """Add an ellipsoid."""
    x, y, z = middle
    rows = [
        [
            (x + radii[0] * np.cos(a) * np.cos(b), y + radii[1] * np.sin(b), z + radii[2] * np.sin(a) * np.cos(b))
            for a in np.linspace(0, 2 * pi, 11)
        ]
        for b in np.linspace(-pi / 2, pi / 2, 7)
    ]
    faces.grid(np.array(rows), colour, gloss, glow)
