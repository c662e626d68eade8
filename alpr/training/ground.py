"""The ground before a gate: asphalt, lawn, kerbs and markings, computed for every pixel in metres."""

from __future__ import annotations

from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from alpr.training.light import tone
from alpr.training.place import Place

Plane: TypeAlias = NDArray[np.floating[Any]]
_STAINED = 0.55
_POOLS = (1.5, 9.0, 5.0, 0.75), (-2.0, 20.0, 7.0, 0.45), (5.5, 13.0, 4.0, 0.4)
"""Where lamps light the ground: x from the lane, z, reach and strength."""
_UPRIGHT = 0.22
"""How much they light what stands upright."""


def ground(place: Place) -> tuple[Plane, Plane]:
    """Return the ground, `(h, w, 4)` BGR and cover, and how much the lamps light it, `(h, w, 1)`."""
    view = place.view
    x, z, below = view.ground()
    x = np.where(below, x * place.side, 0).astype(np.float32)
    z = np.where(below, np.minimum(z, 400), 400).astype(np.float32)
    wide = np.maximum(z / view.focal, 0.002) * 1.2
    deep = np.maximum(z * z / (view.focal * view.height), 0.004) * 1.2
    texture = noise(place.seed, 512, 512, 24)
    fine = np.random.default_rng(place.seed + 1).random((512, 512), np.float32)
    near = np.exp(-z / 22)[..., None]
    grain = (_sample(fine, x, z, 4.0)[..., None] - 0.5) * near
    stains = _sample(texture, x, z, 9.0)[..., None]
    asphalt = tone((0.34, 0.335, 0.33)) * (0.86 + 0.25 * stains + 0.28 * grain)
    lane = place.lane
    for wheel in (-0.75, 0.75):
        track = np.exp(-(((x - lane - wheel) / 0.28) ** 2))[..., None]
        asphalt = asphalt * (1 - 0.16 * track)
    oil = np.exp(-(((x - lane) / 0.25) ** 2))[..., None] * (stains > _STAINED)
    asphalt = asphalt * (1 - 0.12 * oil)
    picture = asphalt
    grass = tone((0.14, 0.36, 0.24)) * (0.65 + 0.5 * stains + 0.6 * grain)
    lawn = _band(x, lane + 8.5, 60, wide) + _band(x, -60, lane - 6.5, wide)
    lawn = np.maximum(lawn * _band(z, -5, 400, deep), _band(z, 33, 400, deep))
    picture = picture * (1 - lawn) + grass * lawn
    picture = _markings(place, picture, x, z, wide, deep)
    sky = below.astype(np.float32)[..., None]
    pools = np.zeros(x.shape, np.float32)
    for at_x, at_z, reach, strength in _POOLS:
        pools += strength * np.exp(-(((x - lane - at_x) / reach) ** 2) - ((z - at_z) / (reach * 1.3)) ** 2)
    light = np.maximum(np.where(below, pools, 0)[..., None], _UPRIGHT * near)
    return np.concatenate([picture, sky], axis=2).astype(np.float32), light.astype(np.float32)


def noise(seed: int, height: int, width: int, cell: int) -> Plane:
    """Return smooth noise 0 to 1, `(height, width)`, in three octaves."""
    random = np.random.default_rng(seed)
    total = np.zeros((height, width), np.float32)
    for octave, share in ((1, 0.55), (2, 0.3), (4, 0.15)):
        step = max(1, cell // octave)
        coarse = random.random((height // step + 3, width // step + 3), np.float32)
        large = cv2.resize(coarse, None, fx=step, fy=step, interpolation=cv2.INTER_CUBIC)
        total += share * large[:height, :width]
    return total.clip(0, 1)


def _sample(texture: Plane, x: Plane, z: Plane, metres: float) -> Plane:
    """Look a square texture up at places of the ground; it repeats every so many metres."""
    side = texture.shape[0]
    wide = np.mod(x * (side / metres), side - 1).astype(np.float32)
    deep = np.mod(z * (side / metres), side - 1).astype(np.float32)
    found: Plane = cv2.remap(np.asarray(texture, np.float32), wide, deep, cv2.INTER_LINEAR).astype(np.float32)
    return found


def _band(value: Plane, low: float, high: float, soft: Plane) -> Plane:
    """Return 1 within the band and 0 outside, its edges as soft as a pixel is large there."""
    edge = np.minimum(value - low, high - value) / soft + 0.5
    cover: Plane = edge.clip(0, 1)[..., None].astype(np.float32)
    return cover


def _markings(place: Place, picture: Plane, x: Plane, z: Plane, wide: Plane, deep: Plane) -> Plane:
    """Add kerbs, lines, the stop line and parking bays."""
    lane, white = place.lane, tone((0.80, 0.82, 0.82))
    worn = (0.55 + 0.45 * _sample(noise(place.seed + 2, 256, 256, 12), x, z, 3.0))[..., None]

    def laid(mask: Plane, colour: NDArray[np.float32], share: float = 0.85) -> None:
        nonlocal picture
        cover = mask * worn * share
        picture = picture * (1 - cover) + colour * cover

    stretch = _band(z, -2, 19, deep)
    for kerb in (lane - 2.05, lane + 2.05):
        stone = _band(x, kerb - 0.11, kerb + 0.11, wide) * stretch
        stripes = _band(np.mod(z, 1.6), 0, 0.8, deep)
        shade = tone((0.66, 0.68, 0.68)) * (1 - stripes) + tone((0.10, 0.62, 0.80)) * stripes
        picture = picture * (1 - stone) + shade * stone
        edge = _band(x, kerb + 0.11, kerb + 0.20, wide) * stretch
        picture = picture * (1 - 0.35 * edge)
    island = _band(x, lane + 2.16, lane + 3.2, wide) * _band(z, 5, 19, deep)
    paving = tone((0.52, 0.54, 0.55)) * (0.8 + 0.3 * worn)
    if not place.bays:
        picture = picture * (1 - island) + paving * island
    if place.boom is not None:
        stop = place.boom + 1.6
        laid(_band(x, lane - 1.9, lane + 1.9, wide) * _band(z, stop, stop + 0.4, deep), white)
    if place.bays:
        for at in np.arange(4.0, 20.0, 2.7):
            laid(_band(z, float(at), float(at) + 0.12, deep) * _band(x, lane + 2.6, lane + 8.0, wide), white)
    else:
        dashes = _band(np.mod(z, 3.0), 0, 1.4, deep) * _band(x, lane - 4.1, lane - 3.98, wide) * _band(z, 0, 19, deep)
        laid(dashes, white)
    return picture
