"""Labels for real plates that nobody has typed in: kept where two readers of different making say the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from alpr.domain import BgrImage, Box
from alpr.recognizers.grammars import FormatGrammar, known_regions
from alpr.vision.crop import cut
from alpr.vision.fusion import FusionSettings, WeightedLook, fuse, look_log_likelihood
from alpr.vision.ocr import ALPHABET, PlateReader, in_two_rows, reader_crop, whole_crop
from alpr.vision.textline import LineRecognizer

_MARGINS: Final = ((0.05, -0.06), (0.05, 0.0), (0.05, 0.06), (0.05, 0.12))
_ROOM: Final = (0.08, 0.1)
"""Margins with which a plate is cut at the height where its two rows may meet."""
_AGREED, _SURE, _SURE_TOGETHER = 0.5, 0.85, 0.93
_SHORTEST: Final = 4
_FLOOR: Final = 5e-3
_TWINS: Final = {"O": "O0", "0": "0O", "I": "I1", "1": "1I"}
_USUAL: Final = -1.0
"""The soft prior of a text that fits a format; one that fits none has -1.5."""


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
    rows: int = 1

    @property
    def accepted(self) -> bool:
        """Whether the label may be learned: both say the same, or the reader is very sure and the other agrees."""
        if len(self.text) < _SHORTEST:
            return False
        if self.reader == self.line and self.reader_sure > _AGREED:
            return True
        return self.reader == self.text and self.reader_sure > _SURE and self.sure > _SURE_TOGETHER


def opinion(image: BgrImage, box: Box, reader: PlateReader, line: LineRecognizer) -> Opinion:
    """Read one plate with the plate reader at several margins and with the general one, in one row and in two."""
    grammar, settings = FormatGrammar(()), FusionSettings()
    crop = cut(image, box.grown(0.03, 0.03))
    margins = tuple(reader.read([reader_crop(image, box.grown(*margin)) for margin in _MARGINS]))
    second = np.maximum(line.read(crop), _FLOOR)
    stacked = _stacked(cut(image, box.grown(*_ROOM)), reader, line)
    both_ways = WeightedLook(margins, second=second, stacked=stacked)
    alone = WeightedLook(margins, stacked=replace(stacked, second=None) if stacked else None)
    told, told_alone = fuse([both_ways], grammar, settings), fuse([alone], grammar, settings)
    rows = 2 if stacked and told.text and _tells_more(stacked, replace(both_ways, stacked=None), told.text) else 1
    seen = stacked.second if rows > 1 and stacked and stacked.second is not None else second
    return Opinion(told.text, told.confidence, told_alone.text, told_alone.confidence, _greedy(seen), rows)


def _stacked(crop: BgrImage, reader: PlateReader, line: LineRecognizer) -> WeightedLook | None:
    laid = in_two_rows(crop)
    if not laid:
        return None
    second = np.maximum(line.read(laid[len(laid) // 2]), _FLOOR)
    return WeightedLook(tuple(reader.read([whole_crop(each) for each in laid])), second=second)


def _tells_more(one: WeightedLook, other: WeightedLook, text: str) -> bool:
    """Whether the text is likelier under one look than under the other."""
    settings = FusionSettings()
    return bool(look_log_likelihood(one, [text], settings)[0] > look_log_likelihood(other, [text], settings)[0])


def issued(text: str) -> str:
    """Return the text with O for 0 and I for 1, or the reverse, where only so the British would have issued it.

    Their I is their 1, so that what two readers saw there was a toss of a coin; and there are many of them.
    """
    if FormatGrammar(known_regions()).log_prior(text) > _USUAL:
        return text
    british = FormatGrammar(("gb",))
    best = max(_swaps(text), key=british.log_prior)
    return best if british.log_prior(best) > _USUAL else text


def _swaps(text: str) -> list[str]:
    """List the text and all that differ from it by O, 0, I and 1 alone."""
    choices = [_TWINS.get(char, char) for char in text]
    return [text, *("".join(chars) for chars in product(*choices))]


def _greedy(columns: NDArray[np.float32]) -> str:
    """Decode CTC columns `(n, 37)` by their best classes."""
    best: Sequence[int] = columns.argmax(axis=-1).tolist()
    return "".join(
        ALPHABET[now - 1] for before, now in zip((0, *best[:-1]), best, strict=True) if now and now != before
    )
