"""A detector of everyday things (YOLOX trained on COCO) that tells where the vehicles of a picture are."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from alpr.domain import BgrImage
from alpr.errors import ModelError
from alpr.vision.detector import suppress
from alpr.vision.onnx import Session, open_session

_STRIDES: Final = (8, 16, 32)
_COCO: Final = (2, 7, 5, 3)
"""Columns of car, truck, bus, motorcycle. COCO knows no van: it says car or truck, and so does what learns here."""
_COLUMNS: Final = 85
_PAD: Final = 114


class VehicleTeacher:
    """Finds vehicles with a YOLOX model of a square input."""

    def __init__(self, path: Path) -> None:
        self._session: Session = open_session(path, "cpu")
        side = self._session.input_shape[-1]
        if not isinstance(side, int):
            raise ModelError(
                f"teacher {path}: input {self._session.input_shape} is not (1, 3, side, side): give a YOLOX"
            )
        self._side = side
        self._input = self._session.inner.get_inputs()[0].name
        self._cells, self._strides = _grid(side)

    def vehicles(self, image: BgrImage, floor: float) -> NDArray[np.float32]:
        """Return `(n, 6)`: class (1 car, 2 truck, 3 bus, 4 motorcycle), box in the picture's pixels, score."""
        scale = self._side / max(image.shape[:2])
        size = min(self._side, round(image.shape[1] * scale)), min(self._side, round(image.shape[0] * scale))
        canvas = np.full((self._side, self._side, 3), _PAD, np.uint8)
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        canvas[: size[1], : size[0]] = cv2.resize(image, size, interpolation=method)
        out = self._session.run(**{self._input: cv2.dnn.blobFromImage(canvas).astype(np.float32, copy=False)})[0][0]
        if out.shape != (len(self._cells), _COLUMNS):
            raise ModelError(f"teacher {self._session.path}: output {out.shape}: give a YOLOX trained on COCO")
        middle = (out[:, :2] + self._cells) * self._strides
        half = np.exp(out[:, 2:4]) * self._strides / 2
        scores = out[:, 4:5] * out[:, 5:][:, _COCO]
        best = scores.max(1)
        chosen = best > floor
        boxes = np.concatenate([middle - half, middle + half], 1)[chosen] / scale
        boxes = np.clip(boxes, 0, (image.shape[1], image.shape[0]) * 2).astype(np.float32)
        kept = suppress(boxes, best[chosen], 0.65)
        labels = scores[chosen].argmax(1)[:, None] + 1
        found: NDArray[np.float32] = np.concatenate([labels, boxes, best[chosen][:, None]], 1).astype(np.float32)[kept]
        return found


def _grid(side: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    cells, strides = [], []
    for stride in _STRIDES:
        rows, columns = np.mgrid[: side // stride, : side // stride]
        cells.append(np.stack([columns, rows], -1).reshape(-1, 2))
        strides.append(np.full((len(cells[-1]), 1), stride))
    return np.concatenate(cells).astype(np.float32), np.concatenate(strides).astype(np.float32)
