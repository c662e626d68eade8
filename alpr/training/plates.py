"""Plates of several countries: texts as their authorities issue them, drawn as they look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Final

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from alpr.domain import BgrImage

_LETTERS: Final = "ABCDEFGHJKLMNPRSTUVWXYZ"  # I, O and Q are rarely issued
_HEIGHT: Final = 110
_BLACK, _WHITE, _YELLOW, _BLUE = (24, 22, 22), (240, 240, 238), (246, 200, 40), (20, 62, 150)


@dataclass(frozen=True, slots=True)
class Issuer:
    """How a country's plates look; colours are RGB."""

    code: str
    pattern: str
    """`A` a letter, `9` a digit, `#` one above 0, anything else as it is; spaces are gaps."""
    paper: tuple[int, int, int] = _WHITE
    ink: tuple[int, int, int] = _BLACK
    rear_paper: tuple[int, int, int] | None = None
    band: str = "EU"
    """At the left: the blue band of the `EU`, none, or other letters on blue."""
    right_band: bool = False
    letters: str = _LETTERS
    first: tuple[str, ...] = ()
    """What the text begins with in place of the pattern's leading letters."""


ISSUERS: Final[Mapping[str, Issuer]] = {
    issuer.code: issuer
    for issuer in (
        Issuer("D", "AA 9999", first=("B", "M", "HH", "K", "F", "S", "DD", "HB", "KA", "MZ")),
        Issuer("F", "AA-999-AA", right_band=True),
        Issuer("I", "AA 999AA", right_band=True),
        Issuer("E", "9999 AAA", letters="BCDFGHJKLMNPRSTVWXYZ"),
        Issuer("NL", "AA-999-A", paper=_YELLOW, letters="BDFGHJKLNPRSTVXZ"),
        Issuer("GB", "AA99 AAA", rear_paper=_YELLOW, band=""),
        Issuer("PL", "AA 9999A", first=("WA", "KR", "PO", "GD", "WR")),
        Issuer("B", "1-AAA-999", ink=(150, 24, 30)),
        Issuer("S", "AAA 999", letters="ABCDEFGHJKLMNPRSTUWXYZ"),
        Issuer("CZ", "#A9 9999"),
        Issuer("A", "AA 9999A", first=("W", "G", "L", "SB")),
        Issuer("CH", "AA 999999", band="", first=("ZH", "BE", "AG", "GE")),
        Issuer("RO", "AA 99 AAA", first=("CJ", "TM", "IS", "BV")),
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
    """Draw the plate 110 pixels high: BGR `(110, w, 3) uint8`; 520 wide as most European ones are."""
    issuer = plate.issuer
    width = 520
    paper = issuer.rear_paper if rear and issuer.rear_paper else issuer.paper
    image = Image.new("RGB", (width, _HEIGHT), paper)
    pen = ImageDraw.Draw(image)
    left, right = 12, width - 12
    if issuer.band == "EU":
        _band(pen, 0, issuer.code)
        left = 52
    if issuer.right_band:
        pen.rectangle((width - 40, 0, width, _HEIGHT), fill=_BLUE)
        right = width - 48
    line = _line(plate.shown, issuer.ink)
    room = right - left - 16
    share = min(1.0, room / line.width)
    line = line.resize((round(line.width * share), line.height), Image.Resampling.LANCZOS)
    image.paste(line, (left + 8 + (room - line.width) // 2, (_HEIGHT - line.height) // 2), line)
    pen.rounded_rectangle((2, 2, width - 3, _HEIGHT - 3), 10, outline=_BLACK, width=3)
    bgr = np.ascontiguousarray(np.asarray(image)[:, :, ::-1])
    return _worn(bgr, wear, seed) if wear else bgr


def _band(pen: ImageDraw.ImageDraw, left: int, code: str) -> None:
    pen.rectangle((left, 0, left + 42, _HEIGHT), fill=_BLUE)
    for at in range(12):
        angle = at * np.pi / 6
        x, y = left + 22 + 12 * np.cos(angle), 34 + 12 * np.sin(angle)
        pen.ellipse((x - 2, y - 2, x + 2, y + 2), fill=_YELLOW)
    pen.text((left + 22, 84), code, font=_font(26), fill=_WHITE, anchor="mm", stroke_width=1)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size=size)  # Aileron (CC0), which Pillow carries
    assert isinstance(font, ImageFont.FreeTypeFont), "Pillow without FreeType"
    return font


def _line(text: str, ink: tuple[int, int, int]) -> Image.Image:
    """Draw the characters in narrow, heavy strokes on a transparent line, each in a cell of its own."""
    font = _font(104)
    glyphs = [None if part in " -" else _glyph(part, font, ink) for part in text]
    # M and W keep their width: pressed into the others' cell they read as each other.
    cells = [
        max(62, glyph.width + 8) if glyph else 26 if part == " " else 30
        for part, glyph in zip(text, glyphs, strict=True)
    ]
    line = Image.new("RGBA", (sum(cells), 92), (*ink, 0))
    at = 0
    for glyph, part, cell in zip(glyphs, text, cells, strict=True):
        if glyph:
            line.paste(glyph, (at + (cell - glyph.width) // 2, 4), glyph)
        elif part == "-":
            ImageDraw.Draw(line).rectangle((at + 6, 42, at + cell - 7, 51), fill=(*ink, 255))
        at += cell
    return line


def _glyph(character: str, font: ImageFont.FreeTypeFont, ink: tuple[int, int, int]) -> Image.Image:
    box = font.getbbox(character, stroke_width=2)
    left, top, right, bottom = (round(v) for v in box)
    glyph = Image.new("RGBA", (right - left, bottom - top), (*ink, 0))
    ImageDraw.Draw(glyph).text((-left, -top), character, font=font, fill=(*ink, 255), stroke_width=2)
    width = min(68, max(22, round(glyph.width * (0.84 if character in "MW" else 0.82))))
    if character not in "MW":
        width = min(54, width)
    return glyph.resize((width, 84), Image.Resampling.LANCZOS)


def _worn(plate: BgrImage, wear: Wear, seed: int) -> BgrImage:
    """Fade the plate and throw mud at it, more at its lower edge."""
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
