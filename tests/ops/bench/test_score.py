"""Judging reads: tables of what counts as found, exact, folded, near and wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from alpr.domain import Box, Candidate, Read, Reading
from alpr.ops.bench.score import Outcome, calibration_error, judge, reliability, summarise
from alpr.training.truth import Truth
from tests.drawn_reads import make_read

_BOX = Box(100, 100, 200, 130)


def _read(text: str, confidence: float = 0.9, box: Box = _BOX, *candidates: str) -> Read:
    reading = Reading(text, confidence, candidates=tuple(Candidate(c, 0.1) for c in candidates))
    return replace(make_read(1), reading=reading, box=box)


@pytest.mark.parametrize(
    ("truth", "reads", "text", "seen", "told"),
    [
        (Truth("AB123", _BOX), [], "", False, "not found"),
        (Truth("AB123", _BOX), [_read("AB123")], "AB123", True, "read as AB123 (90%; AB123)"),
        (Truth("AB123", _BOX), [_read("XY987")], "XY987", True, "read as XY987 (90%; XY987)"),
        (Truth("AB123", _BOX), [_read("AB123", 0.9, Box(500, 100, 600, 130))], "", False, "not found"),
        (Truth("AB123", _BOX), [_read("", 0.2, _BOX, "AB123", "A8123")], "", True, "unread (AB123, A8123)"),
        (Truth("AB123", _BOX), [_read("", 0.0, _BOX)], "", False, "not found"),
        (Truth("AB123"), [_read("XY987", 0.99), _read("AB123", 0.5)], "AB123", True, "read as AB123 (50%; AB123)"),
        (Truth("AB123"), [_read("XY987", 0.99), _read("QQ1", 0.5)], "XY987", True, "read as XY987 (99%; XY987)"),
        (Truth("AB123"), [], "", False, "not found"),
    ],
)
def test_judge(truth, reads, text, seen, told):
    """The read that stands on the plate counts; without a box the one that says the text, else the surest."""
    [outcome] = judge([truth], reads)
    assert (outcome.text, outcome.seen, outcome.told) == (text, seen, told)


def test_a_read_that_is_right_for_another_is_not_wrong_for_one_that_was_missed():
    """Two codes in a picture, nobody knows where, one of them read."""
    outcomes = judge([Truth("MSKU4135329"), Truth("CSQU3054383")], [_read("MSKU4135329")])
    assert [(outcome.text, outcome.seen) for outcome in outcomes] == [("MSKU4135329", True), ("", False)]


def test_the_read_that_fits_best_counts():
    """Of two reads on one plate the one whose box fits better."""
    [outcome] = judge([Truth("AB123", _BOX)], [_read("WRONG", 0.99, Box(60, 100, 190, 130)), _read("AB123", 0.5)])
    assert (outcome.text, outcome.iou) == ("AB123", 1.0)


def test_summarise():
    """Each kind of outcome lands in its own count; rates are shares of all labelled plates."""
    outcomes = [
        Outcome("AB123", "AB123", 0.95, 0.9, seen=True, top=("AB123",)),
        Outcome("AO123", "A0123", 0.9, 0.6, seen=True, top=("A0123", "AO123")),
        Outcome("AB123", "AB128", 0.8, 0.3, seen=True, top=("AB128",)),
        Outcome("AB123", "XY", 0.7, 0.9, seen=True, top=("XY",)),
        Outcome("AB123", "", 0.3, 0.9, seen=True, top=("AB128", "AB123")),
        Outcome("AB123"),
        Outcome("A"),
        Outcome("AB1I3", "AB1I3", 1.0, 1.0, seen=True, top=("AB1I3",)),
    ]
    summary = summarise(outcomes)
    error = summary.pop("calibration_error")
    assert summary == {
        "plates": 8, "found": 6, "found_iou_half": 5, "exact": 2, "exact_rate": 0.25, "exact_folded_rate": 0.375,
        "within_one": 4, "top_three": 4, "wrong_accepted": 3, "unread": 3,
    }  # fmt: skip
    assert error > 0.3


def test_summarise_nothing():
    """No plates, no division by them."""
    assert summarise([])["exact_rate"] == 0.0


@pytest.mark.parametrize(
    ("pairs", "error"),
    [
        ([], 0.0),
        ([(1.0, True)], 0.0),
        ([(1.0, False)], 1.0),
        ([(0.9, True)] * 9 + [(0.9, False)], 0.0),
        ([(0.5, True)] * 10, 0.5),
        ([(0.95, True), (0.95, True), (0.25, False), (0.25, False)], 0.15),
    ],
)
def test_calibration_error(pairs, error):
    """Nine in ten right at 0.9 is no error; always right at 0.5 is one of a half."""
    assert calibration_error(pairs) == pytest.approx(error, abs=1e-4)


def test_reliability_sorts_reads_by_how_sure_they_were():
    """Ten bins of equal width; what nobody was is left out."""
    pairs = [(0.95, True), (0.91, False), (0.12, False), (1.0, True)]
    bins = reliability(pairs)
    assert [(round(b.confidence, 3), round(b.accuracy, 3), b.count) for b in bins] == [(0.12, 0, 1), (0.953, 0.667, 3)]
    assert reliability([]) == []
