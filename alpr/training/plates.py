"""Plates of several countries: texts as their authorities issue them, drawn as they look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from alpr.domain import BgrImage
from alpr.training.lettering import lettering
from alpr.training.reader.ornaments import Canvas, ink, stars
from alpr.training.reader.setting import Spacing, emboss, laid, line
from alpr.training.reader.typeface import Mask, Typeface, blank

Rgb: TypeAlias = tuple[int, int, int]
_LETTERS: Final = "ABCDEFGHJKLMNPRSTUVWXYZ"  # I, O and Q are rarely issued
_SIZE: Final = 110, 520
_BAND: Final = 42
_SPACES: Final = Spacing(between=7, gap=20, emblem=0)
_RAISED: Final = 34.0
"""How dark the lower edges of embossed characters are, of 255."""
_BLACK, _WHITE, _YELLOW, _BLUE = (24, 22, 22), (240, 240, 238), (246, 200, 40), (20, 62, 150)


@dataclass(frozen=True, slots=True)
class Issuer:
    """How a country's plates look; colours are RGB."""

    code: str
    pattern: str
    """`A` a letter, `9` a digit, `#` one above 0, anything else as it is; spaces are gaps."""
    face: str = "din"
    """Its typeface, see `lettering`."""
    high: int = 76
    """Pixels of 110 that the characters are high."""
    paper: Rgb = _WHITE
    ink: Rgb = _BLACK
    rear_paper: Rgb | None = None
    band: bool = True
    """Whether Europe's blue band is at the left."""
    right_band: bool = False
    letters: str = _LETTERS
    first: tuple[str, ...] = ()
    """What the text begins with in place of the pattern's leading letters."""


ISSUERS: Final[Mapping[str, Issuer]] = {
    issuer.code: issuer
    for issuer in (
        Issuer("D", "AA 9999", "even", 74, first=("B", "M", "HH", "K", "F", "S", "DD", "HB", "KA", "MZ")),
        Issuer("F", "AA-999-AA", "narrow", right_band=True),
        Issuer("I", "AA 999AA", "narrow", right_band=True),
        Issuer("E", "9999 AAA", letters="BCDFGHJKLMNPRSTVWXYZ"),
        Issuer("NL", "AA-999-A", "round", paper=_YELLOW, letters="BDFGHJKLNPRSTVXZ"),
        Issuer("GB", "AA99 AAA", "bold", 80, rear_paper=_YELLOW, band=False),
        Issuer("PL", "AA 9999A", "round", 80, first=("WA", "KR", "PO", "GD", "WR")),
        Issuer("B", "1-AAA-999", ink=(150, 24, 30)),
        Issuer("S", "AAA 999", "round", letters="ABCDEFGHJKLMNPRSTUWXYZ"),
        Issuer("CZ", "#A9 9999"),
        Issuer("A", "AA 9999A", high=68, first=("W", "G", "L", "SB")),
        Issuer("CH", "AA 999999", "narrow", band=False, first=("ZH", "BE", "AG", "GE")),
        Issuer("RO", "AA 99 AAA", "round", 72, first=("CJ", "TM", "IS", "BV")),
    )
}


@dataclass(frozen=True, slots=True)
class Plate:
    """One plate: who issued it and what is on it, gaps included."""

    issuer: Issuer
    shown: str

    @property
    def text(self) -> str:
        """What a reader should say: letters and digits only."""
        return "".join(character for character in self.shown if character.isalnum())


@dataclass(frozen=True, slots=True)
class Wear:
    """What life did to a plate, each 0 to 1."""

    dirt: float = 0.0
    fade: float = 0.0


def issue(random: Random, code: str | None = None) -> Plate:
    """Make up a plate of the country, or of any."""
    issuer = ISSUERS[code] if code else random.choice(list(ISSUERS.values()))
    pattern = issuer.pattern
    shown = ""
    if issuer.first:
        shown, pattern = random.choice(issuer.first), pattern.lstrip("A")
        if issuer.code == "D":
            shown += " " + "".join(random.choice(issuer.letters) for _ in range(random.choice((1, 2))))
    shown += "".join(
        random.choice({"A": issuer.letters, "9": "0123456789", "#": "123456789"}.get(part, part)) for part in pattern
    )
    return Plate(issuer, shown)


def draw_plate(plate: Plate, *, rear: bool = False, wear: Wear | None = None, seed: int = 0) -> BgrImage:
    """Draw the plate as most European ones are: BGR `(110, 520, 3) uint8`."""
    sheet = _set(plate)
    bgr = np.dstack([_pressed(plate, sheet, channel, rear=rear) for channel in (2, 1, 0)])
    return _worn(bgr, wear, seed)


def _set(plate: Plate) -> Mask:
    """Set the characters in their place: the ink on the plate."""
    issuer = plate.issuer
    height, width = _SIZE
    left = _BAND + 8 if issuer.band else 14
    room = width - left - (_BAND + 8 if issuer.right_band else 14)
    shown = plate.shown.replace(" ", ":", 1) if issuer.code == "D" else plate.shown  # seals part town and letters
    mask = _line(shown, lettering(issuer.face), seed=plate.shown)
    wide = min(room, mask.shape[1] * issuer.high / mask.shape[0])
    return laid(mask, (left + (room - wide) / 2, (height - issuer.high) / 2, wide, issuer.high), _SIZE)


def _line(shown: str, face: Typeface, *, seed: str) -> Mask:
    """Set the characters, every mark on the plate in the same shape."""
    parts: list[Mask] = []
    for char in shown:
        parts += [line(Random(seed), char, face, _SPACES), blank(_SPACES.between)]  # noqa: S311 - a mark's shape
    return np.hstack(parts[:-1])


def _pressed(plate: Plate, sheet: Mask, channel: int, *, rear: bool) -> NDArray[np.uint8]:
    """Draw one colour of the plate, 0 for red: `(h, w) uint8`."""
    issuer = plate.issuer
    paper = issuer.rear_paper if rear and issuer.rear_paper else issuer.paper
    canvas: Canvas = np.full(_SIZE, paper[channel], np.float32)
    if issuer.band:
        canvas[:, :_BAND] = _BLUE[channel]
        stars(canvas, (0, _BAND), _YELLOW[channel])
        letters = _country(issuer.code)
        ink(canvas, letters, (_BAND - letters.shape[1]) / 2, 68, _WHITE[channel])
    if issuer.right_band:
        canvas[:, -_BAND:] = _BLUE[channel]
    emboss(canvas, sheet, _RAISED, (1, 1))
    ink(canvas, sheet, 0, 0, issuer.ink[channel])
    ink(canvas, _rim(), 0, 0, _BLACK[channel])
    return canvas.clip(0, 255).astype(np.uint8)


@cache
def _country(code: str) -> Mask:
    """Set the country's letters for its band."""
    mask = line(Random(0), code, lettering("din"), Spacing(4, 0, 0))  # noqa: S311 - nothing in it is left to chance
    width = min(_BAND - 8, mask.shape[1] * 26 // mask.shape[0])
    return cv2.resize(mask, (width, 26), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


@cache
def _rim() -> Mask:
    """Draw the rim with its rounded corners."""
    (height, width), radius = _SIZE, 10
    mask: Mask = np.zeros(_SIZE, np.uint8)
    left, top, right, bottom = 3, 3, width - 4, height - 4
    around: list[tuple[float, float]] = []
    for x, y, begin in ((right, bottom, 0), (left, bottom, 90), (left, top, 180), (right, top, 270)):
        middle = (x - radius if x == right else x + radius, y - radius if y == bottom else y + radius)
        turns = np.deg2rad(np.linspace(begin, begin + 90, 7))
        around += [(middle[0] + radius * np.cos(turn), middle[1] + radius * np.sin(turn)) for turn in turns]
    points = np.round(around).astype(np.int32)
    return cv2.polylines(mask, [points], isClosed=True, color=255, thickness=2, lineType=cv2.LINE_AA).astype(np.uint8)


def _worn(plate: BgrImage, wear: Wear | None, seed: int) -> BgrImage:
    """Fade the plate and throw mud at it, more at its lower edge."""
    if wear is None:
        return plate
    random = np.random.default_rng(seed)
    height, width = plate.shape[:2]
    picture = plate.astype(np.float32)
    picture += (150 - picture) * 0.5 * wear.fade
    if wear.dirt > 0:
        blots = cv2.resize(random.random((7, 30), np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
        grain = cv2.resize(random.random((36, 170), np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
        lower = np.linspace(-0.22, 0.22, height, dtype=np.float32)[:, None]
        cover = np.clip(
            (blots * 0.75 + grain * 0.35 + lower - 0.95 + 0.75 * wear.dirt) * 3, 0, 0.45 + 0.52 * wear.dirt
        )[..., None]
        mud = np.array((48, 66, 84), np.float32) * (0.8 + 0.4 * grain[..., None])
        picture = picture * (1 - cover) + mud * cover
    return np.clip(picture, 0, 255).astype(np.uint8)
