"""Surveys of one camera for one kind: when a frame gets one, and what comes of it.

A survey takes half a second. A live camera goes on reading plates meanwhile, and takes up what was found with the frame
that it was found in; a file waits, so that it always gives the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from alpr.domain import BgrImage, Capture, Detection, Frame
from alpr.inference import Inference
from alpr.recognizers.base import Sight
from alpr.recognizers.onepass import Carrier
from alpr.recognizers.surveys import SurveyBook, code_detection
from alpr.recognizers.zones import ZoneMask

CarrierOf = Callable[[Detection], Carrier | None]


@dataclass(frozen=True, slots=True)
class Scene:
    """A frame and what was found in it; `image` is `(h, w, 3) uint8`, BGR."""

    frame: Frame
    image: BgrImage
    found: Sequence[Detection]
    carrier_of: CarrierOf
    """Which vehicle a code stands on."""


class Surveying:
    """One book and the survey that is under way for it."""

    def __init__(self, book: SurveyBook, inference: Inference, zones: ZoneMask) -> None:
        self.book = book
        self._inference = inference
        self._zones = zones
        self._under_way: tuple[Scene, asyncio.Task[list[Sight[Any]]]] | None = None

    async def take(self, scene: Scene, *, worth_it: bool, live: bool) -> list[Capture]:
        """Survey the scene if that pays now; return the previews and finals that are due."""
        if self._under_way is not None:
            return self._finished(*self._under_way) if self._under_way[1].done() else []
        captures = self.book.end(scene.frame.time)
        if not worth_it or not self.book.due(scene.frame.time, scene.found):
            return captures
        if live:
            survey = self._inference.call_aside("survey", self.book.surveyor.survey, scene.image)
            self._under_way = scene, asyncio.create_task(survey)
            return captures
        sights = await self._inference.call("survey", self.book.surveyor.survey, scene.image)
        return [*captures, *self._taken(scene, sights)]

    def end_all(self) -> list[Capture]:
        """Return the finals of everything: the source is over."""
        captures: list[Capture] = []
        if self._under_way is not None:
            scene, sights = self._under_way
            if sights.done():
                captures = self._finished(scene, sights)
            else:
                sights.cancel()
        return [*captures, *self.book.end_all()]

    def _finished(self, scene: Scene, sights: asyncio.Task[list[Sight[Any]]]) -> list[Capture]:
        self._under_way = None
        return self._taken(scene, sights.result())

    def _taken(self, scene: Scene, sights: Sequence[Sight[Any]]) -> list[Capture]:
        size = scene.frame.picture.width, scene.frame.picture.height
        kept = [sight for sight in sights if self._zones.keep([code_detection(sight)], *size)]
        return self.book.take(scene.frame, kept, lambda sight: scene.carrier_of(code_detection(sight)))
