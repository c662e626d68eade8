"""What a vehicle does to the light round it: shadows, headlights on the road, lamps that bloom."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from alpr.domain import BgrImage
from alpr.training.light import Light, tone
from alpr.training.perspective import View
from alpr.training.place import Stand
from alpr.training.vehicles import Corners, Model

Part: TypeAlias = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""
_BLUR_STEPS: Final = 4


def shadow(frame: BgrImage, view: View, model: Model, stand: Stand, light: Light) -> None:
    """Darken the ground under the vehicle, by day also where its shadow falls."""
    half, length = model.width / 2, model.length
    sole = np.array([(x, 0.01, z) for x in (-half, half) for z in (0.05, length - 0.05)])
    distance = max(2.0, stand.z)
    shadows = [(sole, 0.72, 0.10)]
    if light.name == "day":
        sun = np.array(light.towards_sun)
        cast = -sun[[0, 2]] / sun[1] * model.height * 0.62
        shifted = sole * (0.96, 1, 0.96)
        far = stand.placed(shifted) + np.array((cast[0], 0, cast[1]))
        soft = _ground_mask(view, np.concatenate([stand.placed(sole), far]), view.focal * 0.05 / distance)
        _darken(frame, soft, 0.45)
    for points, strength, reach in shadows:
        _darken(frame, _ground_mask(view, stand.placed(points), view.focal * reach / distance), strength)


def headlight_pool(frame: BgrImage, view: View, model: Model, stand: Stand, light: Light) -> None:
    """Light the road before the vehicle."""
    half = model.width / 2
    points = np.array(
        [(-half * 0.8, 0.0, -0.8), (half * 0.8, 0.0, -0.8), (half * 1.7, 0.0, -9.0), (-half * 1.7, 0.0, -9.0)]
    )
    placed = stand.placed(points)
    placed[:, 2] = placed[:, 2].clip(1.0, None)
    soft = _ground_mask(view, placed, view.focal * 0.5 / max(4.0, stand.z))
    if soft is None:
        return
    mask, (left, top, right, bottom) = soft
    region = frame[top:bottom, left:right]
    region[:] = (
        (region * (1 + 1.1 * light.headlights * mask) + mask * 16 * light.headlights).clip(0, 255).astype(np.uint8)
    )


def flares(frame: BgrImage, view: View, model: Model, stand: Stand, light: Light) -> None:
    """Let the lamps that face the camera bloom."""
    facing = np.cos(stand.heading) > 0
    lamps, colour, size = (
        (model.lamps, (1.0, 0.97, 0.9), 0.30) if facing else (model.tail_lamps, (0.25, 0.18, 0.9), 0.16)
    )
    pixels, depth = view.project(stand.placed(lamps))
    for (x, y), away in zip(pixels, depth, strict=True):
        if away > 2:  # noqa: PLR2004 - metres: nearer, it has left the picture
            _bloom(frame, (float(x), float(y)), view.focal * size / away, colour, light.headlights)


def _bloom(
    frame: BgrImage, at: tuple[float, float], radius: float, colour: tuple[float, float, float], strength: float
) -> None:
    reach = int(radius * 3) + 2
    left, top = max(0, int(at[0]) - reach), max(0, int(at[1]) - reach)
    right, bottom = min(frame.shape[1], int(at[0]) + reach), min(frame.shape[0], int(at[1]) + reach)
    if right <= left or bottom <= top:
        return
    x = np.arange(left, right, dtype=np.float32)[None, :] - np.float32(at[0])
    y = np.arange(top, bottom, dtype=np.float32)[:, None] - np.float32(at[1])
    squared = (x * x + y * y) / np.float32(radius * radius)
    light = strength * (190 * np.exp(-squared * 6) + 60 * np.exp(-squared))
    region = frame[top:bottom, left:right]
    region[:] = np.minimum(region + light[..., None] * tone(colour), 255).astype(np.uint8)


def _ground_mask(view: View, points: Corners, blur: float) -> tuple[NDArray[np.floating[Any]], Part] | None:
    """Return a soft mask `(h, w, 1)` of a polygon on the ground, and its part of the picture."""
    pixels, depth = view.project(points)
    if (depth < 0.5).all():  # noqa: PLR2004 - metres before the lens
        return None
    pixels = pixels.clip(-4 * view.width, 5 * view.width)
    box = bounds(np.concatenate([pixels - 2 * blur, pixels + 2 * blur]), view)
    if box is None:
        return None
    left, top, right, bottom = box
    step = _BLUR_STEPS  # what is soft needs no fine grid
    mask = np.zeros(((bottom - top) // step + 1, (right - left) // step + 1), np.uint8)
    hull = cv2.convexHull(pixels.astype(np.float32))[:, 0]
    cv2.fillConvexPoly(mask, ((hull - (left, top)) / step * 8).round().astype(np.int32), 255, cv2.LINE_AA, 3)
    soft = cv2.GaussianBlur(mask, (0, 0), max(0.5, blur / step))
    large = cv2.resize(soft, (right - left, bottom - top), interpolation=cv2.INTER_LINEAR)
    return large.astype(np.float32)[..., None] / 255, box


def _darken(frame: BgrImage, soft: tuple[NDArray[np.floating[Any]], Part] | None, strength: float) -> None:
    if soft is None:
        return
    mask, (left, top, right, bottom) = soft
    region = frame[top:bottom, left:right]
    region[:] = (region * (1 - strength * mask)).astype(np.uint8)


def bounds(pixels: NDArray[np.float64], view: View) -> Part | None:
    """Return the part of the picture that holds the points `(n, 2)`, None when that is nothing."""
    if not len(pixels):
        return None
    low, high = np.floor(pixels.min(0)) - 2, np.ceil(pixels.max(0)) + 2
    left, top = max(0, int(low[0])), max(0, int(low[1]))
    right, bottom = min(view.width, int(high[0])), min(view.height_px, int(high[1]))
    return (left, top, right, bottom) if right - left > 2 and bottom - top > 2 else None  # noqa: PLR2004 - pixels
