"""The one-pass detector: vehicles and plates of a picture in one look.

The model takes BGR 0-255 `(1, 3, H, W) float32`, letterboxed at the top left with grey 114, and
gives `(1, anchors, 4 + classes)`: `x1 y1 x2 y2` in input pixels, then scores.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from alpr.domain import BgrImage, Box, Detection, Label
from alpr.errors import ModelError
from alpr.vision.crop import cut
from alpr.vision.onnx import Session

_LABELS = (Label.PLATE, Label.CAR, Label.TRUCK, Label.BUS, Label.MOTORCYCLE)
_PAD = 114
_INPUT_RANK, _CHANNELS = 4, 3
_PLATE_HEIGHT = 0.74
"""The labels that this model learned from stand 1.3 to 1.4 times too tall round a plate; widths are true."""


class Detector:
    """Finds vehicles and plates; safe to call from several threads."""

    def __init__(self, session: Session, *, plate_score: float = 0.3, vehicle_score: float = 0.4) -> None:
        shape = session.input_shape
        if len(shape) != _INPUT_RANK or not all(isinstance(n, int) for n in shape[1:]) or shape[1] != _CHANNELS:
            raise ModelError(f"model {session.path}: input {shape} is not (n, 3, H, W): not a detector of this version")
        self._session = session
        self._input = session.inner.get_inputs()[0].name
        self._size = int(shape[3]), int(shape[2])
        self._floors = np.array([plate_score] + [vehicle_score] * (len(_LABELS) - 1), np.float32)

    @property
    def batch(self) -> int:
        """How many pictures one run of the model takes; 0 when any number."""
        count = self._session.input_shape[0]
        return count if isinstance(count, int) else 0

    def detect(self, images: Sequence[BgrImage]) -> list[list[Detection]]:
        """Find everything in each of the pictures; boxes in that picture's pixels, best first."""
        return [self._detect_one(image) for image in images]

    def scale(self, width: int, height: int) -> float:
        """Return how much a picture of this size shrinks on its way into the network."""
        return min(self._size[0] / width, self._size[1] / height)

    def detect_within(self, image: BgrImage, box: Box) -> list[Detection]:
        """Look at a part of the picture at full resolution; boxes in pixels of the whole picture."""
        part = box.grown(0.05, 0.05).clipped(image.shape[1], image.shape[0])
        left, top = int(part.x1), int(part.y1)
        found = self._detect_one(cut(image, part))
        return [replace(d, box=Box(d.box.x1 + left, d.box.y1 + top, d.box.x2 + left, d.box.y2 + top)) for d in found]

    def _detect_one(self, image: BgrImage) -> list[Detection]:
        blob, scale = letterbox(image, *self._size)
        out = self._session.run(**{self._input: blob})[0][0]
        if out.shape[1] != 4 + len(_LABELS):
            raise ModelError(f"model {self._session.path}: {out.shape[1]} columns, expected {4 + len(_LABELS)}")
        height, width = image.shape[:2]
        found = []
        for index, label in enumerate(_LABELS):
            scores = out[:, 4 + index]
            chosen = scores >= self._floors[index]
            boxes = out[chosen, :4] / scale
            if label is Label.PLATE:
                trim = (boxes[:, 3] - boxes[:, 1]) * (1 - _PLATE_HEIGHT) / 2
                boxes[:, 1] += trim
                boxes[:, 3] -= trim
            found += [
                Detection(label, Box(*map(float, boxes[i])).clipped(width, height), float(scores[chosen][i]))
                for i in suppress(boxes, scores[chosen])
            ]
        # What the model sees in the grey border alone is outside the picture.
        inside = [d for d in found if d.box.width >= 1 and d.box.height >= 1]
        return sorted(one_vehicle_each(inside), key=lambda d: -d.score)


def letterbox(image: BgrImage, width: int, height: int) -> tuple[NDArray[np.float32], float]:
    """Fit the picture into the top left of `(1, 3, height, width) float32`; return it and the scale."""
    scale = min(width / image.shape[1], height / image.shape[0])
    size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    canvas = np.full((height, width, 3), _PAD, np.uint8)
    canvas[: size[1], : size[0]] = cv2.resize(image, size, interpolation=method)
    return cv2.dnn.blobFromImage(canvas).astype(np.float32, copy=False), scale


def suppress(boxes: NDArray[np.float32], scores: NDArray[np.float32], overlap: float = 0.5) -> list[int]:
    """Return the indices that survive greedy non-maximum suppression, best first.

    `boxes` is `(n, 4)` as `x1 y1 x2 y2`, `scores` `(n,)`.
    """
    order = scores.argsort()[::-1]
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    kept: list[int] = []
    while len(order):
        best, rest = order[0], order[1:]
        kept.append(int(best))
        corner = np.maximum(boxes[best, :2], boxes[rest, :2])
        extent = np.clip(np.minimum(boxes[best, 2:], boxes[rest, 2:]) - corner, 0, None)
        shared = extent[:, 0] * extent[:, 1]
        order = rest[shared / np.maximum(areas[best] + areas[rest] - shared, 1e-6) < overlap]
    return kept


def one_vehicle_each(found: Sequence[Detection], overlap: float = 0.65) -> list[Detection]:
    """Drop the weaker of two vehicle labels that claim the same place (a van is often car and truck)."""
    kept: list[Detection] = []
    for detection in sorted(found, key=lambda d: -d.score):
        rivals = (k for k in kept if k.label.is_vehicle)
        if detection.label.is_vehicle and any(detection.box.iou(rival.box) > overlap for rival in rivals):
            continue
        kept.append(detection)
    return kept
