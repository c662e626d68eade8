"""How likely another text is the one on the plate, by the read's own characters and by what cameras mix up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod

from alpr.domain import Reading, compact, fold

_TWINS = str.maketrans("АВЕКМНОРСТУХ", "ABEKMHOPCTYX")  # noqa: RUF001 - Cyrillic letters that look the same by design
_SAME_SIGN = (frozenset("O0"), frozenset("I1"))
"""Many plates have one shape for both, so that only the format tells which it is."""
_DOUBT = 0.3
"""How much a reader that is sure may still be wrong between signs of one shape: no reader knows better."""
_ALIKE = 0.5
"""What other look-alikes (8 and B, 2 and Z) weigh beside those."""
_NEAR = 0.04
"""Below this share of what was read it is another plate: one 8 for B is near (0.15), two of them are not."""
_SECOND_CHOICE = 0.1
"""From this probability a runner-up of the reader counts."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A text that the plate may bear, and how sure that is."""

    text: str
    """Compact, Latin."""
    folded: str
    probability: float
    characters: tuple[float, ...]
    """How sure each character is, 0 to 1."""
    shares: tuple[dict[str, float], ...]
    """What the runners-up have at each place, with their probability."""
    read: bool
    """Whether it is what was read, not a runner-up."""


def latin(text: str) -> str:
    """Return the text with Cyrillic capitals as the Latin ones of the same shape: plates use no others."""
    return text.translate(_TWINS)


def hypotheses(reading: Reading) -> tuple[Hypothesis, ...]:
    """Give the text that was read first, then the runners-up that are likely enough."""
    text = latin(compact(reading.text))
    if not text:
        return ()
    others = [(latin(compact(one.text)), one.confidence) for one in reading.candidates]
    shares: tuple[dict[str, float], ...] = tuple({} for _ in text)
    for other, share in others:
        if len(other) == len(text):
            for place, sign in zip(shares, other, strict=True):
                place[sign] = place.get(sign, 0.0) + share
    first = Hypothesis(text, fold(text), reading.confidence, _characters(reading, text), shares, read=True)
    return (first, *(_runner_up(other, share) for other, share in others if other and share >= _SECOND_CHOICE))


def _characters(reading: Reading, text: str) -> tuple[float, ...]:
    if "".join(one.text for one in reading.characters) == text:
        return tuple(one.confidence for one in reading.characters)
    return (reading.confidence,) * len(text)


def _runner_up(text: str, share: float) -> Hypothesis:
    return Hypothesis(text, fold(text), share, (1.0,) * len(text), ({},) * len(text), read=False)


def likelihood(seen: Hypothesis, signs: Sequence[tuple[int, str]]) -> float | None:
    """Return how likely these signs stand at their places, 0 to 1; None when that is another plate.

    Each place that differs costs what the read itself gives the other sign, and for look-alikes at least what cameras
    mix up; a sign that neither allows is another plate, however few places differ.
    """
    ratio = _ratio(seen, signs)
    if ratio is None:
        return None
    # Under `*` and `?` it does not matter what stands there, so it need not be sure.
    named = prod(seen.characters[place] for place, _ in signs) if seen.read and len(signs) < len(seen.text) else 0.0
    return ratio * max(seen.probability, named)


def resemblance(one: Sequence[Hypothesis], other: Sequence[Hypothesis]) -> float:
    """Return how well two reads can be of one plate, from 0 to 1 for the same text; their order does not matter."""
    if not one or not other:
        return 0.0
    if one[0].text == other[0].text:
        return 1.0
    pairs = ((a, b) for a in one for b in other if a.folded == b.folded and (a.read or b.read))
    return max((_agreement(a, b) for a, b in pairs), default=0.0)


def _agreement(one: Hypothesis, other: Hypothesis) -> float:
    ratios = (_ratio(one, tuple(enumerate(other.text))), _ratio(other, tuple(enumerate(one.text))))
    weight = (1.0 if one.read else one.probability) * (1.0 if other.read else other.probability)
    return weight * max(ratio or 0.0 for ratio in ratios)


def _ratio(seen: Hypothesis, signs: Sequence[tuple[int, str]]) -> float | None:
    """Return how much less likely these signs are than those of the text; None when that is another plate."""
    ratio = 1.0
    for place, sign in signs:
        if sign != seen.text[place]:
            ratio *= _swap(seen, place, sign)
    least = _NEAR if seen.read else _SECOND_CHOICE / max(seen.probability, _SECOND_CHOICE)
    return None if ratio < least else ratio


def _swap(seen: Hypothesis, place: int, sign: str) -> float:
    """Return how likely the sign is at the place, beside the one that was read there."""
    was, sure = seen.text[place], seen.characters[place]
    if fold(was) != fold(sign):
        return 0.0
    weight = 1.0 if frozenset((was, sign)) in _SAME_SIGN else _ALIKE
    likely = max(seen.shares[place].get(sign, 0.0), weight * max(1.0 - sure, _DOUBT))
    return min(1.0, likely / max(sure, likely))


def swaps(seen: Hypothesis, signs: Iterable[tuple[int, str]]) -> str:
    """Say which look-alikes were forgiven: `O = 0` for an entry's O that was read as 0."""
    pairs = dict.fromkeys((sign, seen.text[place]) for place, sign in signs if sign != seen.text[place])
    return ", ".join(f"{sign} = {there}" for sign, there in pairs)
