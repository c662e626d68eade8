"""Whether a distribution has moved: the population stability index and the Kolmogorov-Smirnov test, on counts in bins.

Both compare what was usual with what came lately. The index says how far a distribution has moved (below 0.1 hardly,
from 0.25 clearly); the test says whether chance alone could have done it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, exp, gamma, log, pow, sqrt  # noqa: A004  the power of math gives a float
from typing import Final

MOVED: Final = 0.1
SHIFTED: Final = 0.25
"""The index at which a distribution counts as moved, and as another one (Siddiqi, Credit Risk Scorecards, 2006)."""
FEWEST: Final = 200
"""Fewer observations on either side say nothing: the index of equal distributions would often pass 0.1."""
_CHANCE: Final = 0.01
_TERMS: Final = 101
_TENTH: Final = 0.1


@dataclass(frozen=True, slots=True)
class Drift:
    """How far what came lately stands from what was usual."""

    psi: float
    ks: float
    """The largest distance between the two cumulative distributions, 0 to 1; 0 for what has no order."""
    chance: float
    """How likely equal distributions would stand as far apart, 0 to 1."""
    usual: int
    lately: int

    @property
    def enough(self) -> bool:
        """Whether both sides are large enough to say anything."""
        return min(self.usual, self.lately) >= FEWEST

    @property
    def level(self) -> float:
        """Return the index where it is no chance, else 0: what thresholds are compared with."""
        return self.psi if self.enough and self.chance < _CHANCE else 0.0


def compare_ordered(usual: Sequence[int], lately: Sequence[int]) -> Drift:
    """Compare counts in ordered bins, such as those of confidence; the index is taken over tenths of what was usual."""
    distance = ks_distance(usual, lately)
    few = _merged(usual, lately)
    psi = population_stability(*few)
    return Drift(psi, distance, ks_chance(distance, sum(usual), sum(lately)), sum(usual), sum(lately))


def compare_named(usual: Sequence[int], lately: Sequence[int]) -> Drift:
    """Compare counts of things without order, such as states: the chi-square test (Pearson) stands for the other."""
    psi = population_stability(usual, lately)
    return Drift(psi, 0.0, chi_square_chance(usual, lately), sum(usual), sum(lately))


def population_stability(usual: Sequence[int], lately: Sequence[int]) -> float:
    """Return the population stability index of counts in the same bins: the sum of (q - p) ln(q / p).

    An empty bin counts as half an observation, for the logarithm of nothing is infinite; two empty ones as none.
    """
    pairs = [(p or 0.5, q or 0.5) for p, q in zip(usual, lately, strict=True) if p or q]
    p_all, q_all = sum(p for p, _ in pairs), sum(q for _, q in pairs)
    if not sum(usual) or not sum(lately):
        return 0.0
    return sum((q / q_all - p / p_all) * log((q / q_all) / (p / p_all)) for p, q in pairs)


def ks_distance(usual: Sequence[int], lately: Sequence[int]) -> float:
    """Return the largest distance between two cumulative distributions of counts in the same ordered bins."""
    p_all, q_all = sum(usual), sum(lately)
    if not p_all or not q_all:
        return 0.0
    below_p = below_q = 0
    farthest = 0.0
    for p, q in zip(usual, lately, strict=True):
        below_p, below_q = below_p + p, below_q + q
        farthest = max(farthest, abs(below_p / p_all - below_q / q_all))
    return farthest


def ks_chance(distance: float, usual: int, lately: int) -> float:
    """Return how likely samples of one distribution stand so far apart, by Kolmogorov's limit.

    With Stephens' correction for small samples (Journal of the Royal Statistical Society B 32, 1970).
    """
    if not usual or not lately:
        return 1.0
    root = sqrt(usual * lately / (usual + lately))
    return kolmogorov((root + 0.12 + 0.11 / root) * distance)


def kolmogorov(x: float) -> float:
    """Return the survival function of Kolmogorov's distribution."""
    if x < 0.2:  # noqa: PLR2004  there the series converges slowly, and 1 is right to twelve digits
        return 1.0
    total = 2 * sum((1 if k % 2 else -1) * exp(-2 * k * k * x * x) for k in range(1, _TERMS))
    return min(1.0, max(0.0, total))


def chi_square_chance(usual: Sequence[int], lately: Sequence[int]) -> float:
    """Return how likely counts of one distribution differ so much, by Pearson's chi-square test."""
    pairs = [(p, q) for p, q in zip(usual, lately, strict=True) if p + q]
    p_all, q_all = sum(usual), sum(lately)
    freedom = len(pairs) - 1
    if not p_all or not q_all or freedom < 1:
        return 1.0
    statistic = sum((p * sqrt(q_all / p_all) - q * sqrt(p_all / q_all)) ** 2 / (p + q) for p, q in pairs)
    return chi_square_tail(statistic, freedom)


def chi_square_tail(x: float, freedom: int) -> float:
    """Return how likely a chi-square value with so many degrees of freedom is above `x` (A&S 26.4.4)."""
    half = x / 2
    if freedom % 2 == 0:
        return exp(-half) * sum(pow(half, n) / gamma(n + 1) for n in range(freedom // 2))
    return erfc(sqrt(half)) + exp(-half) * sum(pow(half, n - 0.5) / gamma(n + 0.5) for n in range(1, freedom // 2 + 1))


def _merged(usual: Sequence[int], lately: Sequence[int]) -> tuple[list[int], list[int]]:
    """Join fine bins into at most ten that hold a tenth of both sides each: empty ones would dominate the index."""
    p_all, q_all = sum(usual) or 1, sum(lately) or 1
    joined_p, joined_q, held = [0], [0], 0.0
    for p, q in zip(usual, lately, strict=True):
        if held >= _TENTH and p + q:
            joined_p, joined_q, held = [*joined_p, 0], [*joined_q, 0], 0.0
        joined_p[-1] += p
        joined_q[-1] += q
        held += (p / p_all + q / q_all) / 2
    return joined_p, joined_q
