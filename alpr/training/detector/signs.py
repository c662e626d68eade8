"""What a plate looks like from afar, of any country, bare or in a holder.

The reader's training draws plates that can be read; here the outline, the colours and the rhythm of the
characters matter, so the layouts are free and the texts make no sense.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from alpr.training.detector.dice import chance
from alpr.training.plates import draw_plate, issue
from alpr.training.reader.fonts import plate_fonts

Colour: TypeAlias = tuple[int, int, int]
BgraImage: TypeAlias = NDArray[np.uint8]
LETTERS: Final = "ABCDEFGHIJKLMNOPRSTUVWXYZ"
_DIGITS: Final = "0123456789"
_PAPERS: Final[tuple[tuple[float, Colour, Colour], ...]] = (
    (0.50, (238, 238, 236), (26, 26, 28)), (0.10, (240, 236, 220), (28, 40, 110)),
    (0.13, (236, 190, 40), (22, 22, 22)), (0.07, (26, 26, 28), (232, 232, 232)),
    (0.05, (170, 30, 30), (240, 240, 240)), (0.04, (30, 100, 60), (240, 240, 240)),
    (0.05, (24, 60, 140), (240, 240, 240)), (0.06, (150, 150, 150), (30, 30, 30)),
)  # fmt: skip
"""How often, paper, ink; RGB."""
_SHAPES: Final = ((0.34, 4.73), (0.27, 2.0), (0.12, 3.08), (0.10, 1.45), (0.05, 1.0), (0.12, 3.8))
"""How often, width over height; below 1.6 there are two rows."""
_TWO_ROWS: Final = 1.6
_DEALER: Final = 14
"""Pixels of a holder below the plate that hold a dealer's name."""
_CONTRAST: Final = 240
"""Of 765, between paper and ink."""
_MIDDLE: Final = 380


@dataclass(frozen=True, slots=True)
class Texture:
    """A drawn thing with its cover, and the plate's own edge inside it."""

    pixels: BgraImage
    """`(h, w, 4)`: BGR weighted by the cover, and the cover."""
    inner: NDArray[np.float32]
    """`(4, 2)` x y of top left, top right, bottom right, bottom left; a holder reaches beyond."""

    @property
    def aspect(self) -> float:
        """Width of the plate over its height."""
        return float((self.inner[2, 0] - self.inner[0, 0]) / (self.inner[2, 1] - self.inner[0, 1]))


@cache
def _fonts() -> tuple[Path, ...]:
    return tuple(path for path in plate_fonts() if path.suffix in {".ttf", ".otf"})


@cache
def _font(path: Path | None, size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.truetype(str(path), size) if path else ImageFont.load_default(size=size)


def choose_font(random: Random, size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Choose one of the fonts, or the one that Pillow carries."""
    return _font(random.choice([None, *_fonts()]), size)


def draw_any_plate(random: Random) -> Texture:
    """Draw a plate of some country, of one or two rows, perhaps in a holder."""
    if chance(random, 0.2):  # the share of plates that a reader could read
        drawn = draw_plate(issue(random), rear=chance(random, 0.5))
        return _held(random, Image.fromarray(drawn[:, :, ::-1]), radius=8)
    aspect = random.choices([s[1] for s in _SHAPES], [s[0] for s in _SHAPES])[0] * random.uniform(0.92, 1.08)
    height = 110
    paper, ink = _colours(random)
    image = Image.new("RGB", (round(height * aspect), height), paper)
    if chance(random, 0.12):  # scenery behind the letters
        image = _scenery(random, image)
    pen = ImageDraw.Draw(image)
    area = _furniture(random, pen, image.size, ink)
    rows = 2 if aspect < _TWO_ROWS or chance(random, 0.04) else 1
    _rows(random, image, area, rows, ink)
    _details(random, pen, image.size, ink)
    return _held(random, image, radius=random.choice((0, 4, 8, 12)))


def _colours(random: Random) -> tuple[Colour, Colour]:
    _, paper, ink = random.choices(_PAPERS, [p[0] for p in _PAPERS])[0]
    if chance(random, 0.25):  # inks of other colours
        ink = random.choice(((20, 60, 150), (150, 24, 30), (20, 90, 50), (90, 20, 90), ink))
        if abs(sum(ink) - sum(paper)) < _CONTRAST:
            ink = (20, 20, 20) if sum(paper) > _MIDDLE else (240, 240, 240)
    return about(random, paper), about(random, ink)


def about(random: Random, colour: Colour) -> Colour:
    """Return nearly the same colour."""
    red, green, blue = (min(255, max(0, round(c + random.gauss(0, 9)))) for c in colour)
    return red, green, blue


def _scenery(random: Random, image: Image.Image) -> Image.Image:
    """Lay a sunset, hills or stripes of soft colours over the paper."""
    spots = [[[random.randint(110, 250) for _ in range(3)] for _ in range(3)] for _ in range(3)]
    soft = Image.fromarray(np.array(spots, np.uint8)).resize(image.size, Image.Resampling.BICUBIC)
    return Image.blend(image, soft, random.uniform(0.3, 0.8))


def _furniture(
    random: Random, pen: ImageDraw.ImageDraw, size: tuple[int, int], ink: Colour
) -> tuple[float, float, float, float]:
    """Draw bands, strips, names above and below; return what is left for the characters."""
    width, height = size
    left, top, right, bottom = width * 0.03, height * 0.08, width * 0.97, height * 0.92
    blue = about(random, (20, 62, 150))
    if chance(random, 0.3):
        band = height * random.uniform(0.3, 0.42)
        pen.rectangle((0, 0, band, height), fill=blue)
        left = band + width * 0.02
        if chance(random, 0.3):
            pen.rectangle((width - band, 0, width, height), fill=blue)
            right = width - left
    if chance(random, 0.45):
        strip = height * random.uniform(0.14, 0.26)
        if chance(random, 0.3):
            pen.rectangle((0, 0, width, strip), fill=blue if chance(random, 0.6) else about(random, ink))
        caption(random, pen, (width / 2, strip * 0.55), strip, ink)
        top = strip
    if chance(random, 0.35):
        strip = height * random.uniform(0.10, 0.22)
        caption(random, pen, (width / 2, height - strip * 0.6), strip, ink)
        bottom = height - strip
    return left, top, right, bottom


def caption(random: Random, pen: ImageDraw.ImageDraw, at: tuple[float, float], height: float, ink: Colour) -> None:
    """Write a made-up word round a point."""
    word = "".join(random.choice(LETTERS) for _ in range(random.randint(4, 12)))
    word = random.choice((word, word.title(), word.lower(), " ".join((word[:4], word[4:]))))
    fill = random.choice((ink, (170, 30, 30), (20, 50, 130), (240, 240, 240)))
    pen.text(at, word, font=choose_font(random, max(7, round(height * 0.8))), fill=fill, anchor="mm")


def _text(random: Random, length: int) -> str:
    """Make up a row of characters in runs of letters and of digits."""
    text = ""
    while len(text) < length:
        text += random.choice(random.choice((LETTERS, _DIGITS, _DIGITS)))
        if chance(random, 0.2):
            text += random.choice("  -·")
    return text[:length].strip(" -·")


def _rows(random: Random, image: Image.Image, area: tuple[float, float, float, float], rows: int, ink: Colour) -> None:
    left, top, right, bottom = area
    each = (bottom - top) / rows
    for row in range(rows):
        tall = max(8, round(each * random.uniform(0.62, 0.95)))
        room = (right - left) * random.uniform(0.8, 1.0)
        # As many characters as fill the row: a few in the middle of a wide sheet are no plate but a panel round one.
        fitting = round(room / tall / random.uniform(0.5, 0.75))
        line = _line(random, _text(random, min(9, max(2, fitting))))
        if line is None:
            continue
        wide = min(room, line.width * tall / line.height * 1.6)
        line = line.resize((max(8, round(wide)), tall), Image.Resampling.BILINEAR)
        at = round((left + right - line.width) / 2), round(top + each * row + (each - tall) / 2)
        image.paste(Image.new("RGB", line.size, ink), at, line)


def _line(random: Random, text: str) -> Image.Image | None:
    """Set a text; return its cover, None when the font has nothing of it."""
    glyphs = Image.new("L", (90 * len(text) + 40, 130), 0)
    pen = ImageDraw.Draw(glyphs)
    pen.text((10, 15), text, font=choose_font(random, 90), fill=255, stroke_width=random.choice((0, 1, 2)))
    box = glyphs.getbbox()
    return glyphs.crop(box) if box else None


def _details(random: Random, pen: ImageDraw.ImageDraw, size: tuple[int, int], ink: Colour) -> None:
    """Draw the border, bolts, stickers and an emblem."""
    width, height = size
    if chance(random, 0.5):
        inset = random.choice((0, 2, 4, 6))
        pen.rounded_rectangle(
            (inset, inset, width - 1 - inset, height - 1 - inset), random.choice((4, 10)), outline=ink,
            width=random.choice((2, 3, 4)),
        )  # fmt: skip
    if chance(random, 0.4):
        for x in (0.12, 0.88) if chance(random, 0.7) else (0.25, 0.75):
            for y in (0.1, 0.9) if chance(random, 0.4) else (0.1,):
                grey = random.randint(40, 210)
                pen.ellipse((x * width - 4, y * height - 4, x * width + 4, y * height + 4), fill=(grey, grey, grey))
    for _ in range(random.choice((0, 0, 0, 1, 2))):
        x, y = random.choice((0.02, 0.86, 0.45)) * width, random.choice((0.05, 0.7)) * height
        colour = (random.randint(60, 255), random.randint(60, 255), random.randint(60, 255))
        pen.rectangle((x, y, x + width * 0.1, y + height * 0.22), fill=colour)


def _held(random: Random, plate: Image.Image, *, radius: int) -> Texture:
    """Put the plate into a holder or before a panel, or leave it bare."""
    width, height = plate.size
    cover = Image.new("L", plate.size, 0)
    ImageDraw.Draw(cover).rounded_rectangle((0, 0, width - 1, height - 1), radius, fill=255)
    kind = random.choices(("bare", "holder", "panel"), (0.45, 0.4, 0.15))[0]
    if kind == "bare":
        canvas = Image.new("RGBA", (width + 2, height + 2), (0, 0, 0, 0))
        canvas.paste(plate, (1, 1), cover)
        return Texture(weighted(canvas), outline(1, 1, width, height))
    if kind == "panel":
        side, above, below = (round(height * random.uniform(0.1, most)) for most in (1.1, 0.5, 0.6))
    else:
        side, above, below = random.randint(3, 12), random.randint(3, 14), random.randint(3, 26)
    canvas = _sheet(random, (width + 2 * side, height + above + below), plain=kind == "panel")
    if kind == "holder" and below > _DEALER:
        pen = ImageDraw.Draw(canvas)
        caption(random, pen, (canvas.width / 2, height + above + below / 2), below * 0.8, (235, 235, 235))
    canvas.paste(plate, (side, above), cover)
    return Texture(weighted(canvas), outline(side, above, width, height))


def _sheet(random: Random, size: tuple[int, int], *, plain: bool) -> Image.Image:
    """Make what is behind a plate: a holder of one tone, or a plain panel of any colour that is shaded by the light."""
    if not plain:
        tone = random.choice((random.randint(8, 50), random.randint(120, 225)))
        return Image.new("RGBA", size, (tone, tone, tone, 255))
    colour = np.array([random.randint(20, 240)] * 3) + [random.randint(-20, 20) for _ in range(3)]
    shade = np.linspace(random.uniform(0.6, 1.1), random.uniform(0.8, 1.1), size[1])[:, None, None]
    sheet = np.clip(np.broadcast_to(colour * shade, (size[1], size[0], 3)), 0, 255).astype(np.uint8)
    return Image.fromarray(np.ascontiguousarray(sheet)).convert("RGBA")


def outline(left: int, top: int, width: int, height: int) -> NDArray[np.float32]:
    """Return the corners `(4, 2)` of an upright rectangle."""
    right, bottom = left + width, top + height
    return np.array(((left, top), (right, top), (right, bottom), (left, bottom)), np.float32)


def weighted(image: Image.Image) -> BgraImage:
    """Turn an image into a texture's pixels."""
    pixels = np.ascontiguousarray(np.asarray(image.convert("RGBA"))[:, :, [2, 1, 0, 3]])
    pixels[..., :3] = (pixels[..., :3] * (pixels[..., 3:] / 255.0)).round().astype(np.uint8)
    return pixels
