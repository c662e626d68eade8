"""Fakes that several tests share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

import numpy as np

from alpr.domain import BgrImage, Box, CheckDigit, Detection, Kind, Label, Reading, Still
from alpr.errors import DeliveryError
from alpr.recognizers.base import Sight
from alpr.vision.crop import cut
from alpr.vision.fusion import WeightedLook, edit_distance


async def until(condition: Callable[[], bool], within: float = 5.0) -> None:
    """Wait for a condition that gives no event, looking every 5 ms."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110 - counters and threads of libraries give no event
            await asyncio.sleep(0.005)


class MemoryLedger:
    """A ledger of stills that lives as long as the test; `processed` stands for what the recorder wrote."""

    def __init__(self) -> None:
        self.processed: set[Still] = set()
        self.failures: dict[Still, tuple[int, datetime | None]] = {}

    async def known(self, stills: Sequence[Still]) -> set[Still]:
        """Return the processed and the failed ones, as the store's ledger does."""
        return {still for still in stills if still in self.processed or still in self.failures}

    async def failed(self, still: Still, error: str, attempts: int, retry_at: datetime | None) -> None:
        """Remember the failure."""
        self.failures[still] = attempts, retry_at

    async def retries(self) -> dict[Still, tuple[int, datetime]]:
        """Return the failures that are not for good."""
        return {still: (attempts, at) for still, (attempts, at) in self.failures.items() if at is not None}


class FreeGrammar:
    """A grammar without formats, except for one usual text that it may favour."""

    def __init__(self, usual: str = "", gain: float = 0.0) -> None:
        self._usual, self._gain = usual, gain

    def log_prior(self, text: str) -> float:
        """Return the gain of the usual text, 0 for every other."""
        return self._gain if text == self._usual else 0.0

    def projections(self, places: np.ndarray) -> list[str]:
        """Propose the usual text where the length fits."""
        return [self._usual] if len(places) == len(self._usual) else []

    def region(self, text: str) -> str | None:
        """Name the region of the usual text."""
        return "usual" if self._usual and text == self._usual else None

    def is_lettering(self, text: str) -> bool:
        """Take every text for one of a plate."""
        return False


class ToldText:
    """A recognizer of plates that reads what a function tells, without any model."""

    kind = Kind.PLATE

    def __init__(self, read: Callable[[BgrImage, Detection], tuple[str, float]]) -> None:
        """Take what reads one target in a picture: its text and how sure that is."""
        self._read = read

    def targets(self, detections: Sequence[Detection]) -> list[Detection]:
        """Choose every plate."""
        return [d for d in detections if d.label is Label.PLATE]

    def look(self, image: BgrImage, target: Detection) -> Sight:
        """Say what is told of this target; a crop's quality is the width of its box."""
        text, confidence = self._read(image, target)
        return Sight(target.box, cut(image, target.box), target.box.width, WeightedLook(()), Reading(text, confidence))

    def fuse(self, sights: Sequence[Sight]) -> Reading:
        """Believe the surest."""
        return max((sight.reading for sight in sights), key=lambda reading: reading.confidence)

    def same(self, one: str, other: str, *, loosely: bool) -> bool:
        """Judge as for plates, one character apart being loosely the same."""
        return one == other or (loosely and edit_distance(one, other) <= 1)


class Contact:
    """A relay that counts its pulses, or refuses."""

    def __init__(self) -> None:
        self.pulses, self.refuses = 0, False

    async def close_contact(self) -> None:
        if self.refuses:
            raise DeliveryError("barrier main: no answer within 3 s: check host, cable and power")
        self.pulses += 1

    async def release(self) -> None:
        pass

    async def disconnect(self) -> None:
        pass


class ToldCodes:
    """A surveyor of containers that sees what a function tells of a picture, without any model."""

    kind = Kind.CONTAINER

    def __init__(self, see: Callable[[BgrImage], Sequence[tuple[str, float, Box]]]) -> None:
        """Take what sees the codes in a picture: text, how sure that is, and where."""
        self._see = see
        self.surveys = 0

    def survey(self, image: BgrImage) -> list[Sight[None]]:
        """Say what is told of this picture."""
        self.surveys += 1
        return [told_code(text, sure, box, cut(image, box)) for text, sure, box in self._see(image)]

    def fuse(self, sights: Sequence[Sight[None]]) -> Reading:
        """Believe the surest."""
        return max((sight.reading for sight in sights), key=lambda reading: reading.confidence)

    def same(self, one: str, other: str, *, loosely: bool) -> bool:
        """Judge as for plates, one character apart being loosely the same."""
        return one == other or (loosely and edit_distance(one, other) <= 1)


def told_code(text: str, sure: float, box: Box, crop: BgrImage) -> Sight[None]:
    """Make the sight of a code."""
    return Sight(box, crop, sure, None, Reading(text, sure, size_type="22G1", check_digit=CheckDigit.AGREES))
