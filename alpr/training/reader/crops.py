"""Real crops to learn from and to measure on: plates of folders with `truth.csv`, cut out with what is round them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from alpr.domain import BgrImage, Box, GreyImage
from alpr.errors import ConfigError
from alpr.training.truth import Truth, load_truth
from alpr.vision.ocr import reader_crop

CONTEXT: Final = 0.5
"""How much of what is round a box is kept with it, as a share of the box's sides: it is then the middle half."""
LONGEST: Final = 10
_TALLEST: Final = 96
_SMALLEST, _AT_EDGE = 4, 2
"""Pixels: a box smaller, or with less of it in the picture, is none."""
_SCENE: Final = (256, 96)


@dataclass(frozen=True, slots=True)
class RealCrop:
    """A plate cut out of a photograph with what is round it: `image` is grey `(h, w) uint8`."""

    image: GreyImage
    text: str
    context: float
    """How much stands round the plate, as a share of its sides; 0 where the picture is the plate."""
    stacked: bool = False
    """Whether it was read in two rows."""

    @property
    def rows(self) -> int:
        """How many rows were read, or its shape has room for; American ones are as high as those with two."""
        height, width = self.image.shape
        return 2 if self.stacked or height > 0.62 * width else 1

    def tight(self, margin: float = 0.06) -> GreyImage:
        """Return the reader's crop `(48, 128)` with that margin."""
        height, width = self.image.shape
        inner = Box(0, 0, width, height)
        if self.context:
            cut = (self.context - margin) / (1 + 2 * self.context)
            inner = Box(width * cut, height * cut, width * (1 - cut), height * (1 - cut))
        return reader_crop(cv2.cvtColor(self.image, cv2.COLOR_GRAY2BGR).astype(np.uint8, copy=False), inner)


@dataclass(frozen=True, slots=True)
class Photograph:
    """A picture of a folder with its plates."""

    name: str
    image: BgrImage
    plates: Sequence[Truth]


def photographs(folder: Path, told: Callable[[str], None]) -> Iterator[Photograph]:
    """Give the pictures of a folder with `truth.csv`; say which cannot be decoded, and go on without them.

    Raises ConfigError when the folder or its table cannot be used.
    """
    for name, plates in load_truth(folder).items():
        image = cv2.imread(str(folder / name))
        if image is None:
            told(f"{folder / name}: missing or no picture: left out")
            continue
        bgr = image.astype(np.uint8, copy=False)
        inside = [plate for plate in plates if plate.box is None or _inside(plate.box, bgr)]
        if len(inside) < len(plates):
            told(f"{folder / name}: {len(plates) - len(inside)} boxes outside the picture: left out")
        yield Photograph(name, bgr, inside)


def labelled_crops(folder: Path, told: Callable[[str], None]) -> list[RealCrop]:
    """Load the plates of a folder that have a text; characters outside the alphabet are not read."""
    crops: list[RealCrop] = []
    for photograph in photographs(folder, told):
        for plate in photograph.plates:
            text = readable(plate.text)
            if not 1 <= len(text) <= LONGEST:
                told(f"{folder / photograph.name}: no text of 1 to {LONGEST} characters: left out")
                continue
            crops.append(cut_crop(photograph.image, plate.box, text))
    if not crops:
        raise ConfigError(f"{folder}: no plate with picture and text: nothing to learn from")
    return crops


def readable(text: str) -> str:
    """Return the characters of a label that a reader can say: Latin letters and digits."""
    return re.sub("[^A-Z0-9]", "", text.upper())


def cut_crop(image: BgrImage, box: Box | None, text: str, *, stacked: bool = False) -> RealCrop:
    """Cut a plate out with its context; without a box the picture is the plate."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.uint8, copy=False)
    if box is None:
        return RealCrop(grey, text, 0.0, stacked)
    return RealCrop(_window(grey, box.grown(CONTEXT, CONTEXT)), text, CONTEXT, stacked)


def backgrounds(image: BgrImage, boxes: Sequence[Box]) -> list[GreyImage]:
    """Cut windows of a plate's size above and below each plate that hold no plate: `(48, 128)`."""
    height = image.shape[0]
    windows: list[GreyImage] = []
    for box in boxes:
        for away in (-1.7, 1.6):
            moved = Box(box.x1, box.y1 + away * box.height, box.x2, box.y2 + away * box.height)
            if moved.y1 >= 0 and moved.y2 <= height and not any(_meet(moved, other) for other in boxes):
                windows.append(reader_crop(image, moved))
    return windows


def surroundings_of(image: BgrImage, boxes: Sequence[Box]) -> list[GreyImage]:
    """Cut out where plates hang, the plate in the middle half: grey `(96, 256)`."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.uint8, copy=False)
    windows = [_window(grey, box.grown(CONTEXT, CONTEXT)) for box in boxes]
    return [cv2.resize(window, _SCENE, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False) for window in windows]


def _window(grey: GreyImage, box: Box) -> GreyImage:
    height, width = grey.shape
    x1, y1, x2, y2 = (round(v) for v in (box.x1, box.y1, box.x2, box.y2))
    inside = grey[max(0, y1) : min(height, y2), max(0, x1) : min(width, x2)]
    pads = max(0, -y1), max(0, y2 - height), max(0, -x1), max(0, x2 - width)
    window = cv2.copyMakeBorder(inside, *pads, cv2.BORDER_REPLICATE)
    if window.shape[0] > _TALLEST * (1 + 2 * CONTEXT):
        share = _TALLEST * (1 + 2 * CONTEXT) / window.shape[0]
        window = cv2.resize(window, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    return window.astype(np.uint8, copy=False)


def _inside(box: Box, image: BgrImage) -> bool:
    height, width = image.shape[:2]
    seen = box.clipped(width, height)
    return min(box.width, box.height) >= _SMALLEST and seen.width > _AT_EDGE and seen.height > _AT_EDGE


def _meet(one: Box, other: Box) -> bool:
    return one.x1 < other.x2 and other.x1 < one.x2 and one.y1 < other.y2 and other.y1 < one.y2
