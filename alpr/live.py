"""The newest picture of each camera with what was found in it, for whoever watches.

Pipelines put references here and go on; pictures are drawn and compressed only where somebody asks for one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from alpr.domain import Box, Frame, Label

_INTEREST = 5.0
"""Seconds that one look counts as watching; a page that shows a camera looks at least once a second."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something found in a live picture: its box, and for a plate what all looks so far read."""

    box: Box
    label: Label
    text: str = ""
    confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class LivePicture:
    """A frame with its marks; `number` tells pictures apart, also over restarts of their camera."""

    number: int
    frame: Frame
    marks: tuple[Mark, ...] = ()


class LiveView:
    """The board between pipelines, which publish, and pages, which watch. Used from the event loop only."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._latest: dict[str, LivePicture] = {}
        self._asked: dict[str, float] = {}
        self._count = 0

    def publish(self, frame: Frame, marks: tuple[Mark, ...] = ()) -> None:
        """Put the frame up as its camera's newest picture: one reference, whether somebody watches or not."""
        self._count += 1
        self._latest[frame.camera] = LivePicture(self._count, frame, marks)

    def watched(self, camera: str) -> bool:
        """Whether somebody looked within the last seconds: only then are marks worth putting together."""
        asked = self._asked.get(camera)
        return asked is not None and self._clock() - asked < _INTEREST

    def watch(self, camera: str) -> LivePicture | None:
        """Look at the camera's newest picture, the last one when it is lost; None before its first."""
        self._asked[camera] = self._clock()
        return self._latest.get(camera)

    def latest(self, camera: str) -> LivePicture | None:
        """Return the camera's newest picture without counting as somebody who watches."""
        return self._latest.get(camera)

    def forget(self, camera: str) -> None:
        """Take down the picture of a camera that is no more."""
        self._latest.pop(camera, None)
        self._asked.pop(camera, None)
