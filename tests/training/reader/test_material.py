"""What the reader learns from, in which shares, with which labels."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from alpr.training.reader.crops import RealCrop
from alpr.training.reader.feed import feeding
from alpr.training.reader.material import LABEL_WIDTH, UNKNOWN, Material, label, pictures, text_of

GROUND = np.full((96, 256), 90, np.uint8)
REAL = RealCrop(np.tile(np.array([[30, 220, 30, 220]], np.uint8).repeat(20, 1), (40, 3)), "REAL123", 0.5)


@pytest.mark.parametrize("text", ["", "A", "B123CD", "0123456789"])
def test_a_label_comes_back_as_its_text(text):
    """Numbers and text say the same."""
    row = label(text, rows=2, region=1)
    assert row.shape == (LABEL_WIDTH,)
    assert text_of(row) == text
    assert row[10:].tolist() == [len(text), 0, 1]


def test_a_country_that_nobody_told_is_no_lesson():
    """Real crops say nothing about the region."""
    assert label("AB12")[12] == UNKNOWN
    assert label("AB12")[11] == 1


def test_every_picture_fits_the_reader():
    """Crops are grey 48 x 128, texts of ten characters at most, drawn ones know their region."""
    material = Material(surroundings=(GROUND,), typefaces=4)
    for crop, row in islice(pictures(material, 3), 40):
        assert crop.shape == (48, 128)
        assert crop.dtype == np.uint8
        assert 1 <= len(text_of(row)) <= 10
        assert row[12] in {0, 1, 2, 3}


def test_sources_come_in_their_shares():
    """Real plates and places without a plate take the share that was asked for."""
    material = Material(((REAL,),), (1.0,), (GROUND,), (GROUND[:48, :128],), real=0.5, empty=0.2, typefaces=3)
    texts = [text_of(row) for _, row in islice(pictures(material, 5), 300)]
    assert 0.4 < texts.count("REAL123") / 300 < 0.65
    assert 0.1 < texts.count("") / 300 < 0.3


def test_the_same_seed_gives_the_same_pictures():
    """A training can be repeated, and another seed is another training."""
    material = Material(typefaces=3)
    one, again, other = (list(islice(pictures(material, seed), 6)) for seed in (1, 1, 2))
    assert [text_of(row) for _, row in one] == [text_of(row) for _, row in again]
    assert all(np.array_equal(a, b) for (a, _), (b, _) in zip(one, again, strict=True))
    assert [text_of(row) for _, row in one] != [text_of(row) for _, row in other]


def test_the_generator_feeds_from_its_own_process():
    """Batches arrive in the order in which they were drawn."""
    material = Material(typefaces=2)
    with feeding(material, 9) as feed:
        batches = [feed.batch(4) for _ in range(2)]
        process = feed.process
    texts = [text_of(row) for _, labels in batches for row in labels]
    assert texts == [text_of(row) for _, row in islice(pictures(material, 9), 8)]
    assert not process.is_alive()
