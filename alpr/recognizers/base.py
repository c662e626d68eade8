"""The seam: what a kind of text has to bring so that the pipeline can read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

from alpr.domain import BgrImage, Box, Detection, Kind, Reading

Evidence = TypeVar("Evidence")


@dataclass(frozen=True, slots=True)
class Sight(Generic[Evidence]):
    """One thing looked at in one frame: what was seen, and what that alone would read."""

    box: Box
    crop: BgrImage
    quality: float
    evidence: Evidence
    """What the kind's own fusion needs."""
    reading: Reading


class Fuser(Protocol):
    """Says what several sights of one thing read together. Every method is pure."""

    @property
    def kind(self) -> Kind:
        """What it reads."""
        ...

    def fuse(self, sights: Sequence[Sight[Any]]) -> Reading:
        """Say what several sights of one thing read together; an empty text when nothing fits."""
        ...

    def same(self, one: str, other: str, *, loosely: bool) -> bool:
        """Whether two texts read moments apart are of the same thing.

        Strictly they differ by look-alikes only; loosely, for things that stand at the same place, by
        a misread or missing character or two as well.
        """
        ...


class Recognizer(Fuser, Protocol):
    """Reads one kind of text on what the detector finds; `look` and `fuse` run on a worker thread.

    A new kind is one file in this folder, one line in `registry`, and one test file.
    """

    def targets(self, detections: Sequence[Detection]) -> list[Detection]:
        """Choose the detections worth following for this kind."""
        ...

    def look(self, image: BgrImage, target: Detection) -> Sight[Any]:
        """Read one target in the picture `(h, w, 3) uint8`."""
        ...


@runtime_checkable
class Surveyor(Fuser, Protocol):
    """Finds and reads one kind of text by itself, in the whole picture: too dear for every frame."""

    def survey(self, image: BgrImage) -> list[Sight[Any]]:
        """Find and read everything of its kind in the picture `(h, w, 3) uint8`."""
        ...
