"""Container codes by the book: ISO 6346."""

from __future__ import annotations

import pytest

from alpr import iso6346


@pytest.mark.parametrize(
    ("ten", "digit"), [("CSQU305438", 3), ("MSKU413532", 9), ("TCNU634580", 7), ("BICU123456", 5), ("ZEPU003725", 5)]
)
def test_the_check_digit_is_that_of_the_standard(ten, digit):
    """CSQU 305438 3 is the standard's own example."""
    assert iso6346.check_digit(ten) == digit


def test_a_remainder_of_ten_counts_as_nought():
    """The check digit is one digit, so 10 becomes 0."""
    tens = [f"AAAU{serial:06d}" for serial in range(200)]
    assert {iso6346.check_digit(ten) for ten in tens} == set(range(10))


def test_one_wrong_character_shows():
    """Whatever single digit is changed, the check digit no longer fits (but for the few that 10 = 0 hides)."""
    right = "CSQU3054383"
    changed = [right[:place] + other + right[place + 1 :] for place in range(4, 10) for other in "0123456789"]
    assert sum(iso6346.is_valid(code) for code in changed) - 6 <= 2


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("CSQU3054383", None),
        ("CSQU3054384", "the check digit is 4, should be 3"),
        ("CSQU305438", "the check digit is missing, should be 3"),
        ("CSQU30543", "has 9 characters, not 11"),
        ("C5QU3054383", "does not begin with three letters but with C5Q"),
        ("CSQA3054383", "has A in the fourth place, not U, J or Z"),
        ("CSQU3O54383", "has 3O54383 where seven digits belong"),
    ],
)
def test_each_fault_is_told_in_words(code, fault):
    """What is wrong is said with what should be there."""
    assert iso6346.fault(code) == fault
    assert iso6346.is_valid(code) is (fault is None)


def test_only_ten_characters_have_a_check_digit():
    """Anything else is refused, not guessed."""
    with pytest.raises(ValueError, match="30480KGS"):
        iso6346.check_digit("30480KGS")


@pytest.mark.parametrize(
    ("text", "words", "feet"),
    [
        ("22G1", "20 ft, 8 ft 6 in, general purpose", 20),
        ("45R1", "40 ft, 9 ft 6 in, refrigerated", 40),
        ("L5G1", "45 ft, 9 ft 6 in, general purpose", 45),
        ("22T6", "20 ft, 8 ft 6 in, tank", 20),
        ("KGS1", "", None),
        ("4510", "", None),
        ("", "", None),
    ],
)
def test_size_and_type_are_said_in_words(text, words, feet):
    """What is no size and type has none."""
    assert (iso6346.size_type_words(text), iso6346.length_feet(text)) == (words, feet)


def test_a_code_is_written_with_its_gaps():
    """As on the container; another text stays what it is."""
    assert iso6346.spaced("CSQU3054383") == "CSQU 305438 3"
    assert iso6346.spaced("B AB 123") == "B AB 123"
