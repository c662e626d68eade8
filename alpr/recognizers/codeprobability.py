"""How likely a row of characters is which container code: structure and check digit of ISO 6346 as evidence.

Places are `(n, 36) float64`, for each character as it was seen the probability of each of `ALPHABET`. The check digit
weighs texts against each other; it never makes one up: a wrong row of characters fits its digit once in eleven times,
and that is what a fitting digit is worth.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from alpr.domain import Candidate, Character
from alpr.iso6346 import CATEGORIES, LENGTH, check_digit, is_valid
from alpr.vision.ocr import ALPHABET

Places: TypeAlias = NDArray[np.float64]

BY_CHANCE: Final = 1 / 11
"""How often a check digit fits a row of characters that is no code, or is misread in several places."""
_MISREAD: Final = 0.02
"""How often the reader is sure of a character and wrong."""
_SAME: Final = 0.5
"""How much of a character's probability the one inherits that many fonts draw the same: a 0 where a letter belongs."""
_ALIKE: Final = 0.25
"""The same for look-alikes of the other class: an S where a digit belongs."""
_ALIKE_IN_CLASS: Final = 0.03
"""The same for look-alikes of one class, which both may stand there: a D read as an O."""
_WRONG_DIGIT: Final = 0.002
"""How often a container carries a digit that does not fit: they are checked at every gate."""
_CUT_U: Final = 0.1
"""How much of what a U looks like when it is worn or cut off is one, in the fourth place."""
_LIKE_U: Final = np.array([char in "01DHIJLOQVWY" for char in ALPHABET])
_KNOWN: Final = 30.0
"""How much likelier an owner that the site knows is than another: unknown ones come every day."""
_USUAL: Final = 0.97
"""Share of category U among all codes."""
_SHOWN: Final = 4
_DOUBTS: Final = 5

_LETTERS: Final = np.array([char.isalpha() for char in ALPHABET])
_FOURTH: Final = np.array(
    [_USUAL if char == "U" else (1 - _USUAL) / 2 if char in CATEGORIES else 0.0 for char in ALPHABET]
)
_SAMES: Final = ("0O", "1I")
_TWINS: Final = ("0Q", "0D", "1L", "2Z", "5S", "6G", "7T", "8B", "4A", "7Z")
_U: Final = ALPHABET.index("U")
# value x 2^place modulo 11, for each place of the first ten and each character: what the check digit sums.
_VALUES: Final = np.array([*range(10), *(value for value in range(10, 39) if value % 11)])
_WEIGHTS: Final = np.array([_VALUES * 2**place % 11 for place in range(10)])


_NEAR: Final = (
    "OD",
    "OQ",
    "CG",
    "MN",
    "EF",
    "PR",
    "VY",
    "HM",
    "HN",
    "XK",
    "38",
    "56",
    "17",
    "08",
    "69",
    "35",
    "89",
    "68",
    "27",
)


def structure(length: int) -> NDArray[np.float64]:
    """Return which characters stand at each place of a code of 10 or 11: `(length, 36)`, the fourth weighed."""
    shares = np.zeros((length, len(ALPHABET)))
    shares[:3] = _LETTERS
    shares[3] = _FOURTH
    shares[4:] = ~_LETTERS
    return shares


def softened(places: Places) -> Places:
    """Lend each character's look-alikes a part of its probability, and every character a little; sums pass 1."""
    lent = places.copy()
    for pairs, share in ((_SAMES, _SAME), (_TWINS, _ALIKE), (_NEAR, _ALIKE_IN_CLASS)):
        for pair in pairs:
            one, other = (ALPHABET.index(char) for char in pair)
            lent[:, one] = np.maximum(lent[:, one], share * places[:, other])
            lent[:, other] = np.maximum(lent[:, other], share * places[:, one])
    soft: Places = (1 - _MISREAD) * lent + _MISREAD / len(ALPHABET)
    return soft


def structure_mass(places: Places) -> float:
    """Return how likely softened places are to hold letters and digits where a code has them, 0 to 1."""
    return float(np.prod(np.minimum(1.0, (places * (structure(len(places)) > 0)).sum(axis=1))))


@dataclass(frozen=True, slots=True)
class CodeBelief:
    """What places say: the best code, how sure, and what it could also be."""

    text: str
    confidence: float
    """Among codes, given that these places are one."""
    fits: float
    """Probability that the digit seen fits the rest; `BY_CHANCE` when none was seen."""
    characters: tuple[Character, ...]
    candidates: tuple[Candidate, ...]
    seen: str
    """What was seen most likely at each place, whatever the check digit says: 10 or 11 characters."""


def believe(places: Places, owners: Collection[str] = ()) -> CodeBelief:
    """Weigh every code that softened places of 10 or 11 characters may be; ten get their digit computed."""
    inside = places * structure(len(places))
    inside[3, _U] = max(inside[3, _U], _CUT_U * places[3, _LIKE_U].max())
    inside /= np.maximum(inside.sum(axis=1, keepdims=True), 1e-12)
    fits = _fits(inside) if len(inside) == LENGTH else BY_CHANCE
    texts = list(dict.fromkeys(_alternatives(np.log(np.maximum(inside, 1e-9)))))
    prior = np.array([_prior(text, owners) for text in texts])
    raw = np.array(
        [float(np.prod([row[ALPHABET.index(c)] for row, c in zip(inside, text, strict=True)])) for text in texts]
    )
    everything = fits + (1 - fits) * _WRONG_DIGIT if len(inside) == LENGTH else 1.0
    weights = raw * prior
    # What a known owner gains counts on both sides.
    weights /= everything + float((weights - raw * np.minimum(prior, 1.0)).sum())
    ranked = sorted(zip(weights.tolist(), texts, strict=True), reverse=True)
    best = ranked[0][1]
    characters = tuple(
        Character(char, min(1.0, sum(weight for weight, text in ranked if text[place] == char)))
        for place, char in enumerate(best)
    )
    shown = tuple(Candidate(_whole(text), weight) for weight, text in ranked[1 : 1 + _SHOWN])
    computed = (Character(_whole(best)[-1], ranked[0][0]),) if len(best) < LENGTH else ()
    seen = "".join(ALPHABET[int(row.argmax())] for row in inside)
    return CodeBelief(_whole(best), ranked[0][0], fits, (*characters, *computed), shown, seen)


def _prior(text: str, owners: Collection[str]) -> float:
    known = _KNOWN if text[:4] in owners or text[:3] in owners else 1.0
    return known * (1.0 if len(text) < LENGTH or is_valid(text) else _WRONG_DIGIT)


def _whole(text: str) -> str:
    return text if len(text) == LENGTH else f"{text}{check_digit(text)}"


def _fits(inside: Places) -> float:
    """Return how likely the digit is to fit, summed over all codes that the places may be."""
    sums = np.zeros(11)
    sums[0] = 1.0
    for row, weights in zip(inside[:10], _WEIGHTS, strict=True):
        by_weight = np.bincount(weights, row, minlength=11)
        sums = np.array(
            [sum(sums[(total - weight) % 11] * by_weight[weight] for weight in range(11)) for total in range(11)]
        )
    digits = sums[:10].copy()
    digits[0] += sums[10]
    return float((digits * inside[10, :10]).sum())


def _alternatives(places: Places) -> Iterable[str]:
    """Give the best text, each change to a runner-up, and pairs of changes at the doubtful places."""
    ranked = np.argsort(-places, axis=1)
    best = [ALPHABET[row[0]] for row in ranked]
    changes = [
        (places[place, row[0]] - places[place, other], place, ALPHABET[other])
        for place, row in enumerate(ranked)
        for other in row[1:10]
        if places[place, other] > np.log(1e-8)
    ]
    yield "".join(best)
    for _, place, char in changes:
        yield _changed(best, [(place, char)])
    cheap = sorted(changes)[: 3 * _DOUBTS]
    for (_, one, a), (_, other, b) in combinations(cheap, 2):
        if one != other:
            yield _changed(best, [(one, a), (other, b)])


def _changed(best: Sequence[str], changes: Sequence[tuple[int, str]]) -> str:
    text = list(best)
    for place, char in changes:
        text[place] = char
    return "".join(text)


def fused(looks: Sequence[tuple[Places, float]]) -> Places:
    """Sum the log-probabilities of several looks by their weights: `(n, 36)`, n that of the longest look."""
    longest = max(len(places) for places, _ in looks)
    total = np.zeros((longest, len(ALPHABET)))
    for places, weight in looks:
        total[: len(places)] += weight * np.log(np.maximum(places, 1e-9))
    together: Places = np.exp(total - total.max(axis=1, keepdims=True))
    together /= together.sum(axis=1, keepdims=True)
    return together
