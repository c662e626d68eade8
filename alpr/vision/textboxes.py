"""Where text stands in a picture: PP-OCR's detection model, the one in RapidOCR's wheel.

The model takes BGR -1..1 `(1, 3, H, W) float32`, sides multiples of 32, and gives the probability of text for each
pixel, shrunk towards the middle of each line (Differentiable Binarization, Liao 2020).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from alpr.domain import BgrImage, Box
from alpr.errors import ModelError
from alpr.vision.onnx import Session

_STEP: Final = 32
_TEXT: Final = 0.3
_SCORE: Final = 0.45
_UNCLIP: Final = 1.6
"""How far a shrunk line is grown again: area times this over the circumference (Liao 2020, section 3.4)."""
_LEAST: Final = 2.5
_MOST_LINES: Final = 120


@dataclass(frozen=True, slots=True, eq=False)
class TextBox:
    """A line of text: `corners` `(4, 2) float32` in pixels, clockwise from where its upright reading begins."""

    corners: NDArray[np.float32]
    score: float

    @property
    def box(self) -> Box:
        """The upright rectangle round it."""
        low, high = self.corners.min(axis=0), self.corners.max(axis=0)
        return Box(float(low[0]), float(low[1]), float(high[0]), float(high[1]))

    @property
    def width(self) -> float:
        """Length of its upper edge, in pixels."""
        return float(np.linalg.norm(self.corners[1] - self.corners[0]))

    @property
    def height(self) -> float:
        """Length of its left edge, in pixels."""
        return float(np.linalg.norm(self.corners[3] - self.corners[0]))

    @property
    def centre(self) -> tuple[float, float]:
        """The middle, `(x, y)`."""
        x, y = self.corners.mean(axis=0)
        return float(x), float(y)

    @property
    def along(self) -> tuple[float, float]:
        """The direction of reading, of length 1."""
        x, y = (self.corners[1] - self.corners[0] + self.corners[2] - self.corners[3]) / 2
        length = max(1e-6, math.hypot(x, y))
        return float(x) / length, float(y) / length


class TextDetector:
    """Finds lines of text; safe to call from several threads."""

    def __init__(self, session: Session, *, area: int = 1024 * 576) -> None:
        """Take how many pixels the model may look at: its cost grows with them."""
        self._session = session
        self._input = session.inner.get_inputs()[0].name
        self.area = area
        if len(session.inner.get_outputs()) != 1:
            raise ModelError(f"model {session.path}: has several outputs: not a PP-OCR detection model")

    def scale(self, width: int, height: int) -> float:
        """Return how much a picture of this size shrinks on its way into the model."""
        return _input_size(width, height, self.area)[0] / width

    def find(self, image: BgrImage, share: float = 1.0) -> list[TextBox]:
        """Find the lines in a picture `(h, w, 3) uint8`, in its pixels; a larger picture is shrunk first.

        `share` is the part of its pixels that the model may use.
        """
        height, width = image.shape[:2]
        size = _input_size(width, height, share * self.area)
        small = cv2.resize(image, size, interpolation=cv2.INTER_AREA if size[0] < width else cv2.INTER_LINEAR)
        blob = small.astype(np.float32).transpose(2, 0, 1)[None] / 127.5 - 1.0
        text = self._session.run(**{self._input: blob})[0][0, 0]
        scale = np.array([width / size[0], height / size[1]], np.float32)
        return [TextBox(each.corners * scale, each.score) for each in lines_of(text)]


def _input_size(width: int, height: int, area: float) -> tuple[int, int]:
    scale = min(1.5, math.sqrt(area / (width * height)))
    return max(_STEP, round(width * scale / _STEP) * _STEP), max(_STEP, round(height * scale / _STEP) * _STEP)


def lines_of(text: NDArray[np.float32]) -> list[TextBox]:
    """Turn a map of probabilities `(h, w) float32` into lines, in its pixels, largest first."""
    mask = cv2.dilate((text > _TEXT).astype(np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    largest = sorted(contours, key=cv2.contourArea, reverse=True)[:_MOST_LINES]
    found = (_line(contour, text) for contour in largest)
    return [line for line in found if line is not None]


def _line(contour: NDArray[Any], text: NDArray[np.float32]) -> TextBox | None:
    middle, (w, h), angle = cv2.minAreaRect(contour)
    if min(w, h) < _LEAST:
        return None
    shrunk = cv2.boxPoints((middle, (w, h), angle))
    score = _mean_inside(text, shrunk)
    if score < _SCORE:
        return None
    grow = 2 * w * h * _UNCLIP / (2 * (w + h))
    return TextBox(_ordered(cv2.boxPoints((middle, (w + grow, h + grow), angle))), score)


def _mean_inside(text: NDArray[np.float32], corners: NDArray[Any]) -> float:
    height, width = text.shape
    low = np.clip(np.floor(corners.min(axis=0)).astype(int), 0, (width - 1, height - 1))
    high = np.clip(np.ceil(corners.max(axis=0)).astype(int), 0, (width - 1, height - 1))
    mask = np.zeros((high[1] - low[1] + 1, high[0] - low[0] + 1), np.uint8)
    cv2.fillPoly(mask, [np.round(corners - low).astype(np.int32)], 1)
    return float(cv2.mean(text[low[1] : high[1] + 1, low[0] : high[0] + 1], mask)[0])


def _ordered(corners: NDArray[Any]) -> NDArray[np.float32]:
    """Begin with the top left corner and go clockwise."""
    left = corners[np.argsort(corners[:, 0], kind="stable")]
    first, last = left[:2][np.argsort(left[:2, 1])], left[2:][np.argsort(left[2:, 1])]
    return np.array([first[0], last[0], last[1], first[1]], np.float32)
