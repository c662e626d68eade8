"""Faces of freight containers drawn by chance: doors, sides, ends, roofs, reefers, tanks, with what is written there.

A face is drawn flat at `PIXELS_PER_METRE`; `alpr.training.containerscene` puts it into a picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final

import numpy as np
from PIL import Image

from alpr.domain import BgrImage
from alpr.iso6346 import check_digit
from alpr.training.containerlettering import (
    LAYOUTS,
    PIXELS_PER_METRE,
    Sheet,
    Spot,
    chosen_font,
    write_clutter,
    write_code,
)
from alpr.training.containersteel import Flat, doors, folded, lock_bars, vessel, weathered
from alpr.training.reader.chance import happens

_FACES: Final = {
    "doors": (2.44, 2.59), "side": (6.06, 2.59), "end": (2.44, 2.59), "roof": (6.06, 2.44), "reefer": (2.44, 2.59),
    "tank": (6.06, 2.44),
}  # fmt: skip
_SHARES: Final = (0.5, 0.2, 0.08, 0.08, 0.07, 0.07)
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SIZES: Final = ("22G1", "45G1", "42G1", "25G1", "22R1", "45R1", "22T6", "L5G1", "22U1", "22K2")
_PAINTS: Final = (
    (40, 50, 120), (30, 35, 90), (110, 60, 25), (60, 90, 40), (45, 45, 45), (200, 205, 205), (150, 150, 145),
    (35, 110, 190), (120, 90, 30), (70, 70, 140), (225, 225, 225), (90, 100, 30), (20, 70, 160), (140, 130, 40),
)  # fmt: skip
_BRIGHT_INKS: Final = ((235, 235, 235), (235, 235, 235), (215, 215, 215), (120, 225, 240))
_DARK_INKS: Final = ((25, 25, 25), (25, 25, 25), (110, 45, 20), (30, 30, 130))
_WHITE_FROM: Final = 130
_WALLS: Final = frozenset({"side", "end", "roof"})


@dataclass(frozen=True, slots=True)
class Face:
    """One side of a container: its picture, and where the code stands, x1 y1 x2 y2 in its pixels."""

    image: BgrImage
    code: str
    size_type: str
    layout: str
    place: Spot


def random_code(random: Random) -> str:
    """Make up a code whose check digit is right."""
    ten = "".join(random.choices(_LETTERS, k=3)) + random.choices("UJZ", (0.96, 0.02, 0.02))[0]
    ten += "".join(random.choices("0123456789", k=6))
    return f"{ten}{check_digit(ten)}"


def draw_face(
    random: Random,
    kind: str | None = None,
    layout: str | None = None,
    code: str | None = None,
    *,
    own_font: bool = False,
) -> Face:
    """Draw one face; what is not given is chosen by chance, `own_font` is the one that every machine has."""
    kind = kind or random.choices(tuple(_FACES), _SHARES)[0]
    layout = layout or random.choices(LAYOUTS, (0.3, 0.35, 0.2, 0.15))[0]
    code = code or random_code(random)
    size_type = random.choice(_SIZES)
    width, height = (round(metres * PIXELS_PER_METRE) for metres in _FACES[kind])
    plain, tone = _painted(random, kind, width, height)
    ink = random.choice(_DARK_INKS if tone > _WHITE_FROM else _BRIGHT_INKS)
    font = chosen_font(random, own=own_font)
    canvas = Image.fromarray(np.clip(plain, 0, 255).astype(np.uint8))
    sheet = Sheet(canvas, ink, font, random.choice((0, 0, 1)), random.uniform(0.08, 0.22))
    gap = width / 2 if kind in {"doors", "reefer"} else None
    place = write_code(random, sheet, code, size_type, layout, gap)
    write_clutter(random, sheet, place)
    image = np.asarray(sheet.image, np.uint8).copy()
    if kind in _WALLS:
        image = folded(random, image, (0.3, 1.6) if happens(random, 0.8) else (0.0, 0.3))
    elif gap:
        lock_bars(random, image, place)
    return Face(weathered(random, image), code, size_type, layout, place)


def _painted(random: Random, kind: str, width: int, height: int) -> tuple[Flat, float]:
    """Paint the bare steel; return it with how bright it is where the code is going to stand."""
    chosen = (random.randint(205, 235),) * 3 if kind == "reefer" else random.choice(_PAINTS)
    paint = tuple(max(0, min(255, tone + random.randint(-15, 15))) for tone in chosen)
    plain = np.full((height, width, 3), paint, np.float32)
    if kind == "tank":
        plain = vessel(random, plain)
        return plain, float(plain[height // 4].mean())
    if kind in {"doors", "reefer"}:
        plain = doors(random, plain)
    return plain, sum(paint) / 3
