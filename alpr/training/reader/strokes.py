"""Stroke typefaces: each draws its characters with its own proportions, weight, corners and variants.

A shape is strokes separated by `/`; a stroke is points `x y` (per cent of the character's box, downwards) separated by
`,`; `~` rounds the corner at a point by the typeface's radius, `o` as far as its neighbours allow; `@` closes a stroke.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from alpr.training.reader.chance import happens
from alpr.training.reader.typeface import GLYPH_HEIGHT, Mask, Typeface, alike

_SCALE: Final = 2
"""Characters are drawn that much larger and then reduced, so that their edges are smooth."""
_BEND: Final = 7
"""Points that stand for a rounded corner."""
_INKED: Final = 60

SHAPES: Final[dict[str, tuple[str, ...]]] = {
    "0": ("@0 0o, 100 0o, 100 100o, 0 100o", "@0 0~, 100 0~, 100 100~, 0 100~"),
    "1": (
        "20 24, 62 0, 62 100",
        "12 18, 55 0, 55 100 / 14 100, 96 100",
        "30 16, 60 0, 60 100",
        "22 0, 60 0, 60 100 / 18 100, 100 100",
        "25 30, 60 3, 60 100",
    ),
    "2": (
        "0 27, 0 0o, 100 0o, 100 42o, 0 100, 100 100",
        "2 24, 2 0~, 100 0~, 100 45~, 0 72~, 0 100, 100 100",
        "0 28, 0 0o, 98 0o, 98 52o, 0 96, 0 100, 100 100",
    ),
    "3": (
        "0 20, 0 0o, 98 0o, 98 47o, 40 47 / 40 47, 100 47o, 100 100o, 0 100o, 0 80",
        "3 0, 98 0, 45 40, 100 40o, 100 100o, 0 100o, 0 78",
        "0 22, 0 0~, 100 0~, 100 48~, 30 48 / 30 48, 100 48~, 100 100~, 0 100~, 0 78",
    ),
    "4": ("74 100, 74 0, 0 70, 104 70", "70 100, 70 34 / 58 0, 0 70, 104 70", "80 0, 80 100 / 8 0, 2 62, 102 62"),
    "5": (
        "94 0, 8 0, 4 45, 50 36o, 100 40o, 100 100o, 0 100o, 0 80",
        "96 0, 5 0, 5 42, 100 42~, 100 100~, 0 100~, 0 78",
        "94 0, 10 0, 2 50, 45 38o, 102 38o, 102 100o, 0 100o, 0 82",
    ),
    "6": (
        "97 22, 97 0o, 0 0o, 0 100o, 100 100o, 100 43o, 0 43o, 0 64",
        "72 0, 30 20o, 0 50o, 0 100o, 100 100o, 100 40o, 8 40o, 0 62",
        "97 20, 97 0~, 0 0~, 0 100~, 100 100~, 100 44~, 0 44",
    ),
    "7": ("0 0, 100 0, 34 100", "0 0, 100 0, 46 50o, 38 100", "0 14, 0 0, 100 0, 36 100"),
    "8": (
        "@6 0o, 94 0o, 94 47o, 6 47o / @0 47o, 100 47o, 100 100o, 0 100o",
        "@0 0~, 100 0~, 100 48~, 0 48~ / @0 48~, 100 48~, 100 100~, 0 100~",
        "@10 0o, 90 0o, 90 44o, 10 44o / @0 44o, 100 44o, 100 100o, 0 100o",
    ),
    "9": (
        "3 78, 3 100o, 100 100o, 100 0o, 0 0o, 0 57o, 100 57o, 100 36",
        "28 100, 70 80o, 100 50o, 100 0o, 0 0o, 0 60o, 92 60o, 100 38",
        "3 80, 3 100~, 100 100~, 100 0~, 0 0~, 0 56~, 100 56",
    ),
    "A": (
        "0 100, 50 0, 100 100 / 17 67, 83 67",
        "0 100, 38 0~, 62 0~, 100 100 / 14 68, 86 68",
        "0 100, 42 0, 58 0, 100 100 / 15 70, 85 70",
        "0 100, 0 0o, 100 0o, 100 100 / 0 62, 100 62",
    ),
    "B": (
        "0 0, 92 0o, 92 47o, 0 47 / 0 47, 100 47o, 100 100o, 0 100, 0 0",
        "0 0, 100 0~, 100 48~, 0 48 / 0 48, 100 48~, 100 100~, 0 100, 0 0",
    ),
    "C": (
        "100 28, 100 0o, 0 0o, 0 100o, 100 100o, 100 72",
        "100 25, 100 0~, 0 0~, 0 100~, 100 100~, 100 75",
    ),
    "D": (
        "@0 0, 100 0o, 100 100o, 0 100",
        "@0 0, 100 0~, 100 100~, 0 100",
        "@0 0, 70 0, 100 22o, 100 78o, 70 100, 0 100",
    ),
    "E": ("100 0, 0 0, 0 100, 100 100 / 0 48, 84 48", "96 0, 0 0, 0 100, 98 100 / 0 50, 96 50"),
    "F": ("100 0, 0 0, 0 100 / 0 48, 82 48", "98 0, 0 0, 0 100 / 0 52, 92 52"),
    "G": (
        "100 28, 100 0o, 0 0o, 0 100o, 100 100o, 100 56, 56 56",
        "100 25, 100 0~, 0 0~, 0 100~, 100 100~, 100 54, 55 54",
        "98 26, 98 0o, 0 0o, 0 100o, 96 100o, 96 60 / 60 56, 96 56, 96 100",
        "100 26, 100 0o, 0 0o, 0 100o, 100 100o, 100 62, 70 62",
    ),
    "H": ("0 0, 0 100 / 100 0, 100 100 / 0 49, 100 49",),
    "I": (
        "50 0, 50 100",
        "50 0, 50 100 / 4 0, 96 0 / 4 100, 96 100",
        "50 0, 50 100 / 14 0, 86 0 / 14 100, 86 100",
    ),
    "J": ("100 0, 100 100o, 0 100o, 0 70", "100 0, 100 100~, 0 100~, 0 72", "45 0, 100 0, 100 100o, 0 100o, 0 74"),
    "K": (
        "0 0, 0 100 / 98 0, 0 58 / 34 38, 100 100",
        "0 0, 0 100 / 96 0, 12 50, 100 100",
        "0 0, 0 100 / 0 50, 30 50, 94 0 / 30 50, 100 100",
    ),
    "L": ("0 0, 0 100, 100 100",),
    "M": (
        "0 100, 0 0, 50 58, 100 0, 100 100",
        "0 100, 0 0, 50 98, 100 0, 100 100",
        "0 100, 0 0, 50 36, 100 0, 100 100",
        "0 100, 14 0, 50 74, 86 0, 100 100",
    ),
    "N": ("0 100, 0 0, 100 100, 100 0",),
    "O": ("@0 0o, 100 0o, 100 100o, 0 100o", "@0 0~, 100 0~, 100 100~, 0 100~"),
    "P": ("0 100, 0 0, 100 0o, 100 54o, 0 54", "0 100, 0 0, 100 0~, 100 52~, 0 52"),
    "Q": (
        "@0 0o, 100 0o, 100 100o, 0 100o / 56 68, 104 106",
        "@0 0~, 100 0~, 100 100~, 0 100~ / 60 74, 100 102",
        "@0 0o, 100 0o, 100 96o, 0 96o / 48 80, 70 106, 100 106",
        "@0 0o, 100 0o, 100 100o, 0 100o / 50 60, 92 94",
    ),
    "R": (
        "0 100, 0 0, 98 0o, 98 52o, 0 52 / 48 52, 100 100",
        "0 100, 0 0, 100 0~, 100 50~, 0 50 / 40 50, 100 100",
        "0 100, 0 0, 96 0o, 96 50o, 0 50 / 50 50, 98 62o, 98 100",
    ),
    "S": (
        "99 25, 99 0o, 2 0o, 2 46o, 98 52o, 100 100o, 0 100o, 0 76",
        "100 24, 100 0~, 0 0~, 0 48~, 100 48~, 100 100~, 0 100~, 0 76",
        "96 22, 96 0o, 4 0o, 4 40, 96 60, 98 100o, 0 100o, 0 78",
    ),
    "T": ("0 0, 100 0 / 50 0, 50 100",),
    "U": ("0 0, 0 100o, 100 100o, 100 0", "0 0, 0 100~, 100 100~, 100 0"),
    "V": ("0 0, 50 100, 100 0", "0 0, 42 100~, 58 100~, 100 0", "0 0, 0 40, 50 100, 100 40, 100 0"),
    "W": (
        "0 0, 24 100, 50 30, 76 100, 100 0",
        "0 0, 22 100, 50 2, 78 100, 100 0",
        "0 0, 0 100, 50 45, 100 100, 100 0",
        "0 0, 16 100, 50 60, 84 100, 100 0",
    ),
    "X": ("0 0, 100 100 / 100 0, 0 100", "0 0, 0 14, 100 86, 100 100 / 100 0, 100 14, 0 86, 0 100"),
    "Y": (
        "0 0, 50 52, 100 0 / 50 52, 50 100",
        "0 0, 50 64, 100 0 / 50 64, 50 100",
        "0 0, 0 30, 50 56, 100 30, 100 0 / 50 56, 50 100",
    ),
    "Z": ("0 0, 100 0, 0 100, 100 100", "0 0, 100 0, 100 12, 0 88, 0 100, 100 100"),
}


@dataclass(frozen=True, slots=True)
class Die:
    """The proportions of one stroke typeface; lengths in pixels of a character `GLYPH_HEIGHT` high."""

    width: float
    across: float
    """Thickness of upright strokes."""
    along: float
    """Thickness of level strokes."""
    radius: float
    square: bool
    """Whether strokes end flat."""
    slant: float
    even: bool
    """Whether every character has the same width, as where falsifying was to be made hard."""


def stroke_typeface(random: Random) -> Typeface:
    """Make up a typeface."""
    width = GLYPH_HEIGHT * random.uniform(0.38, 0.66)
    across = random.uniform(4.5, min(10.5, 0.3 * width))
    die = Die(
        width=width,
        across=across,
        along=across * random.uniform(0.75, 1.1),
        radius=random.uniform(3, 20),
        square=happens(random, 0.4),
        slant=random.uniform(0.05, 0.2) if happens(random, 0.04) else 0.0,
        even=happens(random, 0.25),
    )
    rounder = happens(random, 0.75)
    shapes = {char: random.choice(variants) for char, variants in SHAPES.items()}
    for char in "0OQCDGUJSPBR":  # one die is round or square throughout, mostly
        if happens(random, 0.85):
            shapes[char] = random.choice([s for s in SHAPES[char] if ("o" in s) == rounder] or SHAPES[char])
    same_zero, same_one = happens(random, 0.3), happens(random, 0.12)
    slashed = not same_zero and happens(random, 0.12)
    widths = _widths(random, die, shapes)
    if same_zero:
        shapes["O"], widths["O"] = shapes["0"], widths["0"]
    if slashed:
        shapes["0"] += random.choice((" / 12 88, 88 12", " / 30 70, 70 30"))
    if same_one:
        shapes["1"], widths["1"] = shapes["I"], widths["I"]
    return _struck("strokes", die, shapes, widths)


def struck_typeface(name: str, die: Die, variants: Mapping[str, int], shares: Mapping[str, float]) -> Typeface:
    """Strike a typeface that is no chance: its die, which variant of a shape where not the first, widths as shares."""
    shapes = {char: SHAPES[char][variants.get(char, 0)] for char in SHAPES}
    return _struck(name, die, shapes, {char: shares.get(char, 1.0) * die.width - die.across for char in shapes})


def _struck(name: str, die: Die, shapes: Mapping[str, str], widths: Mapping[str, float]) -> Typeface:
    glyphs = {char: _glyph(shape, max(1.0, widths[char]), die) for char, shape in shapes.items()}
    ambiguous = alike(glyphs["O"], glyphs["0"]) or alike(glyphs["I"], glyphs["1"])
    return Typeface(name, glyphs, ambiguous=ambiguous)


def _widths(random: Random, die: Die, shapes: dict[str, str]) -> dict[str, float]:
    """Return each character's width without its margins."""
    share = dict.fromkeys(shapes, 1.0)
    share["O"], share["0"] = random.uniform(1.0, 1.2), random.uniform(0.84, 1.0)
    share["Q"] = share["O"]
    share["M"] = share["W"] = random.uniform(1.0, 1.4)
    for char in "EFLJ":
        share[char] = random.uniform(0.82, 1.0)
    for char in "AVXY":
        share[char] = random.uniform(0.95, 1.15)
    share["1"] = random.uniform(0.35, 0.6) * (1.3 if "100 100" in shapes["1"] or "96 100" in shapes["1"] else 1)
    share["I"] = random.uniform(0.35, 0.75) if "/" in shapes["I"] else 0.12
    if die.even:
        share = {char: 1.0 if char not in "1I" else each for char, each in share.items()}
        share["1"] = max(share["1"], 0.6)
        share["I"] = 0.8 if "/" in shapes["I"] else 0.12
    return {char: max(1.0, each * die.width - die.across) for char, each in share.items()}


def _glyph(shape: str, width: float, die: Die) -> Mask:
    height = GLYPH_HEIGHT - die.along - 1
    left, top = (die.across + 1) / 2, (die.along + 1) / 2
    canvas: Mask = np.zeros((GLYPH_HEIGHT * _SCALE, int((width + die.across + 2) * _SCALE)), np.uint8)
    thickness = max(1, round(min(die.across, die.along) * _SCALE))
    for stroke in shape.split("/"):
        points, closed = _path(stroke, width, height, die.radius)
        points = (points + np.array([left, top])) * _SCALE
        where = [np.round(points * 16).astype(np.int32)]
        cv2.polylines(canvas, where, closed, 255, 1 if die.square else thickness, cv2.LINE_AA, 4)
    if die.square:
        kernel = np.ones((max(1, round(die.along * _SCALE)), max(1, round(die.across * _SCALE))), np.uint8)
        canvas = cv2.dilate(np.where(canvas > _INKED, np.uint8(255), np.uint8(0)), kernel).astype(np.uint8)
    if die.slant:
        reach = int(die.slant * canvas.shape[0])
        turn = np.array([[1, -die.slant, reach], [0, 1, 0]], np.float32)
        sheared = cv2.warpAffine(canvas, turn, (canvas.shape[1] + reach, canvas.shape[0]))
        canvas = sheared.astype(np.uint8, copy=False)
    size = (max(2, canvas.shape[1] // _SCALE), GLYPH_HEIGHT)
    return cv2.resize(canvas, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def _path(stroke: str, width: float, height: float, radius: float) -> tuple[NDArray[np.float64], bool]:
    """Return a stroke's points `(n, 2)` with its corners rounded, and whether it is closed."""
    closed = "@" in stroke
    corners: list[tuple[NDArray[np.float64], float]] = []
    for token in stroke.replace("@", " ").split(","):
        x, y = token.strip().rstrip("~o").split()
        reach = radius if "~" in token else 1e3 if "o" in token else 0.0
        corners.append((np.array([float(x) / 100 * width, float(y) / 100 * height]), reach))
    path: list[NDArray[np.float64]] = []
    for index, (corner, reach) in enumerate(corners):
        if not reach or (not closed and index in {0, len(corners) - 1}):
            path.append(corner)
            continue
        path.extend(_bend(corners[index - 1][0], corner, corners[(index + 1) % len(corners)][0], reach))
    return np.array(path), closed


def _bend(
    before: NDArray[np.float64], corner: NDArray[np.float64], after: NDArray[np.float64], reach: float
) -> list[NDArray[np.float64]]:
    """Return a quarter of a superellipse-like curve in place of a corner."""
    start, end = (
        corner + (other - corner) * min(0.5, reach / max(1e-3, float(np.linalg.norm(other - corner))))
        for other in (before, after)
    )
    steps = np.linspace(0, np.pi / 2, _BEND)
    return [corner + (start - corner) * (1 - np.sin(t)) + (end - corner) * (1 - np.cos(t)) for t in steps]
