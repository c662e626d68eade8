"""Container codes (ISO 6346): lines of text found once a look, read in batches, put together, fused over looks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

import cv2
import numpy as np

from alpr.domain import BgrImage, Box, Candidate, CheckDigit, Kind, Reading
from alpr.iso6346 import LENGTH, check_digit, fault, is_valid
from alpr.recognizers.base import Sight
from alpr.recognizers.codelines import FoundCode, Piece, find_codes, places_of
from alpr.recognizers.codeprobability import BY_CHANCE, Places, believe, fused, softened
from alpr.vision.crop import cut
from alpr.vision.fusion import edit_distance
from alpr.vision.textboxes import TextBox, TextDetector
from alpr.vision.textcolumn import laid_out
from alpr.vision.textline import LineRecognizer

_LEAST_HEIGHT: Final = 7.0
_MOST_LINES: Final = 40
_ASPECTS: Final = 0.45, 14.0
_UPRIGHT: Final = 1.7
"""A box this much taller than wide is a column of characters."""
_IN_COLUMN: Final = 0.6
_MARGIN: Final = 0.12
_CAP: Final = 0.68
"""Height of the characters as a share of their line's box."""
_UNSEEN: Final = 0.6
"""What one look at a code without its check digit is worth: it goes to review, whatever its characters say."""
_UNSEEN_LOOKS: Final = 0.95
_LATER: Final = 0.35
"""What each look after the first adds: a worn character is as worn in the next."""
_NEAR_CODES: Final = 3
_SURE: Final = 0.5
_GOOD_HEIGHT: Final = 24.0


CodeSight: TypeAlias = Sight[FoundCode]


class ContainerRecognizer:
    """Reads container codes; stateless, one for all cameras."""

    kind = Kind.CONTAINER

    def __init__(self, finder: TextDetector, lines: LineRecognizer, owners: Collection[str] = ()) -> None:
        """Take what finds and reads lines of text, and the owners that the site knows (`MSC` or `MSCU`)."""
        self._finder = finder
        self._lines = lines
        self._owners = frozenset(owners)

    def survey(self, image: BgrImage) -> list[CodeSight]:
        """Find and read all codes in a picture `(h, w, 3) uint8`; surest first."""
        pieces = self._pieces(image, None)
        codes = [self._with_digit(image, code) for code in find_codes(pieces, self._owners)]
        sights = [self._sight(image, code) for code in codes]
        return _distinct(sorted(sights, key=lambda sight: -sight.reading.confidence))

    def fuse(self, sights: Sequence[CodeSight]) -> Reading:
        """Sum what several looks at one container saw."""
        if len(sights) == 1:
            return sights[0].reading
        worth = [sight.evidence.odds * (0.2 + sight.evidence.belief.confidence) for sight in sights]
        best = max(worth)
        budget = 1 + _LATER * (sum(value / best for value in worth) - 1)
        looks = [
            (sight.evidence.places, budget * value / sum(worth)) for sight, value in zip(sights, worth, strict=True)
        ]
        odds = 1 - float(np.prod([1 - sight.evidence.odds for sight in sights]))
        size_types = [sight.evidence.size_type for sight in sights if sight.evidence.size_type]
        size_type = max(set(size_types), key=size_types.count) if size_types else ""
        seen = sum(not sight.evidence.has_digit for sight in sights) < len(sights)
        return self._reading(fused(looks), odds, size_type, len(sights), seen=seen)

    def same(self, one: str, other: str, *, loosely: bool) -> bool:
        """Whether two codes are of one container: equal, or loosely with up to three characters misread."""
        if is_valid(one) and is_valid(other):
            return one == other
        return edit_distance(one, other) <= (_NEAR_CODES if loosely else 1)

    def _pieces(self, image: BgrImage, part: Box | None) -> list[Piece]:
        boxes = self._find(image, part)
        rows = [
            box for box in boxes if box.height >= _LEAST_HEIGHT and _ASPECTS[0] < box.width / box.height < _ASPECTS[1]
        ]
        tall = [box for box in boxes if box.height > _UPRIGHT * box.width]
        rows = sorted(rows, key=lambda box: -box.height)[:_MOST_LINES]
        crops = [straightened(image, box) for box in rows]
        laid = [(box, line) for box in tall if (line := laid_out(straightened(image, box, 0.0))) is not None]
        read = self._lines.read_all([*crops, *(line for _, line in laid)])
        found = [Piece(box, places_of(ctc), _CAP * box.height) for box, ctc in zip(rows, read, strict=False)]
        found += [
            Piece(box, places_of(ctc), _CAP * box.width, column=True)
            for (box, _), ctc in zip(laid, read[len(rows) :], strict=True)
        ]
        found += [replace(piece, column=True, height=_CAP * piece.box.width) for piece in found if _over(piece, tall)]
        return [piece for piece in found if len(piece.places)]

    def _find(self, image: BgrImage, part: Box | None) -> list[TextBox]:
        if part is None:
            return self._finder.find(image)
        height, width = image.shape[:2]
        inside = part.clipped(width, height)
        x, y = int(inside.x1), int(inside.y1)
        shift = np.array([x, y], np.float32)
        return [replace(box, corners=box.corners + shift) for box in self._finder.find(cut(image, inside))]

    def _with_digit(self, image: BgrImage, code: FoundCode) -> FoundCode:
        """Look for the check digit where it must stand, for its box often keeps it from being found as text."""
        last = code.pieces[-1]
        if code.has_digit or last.column:
            return code
        tall = last.height
        strips = [
            straightened(image, last.box, ends=(_MARGIN, reach * tall / max(1.0, last.box.width)))
            for reach in (1.6, 2.2)
        ]
        strips.append(straightened(image, _behind(last.box, tall)))
        read = [places_of(ctc) for ctc in self._lines.read_all(strips)]
        digits = [_next_digit(places, len(last.places)) for places in read[:2]] + [_lone_digit(read[2])]
        seen = [digit for digit in digits if digit is not None]
        if not seen:
            return code
        # The strips are one look: their mean, so that one of them cannot outvote the others by being tried.
        digit = np.mean([*seen, *[np.full(36, 1 / 36)] * (len(digits) - len(seen))], axis=0)[None]
        places = np.concatenate([code.places, softened(digit)])
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
        computed = belief.text if seen else belief.text[: LENGTH - 1]
        confidence = belief.confidence * odds
        reasons = []
        if not seen:
            state = CheckDigit.COMPUTED
            confidence *= _UNSEEN if looks == 1 else _UNSEEN_LOOKS
            reasons.append(f"check digit {check_digit(computed)} not seen, computed from the rest")
        elif is_valid(belief.text) and belief.digit_sure >= _SURE:
            state = CheckDigit.AGREES
        elif is_valid(belief.text):
            state = CheckDigit.DIFFERS
            reasons.append(f"check digit read as {belief.read_digit}, {belief.text[-1]} fits the rest")
        else:
            state = CheckDigit.DIFFERS
            reasons.append(f"{belief.text}: {fault(belief.text)}")
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


def straightened(
    image: BgrImage, box: TextBox, margin: float = _MARGIN, ends: tuple[float, float] | None = None
) -> BgrImage:
    """Cut a line out and turn it level: `(h, w, 3) uint8`; margins in heights, `ends` before and behind in widths."""
    top_left, top_right, bottom_right, bottom_left = box.corners
    before, behind = ends or (margin * box.height / max(1.0, box.width),) * 2
    top, bottom = top_right - top_left, bottom_right - bottom_left
    corners = np.array(
        [
            top_left - top * before,
            top_right + top * behind,
            bottom_right + bottom * behind,
            bottom_left - bottom * before,
        ],
        np.float32,
    )
    width = max(4, round(box.width * (1 + before + behind)))
    height = max(4, round(box.height))
    level = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, level)
    return cv2.warpPerspective(image, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE).astype(
        np.uint8, copy=False
    )


def _over(piece: Piece, tall: Sequence[TextBox]) -> bool:
    """Whether a single character stands above or below a column: its check digit, in a box of its own."""
    middle = piece.box.centre[0]
    return len(piece.places) == 1 and any(abs(box.centre[0] - middle) < _IN_COLUMN * box.width for box in tall)


def _behind(box: TextBox, tall: float) -> TextBox:
    """Return where a boxed check digit stands behind a line."""
    _, top_right, bottom_right, _ = box.corners
    along = np.array(box.along, np.float32)
    near, far = 0.1 * tall * along, 2.1 * tall * along
    return TextBox(
        np.array([top_right + near, top_right + far, bottom_right + far, bottom_right + near], np.float32), 0.0
    )


def _next_digit(places: Places, length: int) -> Places | None:
    """Return the character that a longer strip shows behind those that were known."""
    return places[length] if len(places) > length and places[length, :10].sum() > _SURE else None


def _lone_digit(places: Places) -> Places | None:
    sure = [row for row in places if row[:10].sum() > _SURE]
    return sure[0] if len(sure) == 1 else None


def _distinct(sights: Sequence[CodeSight]) -> list[CodeSight]:
    """Drop the weaker of two sights of one container: its code stands on several sides."""
    kept: list[CodeSight] = []
    for sight in sights:
        text = sight.reading.text
        twins = [
            known
            for known in kept
            if text == known.reading.text
            or (sight.reading.confidence < _SURE and edit_distance(text, known.reading.text) <= _NEAR_CODES)
        ]
        if not twins:
            kept.append(sight)
    return kept
