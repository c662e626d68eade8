"""How plates look where they are issued: the United States, Europe, Brazil, elsewhere; long, square and in two rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Final

import cv2
import numpy as np

from alpr.training.reader import texts
from alpr.training.reader.chance import happens
from alpr.training.reader.emblems import emblem
from alpr.training.reader.ornaments import Canvas, Span, ink, scenery, stars, stickers, word
from alpr.training.reader.press import BR, EU, HEIGHT, OTHER, US, DrawnPlate, Paper, Press
from alpr.training.reader.setting import line, place, press, spacing
from alpr.training.reader.typeface import Mask, Typeface
from alpr.vision.ocr import ALPHABET

_FEW: Final = 3
_NO_LOOK_ALIKES: Final = "ABCDEFGHJKLMNPRSTUVWXYZ"


def draw_plate(press_: Press) -> DrawnPlate:
    """Draw a plate of anywhere."""
    return press_.random.choices(_LAYOUTS, _SHARES)[0](press_)


def american(press_: Press) -> DrawnPlate:
    """Draw a plate of one of the states: its name above, a slogan below, pictures, stickers, an emblem."""
    random = press_.random
    tones = press_.paper(dark=0.16)
    canvas = press_.sheet(HEIGHT, random.uniform(1.8, 2.2), tones.paper)
    height, width = canvas.shape
    if happens(random, 0.6):
        scenery(random, canvas, press_.clouds)
    high = random.uniform(0.4, 0.6) * height
    top = random.uniform(0.22, 0.32) * height if high < 0.52 * height else random.uniform(0.19, 0.26) * height
    left, right = random.uniform(0.02, 0.09) * width, width * (1 - random.uniform(0.02, 0.09))
    kind = random.choices(("wished", "pictured", "beside", ""), (0.3, 0.18, 0.3, 0.22))[0]
    clear = kind == "wished"
    face = press_.face(clear=clear)
    letters = _NO_LOOK_ALIKES if face.ambiguous and happens(random, 0.75) else ALPHABET[10:]  # as most states do
    shown = texts.wished_text(random) if clear else texts.american_text(random, letters)
    if kind == "beside":
        first = happens(random, 0.6)
        left, right = _beside(press_, canvas, (left, top, right - left, high), tones.ink, first=first)
        if happens(random, 0.35):
            left, right = _beside(press_, canvas, (left, top, right - left, high), tones.ink, first=not first)
    _headings(press_, canvas, tones.ink, (top, top + high))
    span = (left, top, right - left, high)
    if len(texts.read_text(shown)) > _FEW and (kind == "pictured" or (clear and happens(random, 0.3))):
        shown = texts.read_text(shown)
        _round_a_picture(press_, canvas, shown, face, span, tones.ink)
    else:
        press_.characters(canvas, shown, face, span, tones.ink)
    stickers(random, canvas, press_.small_words, 0.28)
    return DrawnPlate(press_.finish(canvas, tones.ink, framed=0.7), texts.read_text(shown), US)


def _round_a_picture(press_: Press, canvas: Canvas, shown: str, face: Typeface, span: Span, tone: float) -> None:
    """Set the characters on both sides of a picture, which may be taller than they are and reach behind them."""
    random = press_.random
    left, top, width, high = span
    at = random.choice((2, 3, 3, len(shown) // 2, len(shown) - 3))
    gap = width * random.uniform(0.08, 0.2)
    share = (width - gap) / len(shown)
    middle = left + at * share + gap / 2
    wide, tall = gap * random.uniform(0.6, 1.5), high * random.uniform(0.5, 1.5)
    picture = emblem(random, max(4, int(wide)), max(4, int(tall)))
    shade = tone if happens(random, 0.3) else random.uniform(0, 255)
    ink(canvas, picture, middle - wide / 2, top + (high - tall) / 2, shade, random.uniform(0.4, 1))
    spaces = spacing(random)
    for part, x in ((shown[:at], left), (shown[at:], middle + gap / 2)):
        room = (x, top, len(part) * share, high)
        sheet = place(random, line(random, part, face, spaces), room, canvas.shape, filled=True)
        press(random, canvas, sheet, tone, random.choice(press_.clouds))


def _beside(press_: Press, canvas: Canvas, span: Span, tone: float, *, first: bool) -> tuple[float, float]:
    """Put a logo or small letters one above the other beside the characters; return the room that is left."""
    random = press_.random
    left, top, width, high = span
    pictured = happens(random, 0.45)
    wide = width * random.uniform(0.09, 0.26) if pictured else high * random.uniform(0.22, 0.42)
    x = left if first else left + width - wide
    if pictured:
        tall = int(high * random.uniform(0.7, 1.3))
        ink(
            canvas,
            emblem(random, int(wide), tall),
            x,
            top + (high - tall) / 2,
            random.uniform(0, 255),
            random.uniform(0.4, 1),
        )
    else:
        _stacked_small(press_, canvas, (x, top, wide, high), tone)
    gap = random.uniform(0.01, 0.04) * width
    return (left + wide + gap, left + width) if first else (left, left + width - wide - gap)


def _stacked_small(press_: Press, canvas: Canvas, span: Span, tone: float) -> None:
    """Two or three small letters one above the other: they tell the plate's kind and are not read."""
    random = press_.random
    left, top, width, high = span
    face, count = press_.face(), random.choice((2, 2, 3))
    for index in range(count):
        glyph = face.glyphs[random.choice("ABCDEFGHKLMNOPRSTUVWXY0123456789")]
        tall, wide = max(4, int(high / count * 0.86)), max(3, int(width * 0.9))
        small = cv2.resize(glyph, (wide, tall), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        ink(canvas, small, left, top + index * high / count, tone)


def _headings(press_: Press, canvas: Canvas, tone: float, rows: tuple[float, float]) -> None:
    """Set the state's name above the characters and a slogan below them."""
    random = press_.random
    height, width = canvas.shape
    above = random.uniform(0.02, 0.06) * height
    reach = random.uniform(0.35, 0.8) * width
    shift = random.uniform(0.35, 0.65) * (width - reach)
    if happens(random, 0.92):
        room = min(rows[0] * random.uniform(0.9, 1.1) - above, 0.22 * height)
        word(random, canvas, press_.words, (shift, above, reach, room), random.choice((tone, random.uniform(0, 255))))
    if happens(random, 0.8):
        below = rows[1] + height * random.uniform(0.01, 0.04)
        room = min(height * random.uniform(0.08, 0.16), height * 0.98 - below)
        word(random, canvas, press_.words, (shift, below, reach, room), random.choice((tone, random.uniform(0, 255))))


def european(press_: Press) -> DrawnPlate:
    """Draw a long plate with the blue band."""
    random = press_.random
    patterns = random.choices((texts.GERMAN, texts.EUROPEAN, texts.BRITISH, texts.IBERIAN_DIGITS), (30, 42, 20, 8))[0]
    letters = _NO_LOOK_ALIKES if patterns is not texts.GERMAN and happens(random, 0.4) else ALPHABET[10:]
    shown = texts.shown_text(random, patterns, letters=letters)
    tones = press_.paper(dark=0.5) if happens(random, 0.1) else Paper(random.uniform(150, 255), random.uniform(0, 95))
    canvas = press_.sheet(HEIGHT, random.uniform(4.1, 5.0), tones.paper)
    height, width = canvas.shape
    left, right = width * 0.02, width * 0.98
    if patterns is not texts.BRITISH or happens(random, 0.3):
        left = _band(press_, canvas, at_right=False) + width * random.uniform(0.002, 0.02)
        if happens(random, 0.25):
            right = width - _band(press_, canvas, at_right=True) - width * 0.01
    high = random.uniform(0.62, 0.84) * height
    span = (left, (height - high) * random.uniform(0.35, 0.65), right - left, high)
    press_.characters(canvas, shown, press_.face(), span, tones.ink)
    return DrawnPlate(press_.finish(canvas, tones.ink, framed=0.1), texts.read_text(shown), EU)


def _band(press_: Press, canvas: Canvas, *, at_right: bool) -> float:
    """Draw the blue band with its stars and the country's letters; return its width."""
    random = press_.random
    height, width = canvas.shape
    wide = int(height * random.uniform(0.34, 0.5))
    left = width - wide if at_right else 0
    canvas[:, left : left + wide] = random.uniform(20, 130)
    light = random.uniform(150, 255)
    if happens(random, 0.85):
        stars(canvas, (left, wide), light)
    if happens(random, 0.9):
        word(random, canvas, press_.codes, (left + wide * 0.15, height * 0.62, wide * 0.7, height * 0.25), light)
    return float(wide)


def brazilian(press_: Press) -> DrawnPlate:
    """Draw an old grey or red plate with its town above, or a white one of the Mercosur."""
    random = press_.random
    new = happens(random, 0.4)
    if new:
        tones = Paper(random.uniform(170, 255), random.uniform(0, 80))
    else:
        tones = (
            press_.paper(dark=0.25) if happens(random, 0.4) else Paper(random.uniform(105, 200), random.uniform(0, 70))
        )
    rows = 2 if happens(random, 0.2) else 1
    canvas = press_.sheet(
        HEIGHT if rows == 1 else 100, random.uniform(2.8, 3.3) if rows == 1 else random.uniform(1.1, 1.35), tones.paper
    )
    height, width = canvas.shape
    strip = random.uniform(0.16, 0.25) * height
    if new:
        canvas[: int(strip)] = random.uniform(30, 130)
        word(
            random,
            canvas,
            press_.words,
            (width * 0.3, strip * 0.15, width * 0.4, strip * 0.7),
            random.uniform(180, 255),
        )
    else:
        if happens(random, 0.3):
            cv2.rectangle(canvas, (int(width * 0.15), 2), (int(width * 0.85), int(strip)), tones.ink, 1)
        word(random, canvas, press_.cities, (width * 0.12, strip * 0.2, width * 0.76, strip * 0.7), tones.ink)
    shown = texts.shown_text(random, texts.BRAZILIAN_NEW if new else texts.BRAZILIAN_OLD)
    face = press_.face()
    top = strip + height * random.uniform(0.01, 0.05)
    span = (width * 0.03, top, width * 0.94, height * random.uniform(0.9, 0.97) - top)
    if rows == 1:
        press_.characters(canvas, shown, face, span, tones.ink)
    else:
        _rows(press_, canvas, [shown[:3], shown[3:].lstrip("-. ")], face, span, tones.ink)
    return DrawnPlate(press_.finish(canvas, tones.ink, framed=0.1), texts.read_text(shown), BR, rows)


def _rows(press_: Press, canvas: Canvas, lines: Sequence[str], face: Typeface, span: Span, tone: float) -> None:
    left, top, width, high = span
    each = high / len(lines)
    for index, shown in enumerate(lines):
        room = (left, top + index * each, width, each * press_.random.uniform(0.82, 0.95))
        press_.characters(canvas, shown, face, room, tone)


def elsewhere(press_: Press) -> DrawnPlate:
    """Draw a plate of the rest of the world: any shape, with or without words above or below."""
    random = press_.random
    chinese = happens(random, 0.15)
    shown = texts.shown_text(random, texts.CHINESE if chinese else texts.ELSEWHERE)
    tones = press_.paper(dark=0.5 if chinese else 0.25)
    aspect = (
        random.uniform(2.9, 3.4)
        if chinese
        else random.choice((random.uniform(1.9, 2.4), random.uniform(2.5, 3.4), random.uniform(4, 5)))
    )
    canvas = press_.sheet(HEIGHT, aspect, tones.paper)
    height, width = canvas.shape
    left, right = width * random.uniform(0.02, 0.06), width * random.uniform(0.94, 0.98)
    high = random.uniform(0.5, 0.85) * height
    top = (height - high) * random.uniform(0.3, 0.7)
    if happens(random, 0.25):
        left = _band(press_, canvas, at_right=False) + width * 0.01
    if chinese:
        wide = high * random.uniform(0.45, 0.65)
        ink(canvas, _ideograph(random, int(wide), int(high)), left, top, tones.ink)
        left += wide + width * 0.01
    elif happens(random, 0.45):
        if happens(random, 0.5):
            word(
                random,
                canvas,
                press_.words,
                (width * 0.2, height * 0.03, width * 0.6, min(top, 0.2 * height) * 0.9),
                tones.ink,
            )
        else:
            room = height - top - high
            word(
                random,
                canvas,
                press_.words,
                (width * 0.2, top + high + room * 0.1, width * 0.6, min(room, 0.2 * height) * 0.8),
                tones.ink,
            )
    press_.characters(canvas, shown, press_.face(), (left, top, right - left, high), tones.ink)
    return DrawnPlate(press_.finish(canvas, tones.ink, framed=0.3), texts.read_text(shown), OTHER)


def inlaid(press_: Press) -> DrawnPlate:
    """Draw a dark field with light characters in a broad light rim, as Argentina did."""
    random = press_.random
    light, dark = random.uniform(150, 255), random.uniform(0, 70)
    canvas = press_.sheet(HEIGHT, random.uniform(2.0, 3.0), light)
    height, width = canvas.shape
    top, bottom = random.uniform(0.15, 0.27) * height, random.uniform(0.78, 0.92) * height
    left, right = random.uniform(0.015, 0.06) * width, random.uniform(0.94, 0.985) * width
    canvas[int(top) : int(bottom), int(left) : int(right)] = dark
    word(random, canvas, press_.words, (width * 0.25, height * 0.03, width * 0.5, top * 0.8), random.uniform(0, 150))
    shown = texts.shown_text(random, texts.ARGENTINE)
    rim = random.uniform(-0.01, 0.06) * height
    span = (left + 2, top + rim, right - left - 4, max(8.0, bottom - top - 2 * rim))
    press_.characters(canvas, shown, press_.face(), span, random.uniform(light - 40, light + 20))
    return DrawnPlate(press_.finish(canvas, dark, framed=0.3), texts.read_text(shown), OTHER)


def _ideograph(random: Random, width: int, height: int) -> Mask:
    """Draw something that has the look of a province's character; it is not read."""
    mask = np.zeros((max(4, height), max(4, width)), np.uint8)
    thick = max(1, width // 9)
    for _ in range(random.randint(3, 5)):
        level = random.randint(0, height)
        cv2.line(
            mask,
            (random.randint(0, width // 3), level),
            (random.randint(width // 2, width), level),
            255,
            thick,
            cv2.LINE_AA,
        )
    for _ in range(random.randint(2, 5)):
        x = random.randint(0, width)
        cv2.line(
            mask,
            (x, random.randint(0, height // 2)),
            (x + random.randint(-width // 3, width // 3), random.randint(height // 2, height)),
            255,
            thick,
            cv2.LINE_AA,
        )
    return mask


def stacked(press_: Press) -> DrawnPlate:
    """Draw a plate in two rows."""
    random = press_.random
    shown = texts.shown_text(random, texts.STACKED)
    tones = press_.paper(dark=0.2)
    canvas = press_.sheet(100, random.uniform(1.05, 2.1), tones.paper)
    height, width = canvas.shape
    left = width * random.uniform(0.03, 0.14)
    if happens(random, 0.3):
        canvas[:, : int(left)] = random.uniform(0, 150)
    top, right = height * random.uniform(0.03, 0.14), width * (1 - random.uniform(0.03, 0.14))
    if happens(random, 0.2):
        word(random, canvas, press_.words, (width * 0.25, height * 0.02, width * 0.5, height * 0.1), tones.ink)
        top = height * 0.14
    _rows(press_, canvas, shown.split("|"), press_.face(), (left, top, right - left, height * 0.97 - top), tones.ink)
    return DrawnPlate(press_.finish(canvas, tones.ink, framed=0.2), texts.read_text(shown), OTHER, rows=2)


_LAYOUTS: Final[tuple[Callable[[Press], DrawnPlate], ...]] = (american, european, brazilian, elsewhere, inlaid, stacked)
_SHARES: Final = (45, 22, 13, 10, 3, 7)
