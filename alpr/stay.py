"""The nouns of who is inside: frozen values, no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from alpr.domain import Kind, Read, Reading, State, Vehicle


class Way(StrEnum):
    """Where a read shows its vehicle going."""

    IN = "in"
    OUT = "out"
    PASSING = "passing"
    """A camera without a direction: whoever passes it is inside, but neither comes nor goes there."""


class VisitState(StrEnum):
    """What is known of a visit's two ends."""

    OPEN = "open"
    CLOSED = "closed"
    MISSED_OUT = "missed out"
    """It came in and must have left unseen: it came in again, or was not seen for too long."""
    MISSED_IN = "missed in"
    """It left, and nobody had seen it come."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One read as visits see it."""

    id: str
    """Of the read."""
    at: datetime
    camera: str
    way: Way
    kind: Kind
    reading: Reading
    vehicle: Vehicle | None = None
    final: bool = True
    """False for a preview, which its own final read replaces under the same id."""


@dataclass(frozen=True, slots=True)
class StayLimits:
    """What parts one visit from the next."""

    duplicate: timedelta = timedelta(minutes=5)
    """Reads of one vehicle going one way, each within this of the one before, are one passage."""
    turn_round: timedelta = timedelta(minutes=1)
    """Who leaves and is back within this never left; who comes and leaves within this turned round."""
    missed_after: timedelta = timedelta(days=3)
    """Who was not seen for longer has left unseen."""


@dataclass(frozen=True, slots=True)
class Room:
    """How many may be inside, and for how long."""

    overstay: timedelta | None = None
    """None: as long as they like."""
    list_overstay: Mapping[str, timedelta] = field(default_factory=dict)
    """For those whom a list names; the shortest counts."""
    capacity: int = 0
    """0: nobody knows."""
    zone_capacity: Mapping[str, int] = field(default_factory=dict)
    list_capacity: Mapping[str, int] = field(default_factory=dict)

    @property
    def shortest(self) -> timedelta | None:
        """Who is inside for less stays too long by no list; None: nobody does."""
        return min((*self.list_overstay.values(), *filter(None, [self.overstay])), default=None)

    def longest(self, lists: Iterable[str], kind: str) -> timedelta | None:
        """Return how long somebody on these lists may stay; containers are the yard's business."""
        if kind == Kind.CONTAINER:
            return None
        own = [self.list_overstay[name] for name in lists if name in self.list_overstay]
        return min(own) if own else self.overstay


@dataclass(frozen=True, slots=True)
class Visit:
    """From a vehicle's coming in to its leaving, as far as reads show it."""

    id: str
    """Of the read that began it."""
    kind: Kind
    text: str
    """The text that its reads agree on most."""
    state: VisitState
    entered: datetime | None
    left: datetime | None
    last_seen: datetime
    reads: tuple[str, ...]
    """In the order of their times."""
    confidence: float
    """How surely its reads are of one vehicle, 0 to 1; 1 when all bear the same text."""
    turned_round: bool = False

    def dwell(self, now: datetime) -> timedelta | None:
        """Return how long it was, or is, inside; None when one end was missed."""
        if self.entered is None or self.state is VisitState.MISSED_OUT:
            return None
        return (self.left or now) - self.entered


def sighting(read: Read) -> Sighting | None:
    """Return what visits see of a read; None when nothing could be read, or somebody said that it is no plate."""
    if read.state not in {State.PREVIEW, State.FINAL} or not read.text:
        return None
    way = Way(read.direction) if read.direction else Way.PASSING
    final = read.state is State.FINAL
    return Sighting(read.id, read.captured_at, read.camera, way, read.kind, read.reading, read.vehicle, final)
