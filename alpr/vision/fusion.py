"""Fuse what several looks saw into one text: probabilities are summed, never strings voted on.

Candidate texts come from both heads of the reader and from the grammars; every candidate is then
scored under every look (slots: a product over places; CTC: the forward algorithm of Graves 2006,
equation 14, over all alignments), weighted by the look's quality, plus the soft prior of the grammar.
What the candidates share of the total is the probability of each text and, summed over the texts that
agree at a place, of each character.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from alpr.domain import Candidate, Character, Reading
from alpr.vision.ocr import ALPHABET, CLASSES, TextLikelihood

FloatArray = NDArray[np.float64]

_FLOOR = 1e-4
"""No single look may rule a character out: its probability never counts as less than this."""
_CTC_SHARE = 0.7
"""How often the CTC head is the one to believe, on labelled crops of two countries."""
_ALTERNATIVES = 3
_MAX_LENGTH = 10
_SHOWN_CANDIDATES = 5
_NEAR_TEXTS = 24
"""Alternatives that both heads judge, besides each crop's own best text."""


class Grammar(Protocol):
    """The soft prior: how usual a text is, and the nearest usual texts to a distribution."""

    def log_prior(self, text: str) -> float:
        """Return the log of how usual the text is: 0 for a known format, negative otherwise."""
        ...

    def projections(self, places: FloatArray) -> Iterable[str]:
        """Give the likeliest text of each known format for `places` `(length, 36)`, log-probabilities."""
        ...

    def region(self, text: str) -> str | None:
        """Name the region whose formats the text fits, if that is clear."""
        ...

    def is_lettering(self, text: str) -> bool:
        """Whether no plate says this, but a badge or a shop may."""
        ...


@dataclass(frozen=True, slots=True)
class WeightedLook:
    """What was seen of one thing in one frame, and what that weighs.

    `margins` are the same crop in several framings; `second` is another reader's CTC output
    `(T, 37) float32`, where one was asked.
    """

    margins: tuple[TextLikelihood, ...]
    second: NDArray[np.float32] | None = None
    weight: float = 1.0
    cut: bool = False
    """Whether the picture's edge may have taken a part of it."""
    stacked: WeightedLook | None = None
    """The same look taken as a plate in two rows, laid side by side, where its shape has room for them."""


@dataclass(frozen=True, slots=True)
class FusionSettings:
    """Scalars fitted on labelled crops of two countries, not on what is measured on."""

    first_share: float = 0.9
    """What the reader weighs beside a second opinion; 1 where it is alone."""
    second_share: float = 0.3
    stacked_share: float = 0.2
    """How often a plate that has the shape for two rows, and that the reader is unsure of, has them."""
    background: float = -4.0
    """Log-probability that a look at no plate at all lends to its best text: 451 of 473 windows of background show no
    text at all, 17 of the others stay below -4; 99 of 100 plates that are read right stay above -1.2."""


def fuse(looks: Sequence[WeightedLook], grammar: Grammar, settings: FusionSettings) -> Reading:
    """Return the text that the looks agree on, its confidence, characters and runners-up.

    Without any candidate the reading is empty with confidence 0.
    """
    texts = _candidates_of(looks, grammar)
    if not texts:
        return Reading("", 0.0)
    evidence = np.sum([look.weight * look_log_likelihood(look, texts, settings) for look in looks], axis=0)
    scores = evidence + np.array([grammar.log_prior(text) for text in texts])
    shares = np.exp(scores - scores.max())
    no_plate = settings.background * sum(look.weight for look in looks)
    shares /= shares.sum() + np.exp(min(no_plate - scores.max(), 700.0))
    order = np.argsort(-shares, kind="stable")
    best = texts[order[0]]
    return Reading(
        text=best,
        confidence=float(shares[order[0]]),
        characters=_characters(best, texts, shares),
        candidates=tuple(Candidate(texts[i], float(shares[i])) for i in order[1 : 1 + _SHOWN_CANDIDATES]),
        region=grammar.region(best),
    )


def _candidates_of(looks: Sequence[WeightedLook], grammar: Grammar) -> list[str]:
    """Collect the texts worth scoring of all looks, in one row and in two."""
    stacked = [look.stacked for look in looks if look.stacked is not None]
    texts = candidate_texts([crop for look in looks for crop in look.margins], grammar)
    in_two_rows = candidate_texts([crop for look in stacked for crop in look.margins], grammar)
    return list(dict.fromkeys([*texts, *in_two_rows]))


def look_log_likelihood(look: WeightedLook, texts: Sequence[str], settings: FusionSettings) -> FloatArray:
    """Return `(texts,)`: the log-probability of each text under one look.

    One row or two, and the margins, are alternatives, of which the plate's true frame is one: a mixture. A second
    opinion is another witness: a product.
    """
    if look.stacked is not None:
        one_row = look_log_likelihood(replace(look, stacked=None), texts, settings)
        two_rows = look_log_likelihood(look.stacked, texts, settings)
        share = settings.stacked_share
        either: FloatArray = np.logaddexp(one_row + np.log(1 - share), two_rows + np.log(share))
        return either
    by_margin = log_likelihood(look.margins, texts)
    first: FloatArray = np.logaddexp.reduce(by_margin, axis=0) - np.log(len(by_margin))
    if look.second is None:
        return first
    second: FloatArray = ctc_log_likelihood(look.second[None], _labels(texts))[0]
    total: FloatArray = settings.first_share * first + settings.second_share * second
    return total


def _characters(best: str, texts: Sequence[str], shares: FloatArray) -> tuple[Character, ...]:
    same = [(text, share) for text, share in zip(texts, shares, strict=True) if len(text) == len(best)]
    return tuple(
        Character(char, float(sum(share for text, share in same if text[place] == char)))
        for place, char in enumerate(best)
    )


def candidate_texts(crops: Sequence[TextLikelihood], grammar: Grammar) -> list[str]:
    """Collect the texts worth scoring: each head's best, and of their near alternatives the likeliest."""
    if not crops:
        return []
    fused = np.log(np.maximum(np.stack([crop.slots for crop in crops]), _FLOOR)).mean(axis=0).astype(np.float64)
    bases = [*_slot_places(fused), *(_ctc_places(crop.ctc) for crop in crops)]
    best: dict[str, None] = {}
    near: dict[str, None] = {}
    for places in bases:
        if not len(places):
            continue
        first, *others = _alternatives(places)
        best[first] = None
        near.update(dict.fromkeys(others))
        near.update(dict.fromkeys(grammar.projections(places)))
    rest = [text for text in near if text not in best]
    if len(rest) > _NEAR_TEXTS:
        # The slots alone are cheap to ask, and tell which alternatives the costlier head should judge.
        labels = _labels(rest)
        cheap = fused[np.arange(_MAX_LENGTH), labels].sum(axis=1) + [grammar.log_prior(text) for text in rest]
        rest = [rest[i] for i in np.argsort(-cheap)[:_NEAR_TEXTS]]
    return [*best, *rest]


def _labels(texts: Sequence[str]) -> NDArray[np.int64]:
    """Return `(texts, 10)` class indices, padded with blank."""
    labels = np.zeros((len(texts), _MAX_LENGTH), np.int64)
    for row, text in zip(labels, texts, strict=True):
        row[: len(text)] = [ALPHABET.index(char) + 1 for char in text]
    return labels


def _slot_places(fused: FloatArray) -> Iterable[FloatArray]:
    """Give the character log-probabilities of the two likeliest lengths, each `(length, 36)`."""
    best_char, blank = fused[:, 1:].max(axis=1), fused[:, 0]
    totals = [best_char[:n].sum() + blank[n:].sum() for n in range(1, _MAX_LENGTH + 1)]
    for shorter in np.argsort(totals)[::-1][:2]:
        yield fused[: shorter + 1, 1:]


def _ctc_places(ctc: NDArray[np.float32]) -> FloatArray:
    """Collapse the best path of one crop to `(length, 36)` log-probabilities."""
    places: list[NDArray[np.float32]] = []
    previous = 0
    for row in ctc:
        best = int(row.argmax())
        if best and best != previous:
            places.append(row[1:])
        elif best:
            places[-1] = np.maximum(places[-1], row[1:])
        previous = best
    if not places or len(places) > _MAX_LENGTH:
        return np.zeros((0, CLASSES - 1))
    return np.log(np.maximum(np.stack(places), _FLOOR)).astype(np.float64)


def _alternatives(places: FloatArray) -> Iterable[str]:
    """Give the best text, every single change to a runner-up, and double changes at the doubtful places."""
    ranked = np.argsort(-places, axis=1)[:, :_ALTERNATIVES]
    best = [ALPHABET[row[0]] for row in ranked]
    yield "".join(best)
    costs = []
    for place, row in enumerate(ranked):
        for char in row[1:]:
            yield _changed(best, {place: int(char)})
        costs.append((places[place, row[0]] - places[place, row[1]], place))
    doubtful = [place for _, place in sorted(costs)[:3]]
    for pair in combinations(doubtful, 2):
        yield _changed(best, {place: int(ranked[place][1]) for place in pair})


def _changed(best: Sequence[str], changes: dict[int, int]) -> str:
    return "".join(ALPHABET[changes[i]] if i in changes else char for i, char in enumerate(best))


def log_likelihood(crops: Sequence[TextLikelihood], texts: Sequence[str]) -> FloatArray:
    """Return `(crops, texts)`: the log-probability of each text under each crop.

    One head or the other is right about a crop (a mixture): where one of them stumbles it must not outvote the other.
    """
    labels = _labels(texts)
    slots = np.log(np.maximum(np.stack([crop.slots for crop in crops]), _FLOOR))
    by_slots = slots[:, np.arange(_MAX_LENGTH), labels].sum(axis=2).astype(np.float64)
    by_ctc = ctc_log_likelihood(np.stack([crop.ctc for crop in crops]), labels)
    both: FloatArray = np.logaddexp(by_slots + np.log(1 - _CTC_SHARE), by_ctc + np.log(_CTC_SHARE))
    return both


def ctc_log_likelihood(ctc: NDArray[np.float32], labels: NDArray[np.int64]) -> FloatArray:
    """Return `(n, m)`: log-probability of each of `m` labels under each of `n` CTC outputs.

    `ctc` is `(n, T, classes)`, `labels` `(m, L)` with class indices, padded at the end with 0. The
    forward variable runs over the label with blanks between (`2 L + 1` states) in plain
    probabilities: T is small and the floor keeps them far from underflow.
    """
    count, steps = len(ctc), ctc.shape[1]
    labels = labels[:, : max(1, int((labels != 0).sum(axis=1).max()))]
    texts, longest = labels.shape
    states = np.zeros((texts, 2 * longest + 1), np.int64)
    states[:, 1::2] = labels
    # A skip over a blank is allowed between two different characters.
    skip = np.zeros(states.shape, bool)
    skip[:, 3::2] = (labels[:, 1:] != labels[:, :-1]) & (labels[:, 1:] != 0)
    emitted = np.maximum(ctc, _FLOOR * _FLOOR).astype(np.float64)[:, :, states]
    alpha = np.zeros((count, *states.shape))
    alpha[..., :2] = emitted[:, 0, :, :2]
    for step in range(1, steps):
        total = alpha.copy()
        total[..., 1:] += alpha[..., :-1]
        total[..., 2:] += alpha[..., :-2] * skip[:, 2:]
        alpha = total * emitted[:, step]
    last = 2 * (labels != 0).sum(axis=1)
    rows = np.arange(texts)
    ends = alpha[:, rows, last] + alpha[:, rows, np.maximum(last - 1, 0)]
    logs: FloatArray = np.log(np.maximum(ends, 1e-300))
    return logs


def edit_distance(a: str, b: str) -> int:
    """Return how many characters must be changed, added or taken away (Levenshtein 1966)."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(b, start=1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (x != y))
    return row[-1]
