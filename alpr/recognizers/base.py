"""The seam: what a kind of text has to bring so that the pipeline can read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from alpr.domain import BgrImage, Box, Detection, Kind, Reading
from alpr.vision.fusion import WeightedLook


@dataclass(frozen=True, slots=True)
class Sight:
    """One target looked at in one frame: what was seen, and what that alone would read."""

    box: Box
    crop: BgrImage
    quality: float
    evidence: WeightedLook
    reading: Reading


class Recognizer(Protocol):
    """Reads one kind of text. Every method is pure; `look` and `fuse` run on a worker thread.

    A new kind is one file in this folder, one line in `alpr.app`, and one test file.
    """

    @property
    def kind(self) -> Kind:
        """What it reads."""
        ...

    def targets(self, detections: Sequence[Detection]) -> list[Detection]:
        """Choose the detections worth following for this kind."""
        ...

    def look(self, image: BgrImage, target: Detection) -> Sight:
        """Read one target in the picture `(h, w, 3) uint8`."""
        ...

    def fuse(self, sights: Sequence[Sight]) -> Reading:
        """Say what several sights of one thing read together; an empty text when nothing fits."""
        ...

    def same(self, one: str, other: str, *, loosely: bool) -> bool:
        """Whether two texts read moments apart are of the same thing.

        Strictly they differ by look-alikes only; loosely, for things that stand at the same place, by
        a misread or missing character or two as well.
        """
        ...
