"""Calibrated confidence: of the reads stored at 0.9, nine in ten are right (Platt 1999, on the log-odds).

The fusion's own probability knows only the texts it scored; how often it is right is learned from labelled plates
that nothing was trained on, two numbers, kept beside the models.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from alpr.domain import Candidate, Reading
from alpr.errors import ModelError

CALIBRATION_FILE: Final = "calibration.json"
_MOST_CERTAIN: Final = 12.0
"""Log-odds beyond which nothing is told apart."""
_FEWEST: Final = 50
_STEPS: Final = 50
_RIDGE: Final = 1e-3
_LEAST_SLOPE: Final = 0.05
"""Order is kept, whatever a few plates say."""

FloatArray: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Calibration:
    """Turns the fusion's probability into how often it is right; as made, it changes nothing."""

    slope: float = 1.0
    offset: float = 0.0

    def probability(self, raw: float) -> float:
        """Return the calibrated probability, 0 to 1; 0 stays 0, and order is kept."""
        if raw <= 0:
            return 0.0
        return 1 / (1 + math.exp(-(self.slope * _log_odds(raw) + self.offset)))

    def applied(self, reading: Reading) -> Reading:
        """Return the reading with its confidence calibrated, and its runners-up sharing what is left."""
        sure = self.probability(reading.confidence)
        # What no candidate explained stays unexplained, and the runners-up never outgrow what is left.
        shared = sum(candidate.confidence for candidate in reading.candidates)
        rest = (1 - sure) / max(1 - reading.confidence, shared, 1e-9)
        candidates = tuple(Candidate(each.text, each.confidence * rest) for each in reading.candidates)
        return replace(reading, confidence=sure, candidates=candidates)


def fit_calibration(pairs: Sequence[tuple[float, bool]]) -> Calibration:
    """Fit slope and offset to `(fused probability, right)` by logistic regression with a slight pull to no change.

    Raises ValueError for fewer than 50 pairs, or when all are right or all wrong: nothing can be learned from these.
    """
    right = np.array([was for _, was in pairs], float)
    if len(pairs) < _FEWEST or not 0 < right.mean() < 1:
        raise ValueError(f"{len(pairs)} reads, {int(right.sum())} right: a calibration needs {_FEWEST}, some of each")
    inputs = np.stack([[_log_odds(raw) for raw, _ in pairs], np.ones(len(pairs))], axis=1)
    slope, offset = _regressed(inputs, right, np.zeros(len(right)), np.array([1.0, 0.0]))
    if slope < _LEAST_SLOPE:
        # Surer reads are no more often right, as far as these plates tell: then all are as sure as they are right.
        (offset,) = _regressed(inputs[:, 1:], right, _LEAST_SLOPE * inputs[:, 0], np.zeros(1))
        slope = _LEAST_SLOPE
    return Calibration(float(slope), float(offset))


def _regressed(inputs: FloatArray, right: FloatArray, given: FloatArray, start: FloatArray) -> FloatArray:
    """Fit the weights of `inputs` `(n, k)`, whose sum is added to `given` `(n,)` log-odds."""
    weights = start.copy()
    for _ in range(_STEPS):  # Newton's method on a convex problem, in bounded steps
        sure = 1 / (1 + np.exp(-(given + inputs @ weights)))
        gradient = inputs.T @ (sure - right) / len(right) + _RIDGE * (weights - start)
        curvature = (inputs * (sure * (1 - sure))[:, None]).T @ inputs / len(right) + _RIDGE * np.eye(len(weights))
        step = np.linalg.solve(curvature, gradient)
        weights = weights - step / max(1.0, float(np.abs(step).max()))
    return weights


def load_calibration(models: Path) -> Calibration:
    """Load what stands beside the models; without a file nothing is changed. Raises ModelError for a broken one."""
    path = models / CALIBRATION_FILE
    if not path.is_file():
        return Calibration()
    try:
        data = json.loads(path.read_text("utf-8"))
        slope, offset = float(data["slope"]), float(data["offset"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"calibration {path}: cannot be understood ({error}): fit it anew or delete it") from error
    if not (math.isfinite(slope) and math.isfinite(offset) and slope > 0):
        raise ModelError(f"calibration {path}: slope {slope} and offset {offset} make no sense: fit it anew")
    return Calibration(slope, offset)


def _log_odds(probability: float) -> float:
    odds = probability / max(1 - probability, 1e-12)
    return max(-_MOST_CERTAIN, min(_MOST_CERTAIN, math.log(max(odds, 1e-12))))
