"""Which pieces of text make a code, by what they say and where they stand."""

from __future__ import annotations

import numpy as np
import pytest

from alpr.recognizers.codelines import find_codes
from alpr.recognizers.codepieces import Piece, places_of
from alpr.vision.ocr import ALPHABET, CLASSES
from alpr.vision.textboxes import TextBox


def piece(text: str, x: float, y: float, height: float = 24.0, *, column: bool = False) -> Piece:
    """Return a piece that says this, its top left there, each character 0.8 of the height wide."""
    places = np.full((len(text), 36), 0.02 / 36)
    for row, char in zip(places, text, strict=True):
        row[ALPHABET.index(char)] += 0.98
    across, down = (height, 1.2 * height * len(text)) if column else (0.8 * height * len(text), height / 0.68)
    corners = [(x, y), (x + across, y), (x + across, y + down), (x, y + down)]
    return Piece(TextBox(np.array(corners, np.float32), 0.9), places, height, column)


@pytest.mark.parametrize(
    "pieces",
    [
        [piece("MSKU4135329", 0, 0)],
        [piece("MSKU", 0, 0), piece("4135329", 100, 0)],
        [piece("MSKU", 0, 0), piece("413532", 300, 2), piece("9", 430, 2)],
        [piece("MSKU", 0, 0), piece("4135329", 0, 45)],
        [piece("MSKU", 0, 0), piece("413", 0, 45), piece("532", 70, 45), piece("9", 140, 45)],
        [piece("MSKU", 0, 0, column=True), piece("413532", 0, 130, column=True), piece("9", 0, 320, column=True)],
        [piece("MSKU413532I9", 0, 0)],
        [piece("MSKU1", 0, 0), piece("4135329", 110, 0)],
    ],
    ids=["whole", "two", "three", "two lines", "four", "a column", "the border of a box", "a lock bar"],
)
def test_pieces_are_put_together(pieces):
    """The one code that they make, with the digit as it was seen; other texts around do not disturb."""
    others = [piece("30480KGS", 0, 300, 16), piece("71650LBS", 0, 330, 16), piece("OCEANLINE", 300, 500, 60)]
    (code,) = find_codes([*others, *pieces])
    assert (code.belief.text, code.has_digit) == ("MSKU4135329", True)
    assert code.odds > 0.5


@pytest.mark.parametrize(
    "pieces",
    [
        [piece("MSKU", 0, 0), piece("4135329", 0, 400)],
        [piece("MSKU", 0, 0), piece("4135329", 100, 0, 70)],
        [piece("MSKU", 200, 0), piece("4135329", 0, 0)],
        [piece("MSKU", 0, 0), piece("41353", 100, 0)],
        [piece("30480KGS", 0, 0), piece("71650LBS", 0, 40)],
        [piece("TEL0405551234", 0, 0)],
        [],
    ],
    ids=["far below", "much taller", "to the left", "half a number", "weights", "a telephone", "nothing"],
)
def test_what_does_not_belong_together_is_no_code(pieces):
    """Neither by place nor by size nor by number of characters."""
    assert find_codes(pieces) == []


def test_a_fitting_digit_is_worth_eleven_to_one():
    """The same pieces with and without it: surer that they belong together, not certain."""
    with_digit, without = ([piece("MSKU", 0, 0), piece(serial, 250, 0)] for serial in ("4135329", "413532"))
    (sure,), (less) = find_codes(with_digit), find_codes(without)
    assert sure.odds > less[0].odds
    assert not less[0].has_digit


def test_two_codes_side_by_side_share_nothing():
    """A pair of twenty feet: each owner takes the number next to it."""
    found = find_codes([
        piece("MSKU", 0, 0), piece("4135329", 100, 0), piece("CSQU", 500, 0), piece("3054383", 600, 0),
    ])  # fmt: skip
    assert sorted(code.belief.text for code in found) == ["CSQU3054383", "MSKU4135329"]


@pytest.mark.parametrize(
    ("text", "y", "size"), [("22G1", 45, "22G1"), ("45GI", 45, "45G1"), ("22G1", 600, ""), ("TARE", 45, "")]
)
def test_the_size_stands_beside_the_code(text, y, size):
    """Near it, and in the standard's own words; look-alikes are read as what belongs there."""
    (code,) = find_codes([piece("MSKU4135329", 0, 0), piece(text, 60, y)])
    assert code.size_type == size


def test_columns_of_the_reader_become_places():
    """Repeated columns are one character, a blank parts two, a doubtful blank is one."""
    ctc = np.full((7, CLASSES), 0.001, np.float32)
    for row, (char, sure) in enumerate(
        [("A", 0.9), ("A", 0.95), ("", 0.9), ("A", 0.9), ("", 0.5), ("B", 0.9), ("", 0.9)]
    ):
        ctc[row, ALPHABET.index(char) + 1 if char else 0] = sure
    ctc[4, ALPHABET.index("7") + 1] = 0.4
    assert "".join(ALPHABET[row.argmax()] for row in places_of(ctc)) == "AA7B"
    assert places_of(np.eye(1, CLASSES, dtype=np.float32)).shape == (0, 36)
