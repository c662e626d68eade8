"""What is written on plates."""

from __future__ import annotations

from random import Random

import pytest

from alpr.training.reader import texts
from alpr.training.reader.words import words
from alpr.vision.ocr import ALPHABET


@pytest.mark.parametrize(
    ("shown", "read"),
    [("AB-123-CD", "AB123CD"), ("M:AB 1234", "MAB1234"), ("ABC#123", "ABC123"), ("AA|99.9", "AA999"), ("", "")],
)
def test_marks_are_not_read(shown, read):
    """Gaps, dashes, dots, seals, emblems and row ends are drawn and not said."""
    assert texts.read_text(shown) == read


@pytest.mark.parametrize(
    "patterns",
    [texts.AMERICAN, texts.GERMAN, texts.BRITISH, texts.EUROPEAN, texts.BRAZILIAN_OLD, texts.BRAZILIAN_NEW,
     texts.ELSEWHERE, texts.CHINESE, texts.ARGENTINE, texts.STACKED],
)  # fmt: skip
def test_a_text_keeps_its_pattern(patterns):
    """Letters stand where letters may, digits where digits may, marks where they were."""
    random = Random(1)
    for pattern in patterns:
        text = texts.shown_text(random, (pattern,))
        assert len(text) == len(pattern)
        for char, part in zip(text, pattern, strict=True):
            assert {"A": char in ALPHABET[10:], "9": char in ALPHABET[:10]}.get(part, char == part)
        assert len(texts.read_text(text)) <= 10


def test_american_plates_are_those_of_the_states_with_many_cars():
    """Every state has its formats, none longer than a plate; large states are met more often than small ones."""
    assert len(texts.STATES) == 51
    assert all(len(texts.read_text(shown)) <= 7 for _, formats in texts.STATES.values() for shown in formats)
    random = Random(5)
    made = [texts.read_text(texts.american_text(random, ALPHABET[10:])) for _ in range(3000)]
    californian = sum(
        text[0].isdigit() and text[1:4].isalpha() and text[4:].isdigit() for text in made if len(text) == 7
    )
    dakotan = sum(text[::2].isdigit() and text[1].isalpha() and text[3::2].isdigit() for text in made if len(text) == 6)
    assert californian > 3 * dakotan > 0


def test_a_country_that_issues_few_letters_gets_no_others():
    """Look-alikes are preferred within what is allowed, never beyond it."""
    random = Random(2)
    seen = {char for _ in range(300) for char in texts.shown_text(random, ("AAA",), letters="BCD")}
    assert seen == set("BCD")


def test_look_alikes_come_more_often_than_in_life():
    """B and Z look like digits, and are drawn more often than a letter would be."""
    random = Random(3)
    letters = "".join(texts.shown_text(random, ("AAAAAAAA",)) for _ in range(2000))
    assert all(letters.count(char) / len(letters) > 1.15 / 26 for char in "BZ")


def test_wishes_are_short_enough():
    """Owners may wish for eight characters at most."""
    random = Random(4)
    wished = [texts.read_text(texts.wished_text(random)) for _ in range(500)]
    assert all(1 <= len(text) <= 8 for text in wished)
    assert any(text in words().wishes for text in wished)
