"""The nouns of the factory floor: who was doing what where, and for how long. Frozen values, no I/O.

Moments are timezone-aware UTC. Lengths of time are whole microseconds (`int`): sums of them are exact, so that totals
equal the sums of their parts to the last digit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from alpr.access import Window

SECOND: Final = 1_000_000
"""Microseconds."""
MINUTE: Final = 60 * SECOND
HOUR: Final = 3600 * SECOND
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def to_us(moment: datetime) -> int:
    """Count the microseconds since 1970 of an aware moment."""
    return (moment - _EPOCH) // _MICROSECOND


def from_us(microseconds: int) -> datetime:
    """Return the moment that many microseconds after 1970, UTC."""
    return _EPOCH + microseconds * _MICROSECOND


def in_us(length: timedelta) -> int:
    """Count the microseconds of a length of time."""
    return length // _MICROSECOND


class ActivityKind(StrEnum):
    """What an event tells."""

    WORKING = "working"
    IDLE = "idle"
    ABSENT = "absent"
    PRODUCT_COUNT = "product_count"


class ActivityState(StrEnum):
    """What is known of a worker at one moment of a shift."""

    WORKING = "working"
    IDLE = "idle"
    ABSENT = "absent"
    UNKNOWN = "unknown"
    """No event says, the last one is too old, or it was not sure enough."""
    BREAK = "break"


@dataclass(frozen=True, slots=True)
class ActivityEvent:
    """One thing that a camera saw: a worker's state from now on, or products that were made."""

    at: datetime
    worker: str
    station: str
    kind: ActivityKind
    confidence: float
    count: int = 0
    """Of products; 0 for states."""
    model: str = ""
    model_version: str = ""
    id: str = ""
    """The sender's own; empty: the content tells repetitions."""


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody that events name; `name` is what the configuration calls him, else the key itself."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Station:
    """A workstation that events name; `target` is how many units an hour it is meant to make, 0 for none."""

    key: str
    name: str
    target: float = 0.0


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift of the week, by the site's clock, with its breaks."""

    name: str
    window: Window
    breaks: tuple[Window, ...] = ()
    """Only `start` and `end` count; each lies within the shift."""


@dataclass(frozen=True, slots=True)
class FactoryPlan:
    """When work is planned, and how far events are trusted."""

    zone: ZoneInfo
    shifts: tuple[Shift, ...] = ()
    """They do not overlap; none at all: every day is one shift, from midnight to midnight."""
    holidays: frozenset[date] = frozenset()
    """Days on which no shift begins."""
    max_gap: timedelta = timedelta(minutes=15)
    """A state that no event renews for longer is unknown from then on."""
    min_confidence: float = 0.5
    """Events below it count as unknown, their products as unsure."""
    handover: timedelta = timedelta(minutes=15)
    """Who comes that early or leaves that late does not take part in the neighbouring shift."""
    workers: Mapping[str, Worker] = field(default_factory=lambda: MappingProxyType({}))
    """Those of the configuration, by key."""
    stations: Mapping[str, Station] = field(default_factory=lambda: MappingProxyType({}))

    def worker(self, key: str) -> Worker:
        """Return what is known of a worker."""
        return self.workers.get(key) or Worker(key, key)

    def station(self, key: str) -> Station:
        """Return what is known of a station."""
        return self.stations.get(key) or Station(key, key)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A shift on one day: from `start` until before `end`, both UTC, with its breaks in between."""

    shift: str
    day: date
    """On which it begins, by the site's clock."""
    start: datetime
    end: datetime
    breaks: tuple[tuple[datetime, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """A worker in one state from `start` until before `end`."""

    worker: str
    station: str
    """Empty in breaks, and where nothing is known."""
    state: ActivityState
    start: datetime
    end: datetime
    shift: str = ""

    @property
    def length(self) -> int:
        """Microseconds."""
        return in_us(self.end - self.start)
