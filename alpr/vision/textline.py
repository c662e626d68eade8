"""A general text-line recogniser (PP-OCR, the model in RapidOCR's wheel) as second opinion.

Its thousands of classes are folded onto the reader's alphabet, so that its CTC output can be summed
with the reader's own: lower case counts as upper case, spaces, dashes and dots as blank.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from alpr.domain import BgrImage
from alpr.errors import ModelError
from alpr.vision.ocr import ALPHABET, CLASSES
from alpr.vision.onnx import Session

LINE_HEIGHT = 48
_MIN_WIDTH, _MAX_WIDTH = 96, 480
_BATCH = 6
_SEPARATORS = " -.·•:_'`"
_BOXED = {"回": "0", "Θ": "0"}
"""What the model takes a digit in a box for, beside the circled digits that it knows."""


def shipped_line_model() -> Path:
    """Return the recognition model inside the installed `rapidocr` package (newest version).

    Raises `ModelError` when the package or its model is missing.
    """
    return _shipped("rec", "second opinion: rapidocr brings no recognition model: reinstall it (rapidocr>=3.10)")


def shipped_text_model() -> Path:
    """Return the detection model inside the installed `rapidocr` package (newest version); raises `ModelError`."""
    return _shipped("det", "containers: rapidocr brings no detection model: reinstall it (rapidocr>=3.10)")


def _shipped(job: str, missing: str) -> Path:
    spec = find_spec("rapidocr")
    folders = [Path(p) / "models" for p in (spec.submodule_search_locations or [])] if spec else []
    models = sorted(model for folder in folders for model in folder.glob(f"PP-OCR*_{job}_*.onnx"))
    if not models:
        raise ModelError(missing)
    return models[-1]


class LineRecognizer:
    """Reads one line of text; safe to call from several threads."""

    def __init__(self, session: Session) -> None:
        meta = session.inner.get_modelmeta().custom_metadata_map
        if "character" not in meta:
            raise ModelError(f"model {session.path}: carries no character list: not a PP-OCR recognition model")
        self._session = session
        self._input = session.inner.get_inputs()[0].name
        self._fold = _folding(meta["character"].splitlines())

    def read(self, crop: BgrImage) -> NDArray[np.float32]:
        """Read a crop `(h, w, 3) uint8`; return `(T, 37) float32`, class 0 blank, then 0-9 and A-Z."""
        return self.read_all([crop])[0]

    def read_all(self, crops: Sequence[BgrImage]) -> list[NDArray[np.float32]]:
        """Read several crops, those of about the same length in one run; return each as `read` does."""
        blobs = [_line_blob(crop) for crop in crops]
        found: dict[int, NDArray[np.float32]] = {}
        order = sorted(range(len(blobs)), key=lambda index: blobs[index].shape[3])
        for batch in (order[start : start + _BATCH] for start in range(0, len(order), _BATCH)):
            widest = max(blobs[index].shape[3] for index in batch)
            # Filled up with mid-grey, as in the model's own training.
            padded = np.zeros((len(batch), 3, LINE_HEIGHT, widest), np.float32)
            for row, index in enumerate(batch):
                padded[row, :, :, : blobs[index].shape[3]] = blobs[index][0]
            found.update(zip(batch, self._read(padded), strict=True))
        return [found[index] for index in range(len(blobs))]

    def _read(self, blob: NDArray[np.float32]) -> NDArray[np.float32]:
        rows = self._session.run(**{self._input: blob})[0]
        folded = np.zeros((*rows.shape[:2], CLASSES), np.float32)
        for target, sources in enumerate(self._fold):
            folded[..., target] = rows[..., sources].sum(axis=2)
        return folded


def _folding(characters: list[str]) -> list[NDArray[np.int64]]:
    """List, for each class of ours, the classes of the model that fold onto it."""
    targets: list[list[int]] = [[0]] + [[] for _ in ALPHABET]
    for index, char in enumerate([*characters, " "], start=1):
        # Compatibility forms (UAX 15) are circled, raised and wide characters.
        plain = _BOXED.get(char) or unicodedata.normalize("NFKC", char).upper()
        if len(plain) == 1 and plain in ALPHABET:
            targets[ALPHABET.index(plain) + 1].append(index)
        elif char in _SEPARATORS:
            targets[0].append(index)
    return [np.array(sources, np.int64) for sources in targets]


def _line_blob(crop: BgrImage) -> NDArray[np.float32]:
    """Scale to a height of 48 and to -1..1: `(1, 3, 48, w) float32`."""
    width = round(crop.shape[1] * LINE_HEIGHT / max(1, crop.shape[0]))
    width = min(max(width, _MIN_WIDTH), _MAX_WIDTH)
    line = cv2.resize(crop, (width, LINE_HEIGHT), interpolation=cv2.INTER_LINEAR)
    blob: NDArray[np.float32] = (line.astype(np.float32).transpose(2, 0, 1)[None] / 127.5) - 1.0
    return blob
