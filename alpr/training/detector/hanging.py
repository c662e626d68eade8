"""Hanging drawn plates on photographed vehicles, and stamps, lettering and boards where no plate is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from alpr.domain import BgrImage
from alpr.training.detector.dice import chance
from alpr.training.detector.pasting import (
    Quad,
    Shade,
    height_of,
    paste,
    random_quad,
    shade_of,
    under,
    width_of,
)
from alpr.training.detector.signs import Texture
from alpr.training.detector.truth import bounds

Rows: TypeAlias = NDArray[np.float32]
"""Things in a picture, `(n, 15)`: class, box `x1 y1 x2 y2`, corners `x y` four times, whether the box and the corners
are known; places to ignore, `(k, 5)`: 0 (perhaps a plate) or 1 (perhaps a vehicle), and box."""
WIDEST, NARROWEST, _LOWEST = 540.0, 13.0, 4.5
"""Pixels of a plate: its width from and to, and the least height of a drawn one, below which it is any stripe."""


@dataclass(slots=True)
class Tile:
    """A part of a picture while it is made; coordinates are those of the tile."""

    pixels: BgrImage
    quads: list[Quad]
    known: list[bool]
    vehicles: Rows
    ignored: Rows


def hang_plates(random: Random, tile: Tile, plates: Sequence[Texture]) -> None:
    """Cover some of the plates with drawn ones, and hang drawn ones elsewhere."""
    for number, quad in enumerate(tile.quads):
        if chance(random, 0.4 if tile.known[number] else 0.55):
            texture = min(
                random.choices(plates, k=6),
                key=lambda t: abs(math.log(t.aspect / width_of(quad) / max(1e-3, height_of(quad)))),
            )
            over = _covering(random, quad, texture.aspect, exact=tile.known[number])
            paste(tile.pixels, texture, over, shade_of(random, under(tile.pixels, quad)))
            tile.quads[number], tile.known[number] = over, True
    height, width = tile.pixels.shape[:2]
    for _ in range(random.choice((0, 0, 0, 1, 1))):
        texture = random.choice(plates)
        wide = math.exp(random.uniform(math.log(NARROWEST), math.log(max(20.0, min(WIDEST, 0.75 * width)))))
        centre = random.uniform(0.05, 0.95) * width, random.uniform(0.1, 0.95) * height
        if len(tile.vehicles) and chance(random, 0.75):
            _, x1, y1, x2, y2 = tile.vehicles[random.randrange(len(tile.vehicles))].tolist()
            wide = max(NARROWEST, (x2 - x1) * random.uniform(0.14, 0.34))
            centre = x1 + (x2 - x1) * random.uniform(0.15, 0.85), y1 + (y2 - y1) * random.uniform(0.45, 0.9)
        quad = random_quad(random, centre, max(wide, _LOWEST * texture.aspect), texture.aspect)
        if width_of(quad) < WIDEST and _free(tile, quad):
            paste(tile.pixels, texture, quad, shade_of(random, under(tile.pixels, quad)))
            tile.quads.append(quad)
            tile.known.append(True)


def _covering(random: Random, quad: Quad, aspect: float, *, exact: bool) -> Quad:
    """Stretch the quad about its middle to a plate of the aspect that hides the one there."""
    least = random.uniform(1.02, 1.12) if exact else random.uniform(1.2, 1.4)
    share = width_of(quad) / max(1e-3, height_of(quad)) / aspect
    across, down = (random.uniform(1.0, 1.1), least)
    if across * share > down:
        down = across * share
    else:
        across = down / share
    middle = quad.mean(0)
    along = ((quad[1] - quad[0]) + (quad[2] - quad[3])) / 4
    upright = ((quad[3] - quad[0]) + (quad[2] - quad[1])) / 4
    twist = (quad[0] - quad[1] + quad[2] - quad[3]) / 4
    signs = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], np.float32)
    stretched: Quad = (
        middle
        + signs[:, :1] * along * across
        + signs[:, 1:] * upright * down
        + signs[:, :1] * signs[:, 1:] * twist * across * down
    ).astype(np.float32)
    return stretched


def _free(tile: Tile, quad: Quad) -> bool:
    """Whether nothing that counts as a plate lies under the quad."""
    if not tile.quads:
        return True
    taken, mine = bounds(np.stack(tile.quads)), bounds(quad[None])[0]
    margin = 0.1 * (mine[2] - mine[0])
    apart = (
        (taken[:, 2] < mine[0] - margin)
        | (taken[:, 0] > mine[2] + margin)
        | (taken[:, 3] < mine[1] - margin)
        | (taken[:, 1] > mine[3] + margin)
    )
    return bool(apart.all())


def add_clutter(random: Random, tile: Tile, others: Sequence[Texture]) -> None:
    """Put stamps, lettering and boards where no plate is."""
    height, width = tile.pixels.shape[:2]
    for _ in range(random.randint(1, 3)):
        texture = random.choice(others)
        wide = random.uniform(0.08, 0.6) * width
        centre = random.uniform(0.02, 0.98) * width, random.choice((0.05, 0.95, random.random())) * height
        quad = random_quad(random, centre, wide, texture.aspect)
        if _free(tile, quad):
            light = random.uniform(0.4, 1.1)
            paste(tile.pixels, texture, quad, Shade((light, light, light), 0.0, abs(random.gauss(0, 0.5))))
