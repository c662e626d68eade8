"""The empty gate as a picture: painted once as by day, then graded for each light."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from alpr.domain import BgrImage
from alpr.training.ground import Plane, ground, noise
from alpr.training.light import Light, tone
from alpr.training.place import Place
from alpr.training.props import Brush, fence, furniture, guard_house, trees, warehouse

_FINE = 2
"""Things are painted this many times larger and shrunk, for smooth edges."""


@dataclass(frozen=True, slots=True)
class Scenery:
    """The empty scene as it looks in one light."""

    picture: BgrImage
    cover: NDArray[np.bool_]
    """`(h, w)`: what hides vehicles that are behind the warehouse."""


@dataclass(frozen=True, slots=True)
class Painting:
    """The scene as painted by day, from which each light is made."""

    place: Place
    albedo: Plane
    """`(h, w, 3)` BGR 0 to 1, without the sky."""
    sky: Plane
    """`(h, w, 1)`: where the sky is seen, 0 to 1."""
    emission: Plane
    """`(h, w, 3)`: lit windows and lamps."""
    lamps: Plane
    """`(h, w, 1)`: how much the lamps light each place."""
    cover: NDArray[np.bool_]

    def lit(self, light: Light) -> Scenery:
        """Return the scene in this light."""
        view = self.place.view
        rise = np.linspace(0, 1, view.height_px, dtype=np.float32)[:, None, None]
        clouds = noise(self.place.seed + 5, view.height_px, view.width, 90)[..., None]
        heaven = tone(light.zenith) * (1 - rise * 1.8).clip(0, 1) + tone(light.horizon) * (rise * 1.8).clip(0, 1)
        heaven = heaven + (clouds - 0.45).clip(0, 1) * 0.35 * tone(light.horizon)
        strength = tone(light.grade) + self.lamps * light.lamps * tone((0.55, 0.72, 0.80))
        glow = 1.0 if light.headlights else 0.12
        picture = self.albedo * strength * (1 - self.sky) + heaven * self.sky + self.emission * glow
        return Scenery((picture.clip(0, 1) * 255).astype(np.uint8), self.cover)


def paint(place: Place) -> Painting:
    """Paint the scene; takes about a second."""
    view = place.view
    soil, lamps = ground(place)
    size = view.width * _FINE, view.height_px * _FINE
    canvas = np.zeros((size[1], size[0], 4), np.float32)
    canvas[..., :3] = cv2.resize(soil[..., :3], size, interpolation=cv2.INTER_LINEAR)
    canvas[..., 3] = cv2.resize(soil[..., 3], size, interpolation=cv2.INTER_LINEAR)
    brush = Brush(canvas, view.scaled(_FINE), place)
    trees(brush)
    cover = warehouse(brush)
    fence(brush)
    guard_house(brush)
    furniture(brush)
    usual = view.width, view.height_px
    small = cv2.resize(canvas, usual, interpolation=cv2.INTER_AREA).astype(np.float32)
    emission = cv2.resize(brush.emission, usual, interpolation=cv2.INTER_AREA).astype(np.float32)
    halo = cv2.GaussianBlur(emission, (0, 0), 14).astype(np.float32)
    hidden = cv2.resize(cover, usual, interpolation=cv2.INTER_AREA) > 127  # noqa: PLR2004 - of 255
    return Painting(place, small[..., :3], 1 - small[..., 3:], emission + 0.5 * halo, lamps, hidden)
