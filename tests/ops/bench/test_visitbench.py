"""The measurement of visits, and what it must show."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from alpr.ops.bench import visits as visitbench
from alpr.ops.bench.traffic import Faults, Month, make_month
from alpr.ops.bench.visits import PERFECT, USUAL, score
from alpr.stay import StayLimits, Way

LIMITS = StayLimits()


@pytest.fixture(scope="module")
def usual() -> Month:
    return make_month(USUAL, staff=40)


def test_perfect_reads_give_the_right_visits():
    """Of a month with tailgating, turn-rounds, standing cars, trailers, clock change, an hour without the box."""
    found = score(make_month(PERFECT, staff=40), LIMITS)
    assert found.visits > 1_500
    assert found.right >= 0.98
    assert found.whole >= 0.98
    assert found.ghosts_a_day + found.unnoticed_a_day < 0.2


def test_misread_and_missed_reads_leave_most_visits_right(usual):
    """At 5 % misread and 3 % missed; and nobody is inside for ever."""
    found = score(usual, LIMITS)
    assert found.right >= 0.93
    assert found.whole >= 0.9
    assert found.oldest_inside_days <= 3


def test_a_wrong_pairing_counts_as_wrong(usual):
    """The score falls with visits that are cut too early, and with ones that swallow their neighbours."""
    right = score(usual, LIMITS).right
    assert score(usual, replace(LIMITS, missed_after=timedelta(hours=6))).right < right - 0.05
    assert score(usual, replace(LIMITS, duplicate=timedelta(0))).right < right - 0.1


def test_the_month_holds_what_goes_wrong_at_a_gate(usual):
    """Clock change, followers, turn-rounds, passers-by, misread and missed reads are all in it."""
    twice = datetime(2026, 10, 25, 0, 0, tzinfo=UTC), datetime(2026, 10, 25, 2, 0, tzinfo=UTC)
    assert any(true.entered < twice[0] and true.left and true.left > twice[1] for true in usual.visits)
    entered = sorted(true.entered for true in usual.visits)
    assert sum(later - one < timedelta(seconds=1.6) for one, later in pairwise(entered)) > 20
    assert sum(true.left is not None and true.left - true.entered < timedelta(minutes=1) for true in usual.visits) > 10
    assert {one.way for one in usual.sightings} == set(Way)
    owner = {read: true.plate for true in usual.visits for read in true.ins | true.outs}
    gate = [one for one in usual.sightings if one.id in owner]
    misread = sum(one.reading.text != owner[one.id] for one in gate) / len(gate)
    assert misread == pytest.approx(0.05, abs=0.015)
    assert 0.03 < sum(not true.outs and true.left is not None for true in usual.visits) / len(usual.visits) < 0.06


def test_the_same_seed_makes_the_same_month():
    """Two runs can be compared; another seed is another month."""
    faults = Faults(0.05, 0.03)
    assert make_month(faults, 3, days=3, staff=10) == make_month(faults, 3, days=3, staff=10)
    assert make_month(faults, 3, days=3, staff=10) != make_month(faults, 4, days=3, staff=10)


def test_a_correction_touches_few_visits():
    """Milliseconds, and the two or three visits that the read can be a part of."""
    timing = visitbench.measure(make_month(USUAL, days=7, staff=20), LIMITS, corrections=40)
    assert 0 < timing.read_p50 <= timing.read_p95
    assert 1 <= timing.correction_touches <= 3
    assert timing.month < 5
