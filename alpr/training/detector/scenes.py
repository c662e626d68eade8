"""Pictures to train on: photographs turned, scaled and put side by side, with drawn plates pasted in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from alpr.domain import BgrImage, GreyImage
from alpr.training.detector.dice import chance
from alpr.training.detector.hanging import NARROWEST, WIDEST, Rows, Tile, add_clutter, hang_plates
from alpr.training.detector.pasting import MIRRORED
from alpr.training.detector.signs import Texture
from alpr.training.detector.truth import Scene, bounds

ROW: Final = 15
_HALVED: Final = 0.6
"""Photographs that are shrunk more are taken at half size, so that they do not alias."""
_CLOSEST: Final = 8.0
"""Times that a photograph is magnified at most."""
_HARDLY, _PARTLY, _MOSTLY, _WHOLE = 0.02, 0.25, 0.6, 0.97
"""How much of a thing is to be seen."""
_LEAST_CONTRAST: Final = 16.0
_LEAST_PLATE, _LEAST_VEHICLE = (9.0, 2.5), 10.0
"""Pixels that can tell what it is."""


@dataclass(frozen=True, slots=True)
class Photograph:
    """A scene in memory, at full and at half size."""

    scene: Scene
    whole: BgrImage
    half: BgrImage


@dataclass(frozen=True, slots=True)
class Sample:
    """One picture to train on."""

    image: BgrImage
    rows: Rows
    ignored: Rows
    """`(k, 5)`: 0 (perhaps a plate) or 1 (perhaps a vehicle), and box."""


def photograph(scene: Scene, image: BgrImage) -> Photograph:
    """Keep a picture ready for sampling."""
    half = cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return Photograph(scene, image, half.astype(np.uint8, copy=False))


def compose(
    random: Random, photographs: Sequence[Photograph], plates: Sequence[Texture], others: Sequence[Texture],
    size: tuple[int, int],
) -> Sample:  # fmt: skip
    """Make one picture of the size (width, height): one photograph, or four beside each other."""
    width, height = size
    image = np.empty((height, width, 3), np.uint8)
    across = 1 if chance(random, 0.55) else 2
    xs, ys = _cuts(random, width, across), _cuts(random, height, across)
    rows, ignored = [], []
    for top, bottom in pairwise(ys):
        for left, right in pairwise(xs):
            shown = random.choice(photographs)
            tile = _tile(random, shown, (right - left, bottom - top), across)
            hang_plates(random, tile, plates)
            if chance(random, 0.3):
                add_clutter(random, tile, others)
            image[top:bottom, left:right] = tile.pixels
            fresh, unsure = _rows(tile)
            rows.append(_moved(fresh, left, top))
            ignored.append(_moved(np.concatenate([unsure, tile.ignored]), left, top))
    return Sample(image, np.concatenate(rows), np.concatenate(ignored))


def seen_only(sample: Sample, image: BgrImage) -> Sample:
    """Ignore the plates that cannot be told from what is round them once the picture is exposed."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.uint8, copy=False)
    hidden = np.array([row[0] == 0 and _contrast(grey, row[1:5]) < _LEAST_CONTRAST for row in sample.rows], np.bool_)
    if not hidden.any():
        return Sample(image, sample.rows, sample.ignored)
    unsure = np.concatenate([sample.ignored, sample.rows[hidden][:, :5]])
    return Sample(image, sample.rows[~hidden], unsure)


def _contrast(grey: GreyImage, box: NDArray[np.float32]) -> float:
    """Return how far the levels of a place spread, 0 to 255."""
    x1, y1, x2, y2 = (int(edge) for edge in box)
    place = grey[y1 : y2 + 1, x1 : x2 + 1]
    return float(place.std()) * 2 if place.size else 0.0


def _cuts(random: Random, length: int, parts: int) -> list[int]:
    inner = [int(length * (n + random.uniform(-0.25, 0.25)) / parts) for n in range(1, parts)]
    return [0, *inner, length]


def _moved(rows: Rows, x: int, y: int) -> Rows:
    rows = rows.copy()
    last = 13 if rows.shape[1] == ROW else 5
    rows[:, 1:last:2] += x
    rows[:, 2:last:2] += y
    return rows


def _tile(random: Random, shown: Photograph, size: tuple[int, int], across: int) -> Tile:
    """Show the photograph round one of its plates, or anywhere."""
    scene = shown.scene
    height, width = shown.whole.shape[:2]
    focus = (
        scene.boxes[random.randrange(len(scene.boxes))]
        if len(scene.boxes)
        else np.array([width * 0.3, height * 0.4, width * 0.7, height * 0.6])
    )
    scale, flip = _scale(random, focus, (width, height), size, across), chance(random, 0.5)
    middle = float(focus[0] + focus[2]) / 2, float(focus[1] + focus[3]) / 2
    matrix = _turned(random, middle, (width, height), scale, flip=flip)
    half = (focus[2:] - focus[:2]) * scale * (0.5 if chance(random, 0.85) else 0.0)
    matrix = _shifted(random, matrix, (width, height), size, half) @ matrix
    ground = random.choice((114, random.randint(0, 255), 0))
    source, used = (shown.whole, matrix) if scale > _HALVED else (shown.half, matrix @ np.diag([2.0, 2.0, 1.0]))
    pixels = cv2.warpPerspective(source, used, size, flags=cv2.INTER_LINEAR, borderValue=(ground,) * 3).astype(
        np.uint8, copy=False
    )
    quads = _projected(scene.quads, matrix)
    if flip:
        quads = quads[:, MIRRORED]
    return Tile(
        pixels,
        list(quads),
        scene.exact.tolist(),
        _boxes_moved(scene.vehicles, matrix),
        _boxes_moved(scene.ignored, matrix),
    )


def _scale(
    random: Random, focus: NDArray[np.float32], picture: tuple[int, int], size: tuple[int, int], across: int
) -> float:
    """Choose how large to show a photograph: as cameras see vehicles, now and then as close as to fill the width."""
    wide = max(4.0, float(focus[2] - focus[0]))
    if across == 1 and chance(random, 0.25):
        return min(random.uniform(0.4, 0.92) * size[0] / wide, _CLOSEST)
    fit = max(size[0] / picture[0], size[1] / picture[1])
    scale = fit * math.exp(random.uniform(math.log(0.5), math.log(3.2 if across == 1 else 1.8)))
    return min(max(scale, NARROWEST / wide, 0.08), min(WIDEST, 0.9 * size[0]) / wide, 4.0)


def _turned(
    random: Random, at: tuple[float, float], size: tuple[int, int], scale: float, *, flip: bool
) -> NDArray[np.float64]:
    """Return the matrix that brings `at` to the origin, scaled, turned, and seen a little from the side."""
    angle = math.radians(random.gauss(0, 3.5))
    turn = np.array([(math.cos(angle), -math.sin(angle), 0), (math.sin(angle), math.cos(angle), 0), (0, 0, 1)])
    shape = np.array(
        [
            (scale * (-1 if flip else 1), scale * random.gauss(0, 0.05), 0),
            (0, scale * random.uniform(0.88, 1.14), 0),
            (0, 0, 1),
        ]
    )
    tip = np.eye(3)
    if chance(random, 0.3):
        tip[2, 0], tip[2, 1] = random.gauss(0, 0.22) / size[0], random.gauss(0, 0.22) / size[1]
    centre = np.array([(1, 0, -at[0]), (0, 1, -at[1]), (0, 0, 1)])
    moved: NDArray[np.float64] = turn @ shape @ tip @ centre
    return moved


def _shifted(
    random: Random,
    matrix: NDArray[np.float64],
    picture: tuple[int, int],
    size: tuple[int, int],
    half: NDArray[np.float32],
) -> NDArray[np.float64]:
    """Return the shift that puts the origin somewhere in the tile, mostly so that the picture fills it.

    `half` is how far what stands at the origin reaches; there is room for it, as far as can be.
    """
    shift = np.eye(3)
    width, height = picture
    outline = _projected(np.array([[(0, 0), (width, 0), (width, height), (0, height)]], np.float32), matrix)[0]
    fill = chance(random, 0.75)
    for axis in (0, 1):
        low = min(0.5 * size[axis], max(0.06 * size[axis], float(half[axis])))
        high = size[axis] - low
        if fill:
            ends = sorted((size[axis] - float(outline[:, axis].max()), -float(outline[:, axis].min())))
            if max(low, ends[0]) < min(high, ends[1]):
                low, high = max(low, ends[0]), min(high, ends[1])
        shift[axis, 2] = random.uniform(low, high)
    return shift


def _projected(quads: NDArray[np.float32], matrix: NDArray[np.float64]) -> NDArray[np.float32]:
    points = quads.reshape(-1, 1, 2).astype(np.float64)
    if not len(points):
        return quads.reshape(-1, 4, 2)
    return cv2.perspectiveTransform(points, matrix).reshape(-1, 4, 2).astype(np.float32)


def _boxes_moved(rows: Rows, matrix: NDArray[np.float64]) -> Rows:
    corners = rows[:, [1, 2, 3, 2, 3, 4, 1, 4]].reshape(-1, 4, 2)
    return np.concatenate([rows[:, :1], bounds(_projected(corners, matrix))], 1).astype(np.float32)


def _rows(tile: Tile) -> tuple[Rows, Rows]:
    """Turn a tile's truth into rows, and what shows too little of itself into places to ignore."""
    height, width = tile.pixels.shape[:2]
    limit = np.array((width, height) * 2, np.float32)
    rows: list[NDArray[np.float32]] = []
    ignored: list[NDArray[np.float32]] = []
    for quad, exact in zip(tile.quads, tile.known, strict=True):
        box = bounds(quad[None])[0]
        shown, share = _shown(box, limit)
        if share > _MOSTLY and (shown[2:] - shown[:2] >= _LEAST_PLATE).all():
            whole = share > _WHOLE
            rows.append(np.concatenate([[0], shown, quad.ravel(), [exact, exact and whole]]))
        elif share > _HARDLY:
            ignored.append(np.concatenate([[0], shown]))
    for label, *edges in tile.vehicles:
        box = np.array(edges, np.float32)
        shown, share = _shown(box, limit)
        if share > _PARTLY and (shown[2:] - shown[:2]).min() >= _LEAST_VEHICLE:
            rows.append(np.concatenate([[label], shown, np.zeros(8), [1, 0]]))
        elif share > _HARDLY:
            ignored.append(np.concatenate([[1], shown]))
    return np.array(rows, np.float32).reshape(-1, ROW), np.array(ignored, np.float32).reshape(-1, 5)


def _shown(box: NDArray[np.float32], limit: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
    """Return the part of a box inside the tile and its share of the whole."""
    shown = np.clip(box, 0, limit)
    area = max(1e-6, float((box[2] - box[0]) * (box[3] - box[1])))
    return shown, float((shown[2] - shown[0]) * (shown[3] - shown[1])) / area
