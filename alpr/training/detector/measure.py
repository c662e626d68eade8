"""How well a detector does on pictures with truth: found, tight, false; the same code for every model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from alpr.domain import BgrImage, Box, Detection, Label
from alpr.training.detector.clutter import draw_no_plate
from alpr.training.detector.dice import seeded
from alpr.training.detector.net import DetectorNet
from alpr.training.detector.pasting import Quad, height_of
from alpr.training.detector.scenes import Photograph, compose, seen_only
from alpr.training.detector.signs import draw_any_plate
from alpr.training.detector.truth import bounds
from alpr.vision.detector import Detector
from alpr.vision.onnx import Session

_SIZE: Final = (640, 384)
_LOOSELY, _FOUND, _TIGHTLY = 0.3, 0.5, 0.7
"""IoU from which a plate counts as found, in three senses."""
_SEEN: Final = 0.02
"""A detection that shares less than this with every plate of the truth is false."""


@dataclass(frozen=True, slots=True)
class Example:
    """A picture and its plates."""

    image: BgrImage
    quads: NDArray[np.float32]
    """`(n, 4, 2)`; upright where only a box is known."""


@dataclass(frozen=True, slots=True)
class Score:
    """What a detector found of the plates of a set of pictures; shares are 0 to 1."""

    plates: int
    found_loosely: float
    """IoU 0.3 or more."""
    found: float
    """IoU 0.5 or more."""
    found_tightly: float
    """IoU 0.7 or more."""
    iou: float
    """Mean of the found."""
    corners: float
    """Mean distance of the corners as a share of the plate's height, of those found with corners; NaN without."""
    false: float
    """Plates found where none is, a picture."""

    def __str__(self) -> str:
        return (
            f"{self.plates} plates: found {self.found_loosely:.1%} / {self.found:.1%} / {self.found_tightly:.1%} "
            f"at IoU 0.3 / 0.5 / 0.7, mean {self.iou:.3f}, corners off by {self.corners:.3f}, "
            f"{self.false:.2f} false a picture"
        )


def score(detector: Detector, examples: Iterable[Example]) -> Score:
    """Measure the plates that a detector finds."""
    best: list[float] = []
    away: list[float] = []
    pictures = false = 0
    for example in examples:
        [found] = detector.detect([example.image])
        plates = [d for d in found if d.label is Label.PLATE]
        table = _overlaps(example.quads, plates)
        pictures += 1
        false += int((table.max(0) < _SEEN).sum()) if len(example.quads) else len(plates)
        for quad, row in zip(example.quads, table, strict=True):
            best.append(float(row.max(initial=0.0)))
            if best[-1] >= _FOUND and (corners := plates[int(row.argmax())].corners):
                away.append(_corners_off(quad, corners))
    iou = np.array(best or [0.0])
    hits = iou[iou >= _LOOSELY]
    return Score(
        plates=len(best),
        found_loosely=float((iou >= _LOOSELY).mean()),
        found=float((iou >= _FOUND).mean()),
        found_tightly=float((iou >= _TIGHTLY).mean()),
        iou=float(hits.mean()) if len(hits) else 0.0,
        corners=float(np.mean(away)) if away else float("nan"),
        false=false / max(1, pictures),
    )


def _overlaps(quads: NDArray[np.float32], plates: Sequence[Detection]) -> NDArray[np.float64]:
    true = [Box(*map(float, box)) for box in bounds(quads)] if len(quads) else []
    return np.array([[box.iou(plate.box) for plate in plates] for box in true]).reshape(len(true), len(plates))


def _corners_off(quad: Quad, corners: Sequence[tuple[float, float]]) -> float:
    return float(np.linalg.norm(quad - np.array(corners), axis=1).mean()) / max(1.0, height_of(quad))


def drawn_examples(photographs: Sequence[Photograph], count: int, seed: int) -> list[Example]:
    """Make pictures of drawn plates on photographs, all corners known; the same for the same seed."""
    random = seeded(seed)
    plates, others = [draw_any_plate(random) for _ in range(200)], [draw_no_plate(random) for _ in range(40)]
    made: list[Example] = []
    while len(made) < count:
        sample = compose(random, photographs, plates, others, _SIZE)
        rows = seen_only(sample, sample.image).rows
        rows = rows[rows[:, 0] == 0]
        if len(rows) and rows[:, 14].all():
            made.append(Example(sample.image, rows[:, 5:13].reshape(-1, 4, 2)))
    return made


class _NetSession:
    """Stands in for ONNX Runtime while the network is still being trained."""

    def __init__(self, net: DetectorNet) -> None:
        self._net = net

    def get_inputs(self) -> list[Any]:
        return [_Input("bgr", ["n", 3, _SIZE[1], _SIZE[0]])]

    @torch.inference_mode()
    def run(self, _outputs: None, inputs: dict[str, NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            found = self._net(torch.from_numpy(inputs["bgr"]).contiguous(memory_format=torch.channels_last))
        return [torch.cat([found.boxes, found.logits.sigmoid()], -1).numpy(), found.corners.numpy()]


@dataclass(frozen=True, slots=True)
class _Input:
    name: str
    shape: list[int | str]


def detector_of(net: DetectorNet, name: str) -> Detector:
    """Wrap a network in training as the product's detector, so that both are measured by the same code."""
    session: Any = _NetSession(net.eval())
    return Detector(Session(Path(name), "torch", fallback=False, inner=session))
