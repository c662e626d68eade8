"""A vehicle put into the scenery: its body and plate, with what it does to the light, behind what stands before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from alpr.domain import BgrImage, Box
from alpr.training.effects import bounds, flares, headlight_pool, shadow
from alpr.training.light import Light, tone
from alpr.training.mesh import Canvas, draw
from alpr.training.perspective import View
from alpr.training.place import Place, Stand
from alpr.training.scenery import Scenery
from alpr.training.vehicles import Corners, Model

_FINE: Final = 2
_BOOM_LENGTH: Final = 4.3


@dataclass(frozen=True, slots=True)
class Actor:
    """A vehicle with what is on it."""

    model: Model
    plate: BgrImage
    """As `draw_plate` gives it."""
    tilt: float = 0.0
    """Radians that the plate hangs askew."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a frame shows of a vehicle, in pixels; None when it is out of the picture."""

    vehicle: Box | None
    plate: Box | None


def stage(
    frame: BgrImage, place: Place, scenery: Scenery, light: Light, actor: Actor, stand: Stand, *, lamps: bool = True
) -> Shown:
    """Draw the vehicle, its lamps on or off, into `frame`, a copy of the scenery, in place; return where it is."""
    view, model = place.view, actor.model
    shadow(frame, view, model, stand, light)
    if lamps and light.headlights:
        headlight_pool(frame, view, model, stand, light)
    mesh = model.mesh.placed(stand.x, stand.z, stand.heading)
    pixels, depth = view.project(mesh.corners.reshape(-1, 3))
    box = bounds(pixels[depth > 0.6], view)  # noqa: PLR2004 - metres before the lens
    if box is None:
        return Shown(None, None)
    left, top, right, bottom = box
    fine = _FINE if right - left < 0.6 * view.width else 1
    canvas = np.zeros(((bottom - top) * fine, (right - left) * fine, 4), np.uint8)
    sharp = view.scaled(fine)
    offset = left * fine, top * fine
    draw(canvas, sharp, offset, [mesh], light if lamps else replace(light, headlights=0.0))
    plate_box = _plate(canvas, sharp, offset, actor, stand, light)
    for text, corners in model.signs:
        _sign(canvas, sharp, offset, text, stand.placed(corners), light)
    small = cv2.resize(canvas, (right - left, bottom - top), interpolation=cv2.INTER_AREA)
    region = frame[top:bottom, left:right]
    cover = small[..., 3:].astype(np.float32) / 255
    # Shrinking mixed the edge with the canvas's black, so its colours are weighted already.
    region[:] = (region * (1 - cover) + small[..., :3]).clip(0, 255).astype(np.uint8)
    if lamps and light.headlights:
        flares(frame, view, model, stand, light)
    if stand.z > place.corner[1] - 1 or max(mesh.corners[..., 2].max(), 0) > place.corner[1] + 1:
        hidden = scenery.cover[top:bottom, left:right]
        region[hidden] = scenery.picture[top:bottom, left:right][hidden]
    return Shown(Box(left, top, right, bottom), _whole(plate_box, view, fine))


def _plate(
    canvas: Canvas, view: View, offset: tuple[float, float], actor: Actor, stand: Stand, light: Light
) -> NDArray[np.float64] | None:
    """Hang the plate that is seen, if any; return its corners on the view."""
    for corners in (actor.model.front_plate, actor.model.rear_plate):
        if corners is None:
            continue
        turned = _tilted(corners, actor.tilt)
        placed = stand.placed(turned)
        pixels, depth = view.project(placed)
        if depth.min() < 0.5 or _turn(pixels) <= 0:  # noqa: PLR2004 - metres before the lens
            continue
        bright = light.plate * (actor.plate.astype(np.float32) + 4)
        _lay(canvas, pixels - offset, bright.clip(0, 255).astype(np.uint8))
        return pixels
    return None


def _tilted(corners: Corners, angle: float) -> Corners:
    middle = corners.mean(0)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    turned: Corners = (corners - middle) @ turn.T + middle
    return turned


def _turn(pixels: NDArray[np.float64]) -> float:
    """Return the signed area: positive when top left, top right, bottom right go clockwise as they should."""
    (x1, y1), (x2, y2), _, (x4, y4) = pixels
    return float((x2 - x1) * (y4 - y1) - (y2 - y1) * (x4 - x1))


def _lay(canvas: Canvas, corners: NDArray[np.float64], texture: NDArray[np.uint8]) -> None:
    """Warp a texture `(h, w, 3)` onto the canvas, or a painted text `(h, w, 4)` with its cover."""
    wide = float(np.linalg.norm(corners[1] - corners[0]))
    share = min(1.0, max(0.05, wide * 1.15 / texture.shape[1]))
    if share < 1:
        size = max(8, round(texture.shape[1] * share)), max(3, round(texture.shape[0] * share))
        texture = cv2.resize(texture, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    height, width = texture.shape[:2]
    matrix = cv2.getPerspectiveTransform(
        np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32), corners.astype(np.float32)
    )
    low = np.floor(corners.min(0)).astype(int).clip(0) - 1
    low = low.clip(0)
    high = np.minimum(np.ceil(corners.max(0)).astype(int) + 2, canvas.shape[1::-1])
    if (high <= low).any():
        return
    size = int(high[0] - low[0]), int(high[1] - low[1])
    shift = np.array([[1, 0, -low[0]], [0, 1, -low[1]], [0, 0, 1]], np.float64)
    cover = np.full((height, width), 255, np.uint8) if texture.shape[2] == 3 else texture[..., 3]  # noqa: PLR2004
    warped = cv2.warpPerspective(
        texture[..., :3], shift @ matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    mask = cv2.warpPerspective(cover, shift @ matrix, size, flags=cv2.INTER_LINEAR).astype(np.float32)[..., None] / 255
    region = canvas[low[1] : high[1], low[0] : high[0]]
    region[..., :3] = (region[..., :3] * (1 - mask) + warped * mask).astype(np.uint8)


@cache
def _painted(text: str) -> NDArray[np.uint8]:
    """Draw white letters without ground, `(h, w, 4)` BGR and cover."""
    font = ImageFont.load_default(size=64)
    image = Image.new("L", (round(font.getlength(text)) + 12, 76), 0)
    ImageDraw.Draw(image).text((6, 38), text, font=font, fill=255, anchor="lm", stroke_width=1)
    cover = np.asarray(image)
    return np.dstack([np.full_like(cover, 235)] * 3 + [cover])


def _sign(canvas: Canvas, view: View, offset: tuple[float, float], text: str, corners: Corners, light: Light) -> None:
    pixels, depth = view.project(corners)
    if depth.min() < 0.5 or _turn(pixels) <= 0:  # noqa: PLR2004 - metres before the lens
        return
    painted = _painted(text).copy()
    painted[..., :3] = (painted[..., :3] * min(1.0, light.plate * (0.6 if light.name == "night" else 1.0))).astype(
        np.uint8
    )
    _lay(canvas, pixels - offset, painted)


def _whole(pixels: NDArray[np.float64] | None, view: View, fine: int) -> Box | None:
    """Return the box of a plate that is in the picture as a whole."""
    if pixels is None:
        return None
    (x1, y1), (x2, y2) = pixels.min(0) / fine, pixels.max(0) / fine
    inside = x1 >= 0 and y1 >= 0 and x2 <= view.width and y2 <= view.height_px
    return Box(float(x1), float(y1), float(x2), float(y2)) if inside else None


def draw_boom(frame: BgrImage, place: Place, light: Light, lifted: float) -> None:
    """Draw the barrier's boom, `lifted` from 0 (closed) to 1 (open)."""
    if place.boom is None:
        return
    foot, angle = (place.lane + 2.6, 0.98, place.boom), lifted * 1.45
    along = np.array((-np.cos(angle), np.sin(angle), 0.0))
    across = np.array((np.sin(angle), np.cos(angle), 0.0)) * 0.055
    ambient = tone(light.grade) * 1.0 + light.lamps * tone((0.45, 0.55, 0.62))
    pieces: list[tuple[Sequence[NDArray[np.float64]], tuple[float, float, float]]] = []
    edges = np.linspace(-0.5, _BOOM_LENGTH, 12)
    for number, (one, other) in enumerate(pairwise(edges)):
        a, b = np.array(foot) + along * one, np.array(foot) + along * other
        colour = (0.12, 0.10, 0.75) if number % 2 else (0.92, 0.93, 0.93)
        pieces.append(((a - across, b - across, b + across, a + across), colour))
    for corners, colour in pieces:
        pixels, _ = place.view.project(np.array(corners) * (place.side, 1, 1))
        fill = (tone(colour) * ambient * 255).clip(0, 255).tolist()
        cv2.fillConvexPoly(frame, (pixels * 8).round().astype(np.int32), fill, cv2.LINE_AA, 3)
