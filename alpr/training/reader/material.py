"""What the reader learns from and is measured on: drawn plates, real crops, places without a plate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from alpr.domain import GreyImage
from alpr.training.reader.crops import LONGEST, RealCrop
from alpr.training.reader.layouts import draw_plate
from alpr.training.reader.photograph import Camera, Shot, legible
from alpr.training.reader.press import Press
from alpr.vision.ocr import ALPHABET

UNKNOWN: Final = -1
"""The region of a crop whose country nobody has told."""
LABEL_WIDTH: Final = LONGEST + 3
_DRAWN: Final = Shot(margins=(-0.03, 0.14), heights=(-0.04, 0.17), smallest=46)
_WHOLE: Final = Shot(margins=(-0.02, 0.05), turn=2.0, hard=0.6, smallest=60)
_AGAIN: Final = 3

Label: TypeAlias = NDArray[np.int16]
"""`(13,) int16`: ten classes (0 blank, then `0`-`9`, `A`-`Z`), the text's length, 1 where it is in one row, region."""


@dataclass(frozen=True, slots=True)
class Material:
    """Everything that does not come out of the press."""

    crops: Sequence[Sequence[RealCrop]] = ()
    """Real plates by source."""
    shares: Sequence[float] = ()
    """How often each source is drawn on, against the others."""
    surroundings: Sequence[GreyImage] = ()
    backgrounds: Sequence[GreyImage] = ()
    real: float = 0.3
    """Share of real crops in what is learned."""
    empty: float = 0.03
    """Share of windows without a plate."""
    typefaces: int = 320


def label(text: str, *, rows: int = 1, region: int = UNKNOWN) -> Label:
    """Put a text into numbers."""
    row = np.zeros(LABEL_WIDTH, np.int16)
    row[: len(text)] = [ALPHABET.index(char) + 1 for char in text]
    row[LONGEST:] = len(text), rows == 1, region
    return row


def text_of(row: Label) -> str:
    """Return the text of a label."""
    return "".join(ALPHABET[i - 1] for i in row[: int(row[LONGEST])])


def pictures(material: Material, seed: int) -> Iterator[tuple[GreyImage, Label]]:
    """Give crops `(48, 128) uint8` with their labels without end; the same ones for the same seed."""
    random = Random(seed)  # noqa: S311 - drawing, not secrets
    press = Press(random, typefaces=material.typefaces)
    outdoors, indoors = Camera(random, material.surroundings), Camera(random)
    while True:
        chance = random.random()
        if material.backgrounds and chance < material.empty:
            yield outdoors.disturbed(random.choice(material.backgrounds)), label("")
        elif material.crops and chance < material.empty + material.real:
            source = random.choices(material.crops, material.shares)[0]
            yield _real(indoors, random.choice(source))
        else:
            drawn = _drawn(press, outdoors)
            if drawn is not None:
                yield drawn


def _real(camera: Camera, crop: RealCrop) -> tuple[GreyImage, Label]:
    """Photograph a real crop anew."""
    shot = _WHOLE
    if crop.context:
        whole = 1 + 2 * crop.context
        low, high = ((margin - crop.context) / whole for margin in (-0.03, 0.12))
        above, below = ((margin - crop.context) / whole for margin in (-0.1, 0.14))
        shot = Shot(margins=(low, high), heights=(above, below), turn=2.5, smallest=48 * whole, hard=0.6)
    again = camera.take(crop.image.astype(np.float32), shot)
    return again, label(crop.text, rows=crop.rows)


def _drawn(press: Press, camera: Camera) -> tuple[GreyImage, Label] | None:
    """Draw a plate and photograph it until it can be read; None when that fails."""
    plate = draw_plate(press)
    if not 1 <= len(plate.text) <= LONGEST:
        return None
    for _ in range(_AGAIN):
        crop = camera.take(plate.canvas, _DRAWN)
        if legible(crop):
            return crop, label(plate.text, rows=plate.rows, region=plate.region)
    return None
