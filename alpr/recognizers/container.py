"""Container codes (ISO 6346): lines of text found once a look, read in batches, put together, fused over looks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

import numpy as np

from alpr.domain import BgrImage, Candidate, CheckDigit, Kind, Reading
from alpr.iso6346 import fault, is_valid
from alpr.recognizers.base import Sight
from alpr.recognizers.codelines import FoundCode, find_codes, size_text
from alpr.recognizers.codepieces import Piece
from alpr.recognizers.codeprobability import BY_CHANCE, Places, believe, fused, softened
from alpr.recognizers.textpieces import PieceReader
from alpr.vision.crop import cut
from alpr.vision.fusion import edit_distance
from alpr.vision.textboxes import TextDetector
from alpr.vision.textline import LineRecognizer

_UNSEEN: Final = 0.6
"""What one look at a code without its check digit is worth: it goes to review, whatever its characters say."""
_REPAIRED: Final = 0.6
"""What a code is worth in which a character was taken for another because the digit then fits: mostly for review."""
_UNSEEN_LOOKS: Final = 0.95
_LATER: Final = 0.35
"""What each look after the first adds: a worn character is as worn in the next."""
_NEAR_CODES: Final = 3
_NO_DOUBT: Final = 0.8
"""A code as sure as this needs no closer look at where it stands."""
_SURE_ENOUGH: Final = 0.9
_WEIGHTS: Final = 0.62
"""Of a code's height: what is written smaller on the same container are its weights."""
_AS_TALL: Final = 0.75
_ITS_OWN: Final = 0.9
"""Confidence from which a code that is like a surer one in the picture is of a container of its own: its sister's."""
_GOOD_HEIGHT: Final = 24.0


CodeSight: TypeAlias = Sight[FoundCode]


class ContainerRecognizer:
    """Reads container codes; stateless, one for all cameras."""

    kind = Kind.CONTAINER

    def __init__(self, finder: TextDetector, lines: LineRecognizer, owners: Collection[str] = ()) -> None:
        """Take what finds and reads lines of text, and the owners that the site knows (`MSC` or `MSCU`)."""
        self._texts = PieceReader(finder, lines)
        self._owners = frozenset(owners)

    def survey(self, image: BgrImage) -> list[CodeSight]:
        """Find and read all codes in a picture `(h, w, 3) uint8`; surest first."""
        pieces = self._texts.read(image, self._least)
        sights = self._sights(image, pieces)
        closer = self._texts.read_closer(image, _unexplained(pieces, sights), self._least)
        sights += self._sights(image, closer) if closer else []
        return _distinct(sorted(sights, key=lambda sight: -sight.reading.confidence))

    def _least(self, pieces: Sequence[Piece]) -> float:
        """Return how tall characters must be to be worth reading: beside a sure code the small ones are weights."""
        sure = [code.height for code in find_codes(pieces, self._owners) if _is_sure(code)]
        return _WEIGHTS * min(sure, default=0.0)

    def _sights(self, image: BgrImage, pieces: Sequence[Piece]) -> list[CodeSight]:
        codes = [self._with_digit(image, code) for code in find_codes(pieces, self._owners)]
        return [self._sight(image, code) for code in codes]

    def fuse(self, sights: Sequence[CodeSight]) -> Reading:
        """Sum what several looks at one container saw."""
        if len(sights) == 1:
            return sights[0].reading
        surest = max(sights, key=_worth)
        # A look that lost a character has its others in wrong places: it says nothing about them.
        sights = [sight for sight in sights if _differ(sight, surest) <= _NEAR_CODES]
        worth = [_worth(sight) / _worth(surest) for sight in sights]
        seen = any(sight.evidence.has_digit for sight in sights)
        # Without the digit nothing contradicts what every look misreads in the same way: their mean is all they say.
        budget = 1 + _LATER * (sum(worth) - 1) if seen else 1.0
        looks = [
            (sight.evidence.places, budget * value / sum(worth)) for sight, value in zip(sights, worth, strict=True)
        ]
        # What is put together wrongly is so in the next look, too.
        first, *later = sorted(1 - sight.evidence.odds for sight in sights)
        odds = 1 - first * float(np.prod(later)) ** _LATER
        size_types = [sight.evidence.size_type for sight in sights if sight.evidence.size_type]
        size_type = max(set(size_types), key=size_types.count) if size_types else ""
        return self._reading(fused(looks), odds, size_type, len(sights), seen=seen)

    def same(self, one: str, other: str, *, loosely: bool) -> bool:
        """Whether two codes are of one container: equal, or loosely with up to three characters misread."""
        if is_valid(one) and is_valid(other):
            return one == other
        return edit_distance(one, other) <= (_NEAR_CODES if loosely else 1)

    def _with_digit(self, image: BgrImage, code: FoundCode) -> FoundCode:
        """Look for the check digit where it must stand, for its box often keeps it from being found as text."""
        if code.has_digit or code.pieces[-1].column:
            return code
        digit = self._texts.digit_behind(image, code.pieces[-1])
        if digit is None:
            return code
        places = np.concatenate([code.places, softened(digit[None])])
        belief = believe(places, self._owners)
        # A digit that was searched for and does not fit may be the box, a bolt, the next text: it counts as not seen.
        return code if belief.fits <= BY_CHANCE else replace(code, places=places, belief=belief)

    def _sight(self, image: BgrImage, code: FoundCode) -> CodeSight:
        reading = self._reading(code.places, code.odds, code.size_type, 1, seen=code.has_digit)
        crop = cut(image, code.box.grown(0.05, 0.1))
        quality = min(1.0, code.height / _GOOD_HEIGHT) * code.odds * (0.2 + code.belief.confidence)
        return Sight(code.box, crop, quality, code, reading)

    def _reading(self, places: Places, odds: float, size_type: str, looks: int, *, seen: bool) -> Reading:
        belief = believe(places, self._owners)
        confidence = belief.confidence * odds
        if not seen:
            state = CheckDigit.COMPUTED
            confidence *= _UNSEEN if looks == 1 else _UNSEEN_LOOKS
            reasons = [f"check digit {belief.text[-1]} not seen, computed from the rest"]
        elif is_valid(belief.seen):
            state, reasons = CheckDigit.AGREES, []
        else:
            state = CheckDigit.DIFFERS
            confidence *= _REPAIRED
            reasons = [f"seen as {belief.seen}: {fault(belief.seen)}"]
        if belief.text[:4] in self._owners or belief.text[:3] in self._owners:
            reasons.append(f"owner {belief.text[:3]} is known here")
        return Reading(
            belief.text,
            confidence,
            belief.characters,
            tuple(Candidate(c.text, c.confidence * odds) for c in belief.candidates),
            None,
            tuple(reasons),
            size_type,
            state,
        )


def _is_sure(code: FoundCode) -> bool:
    return code.has_digit and code.odds * code.belief.confidence > _SURE_ENOUGH and is_valid(code.belief.seen)


def _unexplained(pieces: Sequence[Piece], sights: Sequence[CodeSight]) -> list[Piece]:
    """Return the pieces that may be of another code than those that are sure: as tall, and no size and type."""
    sure = [sight.evidence for sight in sights if sight.reading.confidence >= _NO_DOUBT]
    tall = _AS_TALL * min((code.height for code in sure), default=0.0)
    theirs = {id(piece.box) for code in sure for piece in code.pieces}
    return [p for p in pieces if p.height >= tall and id(p.box) not in theirs and not (sure and size_text(p.text))]


def _worth(sight: CodeSight) -> float:
    return (
        sight.evidence.odds * (0.2 + sight.evidence.belief.confidence) * (1.0 if sight.evidence.has_digit else _UNSEEN)
    )


def _differ(one: CodeSight, other: CodeSight) -> int:
    """Count the places in which two codes differ; a digit that was computed is none."""
    length = min(len(one.evidence.places), len(other.evidence.places))
    pairs = zip(one.reading.text[:length], other.reading.text[:length], strict=True)
    return sum(mine != theirs for mine, theirs in pairs)


def _distinct(sights: Sequence[CodeSight]) -> list[CodeSight]:
    """Drop the weaker of two sights of one container: its code stands on several sides."""
    kept: list[CodeSight] = []
    for sight in sights:
        text = sight.reading.text
        twins = [
            known
            for known in kept
            if text == known.reading.text
            or (sight.reading.confidence < _ITS_OWN and edit_distance(text, known.reading.text) <= _NEAR_CODES)
        ]
        if not twins:
            kept.append(sight)
    return kept
