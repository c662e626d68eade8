"""The gate itself, without traffic: sky, trees, road, kerbs, a warehouse, the guard house, lamps. Painted once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from alpr.domain import BgrImage
from alpr.training.light import Light
from alpr.training.perspective import View

Plane: TypeAlias = NDArray[np.float32]
_FINE = 2
"""Things are painted this many times larger and shrunk, for smooth edges."""


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
        """x (before `side`) and z of the warehouse's corner, behind which the road turns."""
        return self.lane - 3.3, 21.0


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
        clouds = _noise(self.place.seed + 5, view.height_px, view.width, 90)[..., None]
        heaven = np.float32(light.zenith) * (1 - rise * 1.8).clip(0, 1) + np.float32(light.horizon) * (rise * 1.8).clip(0, 1)
        heaven = heaven + (clouds - 0.45).clip(0, 1) * 0.35 * np.float32(light.horizon)
        strength = np.float32(light.grade) + self.lamps * light.lamps * np.float32((0.55, 0.72, 0.80))
        glow = 1.0 if light.headlights else 0.12
        picture = self.albedo * strength * (1 - self.sky) + heaven * self.sky + self.emission * glow
        return Scenery((picture.clip(0, 1) * 255).astype(np.uint8), self.cover)


def paint(place: Place) -> Painting:
    """Paint the scene; takes about a second."""
    view = place.view
    ground, lamps = _ground(place)
    size = view.width * _FINE, view.height_px * _FINE
    canvas = np.zeros((size[1], size[0], 4), np.float32)
    canvas[..., :3] = cv2.resize(ground[..., :3], size, interpolation=cv2.INTER_LINEAR)
    canvas[..., 3] = cv2.resize(ground[..., 3], size, interpolation=cv2.INTER_LINEAR)
    brush = _Brush(canvas, view.scaled(_FINE), place)
    _trees(brush)
    cover = _warehouse(brush)
    _fence(brush)
    _guard_house(brush)
    _furniture(brush)
    small = cv2.resize(canvas, (view.width, view.height_px), interpolation=cv2.INTER_AREA)
    emission = cv2.resize(brush.emission, (view.width, view.height_px), interpolation=cv2.INTER_AREA)
    emission = emission + 0.5 * cv2.GaussianBlur(emission, (0, 0), 14)
    hidden = cv2.resize(cover, (view.width, view.height_px), interpolation=cv2.INTER_AREA) > 127  # noqa: PLR2004
    return Painting(place, small[..., :3], 1 - small[..., 3:], emission, lamps, hidden)


def _noise(seed: int, height: int, width: int, cell: int) -> Plane:
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
    return cv2.remap(texture, wide, deep, cv2.INTER_LINEAR).astype(np.float32, copy=False)


def _band(value: Plane, low: float, high: float, soft: Plane) -> Plane:
    """Return 1 within the band and 0 outside, its edges as soft as a pixel is large there."""
    edge = np.minimum(value - low, high - value) / soft + 0.5
    return edge.clip(0, 1)[..., None].astype(np.float32)


def _ground(place: Place) -> tuple[Plane, Plane]:
    """Return the ground, `(h, w, 4)` BGR and cover, and how much the lamps light it, `(h, w, 1)`."""
    view = place.view
    x, z, below = view.ground()
    x = np.where(below, x * place.side, 0).astype(np.float32)
    z = np.where(below, np.minimum(z, 400), 400).astype(np.float32)
    wide = np.maximum(z / view.focal, 0.002) * 1.2
    deep = np.maximum(z * z / (view.focal * view.height), 0.004) * 1.2
    texture = _noise(place.seed, 512, 512, 24)
    fine = np.random.default_rng(place.seed + 1).random((512, 512), np.float32)
    near = np.exp(-z / 22)[..., None]
    grain = (_sample(fine, x, z, 4.0)[..., None] - 0.5) * near
    stains = _sample(texture, x, z, 9.0)[..., None]
    asphalt = np.float32((0.34, 0.335, 0.33)) * (0.86 + 0.25 * stains + 0.28 * grain)
    lane = place.lane
    for wheel in (-0.75, 0.75):
        track = np.exp(-(((x - lane - wheel) / 0.28) ** 2))[..., None]
        asphalt = asphalt * (1 - 0.16 * track)
    oil = np.exp(-(((x - lane) / 0.25) ** 2))[..., None] * (stains > 0.55)
    asphalt = asphalt * (1 - 0.12 * oil)
    picture = asphalt
    grass = np.float32((0.14, 0.36, 0.24)) * (0.65 + 0.5 * stains + 0.6 * grain)
    lawn = _band(x, lane + 8.5, 60, wide) + _band(x, -60, lane - 6.5, wide)
    lawn = np.maximum(lawn * _band(z, -5, 400, deep), _band(z, 33, 400, deep))
    picture = picture * (1 - lawn) + grass * lawn
    picture = _markings(place, picture, x, z, wide, deep)
    sky = below.astype(np.float32)[..., None]
    pools = sum(
        strength * np.exp(-(((x - at_x) / reach) ** 2) - ((z - at_z) / (reach * 1.3)) ** 2)
        for at_x, at_z, reach, strength in ((lane + 1.5, 9.0, 5.0, 0.75), (lane - 2, 20.0, 7.0, 0.45), (lane + 5.5, 13, 4.0, 0.4))
    )
    upright = np.float32(0.22)
    pools = np.where(below, pools, 0.0).astype(np.float32)[..., None]
    return np.concatenate([picture, sky], axis=2).astype(np.float32), np.maximum(pools, upright * near).astype(np.float32)


def _markings(place: Place, picture: Plane, x: Plane, z: Plane, wide: Plane, deep: Plane) -> Plane:
    """Add kerbs, lines, the stop line and parking bays."""
    lane, white = place.lane, np.float32((0.80, 0.82, 0.82))
    worn = (0.55 + 0.45 * _sample(_noise(place.seed + 2, 256, 256, 12), x, z, 3.0))[..., None]

    def laid(mask: Plane, colour: NDArray[np.float32], share: float = 0.85) -> None:
        nonlocal picture
        cover = mask * worn * share
        picture = picture * (1 - cover) + colour * cover

    stretch = _band(z, -2, 19, deep)
    for kerb in (lane - 2.05, lane + 2.05):
        stone = _band(x, kerb - 0.11, kerb + 0.11, wide) * stretch
        stripes = _band(np.mod(z, 1.6), 0, 0.8, deep)
        shade = np.float32((0.66, 0.68, 0.68)) * (1 - stripes) + np.float32((0.10, 0.62, 0.80)) * stripes
        picture = picture * (1 - stone) + shade * stone
        edge = _band(x, kerb + 0.11, kerb + 0.20, wide) * stretch
        picture = picture * (1 - 0.35 * edge)
    island = _band(x, lane + 2.16, lane + 3.2, wide) * _band(z, 5, 19, deep)
    paving = np.float32((0.52, 0.54, 0.55)) * (0.8 + 0.3 * worn)
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


class _Brush:
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

    def polygon(self, points: list[tuple[float, float, float]], colour: tuple[float, float, float], glow: float = 0.0) -> None:
        """Fill a flat polygon; `glow` lights it at night."""
        at = (self.pixels(points) * 8).round().astype(np.int32)
        cv2.fillPoly(self.canvas, [at], (*colour, 1.0), cv2.LINE_8, 3)
        cv2.fillPoly(self.emission, [at], tuple(c * glow for c in colour), cv2.LINE_8, 3)

    def texture(self, points: list[tuple[float, float, float]], texture: Plane) -> None:
        """Fill a quadrilateral, top left first and clockwise, with a texture `(h, w, 3)`."""
        height, width = texture.shape[:2]
        corners = np.float32([(0, 0), (width, 0), (width, height), (0, height)])
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
        warped = cv2.warpPerspective(texture, shift @ matrix, size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
        mask = np.zeros(size[::-1], np.uint8)
        cv2.fillConvexPoly(mask, ((at - low) * 8).round().astype(np.int32), 255, cv2.LINE_8, 3)
        region = self.canvas[low[1] : high[1], low[0] : high[0]]
        region[mask > 0, :3] = warped[mask > 0]
        region[mask > 0, 3] = 1
        self.emission[low[1] : high[1], low[0] : high[0]][mask > 0] = 0

    def box(self, low: tuple[float, float, float], high: tuple[float, float, float], colour: tuple[float, float, float]) -> None:
        """Paint the sides of a box that are seen: the one towards the camera, one beside it, and the top."""
        (x1, y1, z1), (x2, y2, z2) = low, high
        side = x1 if x1 * self.place.side * self.place.side > 0 else x2
        shade = tuple(c * 0.72 for c in colour)
        self.polygon([(side, y1, z1), (side, y1, z2), (side, y2, z2), (side, y2, z1)], (shade[0], shade[1], shade[2]))
        bright = tuple(min(1.0, c * 1.15) for c in colour)
        if y2 < self.view.height:
            self.polygon([(x1, y2, z1), (x2, y2, z1), (x2, y2, z2), (x1, y2, z2)], (bright[0], bright[1], bright[2]))
        self.polygon([(x1, y1, z1), (x2, y1, z1), (x2, y2, z1), (x1, y2, z1)], colour)


def _trees(brush: _Brush) -> None:
    """Paint a wood far off and some trees before it."""
    random = brush.random
    places = [(float(random.uniform(-70, 90)), float(random.uniform(60, 95)), float(random.uniform(7, 12))) for _ in range(70)]
    places += [(brush.place.lane + 11, 36.0, 7.5), (brush.place.lane + 17, 42.0, 9.0), (brush.place.lane + 13, 26.0, 6.5)]
    places += [(brush.place.lane + 4.5, 50.0, 9.0), (brush.place.lane + 0.5, 56.0, 8.0)]
    for x, z, height in sorted(places, key=lambda place: -place[1]):
        _tree(brush, x, z, height)


def _tree(brush: _Brush, x: float, z: float, height: float) -> None:
    random = brush.random
    haze = min(0.45, z / 220)
    brush.polygon([(x - 0.15, 0, z), (x + 0.15, 0, z), (x + 0.1, height * 0.5, z), (x - 0.1, height * 0.5, z)], (0.15, 0.2, 0.25))
    (left, top), (right, bottom) = brush.pixels([(x - height * 0.32 * brush.place.side, height, z), (x + height * 0.32 * brush.place.side, height * 0.18, z)])
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


def _warehouse(brush: _Brush) -> NDArray[np.uint8]:
    """Paint the hall behind which the road turns; return what it hides, `(h, w)` 0 or 255."""
    x, z = brush.place.corner
    height, depth = 5.2, 22.0
    metal = np.float32((0.68, 0.67, 0.63))
    ribs = 0.90 + 0.10 * np.sign(np.sin(np.arange(900) * 0.7)).astype(np.float32)
    wall = np.ones((260, 900, 3), np.float32) * metal * ribs[None, :, None]
    wall *= (0.9 + 0.15 * _noise(brush.place.seed + 9, 260, 900, 60))[..., None]
    wall[:34] = np.float32((0.55, 0.30, 0.12))
    wall[236:] *= 0.7
    for gate in (140, 430):
        wall[110:260, gate : gate + 170] = np.float32((0.80, 0.80, 0.78)) * (0.85 + 0.15 * (np.arange(150) % 12 > 2))[:, None, None]
        wall[104:110, gate - 6 : gate + 176] = 0.25
    _write(wall, "NORTHGATE", (650, 60), 46)
    front = [(x - 24, height, z), (x, height, z), (x, 0.0, z), (x - 24, 0.0, z)]
    brush.polygon([(x, 0, z), (x, 0, z + depth), (x, height, z + depth), (x, height, z)], (0.46, 0.45, 0.43))
    brush.texture(front, wall)
    for at in (-20.5, -12.8):
        lamp = [(x + at, 3.35, z - 0.05), (x + at + 0.5, 3.35, z - 0.05), (x + at + 0.5, 3.5, z - 0.05), (x + at, 3.5, z - 0.05)]
        brush.polygon(lamp, (0.75, 0.9, 0.95), 1.0)
    cover = np.zeros(brush.canvas.shape[:2], np.uint8)
    cv2.fillPoly(cover, [(brush.pixels(front) * 8).round().astype(np.int32)], 255, cv2.LINE_8, 3)
    return cover


def _write(wall: Plane, text: str, at: tuple[int, int], size: int) -> None:
    """Paint letters on a wall texture, in place."""
    image = Image.fromarray((wall * 255).clip(0, 255).astype(np.uint8))
    ImageDraw.Draw(image).text(at, text, font=ImageFont.load_default(size=size), fill=(150, 90, 40), anchor="la", stroke_width=1)
    wall[:] = np.asarray(image, np.float32) / 255


def _fence(brush: _Brush) -> None:
    """Paint a fence of bars along the lawn."""
    x = brush.place.lane + 8.3
    for z in np.arange(40, 6, -0.35):
        thick = 0.05 if round(z / 0.35) % 8 == 0 else 0.02
        brush.polygon([(x - thick, 0, z), (x + thick, 0, z), (x + thick, 1.9, z), (x - thick, 1.9, z)], (0.22, 0.25, 0.22))
    for y in (0.25, 1.75):
        brush.polygon([(x, y, 6.0), (x, y, 40), (x, y + 0.06, 40), (x, y + 0.06, 6.0)], (0.2, 0.23, 0.2))


def _guard_house(brush: _Brush) -> None:
    """Paint the guard house with its windows, and somebody's light in it."""
    if brush.place.bays:
        return
    x1, x2, z1, z2 = brush.place.lane + 3.5, brush.place.lane + 6.1, 13.0, 16.0
    brush.box((x1, 0, z1), (x2, 2.5, z2), (0.74, 0.80, 0.83))
    brush.polygon([(x1, 0.0, z1), (x2, 0.0, z1), (x2, 0.35, z1), (x1, 0.35, z1)], (0.40, 0.38, 0.36))
    for left, right in ((x1 + 0.25, x1 + 1.15), (x1 + 1.25, x1 + 1.75)):
        brush.polygon([(left - 0.06, 1.0, z1), (right + 0.06, 1.0, z1), (right + 0.06, 2.1, z1), (left - 0.06, 2.1, z1)], (0.30, 0.30, 0.30))
        brush.polygon([(left, 1.06, z1), (right, 1.06, z1), (right, 2.04, z1), (left, 2.04, z1)], (0.45, 0.62, 0.70), 0.9)
        brush.polygon([(left, 1.06, z1), (right, 1.06, z1), (left, 1.6, z1)], (0.38, 0.52, 0.60), 0.8)
    brush.polygon([(x1, 1.0, z1 + 0.4), (x1, 1.0, z1 + 2.4), (x1, 2.1, z1 + 2.4), (x1, 2.1, z1 + 0.4)], (0.42, 0.58, 0.66), 0.8)
    brush.polygon([(x2 - 0.75, 0.05, z1), (x2 - 0.1, 0.05, z1), (x2 - 0.1, 2.1, z1), (x2 - 0.75, 2.1, z1)], (0.35, 0.22, 0.12))
    brush.box((x1 - 0.35, 2.5, z1 - 0.35), (x2 + 0.35, 2.72, z2 + 0.3), (0.30, 0.30, 0.31))


def _furniture(brush: _Brush) -> None:
    """Paint lamp posts, bollards, a road sign and the barrier's housing."""
    lane = brush.place.lane
    for x, z in ((lane + 2.75, 18.0), (lane - 2.6, 20.5)):
        brush.polygon([(x - 0.06, 0, z), (x + 0.06, 0, z), (x + 0.04, 6.2, z), (x - 0.04, 6.2, z)], (0.40, 0.41, 0.40))
        brush.polygon([(x - 0.9, 6.1, z), (x + 0.05, 6.2, z), (x + 0.05, 6.32, z), (x - 0.9, 6.2, z)], (0.4, 0.41, 0.4))
        brush.polygon([(x - 0.95, 6.05, z), (x - 0.4, 6.1, z), (x - 0.4, 6.16, z), (x - 0.95, 6.13, z)], (0.80, 0.95, 1.0), 1.0)
    x, z = lane + 2.95, 16.5
    brush.polygon([(x - 0.03, 0, z), (x + 0.03, 0, z), (x + 0.03, 2.3, z), (x - 0.03, 2.3, z)], (0.5, 0.5, 0.5))
    for radius, colour in ((0.33, (0.12, 0.10, 0.72)), (0.25, (0.90, 0.92, 0.92))):
        disc = [(x + radius * float(np.cos(a)), 2.3 + radius * float(np.sin(a)), z) for a in np.linspace(0, 2 * np.pi, 28)]
        brush.polygon(disc, colour)
    for z in (16.0, 13.0, 10.5, 7.4):
        for x in (lane + 2.5, lane - 2.45):
            brush.box((x - 0.07, 0, z - 0.07), (x + 0.07, 0.85, z + 0.07), (0.12, 0.65, 0.82))
            brush.polygon([(x - 0.07, 0.5, z - 0.07), (x + 0.07, 0.5, z - 0.07), (x + 0.07, 0.66, z - 0.07), (x - 0.07, 0.66, z - 0.07)], (0.1, 0.1, 0.1))
    if brush.place.boom is not None:
        x, z = lane + 2.6, brush.place.boom
        brush.box((x - 0.18, 0, z - 0.2), (x + 0.18, 1.12, z + 0.2), (0.10, 0.50, 0.88))
        brush.polygon([(x - 0.18, 0.3, z - 0.2), (x + 0.18, 0.3, z - 0.2), (x + 0.18, 0.4, z - 0.2), (x - 0.18, 0.4, z - 0.2)], (0.1, 0.1, 0.1))
