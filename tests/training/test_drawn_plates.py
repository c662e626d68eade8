"""Plates as they are drawn for the demo and for training."""

from random import Random

import numpy as np
import pytest

from alpr.domain import Box, Detection, Label
from alpr.paths import shipped
from alpr.recognizers.registry import load_engine, recognizers_for
from alpr.training.plates import ISSUERS, Plate, Wear, draw_plate, issue


@pytest.fixture(scope="module")
def recognizer():
    return recognizers_for(load_engine(shipped("models"), "cpu"), ("eu",))[0]


def test_shipped_reader_reads_clear_plates(recognizer):
    """At least 57 of 60 clear plates of all countries are read as they were issued."""
    random = Random(7)
    codes = list(ISSUERS)
    right = 0
    for number in range(60):
        plate = issue(random, codes[number % len(codes)])
        scene = np.full((180, 620, 3), 60, np.uint8)
        drawn = draw_plate(plate)
        scene[35:145, 50:570] = drawn
        scene = np.ascontiguousarray(scene[::4, ::4])
        found = Detection(Label.PLATE, Box(12, 8, 143, 37), 0.9)
        right += recognizer.look(scene, found).reading.text == plate.text
    assert right >= 57


@pytest.mark.parametrize("code", list(ISSUERS))
def test_same_seed_issues_and_draws_the_same(code):
    """A seed gives the same text and the same pixels, another seed another text."""
    one, other = issue(Random(3), code), issue(Random(3), code)
    worn = Wear(0.3, 0.2)
    assert one == other
    assert np.array_equal(draw_plate(one, wear=worn, seed=5), draw_plate(other, wear=worn, seed=5))
    assert issue(Random(4), code).text != one.text


def runs(columns):
    """Return how wide each run of true columns is."""
    parts = np.split(columns, np.flatnonzero(np.diff(columns.astype(int))) + 1)
    return [len(part) for part in parts if part[0]]


def test_characters_stand_whole_beside_each_other():
    """Three letters with two uprights each show six of them, apart."""
    dark = (draw_plate(Plate(ISSUERS["S"], "HHH"))[25:85, 60:500] < 90).all(2)
    assert len(runs(dark.mean(0) > 0.9)) == 6


def test_both_marks_of_a_plate_are_the_same():
    """A plate has one kind of dash."""
    dark = (draw_plate(Plate(ISSUERS["F"], "LL-LLL-LL"))[:, 60:460] < 90).all(2)
    one, other = runs(dark[53] & ~dark[25])
    assert one == other


def test_texts_are_letters_and_digits():
    """What a reader should say has neither spaces nor dashes."""
    for code in ISSUERS:
        plate = issue(Random(1), code)
        assert plate.text.isalnum()
        assert len(plate.text) >= 5


def test_full_dirt_leaves_little_to_read(recognizer):
    """A plate under mud is not read."""
    plate = issue(Random(2), "F")
    scene = np.full((45, 155, 3), 60, np.uint8)
    scene[8:36, 12:142] = draw_plate(plate, wear=Wear(1.0), seed=1)[::4, ::4][:28, :130]
    sight = recognizer.look(scene, Detection(Label.PLATE, Box(12, 8, 142, 36), 0.9))
    assert sight.reading.text != plate.text
