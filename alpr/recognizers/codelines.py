"""Container codes put together from lines of text: which pieces, by what they say and where they stand.

A code stands in one line or in two, its pieces next to each other or a door's leaf apart, the check digit often in a
box of its own. Every way to put pieces together is a hypothesis; they are weighed against each other and against the
chance that no code is there at all.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from alpr.domain import Box
from alpr.iso6346 import CATEGORIES, LENGTH, is_size_type
from alpr.recognizers.codepieces import LOST, Piece, follows
from alpr.recognizers.codeprobability import BY_CHANCE, CodeBelief, Places, believe, softened, structure_mass
from alpr.vision.ocr import ALPHABET

OWNER: Final = 4
SERIAL: Final = 6
_AS_LETTERS: Final = str.maketrans("0158246", "OISBZAG")
_AS_DIGITS: Final = str.maketrans("OQDILSBZGAT", "00011582647")
_DIGITS_SURE: Final = 0.5
"""Share of the characters that must be digits as read, for a piece to be taken for a part of the serial number."""
_UNEXPLAINED: Final = 0.1
"""What a digit that stands directly behind and is left over takes off."""
_NOTHING: Final = 0.15
"""Weight of the hypothesis that the pieces are no code."""
_BESIDE: Final = 6.0
_SIZE_TYPE, _COUNTRY = 4, 2
_BEHIND: Final = 5
"""Characters that may stand behind a code in its line: the size and type, and the border of a box."""
_ABOVE: Final = 5
"""Characters that may be seen above a column where none are."""


@dataclass(frozen=True, slots=True, eq=False)
class FoundCode:
    """A code in a picture: its pieces, the places of its characters, and what they say."""

    pieces: tuple[Piece, ...]
    places: Places
    """Softened, `(10 or 11, 36)`."""
    belief: CodeBelief
    odds: float
    """Probability that these pieces are a code, and put together rightly."""
    size_type: str = ""

    @property
    def box(self) -> Box:
        """The upright rectangle round all pieces."""
        boxes = [piece.box.box for piece in self.pieces]
        return Box(
            min(b.x1 for b in boxes), min(b.y1 for b in boxes), max(b.x2 for b in boxes), max(b.y2 for b in boxes)
        )

    @property
    def height(self) -> float:
        """Pixels of a character."""
        return max(piece.height for piece in self.pieces)

    @property
    def has_digit(self) -> bool:
        """Whether a check digit was seen."""
        return len(self.places) == LENGTH


def find_codes(pieces: Sequence[Piece], owners: Collection[str] = ()) -> list[FoundCode]:
    """Put pieces together to codes, surest first; a piece belongs to one of them."""
    starts = [start for piece in pieces for start in _starts(piece)]
    found = [code for start in starts if (code := _best_from(start, pieces, owners)) is not None]
    taken: set[int] = set()
    codes = []
    for code in sorted(
        found, key=lambda c: (c.has_digit and c.belief.fits > BY_CHANCE, c.odds * c.belief.confidence), reverse=True
    ):
        ids = {id(piece.box) for piece in code.pieces}
        if not ids & taken:
            taken |= ids
            codes.append(code)
    return [_with_size(code, pieces) for code in codes]


def _best_from(first: Piece, pieces: Sequence[Piece], owners: Collection[str]) -> FoundCode | None:
    """Weigh all ways to go on from a piece that may begin a code; return the best, None when nothing is likelier."""
    if not _begins(first.text):
        return None
    weighed = []
    ways = [(chain, near, 1.0) for chain, near in _chains((first,), pieces, 0.0)]
    if OWNER < len(first.places) < OWNER + SERIAL:
        # A lock bar behind the owner's letters reads as a 1.
        owner = replace(first, places=first.places[:OWNER])
        ways += [(chain, near, _UNEXPLAINED) for chain, near in _chains((owner,), pieces, 0.0)]
    for chain, near, share in ways:
        whole = np.concatenate([piece.places for piece in chain])
        for places in _cuts(whole):
            soft = softened(places)
            mass = structure_mass(soft)
            belief = believe(soft, owners)
            left_over = len(whole) > len(places) or _more_digits(chain, pieces)
            odds = share * mass * math.exp(-near) * belief.fits / BY_CHANCE
            odds *= _UNEXPLAINED if len(places) < LENGTH and left_over else 1.0
            weighed.append((odds, FoundCode(chain, soft, belief, 0.0)))
    if not weighed:
        return None
    odds, best = max(weighed, key=lambda each: each[0])
    same = sum(weight for weight, code in weighed if code.belief.text == best.belief.text)
    total = sum(weight for weight, _ in weighed) + _NOTHING
    return FoundCode(best.pieces, best.places, best.belief, same / total) if odds > _NOTHING * BY_CHANCE else None


def _cuts(whole: Places) -> Iterable[Places]:
    """Give the first ten and eleven characters; of a row one too long also those without the one before the last.

    The border of the box round the check digit reads as a 1 or an I, the characters behind it are the size.
    """
    if len(whole) < OWNER + SERIAL:
        return
    yield whole[: OWNER + SERIAL]
    if len(whole) >= LENGTH:
        yield whole[:LENGTH]
    if len(whole) > LENGTH and ALPHABET[int(whole[LENGTH - 1].argmax())] in "1ILJ":
        yield np.concatenate([whole[: LENGTH - 1], whole[LENGTH : LENGTH + 1]])


def _starts(piece: Piece) -> Iterable[Piece]:
    """Give the piece; of a column, which is taken longer than what was found, also without its first characters."""
    yield piece
    if piece.column:
        yield from (
            replace(piece, places=piece.places[more:]) for more in range(1, min(_ABOVE, len(piece.places) - OWNER) + 1)
        )


def _begins(text: str) -> bool:
    """Whether the text may be an owner's code, or begin with one."""
    head = text[:OWNER].translate(_AS_LETTERS)
    if len(head) < OWNER or not head.isalpha() or sum(char.isalpha() for char in text[:OWNER]) < OWNER - 1:
        return False
    rest = text[OWNER:]
    return text[3].isalpha() and head[3] in CATEGORIES + "LVOWI" and (not rest or _is_serial(rest[: SERIAL + 1]))


def _is_serial(text: str) -> bool:
    digits = sum(char.isdigit() for char in text)
    return bool(text) and text.translate(_AS_DIGITS).isdigit() and digits >= _DIGITS_SURE * len(text)


def _chains(
    chain: tuple[Piece, ...], pieces: Sequence[Piece], near: float
) -> Iterable[tuple[tuple[Piece, ...], float]]:
    """Give every way to go on, with how far its pieces are apart as a loss."""
    length = sum(len(piece.places) for piece in chain)
    if length >= OWNER + SERIAL:
        yield chain, near
    if length >= LENGTH or len(chain) > 4:  # noqa: PLR2004 - owner, three, three, digit
        return
    for piece in pieces:
        if (
            piece.box in [own.box for own in chain]
            or piece.column != chain[-1].column
            or length + len(piece.places) > LENGTH + _BEHIND
        ):
            continue
        loss = follows(chain[-1], piece)
        if loss is not None and _is_serial(piece.text[: SERIAL + 1]):
            yield from _chains((*chain, piece), pieces, near + loss)


def _more_digits(chain: tuple[Piece, ...], pieces: Sequence[Piece]) -> bool:
    """Whether a digit stands directly behind the last piece, which a code of ten leaves over."""
    last = chain[-1]
    nearest = (
        follows(last, piece)
        for piece in pieces
        if piece.box not in [own.box for own in chain] and len(piece.text) == 1 and _is_serial(piece.text)
    )
    return any(loss is not None and loss < 4 * LOST for loss in nearest)


def _with_size(code: FoundCode, pieces: Sequence[Piece]) -> FoundCode:
    """Add the size and type that stands beside or below the code."""
    near = []
    for piece in pieces:
        text = size_text(piece.text)
        if piece not in code.pieces and text:
            distance = min(math.dist(own.box.centre, piece.box.centre) for own in code.pieces) / code.height
            near.append((distance, text))
    rest = "".join(piece.text for piece in code.pieces)[LENGTH:]
    if text := size_text(rest):
        near.append((0.0, text))
    distance, text = min(near, default=(math.inf, ""))
    return FoundCode(code.pieces, code.places, code.belief, code.odds, text if distance < _BESIDE else "")


def size_text(text: str) -> str:
    """Return the size and type that a text is, look-alikes as it has them, or the last of it behind a country."""
    country = text[:-_SIZE_TYPE]
    if len(text) < _SIZE_TYPE or (country and not (len(country) == _COUNTRY and country.isalpha())):
        return ""
    text = text[-_SIZE_TYPE:]
    first = text[0] if text[0] in "LMP" else text[0].translate(_AS_DIGITS)
    text = first + text[1].translate(_AS_DIGITS) + ("G" if text[2] == "6" else text[2]) + text[3].translate(_AS_DIGITS)
    return text if is_size_type(text) else ""
