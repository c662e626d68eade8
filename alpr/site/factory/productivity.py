"""Productivity: the figures of each worker, each station and the factory.

Lengths of time are whole microseconds. The figures of the factory are those of its workers added up, and so are those
of its stations; every share is made of sums, never of other shares.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

from alpr.activity import HOUR


@dataclass(frozen=True, slots=True)
class Amounts:
    """Planned time and what became of it: `planned` is the sum of breaks and the four states."""

    planned: int = 0
    breaks: int = 0
    working: int = 0
    idle: int = 0
    absent: int = 0
    unknown: int = 0
    units: int = 0
    unsure_units: int = 0
    """Told by events below the confidence, and in no other figure."""

    @property
    def net(self) -> int:
        """Planned time without breaks."""
        return self.planned - self.breaks

    @property
    def known(self) -> int:
        """Time of which a state is known."""
        return self.working + self.idle + self.absent

    @property
    def utilisation(self) -> float | None:
        """Working time as a share of the known time; None when nothing is known."""
        return self.working / self.known if self.known else None

    @property
    def coverage(self) -> float | None:
        """Known time as a share of the net time."""
        return self.known / self.net if self.net else None

    @property
    def rate(self) -> float | None:
        """Units for each hour of work; None when nobody worked."""
        return self.units * HOUR / self.working if self.working else None

    def __add__(self, other: Amounts) -> Amounts:
        return Amounts(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Amounts)))


@dataclass(frozen=True, slots=True)
class WorkerMetrics:
    """What one worker did."""

    worker: str
    amounts: Amounts


@dataclass(frozen=True, slots=True)
class StationMetrics:
    """What was done at one station; `amounts` adds up its workers' time, so two for an hour are two hours."""

    station: str
    amounts: Amounts
    open: int = 0
    """Net time, by the clock, of the shifts in which the station was in use."""
    occupied: int = 0
    """By the clock, with somebody there who worked or was idle."""
    busy: int = 0
    """By the clock, with somebody there who worked."""
    target: float = 0.0
    """Units an hour of work; 0 for none."""

    @property
    def occupancy(self) -> float | None:
        """Occupied time as a share of the open time."""
        return self.occupied / self.open if self.open else None

    @property
    def utilisation(self) -> float | None:
        """Busy time as a share of the open time."""
        return self.busy / self.open if self.open else None

    @property
    def throughput(self) -> float | None:
        """Units for each open hour."""
        return self.amounts.units * HOUR / self.open if self.open else None

    @property
    def target_units(self) -> float:
        """Units that the work there should have made."""
        return self.target * self.amounts.working / HOUR

    @property
    def performance(self) -> float | None:
        """Units as a share of those that it should have made; None without a target."""
        return self.amounts.units / self.target_units if self.target_units else None


@dataclass(frozen=True, slots=True)
class Productivity:
    """All figures of a window."""

    since: datetime
    until: datetime
    total: Amounts
    workers: tuple[WorkerMetrics, ...] = ()
    stations: tuple[StationMetrics, ...] = ()

    @property
    def performance(self) -> float | None:
        """Units of the stations that have a target as a share of what their work should have made."""
        aimed = [station for station in self.stations if station.target]
        should = sum(station.target_units for station in aimed)
        return sum(station.amounts.units for station in aimed) / should if should else None


@dataclass(frozen=True, slots=True)
class Fall:
    """A step of the waterfall: what is taken away (or, at its ends, is there), and what is left after it."""

    name: str
    amount: int
    left: int


def waterfall(total: Amounts) -> tuple[Fall, ...]:
    """Return how the productive time is what remains of the planned time."""
    falls = [Fall("planned", total.planned, total.planned)]
    for name in ("breaks", "absent", "unknown", "idle"):
        amount = getattr(total, name)
        falls.append(Fall(name, amount, falls[-1].left - amount))
    return (*falls, Fall("productive", total.working, total.working))
