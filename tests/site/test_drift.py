"""Drift: index and tests give the textbook's figures, and chance raises no alarm."""

from __future__ import annotations

import random

import pytest

from alpr.site import drift


@pytest.mark.parametrize(
    ("usual", "lately", "index"),
    [
        ((50, 50), (50, 50), 0.0),
        ((50, 50), (60, 40), 0.040547),  # 0.1 ln 1.2 + 0.1 ln 1.25
        ((100, 100), (6, 4), 0.040547),  # sizes do not matter
        ((25, 25, 50), (50, 25, 25), 0.346574),  # 0.25 ln 2 + 0.25 ln 2
        ((90, 10, 0), (90, 10, 0), 0.0),  # a bin that both lack
        ((100, 0), (50, 50), 2.622799),  # an empty bin is half an observation: of 100.5 then
        ((), (), 0.0),
        ((0, 0), (5, 5), 0.0),
    ],
)
def test_index(usual, lately, index):
    """The population stability index is the sum of (q - p) ln(q / p)."""
    assert drift.population_stability(usual, lately) == pytest.approx(index, abs=1e-6)


@pytest.mark.parametrize(
    ("usual", "lately", "distance"),
    [((1, 1, 1, 1), (4, 0, 0, 0), 0.75), ((5, 5), (5, 5), 0.0), ((10, 0), (0, 10), 1.0), ((3, 1), (), 0.0)],
)
def test_distance(usual, lately, distance):
    """The Kolmogorov-Smirnov distance is the largest between the cumulative shares."""
    assert drift.ks_distance(usual, lately or (0,) * len(usual)) == pytest.approx(distance)


@pytest.mark.parametrize(("x", "chance"), [(1.2238, 0.10), (1.3581, 0.05), (1.6276, 0.01), (1.9495, 0.001), (0.0, 1.0)])
def test_critical_values_of_kolmogorov(x, chance):
    """The tail is that of Smirnov's table (Annals of Mathematical Statistics 19, 1948)."""
    assert drift.kolmogorov(x) == pytest.approx(chance, abs=1e-4)


@pytest.mark.parametrize(
    ("x", "freedom", "chance"),
    [(3.841, 1, 0.05), (6.635, 1, 0.01), (5.991, 2, 0.05), (7.815, 3, 0.05), (11.345, 3, 0.01), (9.488, 4, 0.05)],
)
def test_critical_values_of_chi_square(x, freedom, chance):
    """The tail is that of every table of chi-square."""
    assert drift.chi_square_tail(x, freedom) == pytest.approx(chance, abs=2e-5)


def sample(dice, count, mean):
    bins = [0] * 100
    for _ in range(count):
        bins[min(99, max(0, int(100 * dice.gauss(mean, 0.08))))] += 1
    return bins


def test_chance_is_no_drift():
    """Samples of one distribution, however small, never pass the threshold; a moved mean does."""
    dice = random.Random(5)
    levels = [drift.compare_ordered(sample(dice, 2000, 0.8), sample(dice, 250, 0.8)).level for _ in range(100)]
    assert max(levels) < drift.SHIFTED
    moved = drift.compare_ordered(sample(dice, 2000, 0.8), sample(dice, 250, 0.74))
    assert moved.level > drift.SHIFTED
    assert moved.ks > 0.2
    assert moved.chance < 1e-6


def test_few_say_nothing():
    """Below two hundred on either side there is no level, however far apart."""
    assert drift.compare_ordered([0, 199], [199, 0]).level == 0.0
    assert drift.compare_ordered([0, 200], [200, 0]).level > 1


def test_states_are_compared_without_order():
    """Shares of states that moved are told, with no Kolmogorov distance; equal ones are not."""
    moved = drift.compare_named([600, 300, 100], [300, 300, 400])
    assert (moved.level, moved.ks) == (pytest.approx(0.6238, abs=1e-4), 0.0)
    assert drift.compare_named([600, 300, 100], [301, 149, 51]).level == 0.0
