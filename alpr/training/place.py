"""A gate's plan: where camera, lane, barrier and warehouse are, and where a vehicle on the lane stands."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2
from typing import Final

import numpy as np
from numpy.typing import NDArray

from alpr.training.mesh import rotation
from alpr.training.perspective import View

_ARC_BEGIN: Final = 18.0
_ARC_RADIUS: Final = 9.0
_ARC_ANGLE: Final = 1.4


@dataclass(frozen=True, slots=True)
class Place:
    """Where things stand on the site, in metres; `side` is 1 for a lane to the right of the camera, -1 to the left."""

    view: View
    side: int
    lane: float
    """x of the lane's middle, before `side`."""
    boom: float | None
    """z of the barrier."""
    seed: int
    bays: bool = False
    """Whether there are parking bays beside the lane."""

    @property
    def corner(self) -> tuple[float, float]:
        """X (before `side`) and z of the warehouse's corner, behind which the road turns."""
        return self.lane - 3.3, 21.0


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a vehicle stands: its front bumper's place on the ground, and `heading`, from front to rear, in radians."""

    x: float
    z: float
    heading: float

    def placed(self, corners: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return points `(..., 3)` of the vehicle as they are in the world."""
        return corners @ rotation(self.heading).T + (self.x, 0.0, self.z)


def on_lane(place: Place, length: float, front: float, *, leaving: bool = False) -> Stand:
    """Return the stand of a vehicle whose front is that many metres along the lane, rear behind or, leaving, before it.

    The lane is straight for 18 m from below the camera, then turns behind the warehouse.
    """
    rear = front - length if leaving else front + length
    (x1, z1), (x2, z2) = _along(place, front), _along(place, rear)
    return Stand(x1, z1, atan2(x2 - x1, z2 - z1))


def _along(place: Place, way: float) -> tuple[float, float]:
    angle = min(max(way - _ARC_BEGIN, 0.0) / _ARC_RADIUS, _ARC_ANGLE)
    rest = max(0.0, way - _ARC_BEGIN - _ARC_RADIUS * _ARC_ANGLE)
    x = place.lane - _ARC_RADIUS * (1 - np.cos(angle)) - rest * np.sin(_ARC_ANGLE)
    z = min(way, _ARC_BEGIN) + _ARC_RADIUS * np.sin(angle) + rest * np.cos(_ARC_ANGLE)
    return float(x) * place.side, float(z)
