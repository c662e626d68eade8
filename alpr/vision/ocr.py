"""The plate reader: a grey crop in, a probability for every character at every place out.

The model takes grey 0-255 `(n, 1, 48, 128) float32`, the crop stretched to 128x48, and gives two
heads that err differently: `slots (n, 10, 37)`, one distribution a character place, and
`ctc (n, 32, 37)`, one a column (Graves 2006). Class 0 is blank, then `0`-`9`, `A`-`Z`. A third output, if there is
one, is `region (n, 4)`: where a plate of this layout comes from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from alpr.domain import BgrImage, Box, GreyImage
from alpr.errors import ModelError
from alpr.vision.onnx import Session

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CLASSES = len(ALPHABET) + 1
CROP_WIDTH, CROP_HEIGHT = 128, 48
Corners: TypeAlias = tuple[tuple[float, float], ...]
"""x y of top left, top right, bottom right, bottom left."""
REGION_HINTS = ("us", "eu", "br", "")
"""What the third output's classes stand for; the last one is everywhere else."""
_ROOM_FOR_TWO = 2.6
"""Width by height of a crop up to which a plate in two rows fits it."""
_SPLITS = (0.44, 0.5, 0.56)
"""Where the rows may meet, as shares of the crop's height."""
_LAP = 0.06


@dataclass(frozen=True, slots=True)
class TextLikelihood:
    """What the reader saw in one crop.

    `slots` is `(10, 37) float32`, `ctc` `(32, 37) float32`; each row sums to 1, class 0 is blank.
    """

    slots: NDArray[np.float32]
    ctc: NDArray[np.float32]
    region: NDArray[np.float32] | None = None
    """`(4,) float32`: a probability for each of `REGION_HINTS`, where the model gives them."""


class PlateReader:
    """Reads plate crops; safe to call from several threads."""

    def __init__(self, session: Session) -> None:
        if session.input_shape[1:] != (1, CROP_HEIGHT, CROP_WIDTH):
            raise ModelError(
                f"model {session.path}: input {session.input_shape} is not (n, 1, {CROP_HEIGHT}, {CROP_WIDTH}): "
                "not a plate reader of this version"
            )
        self._session = session
        self._input = session.inner.get_inputs()[0].name

    def read(self, crops: Sequence[GreyImage]) -> list[TextLikelihood]:
        """Read crops of `(48, 128) uint8` in one run."""
        if not crops:
            return []
        heads = self._session.run(**{self._input: np.stack(crops).astype(np.float32)[:, None]})
        return [TextLikelihood(*each) for each in zip(*heads, strict=True)]


def reader_crop(image: BgrImage, box: Box) -> GreyImage:
    """Cut `box` out of the picture, grey and stretched to `(48, 128) uint8`.

    Parts outside the picture repeat its edge, so that a plate at the border keeps its shape.
    """
    x1, y1 = int(np.floor(box.x1)), int(np.floor(box.y1))
    x2, y2 = max(x1 + 2, int(np.ceil(box.x2))), max(y1 + 2, int(np.ceil(box.y2)))
    height, width = image.shape[:2]
    inside = image[max(0, y1) : min(height, y2), max(0, x1) : min(width, x2)]
    if inside.size == 0:
        return np.zeros((CROP_HEIGHT, CROP_WIDTH), np.uint8)
    grey = cv2.cvtColor(inside, cv2.COLOR_BGR2GRAY)
    pads = max(0, -y1), max(0, y2 - height), max(0, -x1), max(0, x2 - width)
    if any(pads):
        grey = cv2.copyMakeBorder(grey, *pads, cv2.BORDER_REPLICATE)
    method = cv2.INTER_AREA if grey.shape[1] > CROP_WIDTH else cv2.INTER_LINEAR
    return cv2.resize(grey, (CROP_WIDTH, CROP_HEIGHT), interpolation=method).astype(np.uint8, copy=False)


def rectified_crop(image: BgrImage, corners: Corners, margin: tuple[float, float]) -> GreyImage:
    """Straighten the plate between its corners, grey and stretched to `(48, 128) uint8`.

    `margin` is added on each side, as shares of the plate's width and height. What lies outside the picture
    repeats its edge.
    """
    across, down = margin
    left, top = across / (1 + 2 * across), down / (1 + 2 * down)
    unit = np.array([(left, top), (1 - left, top), (1 - left, 1 - top), (left, 1 - top)], np.float32)
    quad = np.array(corners, np.float32)
    # A large plate is straightened at twice the size and shrunk, so that its strokes do not alias.
    fine = 2 if float(np.linalg.norm(quad[1] - quad[0])) > CROP_WIDTH else 1
    size = CROP_WIDTH * fine, CROP_HEIGHT * fine
    low = np.clip(
        np.floor(quad.min(0) - 0.3 * np.ptp(quad, 0)).astype(int), 0, (image.shape[1] - 1, image.shape[0] - 1)
    )
    high = np.maximum(np.ceil(quad.max(0) + 0.3 * np.ptp(quad, 0)).astype(int), low + 1)
    grey = cv2.cvtColor(image[low[1] : high[1], low[0] : high[0]], cv2.COLOR_BGR2GRAY)
    matrix = cv2.getPerspectiveTransform((quad - low).astype(np.float32), unit * np.array(size, np.float32))
    crop = cv2.warpPerspective(grey, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    if fine > 1:
        crop = cv2.resize(crop, (CROP_WIDTH, CROP_HEIGHT), interpolation=cv2.INTER_AREA)
    return crop.astype(np.uint8, copy=False)


def in_two_rows(crop: BgrImage) -> list[BgrImage]:
    """Lay the lower row of a plate to the right of the upper one, for each place where the rows may meet.

    Gives pictures `(h, 2 w, 3) uint8`, about half as high as the crop; none where it has no shape for two rows. The
    halves overlap a little, so that neither loses a character's foot or head to a plate that hangs askew.
    """
    height, width = crop.shape[:2]
    if width > _ROOM_FOR_TWO * height:
        return []
    laid: list[BgrImage] = []
    for split in _SPLITS:
        upper, lower = crop[: round(height * (split + _LAP))], crop[round(height * (split - _LAP)) :]
        size = width, max(len(upper), len(lower))
        halves = [cv2.resize(half, size, interpolation=cv2.INTER_LINEAR) for half in (upper, lower)]
        laid.append(np.hstack(halves).astype(np.uint8, copy=False))
    return laid


def whole_crop(picture: BgrImage) -> GreyImage:
    """Return all of a picture as the reader takes it: grey `(48, 128) uint8`."""
    return reader_crop(picture, Box(0, 0, picture.shape[1], picture.shape[0]))
