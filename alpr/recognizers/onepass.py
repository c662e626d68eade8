"""One thing that passes: its looks so far, its best pictures, how it moved, and the read that comes of it."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from alpr.domain import Box, Candidate, Frame, Look, Read, Reading, Vehicle
from alpr.recognizers.base import Sight
from alpr.recognizers.crossing import Course

_MAX_SIGHTS = 8
_MAX_PICTURES = 2
_RIDE = 2
"""Frames: a plate may lie in the box of the vehicle before it for one."""
_MOST = 0.5
"""Of a plate's frames, that it was on its vehicle at least: what vehicles only hide for a while is of the scene."""


@dataclass(frozen=True, slots=True)
class Carrier:
    """The vehicle that a plate is on: its track, and where it stood on this frame."""

    track: int
    vehicle: Vehicle
    box: Box
    stretch: int = 0
    """Of the track, see `alpr.vision.tracker.Track`."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One look at the thing, when, and on which vehicle."""

    sight: Sight[Any]
    time: float
    carrier: Carrier | None


@dataclass(slots=True)
class Moves:
    """How far a text went, and how far each vehicle that it seemed to be on went meanwhile, in widths of the text."""

    begun: tuple[float, float] | None = None
    travelled: float = 0.0
    carriers_begun: dict[int, tuple[float, float]] = field(default_factory=dict)
    carriers_travelled: defaultdict[int, float] = field(default_factory=lambda: defaultdict(float))
    rides: Counter[tuple[int, int]] = field(default_factory=Counter)
    """On how many frames it was on which vehicle: track and stretch."""

    def note(self, box: Box, carrier: Carrier | None) -> None:
        """Take the places on one more frame."""
        width = max(box.width, 1.0)
        self.begun = self.begun or box.centre
        self.travelled = max(self.travelled, math.dist(self.begun, box.centre) / width)
        if carrier:
            self.rides[carrier.track, carrier.stretch] += 1
            begun = self.carriers_begun.setdefault(carrier.track, carrier.box.centre)
            gone = math.dist(begun, carrier.box.centre) / width
            self.carriers_travelled[carrier.track] = max(self.carriers_travelled[carrier.track], gone)


@dataclass(slots=True)
class Pass:
    """One thing passing, while it is open or remembered."""

    id: str
    first_seen: datetime
    last_seen: datetime
    first_time: float
    last_time: float
    last_box: Box
    """Where the thing was last seen."""
    seen: list[Seen] = field(default_factory=list)
    pictures: dict[str, tuple[float, Seen, Frame]] = field(default_factory=dict)
    """Per text: the best look that read it, with the frame it was read from."""
    reading: Reading = field(default_factory=lambda: Reading("", 0.0))
    looks: int = 0
    tracks: set[int] = field(default_factory=set)
    hits: int = 0
    best_score: float = 0.0
    carrier: Carrier | None = None
    """The vehicle as last seen."""
    vehicle: Vehicle | None = None
    """The vehicle as best seen."""
    moves: Moves = field(default_factory=Moves)
    course: Course = field(default_factory=Course)
    zone: str | None = None
    """The named polygon it was in last."""
    whole: bool = False
    """Whether any look saw all of it, not cut off by the picture's edge."""
    counted_on: bool = False
    """Whether its vehicle is not kept as one without a plate, because of this plate."""
    given: Read | None = None
    """What was given out last, preview or final."""
    last_look: float = float("-inf")

    def keep(self, seen: Seen, frame: Frame) -> None:
        """Keep the best looks, and the frames of the texts that matter: what is read now and its rival."""
        self.seen = sorted([*self.seen, seen], key=lambda s: -s.sight.quality)[:_MAX_SIGHTS]
        text, quality = seen.sight.reading.text, seen.sight.quality
        if text not in self.pictures or quality > self.pictures[text][0]:
            self.pictures[text] = (quality, seen, frame)
        while len(self.pictures) > _MAX_PICTURES:
            rivals = [text for text in self.pictures if text != self.reading.text]
            del self.pictures[min(rivals, key=lambda text: self.pictures[text][0])]

    def absorb(self, later: Pass) -> None:
        """Take over the looks of a pass that turned out to be this one going on."""
        for _, seen, frame in later.pictures.values():
            self.keep(seen, frame)
        held = {id(seen) for seen in self.seen}
        fresh = [seen for seen in later.seen if id(seen) not in held]
        self.seen = sorted([*self.seen, *fresh], key=lambda s: -s.sight.quality)[:_MAX_SIGHTS]
        self.looks += later.looks
        self.hits += later.hits
        self.last_look = later.last_look
        self.last_seen, self.last_time, self.last_box = later.last_seen, later.last_time, later.last_box
        self.best_score = max(self.best_score, later.best_score)
        self.moves.rides += later.moves.rides
        self.zone = later.zone or self.zone
        self.whole = self.whole or later.whole
        self.counted_on = self.counted_on or later.counted_on
        self.carrier = later.carrier or self.carrier
        self.vehicle = better(self.vehicle, later.vehicle) if later.vehicle else self.vehicle


def on_one_vehicle(one: Pass, other: Pass) -> bool:
    """Whether the vehicle that the first was mostly on carried the other too, for more than a chance frame."""
    rides = one.moves.rides.most_common(1)
    return bool(rides) and other.moves.rides[rides[0][0]] >= _RIDE


def mostly_on_vehicle_of(one: Pass, other: Pass) -> bool:
    """Whether the first was seen for the most part on a vehicle that the other is on."""
    return sum(one.moves.rides[ride] for ride in other.moves.rides) >= _MOST * one.hits


def better(known: Vehicle | None, fresh: Vehicle) -> Vehicle:
    """Take the surer look at a vehicle; its colour stays known, though not every frame tells it."""
    if known is None:
        return fresh
    best = fresh if fresh.confidence >= known.confidence else known
    return replace(best, colour=best.colour or known.colour or fresh.colour)


def unread(reading: Reading) -> Reading:
    """Turn a reading that is not sure enough into an abstention that keeps what it might have been."""
    if not reading.text:
        return replace(reading, confidence=0.0, reasons=reading.reasons or ("nothing legible",))
    guess = f"not sure enough: {reading.text} at {reading.confidence:.0%}"
    return Reading(
        "", reading.confidence, (), _with_best(reading), None, (guess, *reading.reasons), reading.size_type,
        reading.check_digit,
    )  # fmt: skip


def _with_best(reading: Reading) -> tuple[Candidate, ...]:
    return (Candidate(reading.text, reading.confidence), *reading.candidates)


def shown_looks(known: Pass, kept: Seen) -> tuple[Look, ...]:
    """Return the looks of the pass in their order, the one that is its evidence marked."""
    shown = {id(seen): seen for seen in [*known.seen, kept]}
    return tuple(
        Look(
            time=seen.time,
            box=seen.sight.box,
            text=seen.sight.reading.text,
            confidence=seen.sight.reading.confidence,
            quality=seen.sight.quality,
            kept=seen is kept,
            crop=seen.sight.crop,
        )
        for seen in sorted(shown.values(), key=lambda s: s.time)
    )
