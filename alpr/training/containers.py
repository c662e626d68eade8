"""Faces of freight containers drawn by chance: doors, sides, roofs, tanks, with their code and all else written there.

A face is drawn flat at `PIXELS_PER_METRE`; `alpr.training.containerscene` puts it into a picture.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from alpr.domain import BgrImage
from alpr.iso6346 import check_digit
from alpr.training.reader.chance import happens
from alpr.training.reader.fonts import plate_fonts

PIXELS_PER_METRE: Final = 220
_FACES: Final = {"doors": (2.44, 2.59), "side": (6.06, 2.59), "roof": (6.06, 2.44), "tank": (6.06, 2.44)}
LAYOUTS: Final = ("one line", "two lines", "apart", "vertical")
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SIZES: Final = ("22G1", "45G1", "42G1", "25G1", "22R1", "45R1", "22T6", "L5G1", "22U1", "22K2")
_PAINTS: Final = (
    (40, 50, 120), (30, 35, 90), (110, 60, 25), (60, 90, 40), (45, 45, 45), (200, 205, 205), (150, 150, 145),
    (35, 110, 190), (120, 90, 30), (70, 70, 140), (225, 225, 225), (90, 100, 30),
)  # fmt: skip
_SLOGANS: Final = ("OCEAN LINE", "WE CARRY", "NORDIC", "BLUE STAR", "GLOBAL", "LEASING", "TRANSCO", "PACIFIC")
_WHITE_FROM: Final = 130


@dataclass(frozen=True, slots=True)
class Face:
    """One side of a container: its picture, and where the code stands, x1 y1 x2 y2 in its pixels."""

    image: BgrImage
    code: str
    size_type: str
    layout: str
    place: tuple[float, float, float, float]


@dataclass(slots=True)
class _Sheet:
    """A face while it is written on."""

    image: Image.Image
    ink: tuple[int, int, int]
    font: Callable[[int], ImageFont.FreeTypeFont]

    def write(self, x: float, y: float, text: str, height: float, spacing: float = 0.12) -> tuple[float, float]:
        """Set a line with its top left there; return where it ends, right and bottom."""
        draw = ImageDraw.Draw(self.image)
        font = self.font(round(height * 1.38))
        for char in text:
            left, top, right, _ = font.getbbox(char if char != " " else "1")
            if char != " ":
                _, cap, _, _ = font.getbbox("H")
                draw.text((x - left, y - min(top, cap) if char.isalnum() else y - cap), char, self.ink, font=font)
            x += (right - left) * (1.0 if char != " " else 0.7) + spacing * height
        return x - spacing * height, y + height

    def length(self, text: str, height: float, spacing: float = 0.12) -> float:
        """Return how long a line is going to be."""
        font = self.font(round(height * 1.38))
        return sum(font.getbbox(char)[2] - font.getbbox(char)[0] + spacing * height for char in text)

    def column(self, x: float, y: float, text: str, height: float, pitch: float) -> tuple[float, float]:
        """Set the characters below each other, middles aligned; a space leaves half a place free."""
        draw = ImageDraw.Draw(self.image)
        font = self.font(round(height * 1.38))
        for char in text:
            if char == " ":
                y += 0.6 * pitch * height
                continue
            left, top, right, _ = font.getbbox(char)
            draw.text((x + 0.4 * height - (left + right) / 2, y - top), char, self.ink, font=font)
            y += pitch * height
        return x + 0.8 * height, y


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
    kind = kind or random.choices(tuple(_FACES), (0.6, 0.22, 0.08, 0.1))[0]
    layout = layout or random.choices(LAYOUTS, (0.3, 0.35, 0.2, 0.15))[0]
    code = code or random_code(random)
    size_type = random.choice(_SIZES)
    width, height = (round(metres * PIXELS_PER_METRE) for metres in _FACES[kind])
    paint = tuple(max(0, min(255, tone + random.randint(-15, 15))) for tone in random.choice(_PAINTS))
    plain = _corrugated(random, np.full((height, width, 3), paint, np.float32), doors=kind == "doors")
    if kind == "tank":
        plain = _tank(random, plain)
        paint = (215, 215, 210)
    bright = sum(paint) / 3 > _WHITE_FROM
    ink = (25, 25, 25) if bright else (235, 235, 235)
    sheet = _Sheet(Image.fromarray(np.clip(plain, 0, 255).astype(np.uint8)), ink, _font(random, own=own_font))
    place = _code(random, sheet, code, size_type, layout)
    _clutter(random, sheet, place)
    image = np.asarray(sheet.image, np.uint8).copy()
    if kind == "doors":
        _lock_bars(random, image, place)
    return Face(_weather(random, image), code, size_type, layout, place)


def _font(random: Random, *, own: bool) -> Callable[[int], ImageFont.FreeTypeFont]:
    paths = [] if own else _fonts()
    path = random.choice(paths) if paths else None

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


def _corrugated(random: Random, plain: np.ndarray, *, doors: bool) -> np.ndarray:
    """Shade the folds of the steel, and a door's frame."""
    height, width = plain.shape[:2]
    pitch = PIXELS_PER_METRE * random.uniform(0.2, 0.3)
    fold = np.clip(np.sin(np.arange(width) * 2 * np.pi / pitch) * 4, -1, 1).astype(np.float32)
    depth = random.uniform(2, 6) if doors else random.uniform(6, 16)
    plain = plain + depth * fold[None, :, None]
    if doors:
        edge = round(0.06 * PIXELS_PER_METRE)
        cv2.rectangle(plain, (0, 0), (width - 1, height - 1), (plain[0, 0] * 0.7).tolist(), edge)
        cv2.line(plain, (width // 2, 0), (width // 2, height), (20, 20, 20), 4)
    return plain


def _tank(random: Random, plain: np.ndarray) -> np.ndarray:
    """Put a round vessel behind the frame: brightness falls off above and below."""
    height = plain.shape[0]
    across = np.linspace(-1, 1, height, dtype=np.float32)
    vessel = 235 * np.sqrt(np.maximum(0.12, 1 - across**2))
    plain[:] = vessel[:, None, None]
    plain += random.uniform(-12, 12)
    return plain


def _code(random: Random, sheet: _Sheet, code: str, size_type: str, layout: str) -> tuple[float, float, float, float]:
    """Write code, check digit (often boxed) and size type; return what the code covers."""
    width, height = sheet.image.size
    tall = random.uniform(0.095, 0.125) * PIXELS_PER_METRE
    x0 = width * random.uniform(0.52, 0.56) if layout != "vertical" else width * random.uniform(0.85, 0.92)
    y0 = height * random.uniform(0.06, 0.16)
    if layout == "vertical":
        pitch = random.uniform(1.15, 1.5)
        right, bottom = sheet.column(x0, y0, f"{code[:4]} {code[4:10]} {code[10]}", tall, pitch)
        if happens(random, 0.6):
            _box(sheet, (x0 - 0.2 * tall, bottom - pitch * tall - 0.15 * tall, right + 0.2 * tall, bottom))
        if happens(random, 0.5):
            sheet.column(x0, bottom + 0.8 * tall, size_type, tall, pitch)
        return x0, y0, right, bottom
    if layout != "vertical":
        x0 = min(x0, width - sheet.length(code, tall) - 3.6 * tall)
    serial = code[4:10] if happens(random, 0.6) else f"{code[4:7]} {code[7:10]}"
    if layout == "two lines":
        owner_right, bottom = sheet.write(x0, y0, code[:4], tall)
        left, top = x0, bottom + 0.5 * tall
    elif layout == "apart":
        x0 = width * random.uniform(0.05, 0.2)
        owner_right, _ = sheet.write(x0, y0, code[:4], tall)
        left = min(owner_right + tall * random.uniform(2, 6), width - sheet.length(code[4:], tall) - 2.6 * tall)
        top = y0
    else:
        owner_right, _ = sheet.write(x0, y0, code[:4], tall)
        left, top = owner_right + tall * random.uniform(0.5, 1.0), y0
    right, bottom = sheet.write(left, top, serial, tall)
    box = right + tall * random.uniform(0.45, 0.8)
    end, _ = sheet.write(box, top, code[10], tall)
    if happens(random, 0.65):
        _box(sheet, (box - 0.22 * tall, top - 0.22 * tall, end + 0.22 * tall, top + 1.22 * tall))
    sheet.write(left if happens(random, 0.7) else x0, bottom + 0.5 * tall, size_type, tall)
    return x0, y0, max(end, owner_right), bottom


def _box(sheet: _Sheet, corners: tuple[float, float, float, float]) -> None:
    ImageDraw.Draw(sheet.image).rectangle(corners, outline=sheet.ink, width=2)


def _clutter(random: Random, sheet: _Sheet, place: tuple[float, float, float, float]) -> None:
    """Write what else stands on a container: weights, a telephone number, a slogan, the plate of the CSC."""
    width, height = sheet.image.size
    small = random.uniform(0.045, 0.06) * PIXELS_PER_METRE
    left, top = (place[0] if place[0] < 0.7 * width else width * 0.55), max(place[3] + 3.5 * small, height * 0.42)
    kilos = random.randint(22000, 32500)
    lines = [
        f"MAX GROSS {kilos} KGS", f"{round(kilos * 2.2046)} LBS", f"TARE {random.randint(2100, 4800)}KGS",
        f"{random.randint(4600, 10600)} LBS", f"NET {random.randint(20000, 28900)}KG",
        f"CU.CAP {random.randint(33, 76)}.{random.randint(0, 9)} CU.M", f"{random.randint(1150, 2690)} CU.FT",
    ]  # fmt: skip
    for number, text in enumerate(lines[: random.randint(2, 7)]):
        sheet.write(left, top + number * 1.7 * small, text, small)
    if happens(random, 0.5):
        sheet.write(
            width * 0.06,
            height * 0.8,
            f"TEL +{random.randint(1, 99)} {random.randint(100, 999)} {random.randint(1000000, 9999999)}",
            small,
        )
    if happens(random, 0.6):
        tall = random.uniform(0.2, 0.45) * PIXELS_PER_METRE
        sheet.write(width * 0.04, height * random.uniform(0.5, 0.62), random.choice(_SLOGANS), min(tall, width / 14))
    if happens(random, 0.7):
        x, y = width * 0.08, height * 0.68
        draw = ImageDraw.Draw(sheet.image)
        draw.rectangle((x, y, x + 9 * small, y + 5 * small), fill=(190, 190, 195))
        plate = _Sheet(sheet.image, (40, 40, 40), sheet.font)
        plate.write(x + 4, y + 4, "CSC SAFETY APPROVAL", small * 0.45)
        plate.write(x + 4, y + 1.2 * small, f"GB-LR {random.randint(1000, 99999)}", small * 0.5)


def _lock_bars(random: Random, image: BgrImage, place: tuple[float, float, float, float]) -> None:
    """Set the four lock bars of the doors; between the characters, as on real doors, not over them."""
    height, width = image.shape[:2]
    for share in (0.12, 0.38, 0.62, 0.88):
        x = round(width * share)
        if place[0] - 6 < x < place[2] + 6 and not happens(random, 0.1):
            continue
        tone = image[height // 2, min(width - 1, x)].astype(int)
        cv2.line(image, (x, 0), (x, height), (tone * 0.6).tolist(), 7)
        cv2.line(image, (x - 2, 0), (x - 2, height), np.minimum(tone + 50, 255).tolist(), 2)


def _weather(random: Random, image: BgrImage) -> BgrImage:
    """Add rust that runs down, dirt, and worn paint."""
    height, width = image.shape[:2]
    noise = np.random.default_rng(random.getrandbits(32))
    worn = image.astype(np.float32)
    if happens(random, 0.5):
        spots = cv2.resize(noise.random((height // 9, width // 4), np.float32), (width, height))
        share = cv2.GaussianBlur((spots > random.uniform(0.86, 0.97)).astype(np.float32), (0, 0), 1.5, sigmaY=6)[
            ..., None
        ]
        worn = worn * (1 - 0.8 * share) + np.float32(0.8) * share * np.array([35, 60, 110], np.float32)
    if happens(random, 0.5):
        dirt = cv2.resize(noise.random((7, 9), np.float32), (width, height), interpolation=cv2.INTER_CUBIC)[..., None]
        worn = worn * (1 - random.uniform(0.1, 0.4) * dirt)
    return np.clip(worn, 0, 255).astype(np.uint8)
