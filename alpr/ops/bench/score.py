"""Judging reads against truth: found, exact, folded, within one edit, wrong and accepted, unread, calibration."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from alpr.domain import Read
from alpr.training.truth import Truth
from alpr.vision.fusion import edit_distance

_FOLD = str.maketrans("OI", "01")
_FOUND = 0.5
_OVERLAP = 0.1
_BINS = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one labelled plate."""

    truth: str
    text: str = ""
    """What was accepted; empty when unread."""
    confidence: float = 0.0
    iou: float = 0.0
    seen: bool = False
    """Whether there was any read of it, an unread one included."""
    top: tuple[str, ...] = ()

    @property
    def exact(self) -> bool:
        """Whether the accepted text is the labelled one."""
        return self.text == self.truth

    @property
    def folded(self) -> bool:
        """Whether it is with O = 0 and I = 1."""
        return self.text.translate(_FOLD) == self.truth.translate(_FOLD)

    @property
    def told(self) -> str:
        """What happened, in words."""
        if not self.seen:
            return "not found"
        guesses = ", ".join(self.top[:3])
        return f"read as {self.text} ({self.confidence:.0%}; {guesses})" if self.text else f"unread ({guesses})"


def judge(truths: Sequence[Truth], reads: Sequence[Read]) -> list[Outcome]:
    """Give each labelled plate the read that stands on it; without a box, any read that says its text."""
    texts = {truth.text for truth in truths}
    return [_judge_one(truth, reads, texts - {truth.text}) for truth in truths]


def _judge_one(truth: Truth, reads: Sequence[Read], others: Collection[str]) -> Outcome:
    if truth.box is None:
        same = [r for r in reads if r.text == truth.text]
        rest = [r for r in reads if r.text not in others]
        return _outcome(truth, same[0] if same else max(rest, key=lambda r: r.reading.confidence, default=None), 0.0)
    box = truth.box
    on_it = [r for r in reads if r.box.iou(box) > _OVERLAP and (r.text or r.reading.candidates)]
    best = max(on_it, key=lambda r: r.box.iou(box), default=None)
    return _outcome(truth, best, best.box.iou(box) if best else 0.0)


def _outcome(truth: Truth, read: Read | None, iou: float) -> Outcome:
    if read is None:
        return Outcome(truth.text)
    tops = tuple(dict.fromkeys([t for t in (read.text, *(c.text for c in read.reading.candidates)) if t]))
    return Outcome(truth.text, read.text, read.reading.confidence, iou, seen=True, top=tops)


def summarise(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Count; rates are shares of the labelled plates."""
    count = max(1, len(outcomes))
    exact = sum(o.exact for o in outcomes)
    return {
        "plates": len(outcomes),
        "found": sum(o.seen for o in outcomes),
        "found_iou_half": sum(o.iou >= _FOUND for o in outcomes),
        "exact": exact,
        "exact_rate": round(exact / count, 4),
        "exact_folded_rate": round(sum(o.folded for o in outcomes) / count, 4),
        "within_one": sum(bool(o.text) and edit_distance(o.text, o.truth) <= 1 for o in outcomes),
        "top_three": sum(o.truth in o.top[:3] for o in outcomes),
        "wrong_accepted": sum(bool(o.text) and not o.exact for o in outcomes),
        "unread": sum(not o.text for o in outcomes),
        "calibration_error": calibration_error([(o.confidence, o.exact) for o in outcomes if o.text]),
    }


@dataclass(frozen=True, slots=True)
class Bin:
    """Reads of about the same confidence: how sure they were, how many of them were right."""

    confidence: float
    accuracy: float
    count: int


def reliability(pairs: Sequence[tuple[float, bool]]) -> list[Bin]:
    """Sort `(confidence, right)` into ten bins of equal width; empty ones are left out."""
    if not pairs:
        return []
    confidence, right = (np.array(column, float) for column in zip(*pairs, strict=True))
    bins = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    return [
        Bin(float(confidence[bins == b].mean()), float(right[bins == b].mean()), int((bins == b).sum()))
        for b in np.unique(bins)
    ]


def calibration_error(pairs: Sequence[tuple[float, bool]]) -> float:
    """Return the expected calibration error over ten bins (Naeini 2015): mean |confidence - accuracy|."""
    gaps = [abs(each.confidence - each.accuracy) * each.count for each in reliability(pairs)]
    return round(sum(gaps) / max(1, len(pairs)), 4)
