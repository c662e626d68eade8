"""The press: typefaces, words and tones made once by chance, metal cut, characters set, edges and frames added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

import cv2
import numpy as np

from alpr.training.reader.chance import happens
from alpr.training.reader.fonts import installed_typefaces, word_masks
from alpr.training.reader.ornaments import Canvas, Span, bolts, word
from alpr.training.reader.setting import line, place, press, spacing
from alpr.training.reader.strokes import stroke_typeface
from alpr.training.reader.typeface import Typeface
from alpr.training.reader.words import words
from alpr.vision.ocr import REGION_HINTS

US, EU, BR, OTHER = range(len(REGION_HINTS))
HEIGHT: Final = 72
_CLOUD: Final = (112, 420)
_CLOUDS: Final = 120
_LIGHT: Final = 100


@dataclass(frozen=True, slots=True)
class DrawnPlate:
    """A plate as it leaves the press: `canvas` is `(h, w) float32` grey."""

    canvas: Canvas
    text: str
    region: int
    """Its place in `REGION_HINTS`."""
    rows: int = 1


@dataclass(frozen=True, slots=True)
class Paper:
    """Two tones, 0 to 255."""

    paper: float
    ink: float


class Press:
    """Draws plates by chance: its typefaces, words and clouds are made once, from its seed."""

    def __init__(self, random: Random, *, typefaces: int = 320, words_kept: int = 500) -> None:
        self.random, shown = random, words()
        installed = installed_typefaces()
        self.fonts = tuple(face.name for face in installed)
        drawn = [stroke_typeface(random) for _ in range(typefaces)]
        while all(face.ambiguous for face in drawn):
            drawn.append(stroke_typeface(random))
        self._pools = [drawn, drawn, installed or drawn]
        self._clear_pools = [[face for face in pool if not face.ambiguous] for pool in (drawn, drawn, installed)]
        self._clear_pools = [pool for pool in self._clear_pools if pool]
        self.words = word_masks(random, shown.names, words_kept)
        self.small_words = word_masks(random, shown.small, words_kept // 4)
        self.cities = word_masks(random, shown.towns, words_kept // 4)
        self.codes = word_masks(random, shown.countries, words_kept // 4)
        noise = np.random.default_rng(random.getrandbits(32))
        self.clouds: Sequence[Canvas] = [_cloud(random, noise) for _ in range(_CLOUDS)]

    def face(self, *, clear: bool = False) -> Typeface:
        """Choose a typeface; a `clear` one tells O from 0 and I from 1."""
        return self.random.choice(self.random.choice(self._clear_pools if clear else self._pools))

    def paper(self, *, dark: float, pale: float = 0.07) -> Paper:
        """Choose the tones: `dark` is how often the characters are the lighter ones."""
        random = self.random
        paper = random.uniform(125, 255)
        contrast = random.uniform(25, 70) if happens(random, pale) else random.uniform(70, 215)
        tone = max(0.0, paper - contrast)
        return Paper(255 - paper, 255 - tone) if happens(random, dark) else Paper(paper, tone)

    def sheet(self, height: int, aspect: float, tone: float) -> Canvas:
        """Cut the metal."""
        return np.full((height, int(height * aspect)), tone, np.float32)

    def characters(self, canvas: Canvas, shown: str, face: Typeface, span: Span, tone: float) -> None:
        """Set and press one line."""
        sheet = place(self.random, line(self.random, shown, face, spacing(self.random)), span, canvas.shape)
        press(self.random, canvas, sheet, tone, self.random.choice(self.clouds))

    def finish(self, canvas: Canvas, tone: float, *, framed: float) -> Canvas:
        """Add edge, bolts, spatter and a dealer's frame."""
        random = self.random
        height, width = canvas.shape
        if happens(random, 0.5):
            edge = tone if happens(random, 0.6) else random.uniform(0, 255)
            cv2.rectangle(canvas, (1, 1), (width - 2, height - 2), edge, random.randint(1, 2))
        if happens(random, 0.4):
            bolts(random, canvas)
        if happens(random, 0.25):
            for _ in range(random.randint(1, 25)):
                spot = random.randint(0, width), random.randint(0, height)
                cv2.circle(canvas, spot, random.randint(1, 2), random.uniform(0, 255), -1, cv2.LINE_AA)
        if happens(random, 0.15):
            canvas += np.float32(random.uniform(20, 90)) * random.choice(self.clouds)[:height, :width]
        return self._frame(canvas, inwards=framed) if happens(random, 0.45) else canvas

    def _frame(self, canvas: Canvas, *, inwards: float) -> Canvas:
        """Put a holder round the plate, which on American cars covers its edges."""
        random = self.random
        height, width = canvas.shape
        tone = random.uniform(0, 90) if happens(random, 0.75) else random.uniform(100, 250)
        if happens(random, inwards):
            deep = int(height * random.uniform(0.01, 0.07))
            if deep:
                canvas[:deep] = canvas[height - deep :] = tone
                canvas[:, :deep] = canvas[:, width - deep :] = tone
        above, below, beside = (int(height * random.uniform(0, most)) for most in (0.13, 0.2, 0.09))
        framed = cv2.copyMakeBorder(canvas, above, below, beside, beside, cv2.BORDER_CONSTANT, value=tone).astype(
            np.float32, copy=False
        )
        for room, top in ((below, framed.shape[0] - below), (above, 0)):
            if room > 6 and happens(random, 0.75):  # noqa: PLR2004 - pixels a word needs
                span = (framed.shape[1] * 0.15, top + 1, framed.shape[1] * 0.7, room - 2)
                word(
                    random,
                    framed,
                    self.words,
                    span,
                    random.uniform(160, 255) if tone < _LIGHT else random.uniform(0, 80),
                )
        return framed


def _cloud(random: Random, noise: np.random.Generator) -> Canvas:
    """Make light and dark places, -0.5 to 0.5."""
    spots = noise.random((random.randint(2, 9), random.randint(3, 16)), np.float32)
    smooth = cv2.resize(spots, _CLOUD[::-1], interpolation=cv2.INTER_CUBIC)
    return (smooth - np.float32(0.5)).astype(np.float32, copy=False)
