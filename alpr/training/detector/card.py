"""What the manifest says of a detector, and whether a new one may take the place of the last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Final

from alpr.training.detector.fit import Training
from alpr.training.detector.measure import Score
from alpr.training.manifest import ModelCard

NAME: Final = "gate-detector"
_SOURCES: Final = {
    "plates_openlpr": "plates_openlpr (2,595 pictures, Apache-2.0)",
    "plates_romania": "plates_romania (534 pictures, MIT)",
}
_SLACK: Final = 0.005
"""How much of one set a better detector may lose: a plate or so."""


def better(after: Mapping[str, Score], before: Mapping[str, Score]) -> bool:
    """Whether a detector finds more, tightly, over all sets, and loses on none."""
    shared = after.keys() & before.keys()
    loses = any(after[name].found < before[name].found - _SLACK for name in shared)
    gained = sum(after[name].found_tightly - before[name].found_tightly for name in shared)
    return not shared or (not loses and gained > 0)


def describe(
    training: Training, folders: Sequence[str], scores: Mapping[str, Score], seed: int, version: str | None
) -> ModelCard:
    """Describe a trained detector."""
    progress = training.progress
    sources = [_SOURCES.get(folder, f"{folder} (of this site)") for folder in folders]
    return ModelCard(
        name=NAME,
        version=version or f"{datetime.now(UTC):%Y.%m.%d}",
        task="vehicles, plates and the corners of plates in one look",
        input="bgr float32 (n, 3, height, width), 0-255, multiples of 32, letterboxed top left with 114",
        output="out (n, anchors, 9): x1 y1 x2 y2, scores of plate car truck bus motorcycle; "
        "corners (n, anchors, 8): x y of top left, top right, bottom right, bottom left",
        parameters=sum(p.numel() for p in training.net.parameters()),
        origin="Trained by `alpr train detector` of this project.",
        training_data=(
            *sources,
            "drawn plates pasted in perspective",
            "vehicle boxes from a YOLOX teacher (Apache-2.0)",
        ),
        licence="Apache-2.0",
        metrics={name: _figures(score) for name, score in scores.items()},
        training={
            "seed": seed,
            "seconds": round(progress.seconds),
            "steps": progress.step,
            "pictures": progress.pictures,
        },
    )


def _figures(score: Score) -> dict[str, float]:
    """Return the figures of a set that are numbers."""
    return {name: round(value, 4) for name, value in asdict(score).items() if value == value}  # noqa: PLR0124 - NaN
