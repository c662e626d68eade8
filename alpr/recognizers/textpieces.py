"""Lines and columns of text found in a picture and read: a look at the whole, and a closer one where text is small."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from alpr.domain import BgrImage, Box
from alpr.recognizers.codepieces import Piece, places_of
from alpr.recognizers.codeprobability import Places
from alpr.vision.characters import characters_in_columns
from alpr.vision.columnboxes import columns_among
from alpr.vision.crop import cut
from alpr.vision.ocr import ALPHABET
from alpr.vision.textboxes import TextBox, TextDetector
from alpr.vision.textcolumn import laid_out
from alpr.vision.textline import LineRecognizer

_LEAST_HEIGHT: Final = 7.0
_MOST_LINES: Final = 40
_AT_ONCE: Final = 12
"""Lines that are read before it is asked which others are worth it."""
_ASPECTS: Final = 0.45, 14.0
_MARGIN: Final = 0.12
_CAP: Final = 0.68
"""Height of the characters as a share of their line's box."""
_SURE: Final = 0.5
_SHRUNK: Final = 0.9
_SMALL: Final = 18.0
"""Pixels of the detector's input: a line less tall than this may be half of what stands there."""
_FEW: Final = 2
_ROUND: Final = 4.0
"""Heights of a line that the closer look takes in round it."""
_SHARE: Final = 0.6
"""Of the pixels of a first look that one tile of a closer look may take."""


Least: TypeAlias = Callable[[Sequence[Piece]], float]
"""Tells, by what was read so far, how tall characters must be, in pixels, to be worth reading."""


class PieceReader:
    """Finds and reads text; safe to call from several threads."""

    def __init__(self, finder: TextDetector, lines: LineRecognizer) -> None:
        self._finder = finder
        self._lines = lines

    def read(self, image: BgrImage, least: Least) -> list[Piece]:
        """Read the text in a picture `(h, w, 3) uint8`, the tallest first, down to the height that `least` says."""
        boxes = self._finder.find(image)
        tall = columns_among(characters_in_columns(image, boxes))
        rest = [box for box in boxes if not any(column.box.contains(*box.box.centre) for column in tall)]
        return self._read(image, rest, [*tall, *columns_among(rest)], least)

    def read_closer(self, image: BgrImage, pieces: Sequence[Piece], least: Least) -> list[Piece]:
        """Look again where these pieces are small, in more detail; empty where that would show nothing more."""
        height, width = image.shape[:2]
        scale = self._finder.scale(width, height)
        small = [piece.box for piece in pieces if piece.box.height * scale < _SMALL]
        if scale > _SHRUNK or len(small) < _FEW:
            return []
        found: list[TextBox] = []
        for tile in _tiles(small, width, height, _SHARE * self._finder.area):
            shift = np.array([int(tile.x1), int(tile.y1)], np.float32)
            boxes = self._finder.find(cut(image, tile), share=_SHARE)
            found += [replace(box, corners=box.corners + shift) for box in boxes]
        found = _without_doubles(found)
        return self._read(image, found, columns_among(found), least)

    def digit_behind(self, image: BgrImage, last: Piece) -> Places | None:
        """Look for a digit where a check digit must stand, for its box often keeps it from being found: `(36,)`."""
        tall = last.height
        strips = [
            straightened(image, last.box, ends=(_MARGIN, reach * tall / max(1.0, last.box.width)))
            for reach in (1.6, 2.2)
        ]
        strips.append(straightened(image, _behind(last.box, tall)))
        read = [places_of(ctc) for ctc in self._lines.read_all(strips)]
        digits = [_next_digit(places, last.text) for places in read[:2]] + [_lone_digit(read[2])]
        seen = [digit for digit in digits if digit is not None]
        # The strips are one look: their mean, so that one of them cannot outvote the others by being tried.
        unseen = [np.full(len(ALPHABET), 1 / len(ALPHABET))] * (len(digits) - len(seen))
        together: Places = np.mean([*seen, *unseen], axis=0)
        return together if seen else None

    def _read(self, image: BgrImage, boxes: Sequence[TextBox], tall: Sequence[TextBox], least: Least) -> list[Piece]:
        found = [Piece(box, places_of(ctc), _CAP * box.width, column=True) for box, ctc in self._columns(image, tall)]
        rows = [box for box in boxes if box.height >= _LEAST_HEIGHT and _is_row(box)]
        rows = sorted(rows, key=lambda box: -box.height)[:_MOST_LINES]
        while rows:
            now, rows = rows[:_AT_ONCE], rows[_AT_ONCE:]
            read = self._lines.read_all([straightened(image, box) for box in now])
            found += [Piece(box, places_of(ctc), _CAP * box.height) for box, ctc in zip(now, read, strict=True)]
            if rows:
                height = least(found) / _CAP
                rows = [box for box in rows if box.height >= height]
        return [piece for piece in found if len(piece.places)]

    def _columns(self, image: BgrImage, tall: Sequence[TextBox]) -> list[tuple[TextBox, NDArray[np.float32]]]:
        laid = [(box, line) for box in tall if (line := laid_out(straightened(image, box, 0.0))) is not None]
        read = self._lines.read_all([line for _, line in laid])
        return [(box, ctc) for (box, _), ctc in zip(laid, read, strict=True)]


def straightened(
    image: BgrImage, box: TextBox, margin: float = _MARGIN, ends: tuple[float, float] | None = None
) -> BgrImage:
    """Cut a line out and turn it level: `(h, w, 3) uint8`; margins in heights, `ends` before and behind in widths."""
    top_left, top_right, bottom_right, bottom_left = box.corners
    before, behind = ends or (margin * box.height / max(1.0, box.width),) * 2
    top, bottom = top_right - top_left, bottom_right - bottom_left
    begin, end = (top_left - top * before, bottom_left - bottom * before), (
        top_right + top * behind, bottom_right + bottom * behind,
    )  # fmt: skip
    width = max(4, round(box.width * (1 + before + behind)))
    height = max(4, round(box.height))
    level = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(np.array([begin[0], end[0], end[1], begin[1]], np.float32), level)
    line = cv2.warpPerspective(image, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return line.astype(np.uint8, copy=False)


def _is_row(box: TextBox) -> bool:
    return _ASPECTS[0] < box.width / box.height < _ASPECTS[1]


def _tiles(small: Sequence[TextBox], width: int, height: int, area: float) -> list[Box]:
    """Lay as few tiles of this area over the small lines as show them at their own size, two at most."""
    boxes = [box.box for box in small]
    room = _ROUND * float(np.median([box.height for box in small]))
    whole = Box(
        min(b.x1 for b in boxes) - room, min(b.y1 for b in boxes) - room,
        max(b.x2 for b in boxes) + room, max(b.y2 for b in boxes) + room,
    ).clipped(width, height)  # fmt: skip
    if whole.area <= area:
        return [whole]
    if whole.width >= whole.height:
        middle = whole.centre[0]
        return [replace(whole, x2=min(whole.x2, middle + room)), replace(whole, x1=max(whole.x1, middle - room))]
    middle = whole.centre[1]
    return [replace(whole, y2=min(whole.y2, middle + room)), replace(whole, y1=max(whole.y1, middle - room))]


def _without_doubles(boxes: Sequence[TextBox]) -> list[TextBox]:
    """Keep the longer of two boxes of the same line, which two tiles show."""
    kept: list[TextBox] = []
    for box in sorted(boxes, key=lambda b: -b.width):
        middle = box.centre
        if not any(other.box.contains(*middle) and other.height > _SURE * box.height for other in kept):
            kept.append(box)
    return kept


def _behind(box: TextBox, tall: float) -> TextBox:
    """Return where a boxed check digit stands behind a line."""
    _, top_right, bottom_right, _ = box.corners
    along = np.array(box.along, np.float32)
    near, far = 0.1 * tall * along, 2.1 * tall * along
    corners = np.array([top_right + near, top_right + far, bottom_right + far, bottom_right + near], np.float32)
    return TextBox(corners, 0.0)


def _next_digit(places: Places, text: str) -> Places | None:
    """Return the character that a longer strip shows behind those that were known."""
    seen = "".join(ALPHABET[index] for index in places.argmax(axis=1))
    # A little of what stands before the line may be in the strip.
    begin = max(0, seen.find(text))
    after = begin + len(text)
    return places[after] if len(places) > after and places[after, :10].sum() > _SURE else None


def _lone_digit(places: Places) -> Places | None:
    sure = [row for row in places if row[:10].sum() > _SURE]
    return sure[0] if len(sure) == 1 else None
