"""Cars and vans: a body drawn from its profile, with nose, tail and sides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from alpr.training.light import Colour
from alpr.training.mesh import Faces
from alpr.training.vehicles import (
    CHROME,
    GLASS,
    LAMP,
    PLASTIC,
    PLATE_HEIGHT,
    PLATE_WIDTH,
    RED,
    Corners,
    Model,
    plate_corners,
    wheel,
)


@dataclass(frozen=True, slots=True)
class Profile:
    """The measures that make a car body what it is, in metres."""

    length: float
    width: float
    belt: float
    """Height of the lower edge of the windows."""
    top: tuple[tuple[float, float], ...]
    """(z, y) of the upper outline from front to rear."""
    cowl: float
    """z where the windscreen begins."""
    roof: tuple[float, float]
    """z where the roof begins and ends."""
    roof_width: float
    """Half of it, as a share of half the width."""
    axles: tuple[float, float]
    wheel: float
    """Radius."""
    clearance: float
    rear_window: bool = True
    side_windows_end: float = 99.0
    """z behind which the sides are of metal."""
    rear_plate_height: float = 0.8


HATCHBACK: Final = Profile(
    4.2, 1.78, 0.95, ((0, 0.74), (0.15, 0.80), (0.5, 0.88), (1.15, 0.99), (2.0, 1.43), (2.5, 1.48), (3.4, 1.44),
    (3.95, 1.05), (4.1, 0.98), (4.2, 0.92)), 1.1, (1.95, 3.35), 0.70, (0.85, 3.4), 0.32, 0.19,
)  # fmt: skip
SEDAN: Final = Profile(
    4.75, 1.84, 0.94, ((0, 0.70), (0.2, 0.78), (0.6, 0.86), (1.35, 0.97), (2.2, 1.41), (2.7, 1.45), (3.4, 1.41),
    (4.05, 1.08), (4.5, 1.05), (4.75, 0.98)), 1.3, (2.15, 3.35), 0.68, (0.92, 3.75), 0.33, 0.18,
)  # fmt: skip
SUV: Final = Profile(
    4.6, 1.90, 1.10, ((0, 0.92), (0.12, 1.0), (0.5, 1.06), (1.2, 1.14), (1.95, 1.62), (2.4, 1.68), (3.8, 1.66),
    (4.3, 1.22), (4.5, 1.12), (4.6, 1.05)), 1.15, (1.9, 3.75), 0.74, (0.92, 3.65), 0.37, 0.24, rear_plate_height=0.92,
)  # fmt: skip
VAN: Final = Profile(
    5.4, 2.0, 1.25, ((0, 0.98), (0.12, 1.08), (0.5, 1.18), (0.95, 1.3), (1.85, 2.25), (2.3, 2.42), (5.2, 2.44),
    (5.35, 2.3), (5.4, 1.2)), 0.9, (1.75, 5.2), 0.86, (0.95, 4.3), 0.35, 0.2,
    rear_window=False, side_windows_end=2.5, rear_plate_height=0.75,
)  # fmt: skip
PROFILES: Final = {"hatchback": HATCHBACK, "sedan": SEDAN, "suv": SUV, "van": VAN}
_NOSE: Final = 0.30
_TAIL: Final = 0.22
_STATIONS: Final = 30


def car(profile: Profile, paint: Colour) -> Model:
    """Build a car, or a van, in this colour."""
    half = profile.width / 2
    faces = Faces(0.62, 1.0, profile.length - 1.0)
    _body(faces, profile, paint)
    nose = _cap(faces, profile, paint, front=True)
    tail = _cap(faces, profile, paint, front=False)
    lamps = _face(faces, profile, nose, paint)
    tail_lamps = _back(faces, profile, tail)
    _sides(faces, profile, paint)
    for z in profile.axles:
        for side in (-1.0, 1.0):
            wheel(faces, side * half * 0.985, z, profile.wheel, side * 0.2)
    front = plate_corners(0.0, 0.40 + 0.6 * (profile.clearance - 0.18), nose(0, 0.5)[2] - 0.035, towards=-1)
    rear = plate_corners(0.0, profile.rear_plate_height, tail(0, 0.6)[2] + 0.035, towards=1)
    height = max(y for _, y in profile.top)
    return Model("car", faces.mesh(), profile.length, profile.width, height, front, rear, lamps, tail_lamps)


def _section(profile: Profile, z: float) -> Corners:
    """Return the outline across the body at z, `(13, 3)` from one sill over the roof to the other."""
    zs, ys = zip(*profile.top, strict=True)
    top = float(np.interp(z, zs, ys))
    half = profile.width / 2
    ends = min(z, profile.length - z)
    half *= 1 - 0.07 * max(0.0, 1 - ends / 0.9) ** 2
    shoulder = min(profile.belt, top - 0.06)
    height = max(y for _, y in profile.top)
    lean = np.clip((top - shoulder) / (height - profile.belt), 0, 1)
    edge = half * (0.97 - (0.97 - profile.roof_width) * lean)
    low = profile.clearance
    right = [
        (half * 0.93, low), (half * 0.995, low + 0.16), (half, (low + shoulder) / 2 + 0.08), (half * 0.975, shoulder),
        (edge, top - 0.05), (edge * 0.72, top), (0.0, top + 0.025),
    ]  # fmt: skip
    left = [(-x, y) for x, y in right[-2::-1]]
    return np.array([(x, y, z) for x, y in right + left])


def _body(faces: Faces, profile: Profile, paint: Colour) -> None:
    places = np.linspace(_NOSE, profile.length - _TAIL, _STATIONS)
    sections = [_section(profile, z) for z in places]
    for one, other in pairwise(sections):
        for band in range(12):
            corners = [one[band], one[band + 1], other[band + 1], other[band]]
            colour, gloss = _material(profile, paint, band, float(one[0][2] + other[0][2]) / 2, corners)
            faces.quad(corners, colour, gloss)


def _material(profile: Profile, paint: Colour, band: int, z: float, corners: Sequence[Corners]) -> tuple[Colour, float]:
    band = min(band, 11 - band)
    if band == 0:
        return PLASTIC, 0.1
    low = min(float(c[1]) for c in corners)
    above = max(float(c[1]) for c in corners) > profile.belt + 0.2
    rising, falling = profile.cowl < z < profile.roof[0], z > profile.roof[1]
    if band == 3:  # noqa: PLR2004 - between shoulder and roof
        pillar = abs(z - (profile.roof[0] + profile.roof[1]) / 2 + 0.15) < 0.06  # noqa: PLR2004 - metres
        edge = profile.roof[0] + 0.3 < z < min(profile.roof[1] + 0.1, profile.side_windows_end)
        if above and not pillar and (edge or (rising and z > profile.roof[0] - 0.35)):
            return GLASS, 1.0
    window = rising or (falling and profile.rear_window)
    if band >= 4 and window and low > profile.belt - 0.03:  # noqa: PLR2004 - the bands of the roof
        return GLASS, 1.0
    return paint, 0.55


def _cap(faces: Faces, profile: Profile, paint: Colour, *, front: bool) -> Callable[[float, float], Corners]:
    """Close the body with a rounded nose or tail; return the place of (u, t): across -1 to 1, upwards 0 to 1."""
    section = _section(profile, _NOSE if front else profile.length - _TAIL)
    upper = float(section[6][1])
    low, depth = profile.clearance, _NOSE if front else _TAIL
    half = float(section[2][0])

    def place(u: float, t: float, lift: float = 0.0) -> Corners:
        inset = depth * (0.85 * abs(u) ** 3.2 + 0.55 * max(0.0, t - 0.62) ** 1.6 * 2 + 0.12 * (0.35 - t) ** 2)
        inset = min(inset, depth) - lift
        y = low + (upper - low) * t
        across = u * half * (1.0 - 0.07 * max(0.0, t - 0.5) * 2)
        return np.array((across, y, inset if front else profile.length - inset))

    rows = np.array([[place(u, t) for u in np.linspace(-1, 1, 17)] for t in np.linspace(0, 1, 10)])
    for number in range(9):
        faces.grid(rows[number : number + 2], PLASTIC if number == 0 else paint, 0.1 if number == 0 else 0.5)
    across = section[9:2:-1]
    lid = [(u * half, np.interp(u * half, across[:, 0], across[:, 1]), section[0][2]) for u in np.linspace(-1, 1, 17)]
    faces.grid(np.array([rows[-1], lid]), paint, 0.5)
    return lambda u, t: place(u, t, 0.012)


def _patch(
    faces: Faces, place: Callable[[float, float], Corners], outline: Sequence[tuple[float, float]], colour: Colour,
    gloss: float, glow: float, bias: float,
) -> None:  # fmt: skip
    """Lay a convex polygon, given in (u, t), on a cap."""
    faces.polygon([place(u, t).tolist() for u, t in outline], colour, gloss, glow, bias)


def _stripe(
    faces: Faces, place: Callable[[float, float], Corners], half: tuple[float, float], span: tuple[float, float],
    colour: Colour, gloss: float, bias: float,
) -> None:  # fmt: skip
    """Lay a band across a cap, in pieces that follow its curve: `half` its ends |u| below and above, `span` in t."""
    shares = np.linspace(-1, 1, 13)
    for one, other in pairwise(shares):
        corners = [(one, 0), (other, 0), (other, 1), (one, 1)]
        faces.quad([place(s * half[k], span[k]).tolist() for s, k in corners], colour, gloss, 0, bias)


def _round(u: float, t: float, du: float, dt: float, corners: int = 12) -> list[tuple[float, float]]:
    angles = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    return [(u + du * float(np.cos(a)), t + dt * float(np.sin(a))) for a in angles]


def _face(faces: Faces, profile: Profile, nose: Callable[[float, float], Corners], paint: Colour) -> Corners:
    """Lay grille, lamps, intakes and badge on the nose; return the middles of the headlights."""
    shadow = (paint[0] * 0.35, paint[1] * 0.35, paint[2] * 0.35)
    black = (0.03, 0.03, 0.03)
    _stripe(faces, nose, (0.42, 0.50), (0.60, 0.80), black, 0.2, 0.10)
    for t in (0.63, 0.68, 0.73, 0.78):
        _stripe(faces, nose, (0.45, 0.46), (t - 0.007, t + 0.007), CHROME, 0.6, 0.14)
    _stripe(faces, nose, (0.66, 0.56), (0.10, 0.28), black, 0.1, 0.10)
    _stripe(faces, nose, (0.97, 0.97), (0.545, 0.556), shadow, 0.1, 0.10)
    _patch(faces, nose, _round(0.0, 0.70, 0.055, 0.055), (0.7, 0.7, 0.7), 0.8, 0, 0.2)
    lamps = []
    for side in (-1, 1):
        housing = [(0.52, 0.63), (0.74, 0.60), (0.95, 0.68), (0.97, 0.80), (0.80, 0.82), (0.52, 0.76)]
        _patch(faces, nose, [(side * u, t) for u, t in housing], (0.20, 0.20, 0.20), 0.9, 0, 0.12)
        for u, size in ((0.64, 0.075), (0.81, 0.065)):
            _patch(faces, nose, _round(side * u, 0.71, size, size * 1.0), LAMP, 0.7, 1.0, 0.18)
        strip = [(0.55, 0.625), (0.90, 0.665), (0.90, 0.685), (0.55, 0.645)]
        _patch(faces, nose, [(side * u, t) for u, t in strip], LAMP, 0.3, 1.0, 0.2)
        _patch(faces, nose, _round(side * 0.78, 0.27, 0.07, 0.06), (0.45, 0.47, 0.48), 0.8, 0.3, 0.14)
        lamps.append(nose(side * 0.70, 0.71))
    _mount(faces, nose(0, 0.5)[2] - 0.02, 0.40 + 0.6 * (profile.clearance - 0.18))
    return np.array(lamps)


def _back(faces: Faces, profile: Profile, tail: Callable[[float, float], Corners]) -> Corners:
    """Lay lamps, bumper and the plate's recess on the tail; return the middles of the lamps."""
    dark = (0.04, 0.04, 0.04)
    lower = min(1.0, 0.85 / (float(tail(0, 1)[1]) - profile.clearance))  # a van's lamps do not reach its roof
    tall, tail = tail, lambda u, t: tall(u, t * lower)
    _stripe(faces, tail, (0.97, 0.97), (0.36, 0.385), dark, 0.1, 0.1)
    _stripe(faces, tail, (0.75, 0.66), (0.03, 0.16), PLASTIC, 0.1, 0.1)
    _stripe(faces, tail, (0.5, 0.5), (0.90, 0.912), dark, 0.2, 0.1)
    _patch(faces, tail, _round(0.0, 0.845, 0.05, 0.045), (0.7, 0.7, 0.7), 0.8, 0, 0.2)
    lamps = []
    for side in (-1, 1):
        lamp = [(0.55, 0.66), (0.97, 0.62), (0.98, 0.86), (0.60, 0.84)]
        _patch(faces, tail, [(side * u, t) for u, t in lamp], RED, 0.8, 0.9, 0.14)
        blink = [(0.66, 0.71), (0.93, 0.69), (0.93, 0.745), (0.66, 0.755)]
        _patch(faces, tail, [(side * u, t) for u, t in blink], (0.55, 0.65, 0.85), 0.8, 0.2, 0.2)
        reflector = [(0.62, 0.25), (0.9, 0.25), (0.9, 0.29), (0.62, 0.29)]
        _patch(faces, tail, [(side * u, t) for u, t in reflector], (0.05, 0.05, 0.45), 0.6, 0.2, 0.14)
        lamps.append(tail(side * 0.78, 0.75))
    _mount(faces, tail(0, 0.6)[2] + 0.02, profile.rear_plate_height)
    return np.array(lamps)


def _mount(faces: Faces, z: float, y: float) -> None:
    """Put the dark holder behind a plate."""
    w, h = PLATE_WIDTH / 2 + 0.02, PLATE_HEIGHT / 2 + 0.018
    faces.quad([(-w, y - h, z), (w, y - h, z), (w, y + h, z), (-w, y + h, z)], (0.035, 0.035, 0.035), 0.05, 0, 0.25)


def _sides(faces: Faces, profile: Profile, paint: Colour) -> None:
    """Draw arches, door gaps, handles and mirrors."""
    half = profile.width / 2
    seam = (paint[0] * 0.3, paint[1] * 0.3, paint[2] * 0.3)
    for side in (-1, 1):
        x = side * half * 1.003
        for z in profile.axles:
            arch = [
                (
                    x,
                    profile.wheel + 1.16 * profile.wheel * float(np.sin(a)),
                    z + 1.16 * profile.wheel * float(np.cos(a)),
                )
                for a in np.linspace(-0.5, np.pi + 0.5, 15)
            ]
            faces.polygon(arch, (0.02, 0.02, 0.02), 0, 0, 0.04)
        middle = (profile.roof[0] + profile.roof[1]) / 2 - 0.15
        for z in (profile.cowl + 0.25, middle, min(profile.roof[1] - 0.05, middle + 1.1)):
            low, high = profile.clearance + 0.12, profile.belt - 0.02
            faces.quad([(x, low, z), (x, low, z + 0.015), (x, high, z + 0.015), (x, high, z)], seam, 0, 0, 0.04)
            y = profile.belt - 0.14
            faces.quad(
                [(x, y, z + 0.75), (x, y, z + 0.93), (x, y + 0.035, z + 0.93), (x, y + 0.035, z + 0.75)],
                CHROME if z > profile.cowl + 0.3 else paint, 0.5, 0, 0.05,
            )  # fmt: skip
        z, y = profile.cowl + 0.45, profile.belt + 0.02
        inner, outer = sorted((side * half * 0.98, side * (half + 0.2)))
        faces.box((inner, y, z), (outer, y + 0.15, z + 0.1), paint, 0.5, 0, 0.1)
