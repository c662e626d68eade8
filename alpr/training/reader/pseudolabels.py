"""Labels for real plates that nobody has typed in: kept where two readers of different making say the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from alpr.domain import BgrImage, Box
from alpr.recognizers.grammars import FormatGrammar
from alpr.vision.crop import cut
from alpr.vision.fusion import FusionSettings, WeightedLook, fuse
from alpr.vision.ocr import ALPHABET, PlateReader, reader_crop
from alpr.vision.textline import LineRecognizer

_MARGINS: Final = ((0.05, -0.06), (0.05, 0.0), (0.05, 0.06), (0.05, 0.12))
_AGREED, _SURE, _SURE_TOGETHER = 0.5, 0.85, 0.93
_SHORTEST: Final = 4
_FLOOR: Final = 5e-3


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the readers make of one plate."""

    text: str
    """What both together say."""
    sure: float
    """How sure both together are, 0 to 1."""
    reader: str
    reader_sure: float
    line: str

    @property
    def accepted(self) -> bool:
        """Whether the label may be learned: both say the same, or the reader is very sure and the other agrees."""
        if len(self.text) < _SHORTEST:
            return False
        if self.reader == self.line and self.reader_sure > _AGREED:
            return True
        return self.reader == self.text and self.reader_sure > _SURE and self.sure > _SURE_TOGETHER


def opinion(image: BgrImage, box: Box, reader: PlateReader, line: LineRecognizer) -> Opinion:
    """Read one plate with the plate reader at several margins and with the general recogniser."""
    grammar, settings = FormatGrammar(()), FusionSettings()
    margins = tuple(reader.read([reader_crop(image, box.grown(*margin)) for margin in _MARGINS]))
    second = np.maximum(line.read(cut(image, box.grown(0.03, 0.03))), _FLOOR)
    alone = fuse([WeightedLook(margins)], grammar, settings)
    both = fuse([WeightedLook(margins, second=second)], grammar, settings)
    return Opinion(both.text, both.confidence, alone.text, alone.confidence, _greedy(second))


def _greedy(columns: NDArray[np.float32]) -> str:
    """Decode CTC columns `(n, 37)` by their best classes."""
    best: Sequence[int] = columns.argmax(axis=-1).tolist()
    return "".join(
        ALPHABET[now - 1] for before, now in zip((0, *best[:-1]), best, strict=True) if now and now != before
    )
