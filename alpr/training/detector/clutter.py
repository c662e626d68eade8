"""What is no plate though it has letters or a plate's shape: date stamps, lettering, boards."""

from __future__ import annotations

from random import Random
from typing import Final

from PIL import Image, ImageDraw

from alpr.training.detector.dice import chance
from alpr.training.detector.signs import LETTERS, Colour, Texture, about, caption, choose_font, outline, weighted

_DARK: Final = 400
"""Of 765: below it a ground takes light letters."""


def draw_no_plate(random: Random) -> Texture:
    """Draw what is no plate though it has letters: a date stamp, a lettering, a board, a lamp."""
    draw = random.choices((_stamp, _lettering, _board), (0.35, 0.4, 0.25))[0]
    return draw(random)


def _stamp(random: Random) -> Texture:
    """Draw a camera's clock: letters without ground."""
    date = f"20{random.randint(10, 29)}-{random.randint(1, 12):02}-{random.randint(1, 28):02}"
    clock = f"{random.randint(0, 23):02}:{random.randint(0, 59):02}"
    text = random.choice(
        (
            f"{date} {clock}:{random.randint(0, 59):02}",
            "/".join(reversed(date.split("-"))),
            f"CAM {random.randint(1, 16):02}",
            clock,
            f"{random.randint(5, 130)} km/h",
        )
    )
    fill = random.choice(((255, 255, 255), (255, 255, 0), (255, 140, 0), (0, 255, 0)))
    return _bare_text(random, text, fill)


def _lettering(random: Random) -> Texture:
    """Draw a word as it stands on a truck, a shop or a boot lid."""
    word = "".join(random.choice(LETTERS) for _ in range(random.randint(2, 10)))
    word = random.choice(
        (word, word.title(), word.lower(), f"{word} {random.randint(1, 999)}", f"0{random.randint(100000, 9999999)}")
    )
    fill = tuple(
        random.choice((random.randint(0, 60), random.randint(190, 255), random.randint(0, 255))) for _ in range(3)
    )
    return _bare_text(random, word, (fill[0], fill[1], fill[2]))


def _bare_text(random: Random, text: str, fill: Colour) -> Texture:
    font = choose_font(random, 64)
    width = round(font.getlength(text)) + 20
    canvas = Image.new("RGBA", (width, 90), (*fill, 0))
    stroke = random.choice((0, 0, 2))
    ImageDraw.Draw(canvas).text(
        (10, 45), text, font=font, fill=(*fill, 255), anchor="lm", stroke_width=stroke, stroke_fill=(0, 0, 0, 255)
    )
    return Texture(weighted(canvas), outline(0, 0, width, 90))


def _board(random: Random) -> Texture:
    """Draw a board with several short lines, an arrow or a lamp: wider or taller than plates are."""
    width, height = random.randint(80, 320), random.randint(80, 320)
    colour = random.choice(
        ((20, 70, 150), (20, 110, 60), (220, 220, 215), (230, 180, 30), (190, 40, 40), (235, 120, 30))
    )
    canvas = Image.new("RGBA", (width, height), (*about(random, colour), 255))
    pen = ImageDraw.Draw(canvas)
    fill = (240, 240, 240) if sum(colour) < _DARK else (20, 20, 20)
    if chance(random, 0.3):
        pen.ellipse((width * 0.15, height * 0.15, width * 0.85, height * 0.85), fill=fill)
    else:
        lines = random.randint(2, 5)
        for line in range(lines):
            caption(random, pen, (width / 2, height * (line + 0.5) / lines), height / lines * 0.7, fill)
    return Texture(weighted(canvas), outline(0, 0, width, height))
