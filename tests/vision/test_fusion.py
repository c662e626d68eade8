"""Fusion: probabilities summed over looks, against sums done by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alpr.vision.fusion import (
    FusionSettings,
    WeightedLook,
    ctc_log_likelihood,
    edit_distance,
    fuse,
    look_log_likelihood,
)
from alpr.vision.ocr import ALPHABET, CLASSES, TextLikelihood
from tests.fakes import FreeGrammar

_SETTINGS = FusionSettings()


def _brute_force(ctc: np.ndarray, label: tuple[int, ...]) -> float:
    """Sum the probability of every path that collapses to the label."""
    total = 0.0
    for path in product(range(ctc.shape[1]), repeat=len(ctc)):
        collapsed = [c for i, c in enumerate(path) if c and (i == 0 or path[i - 1] != c)]
        if tuple(collapsed) == label:
            total += float(np.prod([ctc[step, c] for step, c in enumerate(path)]))
    return total


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 5).flatmap(
        lambda steps: st.tuples(
            st.lists(st.lists(st.floats(0.05, 1.0), min_size=4, max_size=4), min_size=steps, max_size=steps),
            st.lists(st.lists(st.integers(1, 3), min_size=1, max_size=4), min_size=1, max_size=4),
        )
    )
)
def test_the_forward_algorithm_is_the_sum_over_all_alignments(drawn):
    """For any small output and labels, repeats and impossible lengths among them."""
    rows, texts = drawn
    ctc = np.array(rows) / np.sum(rows, axis=1, keepdims=True)
    labels = np.zeros((len(texts), 5), np.int64)
    for row, text in zip(labels, texts, strict=True):
        row[: len(text)] = text
    logs = ctc_log_likelihood(ctc[None].astype(np.float64), labels)[0]
    for log, text in zip(logs, texts, strict=True):
        assert np.exp(log) == pytest.approx(_brute_force(ctc, tuple(text)), rel=1e-5, abs=1e-12)


def test_a_repeated_character_needs_a_blank_between():
    """`11` has no path in two columns and one in three; a label of its own length does not change its neighbours'."""
    ctc = np.full((1, 3, 3), 1 / 3)
    logs = ctc_log_likelihood(ctc, np.array([[1, 1], [1, 2]]))[0]
    assert np.exp(logs) == pytest.approx([1 / 27, 5 / 27])
    assert ctc_log_likelihood(ctc[:, :2], np.array([[1, 1]]))[0, 0] < -600


def _slots(*places: dict[str, float]) -> np.ndarray:
    rows = np.full((10, CLASSES), 1e-6, np.float32)
    for row, chances in zip(rows, [*places, *[{"": 1.0}] * (10 - len(places))], strict=True):
        for char, chance in chances.items():
            row[ALPHABET.index(char) + 1 if char else 0] = chance
    return rows / rows.sum(axis=1, keepdims=True)


def _ctc(*places: dict[str, float]) -> np.ndarray:
    columns = np.full((32, CLASSES), 1e-6, np.float32)
    columns[:, 0] = 1.0
    for index, chances in enumerate(places):
        columns[3 * index + 1] = _slots(chances)[0]
    return columns / columns.sum(axis=1, keepdims=True)


def _places(text: str, sure: float, **doubts: dict[str, float]) -> list[dict[str, float]]:
    """Give each character `sure`; `p2={"8": 0.5}` overrides place 2."""
    return [doubts.get(f"p{i}", {char: sure}) for i, char in enumerate(text)]


def _look(text: str, sure: float = 0.99, weight: float = 1.0, **doubts) -> WeightedLook:
    places = _places(text, sure, **doubts)
    return WeightedLook((TextLikelihood(_slots(*places), _ctc(*places)),), weight=weight)


def _crop(slots: list[dict[str, float]], ctc: list[dict[str, float]]) -> WeightedLook:
    return WeightedLook((TextLikelihood(_slots(*slots), _ctc(*ctc)),))


def test_a_clear_look_is_read_with_its_characters():
    """The text, one confidence a character, and the runner-up that differs in the doubtful place."""
    reading = fuse([_look("AB123", p1={"B": 0.9, "8": 0.1})], FreeGrammar(), _SETTINGS)
    assert reading.text == "AB123"
    assert "".join(c.text for c in reading.characters) == "AB123"
    assert reading.candidates[0].text == "A8123"
    assert reading.confidence > 0.8
    assert reading.characters[1].confidence < min(c.confidence for i, c in enumerate(reading.characters) if i != 1)


def test_a_text_that_both_heads_find_likely_beats_each_heads_own_best():
    """One head prefers B, the other D, and both find 8 nearly as likely: 8 it is."""
    slots = _places("AB12", 0.99, p1={"B": 0.52, "8": 0.48})
    ctc = _places("AB12", 0.99, p1={"D": 0.52, "8": 0.48})
    assert fuse([_crop(slots, ctc)], FreeGrammar(), _SETTINGS).text == "A812"


def test_two_weak_looks_that_agree_beat_one_that_errs():
    """Votes are probabilities: 0.7 twice against 0.8 once."""
    weak = _look("AB123", p4={"3": 0.7, "8": 0.3})
    wrong = _look("AB123", p4={"8": 0.8, "3": 0.2})
    assert fuse([wrong], FreeGrammar(), _SETTINGS).text == "AB128"
    assert fuse([weak, wrong, weak], FreeGrammar(), _SETTINGS).text == "AB123"


def test_the_weightier_look_wins():
    """Of two looks that contradict each other equally surely, the one that weighs more is believed."""
    one, other = {"3": 0.9, "8": 0.1}, {"8": 0.9, "3": 0.1}
    for first, second, text in ((2.0, 1.0, "AB123"), (1.0, 2.0, "AB128")):
        looks = [_look("AB123", weight=first, p4=one), _look("AB123", weight=second, p4=other)]
        assert fuse(looks, FreeGrammar(), _SETTINGS).text == text


def test_looks_that_contradict_each_other_leave_doubt():
    """Confidence is the share of the best text: an even dispute is worth about a half."""
    looks = [_look("AB123", p4={"3": 0.9, "8": 0.1}), _look("AB123", p4={"8": 0.9, "3": 0.1})]
    reading = fuse(looks, FreeGrammar(), _SETTINGS)
    assert reading.confidence == pytest.approx(0.5, abs=0.05)
    assert reading.candidates[0].confidence == pytest.approx(reading.confidence, abs=0.01)


def test_one_good_margin_is_enough():
    """Margins are alternatives: a framing in which nothing is legible does not spoil the one that fits."""
    clear = _look("AB123").margins[0]
    dim = TextLikelihood(
        np.full((10, CLASSES), 1 / CLASSES, np.float32), np.full((32, CLASSES), 1 / CLASSES, np.float32)
    )
    assert fuse([WeightedLook((clear, dim, dim))], FreeGrammar(), _SETTINGS).text == "AB123"


def test_a_second_opinion_settles_what_the_reader_leaves_open():
    """The general reader's 8 decides between the plate reader's 3 and 8."""
    look = _look("AB123", p4={"3": 0.52, "8": 0.48})
    asked = WeightedLook(look.margins, second=_ctc(*_places("AB128", 0.95, p4={"8": 0.9, "3": 0.1})))
    assert fuse([look], FreeGrammar(), _SETTINGS).text == "AB123"
    assert fuse([asked], FreeGrammar(), _SETTINGS).text == "AB128"


def test_a_plate_in_two_rows_is_read_from_either_way_of_looking_at_it():
    """What the rows side by side show clearly counts, and takes nothing from a plate that is clear in one row."""
    torn = _look("E9", p0=dict.fromkeys("EFB", 0.3), p1=dict.fromkeys("983", 0.3))
    stacked = replace(torn, stacked=_look("P936EAB"))
    assert fuse([stacked], FreeGrammar(), _SETTINGS).text == "P936EAB"
    plain = replace(_look("KLM4607"), stacked=_look("11", p0=dict.fromkeys("17I", 0.3)))
    assert fuse([plain], FreeGrammar(), _SETTINGS).text == "KLM4607"


def test_the_grammar_is_asked_for_texts_that_no_head_put_first():
    """A projection of the grammar becomes a candidate, and its prior may carry it."""
    grammar = FreeGrammar(usual="OB123", gain=8.0)
    reading = fuse([_look("0B123", p0={"0": 0.97, "O": 0.02})], grammar, _SETTINGS)
    assert (reading.text, reading.region) == ("OB123", "usual")


def test_nothing_seen_gives_nothing():
    """Without looks the reading is empty, and sure of nothing."""
    reading = fuse([], FreeGrammar(), _SETTINGS)
    assert (reading.text, reading.confidence, reading.characters) == ("", 0.0, ())


def test_no_look_may_rule_a_text_out():
    """A look that gives a character no chance at all leaves a finite likelihood."""
    logs = look_log_likelihood(_look("AB123", sure=1.0), ["AB123", "ZZ999"], _SETTINGS)
    assert np.isfinite(logs).all()
    assert logs[0] > logs[1]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 4))
def test_whatever_is_seen_the_shares_are_probabilities(seed, count):
    """Noise gives confidences in 0..1 that sum to at most 1, in order, and characters at least as sure as the text."""
    chance = np.random.default_rng(seed)
    looks = [
        WeightedLook(
            (
                TextLikelihood(
                    chance.dirichlet(np.full(CLASSES, 0.05), 10).astype(np.float32),
                    chance.dirichlet(np.full(CLASSES, 0.05), 32).astype(np.float32),
                ),
            ),
            weight=float(chance.uniform(0.1, 2)),
        )
        for _ in range(count)
    ]
    reading = fuse(looks, FreeGrammar(), _SETTINGS)
    shares = [reading.confidence, *(c.confidence for c in reading.candidates)]
    assert sorted(shares, reverse=True) == shares
    assert 0 < sum(shares) <= 1 + 1e-9
    assert len(reading.characters) == len(reading.text) <= 10
    assert all(reading.confidence - 1e-9 <= c.confidence <= 1 + 1e-9 for c in reading.characters)


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [("", "", 0), ("AB", "", 2), ("AB123", "AB123", 0), ("AB123", "A8123", 1), ("AB123", "B123", 1), ("KA", "AK", 2)],
)
def test_edit_distance(one, other, distance):
    """Levenshtein, either way round."""
    assert edit_distance(one, other) == edit_distance(other, one) == distance
