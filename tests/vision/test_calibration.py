"""Calibration: what is fitted says how often reads are right, keeps their order, and changes nothing unfitted."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpr.domain import Candidate, Reading
from alpr.errors import ModelError
from alpr.vision.calibration import CALIBRATION_FILE, Calibration, fit_calibration, load_calibration


def drawn(slope: float, offset: float, count: int = 20_000) -> list[tuple[float, bool]]:
    """Draw reads whose fused probability is off by a known map."""
    random = np.random.default_rng(3)
    odds = random.normal(2.0, 2.5, count)
    right = random.random(count) < 1 / (1 + np.exp(-(slope * odds + offset)))
    return [(1 / (1 + math.exp(-each)), bool(was)) for each, was in zip(odds, right, strict=True)]


@pytest.mark.parametrize(("slope", "offset"), [(1.0, 0.0), (0.5, -0.8), (1.6, 0.7)])
def test_a_known_map_is_found_again(slope, offset):
    """From reads that were over- or underconfident by a known amount."""
    fitted = fit_calibration(drawn(slope, offset))
    assert fitted.slope == pytest.approx(slope, rel=0.1)
    assert fitted.offset == pytest.approx(offset, abs=0.1)


@pytest.mark.parametrize("pairs", [[], [(0.9, True)] * 200, [(0.9, False)] * 200, [(0.9, True), (0.8, False)] * 10])
def test_what_nothing_can_be_learned_from(pairs):
    """Too few, or all alike: said, not fitted."""
    with pytest.raises(ValueError, match="a calibration needs 50, some of each"):
        fit_calibration(pairs)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0.05, 5), st.floats(-5, 5))
def test_the_surer_read_stays_the_surer(one, other, slope, offset):
    """Calibration is monotone and stays within 0 and 1; nothing stays nothing."""
    calibration = Calibration(slope, offset)
    low, high = sorted((one, other))
    assert 0 <= calibration.probability(low) <= calibration.probability(high) <= 1
    assert calibration.probability(0.0) == 0


@given(st.floats(0.01, 0.99), st.floats(0.1, 3), st.floats(-3, 3))
def test_a_text_and_its_runners_up_share_at_most_everything(sure, slope, offset):
    """The probabilities of a reading never sum to more than 1."""
    reading = Reading("AB1", sure, candidates=(Candidate("A81", (1 - sure) * 0.7), Candidate("AB7", (1 - sure) * 0.3)))
    after = Calibration(slope, offset).applied(reading)
    assert after.text == "AB1"
    assert after.confidence + sum(each.confidence for each in after.candidates) <= 1 + 1e-9


def test_without_a_file_nothing_changes(tmp_path):
    """The identity, to within rounding."""
    calibration = load_calibration(tmp_path)
    assert [round(calibration.probability(p), 6) for p in (0.0, 0.1, 0.5, 0.999)] == [0.0, 0.1, 0.5, 0.999]


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"slope": "steep", "offset": 0}', '{"slope": NaN, "offset": 0}', '{"slope": 0, "offset": 1}'],
)
def test_a_broken_file_is_told(tmp_path, text):
    """Named, with what to do."""
    (tmp_path / CALIBRATION_FILE).write_text(text)
    with pytest.raises(ModelError, match=r"calibration\.json: .*: fit it anew"):
        load_calibration(tmp_path)


def test_a_file_is_taken(tmp_path):
    """As the fitting writes it; more keys may stand in it."""
    (tmp_path / CALIBRATION_FILE).write_text(json.dumps({"slope": 0.5, "offset": -1.0, "reads": 900}))
    assert load_calibration(tmp_path).probability(0.5) == pytest.approx(1 / (1 + math.e))


def test_where_surer_reads_are_wrong_more_often_all_come_out_as_often_right_as_they_are():
    """Order is kept nevertheless, but hardly: 40 of 60 are right, the surest among the wrong ones."""
    pairs = [(0.9, True)] * 40 + [(0.999, False)] * 20
    fitted = fit_calibration(pairs)
    assert fitted.probability(0.999) > fitted.probability(0.9)
    assert [fitted.probability(raw) for raw in (0.9, 0.999)] == pytest.approx([2 / 3, 2 / 3], abs=0.06)
