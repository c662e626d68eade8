"""What is written on freight containers: the code in its layouts, and all else that stands there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from alpr.training.reader.chance import happens
from alpr.training.reader.fonts import plate_fonts

PIXELS_PER_METRE: Final = 220
LAYOUTS: Final = ("one line", "two lines", "apart", "vertical")
_SLOGANS: Final = ("OCEAN LINE", "WE CARRY", "NORDIC", "BLUE STAR", "GLOBAL", "LEASING", "TRANSCO", "PACIFIC")
_COUNTRIES: Final = ("", "", "", "US ", "DE ", "CN ", "GB ")
_ROOM: Final = 10.0
"""Pixels that characters keep from the gap between two doors."""

Spot = tuple[float, float, float, float]


@dataclass(slots=True)
class Sheet:
    """A face while it is written on."""

    image: Image.Image
    ink: tuple[int, int, int]
    font: Callable[[int], ImageFont.FreeTypeFont]
    bold: int = 0
    """Pixels that strokes are thicker than the font has them."""
    wide: float = 0.12
    """Space between characters, in their height."""

    def write(self, x: float, y: float, text: str, height: float) -> tuple[float, float]:
        """Set a line with its top left there; return where it ends, right and bottom."""
        draw = ImageDraw.Draw(self.image)
        font = self.font(round(height * 1.38))
        for char in text:
            left, top, right, _ = font.getbbox(char if char != " " else "1")
            if char != " ":
                _, cap, _, _ = font.getbbox("H")
                place = x - left, y - min(top, cap) if char.isalnum() else y - cap
                draw.text(place, char, self.ink, font=font, stroke_width=self.bold)
            x += (right - left) * (1.0 if char != " " else 0.7) + self.wide * height
        return x - self.wide * height, y + height

    def length(self, text: str, height: float) -> float:
        """Return how long a line is going to be."""
        font = self.font(round(height * 1.38))
        return sum(font.getbbox(char)[2] - font.getbbox(char)[0] + self.wide * height for char in text)

    def column(self, x: float, y: float, text: str, height: float, pitch: float) -> tuple[float, float]:
        """Set the characters below each other, middles aligned; a space leaves half a place free."""
        draw = ImageDraw.Draw(self.image)
        font = self.font(round(height * 1.38))
        for char in text:
            if char == " ":
                y += 0.6 * pitch * height
                continue
            left, top, right, _ = font.getbbox(char)
            place = x + 0.4 * height - (left + right) / 2, y - top
            draw.text(place, char, self.ink, font=font, stroke_width=self.bold)
            y += pitch * height
        return x + 0.8 * height, y

    def box(self, corners: Spot) -> None:
        """Draw the box round a check digit."""
        ImageDraw.Draw(self.image).rectangle(corners, outline=self.ink, width=2 + self.bold)


def chosen_font(random: Random, *, own: bool) -> Callable[[int], ImageFont.FreeTypeFont]:
    """Choose a font by chance, `own` is the one that every machine has; sizes are in pixels."""
    paths = [] if own else _fonts()
    path = random.choice(paths) if paths else None

    @cache
    def sized(size: int) -> ImageFont.FreeTypeFont:
        size = max(6, size)
        font = ImageFont.truetype(path, size) if path else ImageFont.load_default(size)
        assert isinstance(font, ImageFont.FreeTypeFont), "Pillow without FreeType"
        return font

    return sized


@cache
def _fonts() -> list[Path]:
    """Return the fonts for plates that have all characters; maybe none."""
    return [path for path in plate_fonts() if _draws(path)]


def _draws(path: Path) -> bool:
    try:
        font = ImageFont.truetype(path, 40)
    except OSError:  # a file by that name that is no font
        return False
    return len({bytes(font.getmask(char)) for char in "AB0123456789"}) == len("AB0123456789")


def write_code(random: Random, sheet: Sheet, code: str, size_type: str, layout: str, gap: float | None) -> Spot:
    """Write code, check digit and size type, clear of the gap between doors; return what the code covers."""
    width, height = sheet.image.size
    tall = random.uniform(0.095, 0.125) * PIXELS_PER_METRE
    y = height * random.uniform(0.06, 0.16)
    size_type = random.choice(_COUNTRIES) + size_type if happens(random, 0.8) else f"{size_type[:2]} {size_type[2:]}"
    if layout == "vertical":
        x = width * random.choice((random.uniform(0.85, 0.92), random.uniform(0.04, 0.1)))
        return _column(random, sheet, (x, y), (code, size_type), tall)
    serial = code[4:10] if happens(random, 0.6) else f"{code[4:7]} {code[7:10]}"
    begin = width * random.uniform(0.52, 0.56) if gap or happens(random, 0.7) else width * 0.05
    begin = min(begin, width - sheet.length(code, tall) - 4.2 * tall) if layout == "one line" else begin
    if layout == "apart":
        begin = width * random.uniform(0.05, 0.2)
        begin = min(begin, (gap or width) - _ROOM - sheet.length(code[:4], tall))
    owner, bottom = sheet.write(begin, y, code[:4], tall)
    left, top = owner + tall * random.uniform(0.5, 1.0), y
    if layout == "two lines":
        left, top = (
            begin + tall * random.choice((0.0, 0.0, random.uniform(-1, 1))),
            bottom + tall * random.uniform(0.4, 0.7),
        )
    elif layout == "apart":
        left = min(owner + tall * random.uniform(2, 6), width - sheet.length(code[4:], tall) - 2.6 * tall)
        left = max(left, gap + _ROOM) if gap else left
    right, bottom = sheet.write(left, top, serial, tall)
    end = _digit(random, sheet, (right, top), code[10], tall)
    beside = left if happens(random, 0.7) else begin
    beside = left if gap and beside < gap < beside + 5 * tall else beside
    sheet.write(beside, bottom + 0.5 * tall, size_type, tall)
    return min(begin, left), y, max(end, owner), bottom


def _digit(random: Random, sheet: Sheet, after: tuple[float, float], digit: str, tall: float) -> float:
    """Write the check digit behind the serial number; return where it ends, its box with it."""
    left = after[0] + tall * random.uniform(0.45, 0.8)
    end, _ = sheet.write(left, after[1], digit, tall)
    if not happens(random, 0.65):
        return end
    room = tall * random.uniform(0.16, 0.3)
    sheet.box((left - room, after[1] - room, end + room, after[1] + tall + room))
    return end + room


def _column(random: Random, sheet: Sheet, begin: tuple[float, float], texts: tuple[str, str], tall: float) -> Spot:
    (x, y), (code, size_type) = begin, texts
    pitch = random.uniform(1.15, 1.5)
    right, bottom = sheet.column(x, y, f"{code[:4]} {code[4:10]} {code[10]}", tall, pitch)
    if happens(random, 0.6):
        sheet.box((x - 0.2 * tall, bottom - pitch * tall - 0.15 * tall, right + 0.2 * tall, bottom))
    if happens(random, 0.5):
        sheet.column(x, bottom + 0.8 * tall, size_type[-4:], tall, pitch)
    return x, y, right, bottom


def write_clutter(random: Random, sheet: Sheet, place: Spot) -> None:
    """Write what else stands on a container: weights, a telephone number, a slogan, the plate of the CSC."""
    width, height = sheet.image.size
    small = random.uniform(0.045, 0.06) * PIXELS_PER_METRE
    column = place[3] - place[1] > place[2] - place[0]
    below = place[0] < 0.7 * width and not column
    left, top = (
        place[0] if below else width * 0.55,
        height * 0.42 if column else max(place[3] + 3.5 * small, height * 0.42),
    )
    edge = place[2] + 2 * small if column and place[0] < width / 2 else 0.05 * width
    kilos = random.randint(22000, 32500)
    lines = [
        f"MAX GROSS {kilos} KGS", f"{round(kilos * 2.2046)} LBS", f"TARE {random.randint(2100, 4800)}KGS",
        f"{random.randint(4600, 10600)} LBS", f"NET {random.randint(20000, 28900)}KG",
        f"CU.CAP {random.randint(33, 76)}.{random.randint(0, 9)} CU.M", f"{random.randint(1150, 2690)} CU.FT",
    ]  # fmt: skip
    for number, text in enumerate(lines[: random.randint(2, 7)]):
        sheet.write(left, top + number * 1.7 * small, text, small)
    if happens(random, 0.5):
        telephone = f"{random.randint(1, 99)} {random.randint(100, 999)} {random.randint(1000000, 9999999)}"
        sheet.write(edge, height * 0.8, f"TEL +{telephone}", small)
    if happens(random, 0.6):
        tall = min(random.uniform(0.2, 0.45) * PIXELS_PER_METRE, width / 14)
        sheet.write(edge, height * random.uniform(0.5, 0.62), random.choice(_SLOGANS), tall)
    if happens(random, 0.7):
        _safety_plate(random, sheet, (edge, height * 0.68), small)


def _safety_plate(random: Random, sheet: Sheet, corner: tuple[float, float], small: float) -> None:
    x, y = corner
    ImageDraw.Draw(sheet.image).rectangle((x, y, x + 9 * small, y + 5 * small), fill=(190, 190, 195))
    plate = Sheet(sheet.image, (40, 40, 40), sheet.font)
    plate.write(x + 4, y + 4, "CSC SAFETY APPROVAL", small * 0.45)
    plate.write(x + 4, y + 1.2 * small, f"GB-LR {random.randint(1000, 99999)}", small * 0.5)
