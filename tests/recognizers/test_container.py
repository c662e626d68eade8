"""Container codes in drawn pictures, read by the models that come with the product."""

from __future__ import annotations

from random import Random

import pytest

from alpr.domain import CheckDigit
from alpr.training.containers import draw_face
from alpr.training.containerscene import draw_scene
from tests.drawn_containers import shipped_recognizer, steel

SURE = 0.5
"""What is surer is stored as read."""


def sure(*texts, **how) -> set[str]:
    """Return the codes that are stored as read."""
    return {s.reading.text for s in shipped_recognizer().survey(steel(*texts, **how)) if s.reading.confidence >= SURE}


@pytest.mark.parametrize(
    "texts",
    [
        [("MSKU 413532 9", 300, 120), ("22G1", 520, 170), ("30480KGS", 300, 300, 16)],
        [("MSKU", 300, 120), ("413532 9", 300, 165)],
        [("MSKU", 100, 120), ("413532 9", 500, 120)],
        [("MSKU 4I3532 9", 300, 120)],
    ],
    ids=["one line", "two lines", "far apart", "a letter for a digit"],
)
def test_a_code_is_read_however_it_stands(texts):
    """In one line or two, a door's leaf apart, with an I painted for a 1."""
    assert sure(*texts) == {"MSKU4135329"}


@pytest.mark.parametrize(
    "texts",
    [
        [("MAX GROSS 30480KGS", 300, 100), ("71650LBS", 300, 150), ("TEL +49 040 5551234", 100, 240),
         ("CSC SAFETY APPROVAL GB-LR 12345", 100, 300), ("OCEAN LINE WE CARRY", 100, 380, 34)],
        [("ABCU 30480", 300, 120), ("71650 LBS", 300, 170)],
        [("HH AB 1234", 300, 120)],
        [("MSKU 413532 9", -30, 120)],
        [("MSKU 413532 9", 770, 120)],
    ],
    ids=["weights and slogans", "a weight below four letters", "a plate", "cut at the left", "cut at the right"],
)  # fmt: skip
def test_other_texts_and_half_a_code_are_no_code(texts):
    """Nothing is made up from what stands on a door besides, nor from what the picture's edge left over."""
    assert sure(*texts) == set()


def test_two_containers_in_a_picture_are_two_codes():
    """A pair of twenty feet; each with what stands beside it."""
    assert sure(("MSKU 413532 9", 80, 120), ("CSQU 305438 3", 560, 120)) == {"MSKU4135329", "CSQU3054383"}


def test_a_wrong_check_digit_goes_to_review_with_words():
    """MSKU 413532 has the digit 9: with an 8 it is not stored as read, under no text."""
    (sight,) = shipped_recognizer().survey(steel(("MSKU 413532 8", 300, 120)))
    assert sight.reading.confidence < SURE
    assert sight.reading.check_digit is CheckDigit.DIFFERS
    assert sight.reading.reasons == ("seen as MSKU4135328: the check digit is 8, should be 9",)


def test_a_digit_that_was_not_seen_is_said_to_be_computed():
    """One look without it is doubtful, several are accepted, and the read says so."""
    recognizer = shipped_recognizer()
    (sight,) = recognizer.survey(steel(("MSKU 413532", 300, 120)))
    together = recognizer.fuse([sight, sight])
    assert sight.reading.confidence < SURE < together.confidence
    assert (together.text, together.check_digit) == ("MSKU4135329", CheckDigit.COMPUTED)
    assert together.reasons == ("check digit 9 not seen, computed from the rest",)


def test_looks_agree_on_the_digit_and_the_size():
    """One look saw the check digit, another the size: the read has both."""
    recognizer = shipped_recognizer()
    (first,) = recognizer.survey(steel(("MSKU 413532 9", 300, 120)))
    (second,) = recognizer.survey(steel(("MSKU 413532", 300, 120), ("22G1", 420, 170)))
    together = recognizer.fuse([first, second])
    assert (together.text, together.check_digit, together.size_type) == ("MSKU4135329", CheckDigit.AGREES, "22G1")


def test_the_same_code_is_the_same_container():
    """Two right codes of one letter's difference are sisters; a misread one may be the same, loosely."""
    same = shipped_recognizer().same
    assert same("CSQU3054383", "CSQU3054383", loosely=False)
    assert not same("SEGU9428262", "SEGU9428283", loosely=True)
    assert same("CSQU3054383", "CSQU3054888", loosely=True)


@pytest.mark.parametrize("layout", ["two lines", "vertical"])
def test_a_drawn_container_is_read(layout):
    """Doors with rust, lock bars and weights, in perspective, as a camera sees them."""
    face = draw_face(Random(3), "doors", layout, "CSQU3054383", own_font=True)
    scene = draw_scene(Random(8), faces=[face], characters=(30, 31))
    found = shipped_recognizer().survey(scene.image)
    assert [sight.reading.text for sight in found] == ["CSQU3054383"]
