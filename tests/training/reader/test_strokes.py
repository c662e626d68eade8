"""Typefaces made up of strokes, and those that the machine has."""

from __future__ import annotations

from random import Random

import cv2
import numpy as np
import pytest

from alpr.training.reader.fonts import installed_typefaces, word_masks
from alpr.training.reader.strokes import SHAPES, stroke_typeface
from alpr.training.reader.typeface import GLYPH_HEIGHT
from alpr.vision.ocr import ALPHABET


def apart(face, one, other):
    """Return how much two characters differ, 0 to 255."""
    a, b = (cv2.resize(face.glyphs[char], (28, GLYPH_HEIGHT)).astype(float) for char in (one, other))
    return float(np.abs(a - b).mean())


def test_every_character_has_a_shape():
    """The alphabet is complete, and each glyph has ink."""
    assert set(SHAPES) == set(ALPHABET)
    face = stroke_typeface(Random(0))
    for char in ALPHABET:
        glyph = face.glyphs[char]
        assert glyph.dtype == np.uint8
        assert glyph.shape[0] == GLYPH_HEIGHT
        assert glyph.max() > 200, char


def test_the_same_seed_makes_the_same_typeface():
    """A training can be repeated."""
    one, other = stroke_typeface(Random(5)), stroke_typeface(Random(5))
    assert all(np.array_equal(one.glyphs[char], other.glyphs[char]) for char in ALPHABET)


@pytest.mark.parametrize("seed", range(12))
def test_characters_can_be_told_apart(seed):
    """No two characters share a shape, but O and 0, I and 1 where the typeface says so."""
    face = stroke_typeface(Random(seed))
    for one, other in ("B8", "8S", "5S", "2Z", "DO", "VY", "MN", "QO", "GC", "6G", "UV"):
        assert apart(face, one, other) > 4, one + other
    if not face.ambiguous:
        assert not np.array_equal(face.glyphs["O"], face.glyphs["0"])
        assert not np.array_equal(face.glyphs["I"], face.glyphs["1"])


def test_ambiguous_typefaces_exist_and_say_so():
    """Where O and 0 are one shape, only a format tells them apart."""
    faces = [stroke_typeface(Random(seed)) for seed in range(40)]
    shared = [face for face in faces if np.array_equal(face.glyphs["O"], face.glyphs["0"])]
    assert shared
    assert all(face.ambiguous for face in shared)


def test_words_can_be_set_on_any_machine():
    """Without a single installed font, Pillow's own is used."""
    masks = word_masks(Random(0), ["GARDEN STATE", "MAY"], 6)
    assert len(masks) == 6
    assert all(mask.max() > 100 for mask in masks)


def test_the_machines_typefaces_are_complete():
    """What is loaded can set every text; a machine may have none."""
    for face in installed_typefaces()[:5]:
        assert set(face.glyphs) == set(ALPHABET)
        assert {glyph.shape[0] for glyph in face.glyphs.values()} == {GLYPH_HEIGHT}
