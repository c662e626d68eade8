"""What stands round a gate: trees, the warehouse, a fence, the guard house, lamps, bollards, the barrier's housing."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from alpr.training.ground import Plane, noise
from alpr.training.light import tone
from alpr.training.perspective import View
from alpr.training.place import Place


class Brush:
    """Paints things that stand on the ground, the farthest first."""

    def __init__(self, canvas: Plane, view: View, place: Place) -> None:
        self.canvas = canvas
        self.emission = np.zeros((*canvas.shape[:2], 3), np.float32)
        self.view, self.place = view, place
        self.random = np.random.default_rng(place.seed + 7)

    def pixels(self, points: list[tuple[float, float, float]]) -> NDArray[np.float64]:
        """Project points, `(n, 3)` metres with x before `side`, to pixels `(n, 2)`."""
        world = np.array(points, np.float64) * (self.place.side, 1, 1)
        return self.view.project(world)[0]

    def polygon(
        self, points: list[tuple[float, float, float]], colour: tuple[float, float, float], glow: float = 0.0
    ) -> None:
        """Fill a flat polygon; `glow` lights it at night."""
        at = (self.pixels(points) * 8).round().astype(np.int32)
        cv2.fillPoly(self.canvas, [at], (*colour, 1.0), cv2.LINE_8, 3)
        cv2.fillPoly(self.emission, [at], tuple(c * glow for c in colour), cv2.LINE_8, 3)

    def texture(self, points: list[tuple[float, float, float]], texture: Plane) -> None:
        """Fill a quadrilateral, top left first and clockwise, with a texture `(h, w, 3)`."""
        height, width = texture.shape[:2]
        corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
        at = self.pixels(points).astype(np.float32)
        if self.place.side < 0:
            corners = corners[[1, 0, 3, 2]]
        matrix = cv2.getPerspectiveTransform(corners, at)
        low = np.floor(at.min(0)).astype(int).clip(0)
        high = np.ceil(at.max(0)).astype(int)
        high = np.minimum(high, self.canvas.shape[1::-1])
        if (high <= low).any():
            return
        shift = np.array([[1, 0, -low[0]], [0, 1, -low[1]], [0, 0, 1]], np.float64)
        size = int(high[0] - low[0]), int(high[1] - low[1])
        warped = cv2.warpPerspective(
            texture, shift @ matrix, size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE
        )
        mask = np.zeros(size[::-1], np.uint8)
        cv2.fillConvexPoly(mask, ((at - low) * 8).round().astype(np.int32), 255, cv2.LINE_8, 3)
        region = self.canvas[low[1] : high[1], low[0] : high[0]]
        region[mask > 0, :3] = warped[mask > 0]
        region[mask > 0, 3] = 1
        self.emission[low[1] : high[1], low[0] : high[0]][mask > 0] = 0

    def box(
        self, low: tuple[float, float, float], high: tuple[float, float, float], colour: tuple[float, float, float]
    ) -> None:
        """Paint the sides of a box that are seen: the one towards the camera, one beside it, and the top."""
        (x1, y1, z1), (x2, y2, z2) = low, high
        side = x1 if x1 * self.place.side * self.place.side > 0 else x2
        shade = tuple(c * 0.72 for c in colour)
        self.polygon([(side, y1, z1), (side, y1, z2), (side, y2, z2), (side, y2, z1)], (shade[0], shade[1], shade[2]))
        bright = tuple(min(1.0, c * 1.15) for c in colour)
        if y2 < self.view.height:
            self.polygon([(x1, y2, z1), (x2, y2, z1), (x2, y2, z2), (x1, y2, z2)], (bright[0], bright[1], bright[2]))
        self.polygon([(x1, y1, z1), (x2, y1, z1), (x2, y2, z1), (x1, y2, z1)], colour)


def trees(brush: Brush) -> None:
    """Paint a wood far off and some trees before it."""
    random = brush.random
    places = [
        (float(random.uniform(-70, 90)), float(random.uniform(60, 95)), float(random.uniform(7, 12))) for _ in range(70)
    ]
    places += [
        (brush.place.lane + 11, 36.0, 7.5),
        (brush.place.lane + 17, 42.0, 9.0),
        (brush.place.lane + 13, 26.0, 6.5),
    ]
    places += [(brush.place.lane + 4.5, 50.0, 9.0), (brush.place.lane + 0.5, 56.0, 8.0)]
    for x, z, height in sorted(places, key=lambda place: -place[1]):
        _tree(brush, x, z, height)


def _tree(brush: Brush, x: float, z: float, height: float) -> None:
    random = brush.random
    haze = min(0.45, z / 220)
    brush.polygon(
        [(x - 0.15, 0, z), (x + 0.15, 0, z), (x + 0.1, height * 0.5, z), (x - 0.1, height * 0.5, z)], (0.15, 0.2, 0.25)
    )
    (left, top), (right, bottom) = brush.pixels(
        [(x - height * 0.32 * brush.place.side, height, z), (x + height * 0.32 * brush.place.side, height * 0.18, z)]
    )
    middle, radii = ((left + right) / 2, (top + bottom) / 2), (abs(right - left) / 2, abs(bottom - top) / 2)
    for step in range(110):
        angle, reach = random.uniform(0, 2 * np.pi), random.uniform(0, 1) ** 0.5
        at_x, at_y = np.cos(angle) * reach, np.sin(angle) * reach
        sunny = 0.55 - 0.4 * at_y - 0.15 * at_x + random.uniform(-0.15, 0.15) + step / 500
        green = np.array((0.13, 0.34, 0.20)) * (0.5 + sunny)
        colour = green * (1 - haze) + np.array((0.72, 0.68, 0.62)) * haze
        size = max(1.0, radii[0] * random.uniform(0.10, 0.22))
        point = round((middle[0] + at_x * radii[0]) * 8), round((middle[1] + at_y * radii[1]) * 8)
        cv2.circle(brush.canvas, point, round(size * 8), (*colour.tolist(), 1.0), -1, cv2.LINE_8, 3)


def warehouse(brush: Brush) -> NDArray[np.uint8]:
    """Paint the hall behind which the road turns; return what it hides, `(h, w)` 0 or 255."""
    x, z = brush.place.corner
    height, depth = 5.2, 22.0
    metal = tone((0.68, 0.67, 0.63))
    ribs = 0.90 + 0.10 * np.sign(np.sin(np.arange(900) * 0.7)).astype(np.float32)
    wall = np.ones((260, 900, 3), np.float32) * metal * ribs[None, :, None]
    wall *= (0.9 + 0.15 * noise(brush.place.seed + 9, 260, 900, 60))[..., None]
    wall[:34] = tone((0.55, 0.30, 0.12))
    wall[236:] *= 0.7
    for gate in (140, 430):
        wall[110:260, gate : gate + 170] = (
            tone((0.80, 0.80, 0.78)) * (0.85 + 0.15 * np.sign(np.arange(150) % 12 - 2).clip(0))[:, None, None]
        )
        wall[104:110, gate - 6 : gate + 176] = 0.25
    _write(wall, "NORTHGATE", (650, 60), 46)
    front = [(x - 24, height, z), (x, height, z), (x, 0.0, z), (x - 24, 0.0, z)]
    brush.polygon([(x, 0, z), (x, 0, z + depth), (x, height, z + depth), (x, height, z)], (0.46, 0.45, 0.43))
    brush.texture(front, wall)
    for at in (-20.5, -12.8):
        lamp = [
            (x + at, 3.35, z - 0.05),
            (x + at + 0.5, 3.35, z - 0.05),
            (x + at + 0.5, 3.5, z - 0.05),
            (x + at, 3.5, z - 0.05),
        ]
        brush.polygon(lamp, (0.75, 0.9, 0.95), 1.0)
    cover = np.zeros(brush.canvas.shape[:2], np.uint8)
    cv2.fillPoly(cover, [(brush.pixels(front) * 8).round().astype(np.int32)], 255, cv2.LINE_8, 3)
    return cover


def _write(wall: Plane, text: str, at: tuple[int, int], size: int) -> None:
    """Paint letters on a wall texture, in place."""
    image = Image.fromarray((wall * 255).clip(0, 255).astype(np.uint8))
    ImageDraw.Draw(image).text(
        at, text, font=ImageFont.load_default(size=size), fill=(150, 90, 40), anchor="la", stroke_width=1
    )
    wall[:] = np.asarray(image, np.float32) / 255


def fence(brush: Brush) -> None:
    """Paint a fence of bars along the lawn."""
    x = brush.place.lane + 8.3
    for z in np.arange(40, 6, -0.35):
        thick = 0.05 if round(z / 0.35) % 8 == 0 else 0.02
        brush.polygon(
            [(x - thick, 0, z), (x + thick, 0, z), (x + thick, 1.9, z), (x - thick, 1.9, z)], (0.22, 0.25, 0.22)
        )
    for y in (0.25, 1.75):
        brush.polygon([(x, y, 6.0), (x, y, 40), (x, y + 0.06, 40), (x, y + 0.06, 6.0)], (0.2, 0.23, 0.2))


def guard_house(brush: Brush) -> None:
    """Paint the guard house with its windows, and somebody's light in it."""
    if brush.place.bays:
        return
    x1, x2, z1, z2 = brush.place.lane + 3.5, brush.place.lane + 6.1, 13.0, 16.0
    brush.box((x1, 0, z1), (x2, 2.5, z2), (0.74, 0.80, 0.83))
    brush.polygon([(x1, 0.0, z1), (x2, 0.0, z1), (x2, 0.35, z1), (x1, 0.35, z1)], (0.40, 0.38, 0.36))
    # Narrow, bluish panes: a wide pale one with a dark frame is a plate to a detector.
    pane, blind = (0.52, 0.44, 0.38), (0.62, 0.58, 0.54)
    for left in np.arange(x1 + 0.2, x1 + 1.6, 0.5).tolist():
        right, low, high = left + 0.44, 1.0, 2.1
        brush.polygon([(left, low, z1), (right, low, z1), (right, high, z1), (left, high, z1)], pane)
        lit = [(left + 0.03, low, z1), (right - 0.03, low, z1), (right - 0.03, 1.75, z1), (left + 0.03, 1.75, z1)]
        brush.polygon(lit, (0.36, 0.46, 0.52), 0.9)
        brush.polygon([(left, 1.75, z1), (right, 1.75, z1), (right, high, z1), (left, high, z1)], blind, 0.35)
    for at in (z1 + 0.4, z1 + 1.1, z1 + 1.8):
        side = [(x1, 1.0, at), (x1, 1.0, at + 0.6), (x1, 2.1, at + 0.6), (x1, 2.1, at)]
        brush.polygon(side, (0.34, 0.42, 0.48), 0.8)
    brush.polygon(
        [(x2 - 0.75, 0.05, z1), (x2 - 0.1, 0.05, z1), (x2 - 0.1, 2.1, z1), (x2 - 0.75, 2.1, z1)], (0.35, 0.22, 0.12)
    )
    brush.box((x1 - 0.35, 2.5, z1 - 0.35), (x2 + 0.35, 2.72, z2 + 0.3), (0.30, 0.30, 0.31))


def furniture(brush: Brush) -> None:
    """Paint lamp posts, bollards, a road sign and the barrier's housing."""
    lane = brush.place.lane
    for x, z in ((lane + 2.75, 18.0), (lane - 2.6, 20.5)):
        brush.polygon([(x - 0.06, 0, z), (x + 0.06, 0, z), (x + 0.04, 6.2, z), (x - 0.04, 6.2, z)], (0.40, 0.41, 0.40))
        brush.polygon([(x - 0.9, 6.1, z), (x + 0.05, 6.2, z), (x + 0.05, 6.32, z), (x - 0.9, 6.2, z)], (0.4, 0.41, 0.4))
        brush.polygon(
            [(x - 0.95, 6.05, z), (x - 0.4, 6.1, z), (x - 0.4, 6.16, z), (x - 0.95, 6.13, z)], (0.80, 0.95, 1.0), 1.0
        )
    x, z = lane + 2.95, 16.5
    brush.polygon([(x - 0.03, 0, z), (x + 0.03, 0, z), (x + 0.03, 2.3, z), (x - 0.03, 2.3, z)], (0.5, 0.5, 0.5))
    for radius, colour in ((0.33, (0.12, 0.10, 0.72)), (0.25, (0.90, 0.92, 0.92))):
        disc = [
            (x + radius * float(np.cos(a)), 2.3 + radius * float(np.sin(a)), z) for a in np.linspace(0, 2 * np.pi, 28)
        ]
        brush.polygon(disc, colour)
    for z in (16.0, 13.0, 10.5, 7.4):
        for x in (lane - 2.45,) if brush.place.bays else (lane + 2.5, lane - 2.45):
            brush.box((x - 0.07, 0, z - 0.07), (x + 0.07, 0.85, z + 0.07), (0.12, 0.65, 0.82))
            band = [(x - 0.07, 0.62, z - 0.07), (x + 0.07, 0.62, z - 0.07), (x + 0.07, 0.7, z - 0.07)]
            brush.polygon([*band, (x - 0.07, 0.7, z - 0.07)], (0.75, 0.75, 0.75))
    if brush.place.boom is not None:
        x, z = lane + 2.6, brush.place.boom
        brush.box((x - 0.18, 0, z - 0.2), (x + 0.18, 1.12, z + 0.2), (0.10, 0.50, 0.88))
        brush.polygon(
            [(x - 0.18, 0.3, z - 0.2), (x + 0.18, 0.3, z - 0.2), (x + 0.18, 0.4, z - 0.2), (x - 0.18, 0.4, z - 0.2)],
            (0.1, 0.1, 0.1),
        )
