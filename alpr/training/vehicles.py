"""What every drawn vehicle has: a mesh, plates, lamps, wheels.

Local coordinates are metres: x to the driver's left, y up, z from the front bumper (0) to the rear.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from alpr.training.light import Colour
from alpr.training.mesh import Faces, Mesh

Corners: TypeAlias = NDArray[np.float64]
GLASS: Final[Colour] = (0.09, 0.085, 0.075)
RUBBER: Final[Colour] = (0.055, 0.055, 0.055)
PLASTIC: Final[Colour] = (0.085, 0.085, 0.085)
CHROME: Final[Colour] = (0.62, 0.62, 0.62)
LAMP: Final[Colour] = (0.93, 0.97, 1.0)
RED: Final[Colour] = (0.10, 0.08, 0.62)
AMBER: Final[Colour] = (0.12, 0.45, 0.95)
PAINTS: Final[dict[str, Colour]] = {
    "white": (0.88, 0.88, 0.86), "silver": (0.62, 0.61, 0.60), "grey": (0.30, 0.29, 0.28),
    "black": (0.07, 0.065, 0.065), "red": (0.10, 0.08, 0.58), "blue": (0.46, 0.20, 0.09),
    "green": (0.20, 0.30, 0.10), "beige": (0.55, 0.66, 0.72),
}  # fmt: skip
PLATE_WIDTH: Final = 0.54
PLATE_HEIGHT: Final = 0.115


@dataclass(frozen=True, slots=True)
class Model:
    """A vehicle that can be drawn."""

    kind: str
    """As a detector labels it: car, truck, bus, motorcycle."""
    mesh: Mesh
    length: float
    width: float
    height: float
    front_plate: Corners | None
    """`(4, 3)`: top left, top right, bottom right, bottom left, as seen by who looks at it."""
    rear_plate: Corners | None
    lamps: Corners
    """Middles of the headlights `(n, 3)`."""
    tail_lamps: Corners
    signs: tuple[tuple[str, Corners], ...] = ()
    """Texts painted on it, each in its four corners."""


def plate_corners(x: float, y: float, z: float, *, towards: int) -> Corners:
    """Return the corners of a plate centred there that is seen from the front (-1) or the rear (1)."""
    w, h = PLATE_WIDTH / 2 * -towards, PLATE_HEIGHT / 2
    # Who faces the front sees the vehicle's left, x > 0, at the right; see `placed` in the scene.
    return np.array([(x - w, y + h, z), (x + w, y + h, z), (x + w, y - h, z), (x - w, y - h, z)])


def wheel(faces: Faces, x: float, z: float, radius: float, width: float) -> None:
    """Add a wheel whose outer side is at x; `width` reaches inwards, with the sign of x."""
    angles = np.linspace(0, 2 * np.pi, 19)

    def ring(r: float, at: float) -> list[tuple[float, float, float]]:
        return [(at, radius + r * float(np.sin(a)), z + r * float(np.cos(a))) for a in angles[:-1]]

    inner = x - width
    for one, other in pairwise(angles):
        corners = [
            (at, radius + radius * float(np.sin(a)), z + radius * float(np.cos(a)))
            for at, a in ((x, one), (x, other), (inner, other), (inner, one))
        ]
        faces.quad(corners, RUBBER, 0.05, 0, 0.02)
    lift = 0.004 if x > 0 else -0.004
    faces.polygon(ring(radius, x), RUBBER, 0.05, 0, 0.08)
    faces.polygon(ring(radius * 0.66, x + lift), (0.42, 0.42, 0.41), 0.5, 0, 0.10)
    for spoke in np.linspace(0, 2 * np.pi, 5, endpoint=False):
        gap = [
            (x + 2 * lift, radius + r * radius * float(np.sin(spoke + a)), z + r * radius * float(np.cos(spoke + a)))
            for r, a in ((0.2, 0.0), (0.55, 0.32), (0.6, 0.0), (0.55, -0.32))
        ]
        faces.quad(gap, (0.07, 0.07, 0.07), 0.1, 0, 0.12)
