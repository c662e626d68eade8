"""The one-pass detector: vehicles and plates of a picture in one look.

The model takes BGR 0-255 `(n, 3, H, W) float32`, letterboxed at the top left with grey 114, and gives
`(n, anchors, 4 + classes)`: `x1 y1 x2 y2` in input pixels, then scores. A model that knows the corners of plates
gives them beside, `(n, anchors, 8)`: x y of top left, top right, bottom right, bottom left. Where H and W are open,
they are multiples of 32.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

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
_ROOM = 640, 384
"""Width and height of the largest input of a model of open size; its cost grows with the area."""
_STEP = 32
_PLATE_HEIGHT = 0.74
"""Models without corners learned from labels that stand 1.3 to 1.4 times too tall round a plate; widths are true."""


class Detector:
    """Finds vehicles and plates; safe to call from several threads."""

    def __init__(self, session: Session, *, plate_score: float = 0.3, vehicle_score: float = 0.4) -> None:
        shape = session.input_shape
        if len(shape) != _INPUT_RANK or shape[1] != _CHANNELS or isinstance(shape[2], int) != isinstance(shape[3], int):
            raise ModelError(f"model {session.path}: input {shape} is not (n, 3, H, W): not a detector of this version")
        self._session = session
        self._input = session.inner.get_inputs()[0].name
        self._open = not isinstance(shape[2], int)
        self._size = _ROOM if self._open else (int(shape[3]), int(shape[2]))
        self._on_processor = session.provider == "CPUExecutionProvider"
        self._floors = np.array([plate_score] + [vehicle_score] * (len(_LABELS) - 1), np.float32)

    @property
    def batch(self) -> int:
        """How many pictures one run of the model takes; 0 when any number."""
        # A processor spends the same on each picture of a batch, and the first would wait for the last.
        count = 1 if self._on_processor else self._session.input_shape[0]
        return count if isinstance(count, int) else 0

    def detect(self, images: Sequence[BgrImage]) -> list[list[Detection]]:
        """Find everything in each of the pictures; boxes in that picture's pixels, best first."""
        if self.batch or not images:
            return [self._detect_one(image) for image in images]
        blobs, scales = zip(*(letterbox(image, *self._size) for image in images), strict=True)
        outputs = self._session.run(**{self._input: np.concatenate(blobs)})
        return [
            self._found([output[number] for output in outputs], scales[number], image.shape[1], image.shape[0])
            for number, image in enumerate(images)
        ]

    def scale(self, width: int, height: int) -> float:
        """Return how much a picture of this size shrinks on its way into the network."""
        return min(self._size[0] / width, self._size[1] / height)

    def detect_within(self, image: BgrImage, box: Box) -> list[Detection]:
        """Look at a part of the picture at full resolution; boxes in pixels of the whole picture."""
        part = box.grown(0.05, 0.05).clipped(image.shape[1], image.shape[0])
        left, top = int(part.x1), int(part.y1)
        found = self._detect_one(cut(image, part))
        return [d.moved(left, top) for d in found]

    def _detect_one(self, image: BgrImage) -> list[Detection]:
        blob, scale = letterbox(image, *self._input_size(image))
        outputs = self._session.run(**{self._input: blob})
        return self._found([output[0] for output in outputs], scale, image.shape[1], image.shape[0])

    def _input_size(self, image: BgrImage) -> tuple[int, int]:
        """Return width and height of the network's input; on the processor no larger than the picture's shape needs."""
        if not (self._open and self._on_processor):
            return self._size
        height, width = image.shape[:2]
        scale = self.scale(width, height)
        needed = (math.ceil(round(side * scale) / _STEP) * _STEP for side in (width, height))
        across, down = (max(_STEP, min(side, room)) for side, room in zip(needed, self._size, strict=True))
        return across, down

    def _found(self, outputs: Sequence[NDArray[np.float32]], scale: float, width: int, height: int) -> list[Detection]:
        """Turn what the model says of one picture into detections in that picture's pixels."""
        out = outputs[0]
        if out.shape[1] != 4 + len(_LABELS):
            raise ModelError(f"model {self._session.path}: {out.shape[1]} columns, expected {4 + len(_LABELS)}")
        found = []
        for index, label in enumerate(_LABELS):
            scores = out[:, 4 + index]
            chosen = scores >= self._floors[index]
            boxes, scores = out[chosen, :4] / scale, scores[chosen]
            corners = None
            if label is Label.PLATE and len(outputs) > 1:
                corners = outputs[1][chosen].reshape(-1, 4, 2) / scale
            elif label is Label.PLATE:
                _trim(boxes)
            found += [
                Detection(
                    label,
                    Box(*map(float, boxes[i])).clipped(width, height),
                    float(scores[i]),
                    None if corners is None else tuple((float(x), float(y)) for x, y in corners[i]),
                )
                for i in suppress(boxes, scores)
            ]
        # What the model sees in the grey border alone is outside the picture.
        inside = [d for d in found if d.box.width >= 1 and d.box.height >= 1]
        return sorted(one_vehicle_each(inside), key=lambda d: -d.score)


def _trim(boxes: NDArray[np.float32]) -> None:
    """Cut boxes `(n, 4)` of a model that knows no corners to the height of a plate."""
    trim = (boxes[:, 3] - boxes[:, 1]) * (1 - _PLATE_HEIGHT) / 2
    boxes[:, 1] += trim
    boxes[:, 3] -= trim


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
