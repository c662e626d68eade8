"""A month of made-up traffic at a gate, with the truth: who came when, who left when, and what cameras made of it.

Staff with lunch breaks and a night shift, lorries of fleets with plates in a row and trailers with plates of their own,
visitors that come once. Some follow close behind another, turn round before the gate or stand in front of it; the
clock changes on the last Sunday, and the box is off for an hour of a busy morning.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from alpr.domain import Candidate, Character, Kind, Reading, Vehicle, fold
from alpr.stay import Sighting, Way

_BERLIN = ZoneInfo("Europe/Berlin")
_FIRST = date(2026, 10, 1)
_SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_SATURDAY = 5
_COLOURS = ("white", "black", "grey", "silver", "red", "blue", "green")
_LOOK_ALIKE = 0.8
"""Share of the misread signs that become one which cameras mix up; the rest become any other."""
_DOUBTED = 0.6
"""Share of the misreads in which the reader's second choice is the truth."""


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong with reads, as shares of them."""

    misread: float = 0.0
    missed: float = 0.0


@dataclass(frozen=True, slots=True)
class TrueVisit:
    """One stay as it was; `left` is nothing for who was inside when the month ended."""

    plate: str
    entered: datetime
    left: datetime | None
    ins: frozenset[str]
    """Reads of its coming in that there are."""
    outs: frozenset[str]


@dataclass(frozen=True, slots=True)
class Month:
    """What the cameras read, in the order of time, and what was true."""

    sightings: tuple[Sighting, ...]
    visits: tuple[TrueVisit, ...]
    ends: datetime


@dataclass(frozen=True, slots=True)
class _Vehicle:
    plate: str
    make: Vehicle
    trailer: str = ""


@dataclass(frozen=True, slots=True)
class _Stay:
    vehicle: _Vehicle
    entered: datetime
    left: datetime


@dataclass(slots=True)
class _Gate:
    """The cameras: writes down what they read of each who passes."""

    dice: random.Random
    faults: Faults
    ends: datetime
    off: tuple[datetime, datetime]
    read: list[Sighting] = field(default_factory=list)

    def see(self, at: datetime, camera: str, way: Way, plate: str, make: Vehicle, *, close: bool = False) -> set[str]:
        """Return the read's id, or nothing if it was missed; who follows close is missed three times as often."""
        lost = self.dice.random() < self.faults.missed * (3 if close else 1)
        wrong, noisy = self.dice.random() < self.faults.misread, _seen_make(self.dice, make)
        if lost or at >= self.ends or self.off[0] <= at < self.off[1]:
            return set()
        reading = _misread(self.dice, plate) if wrong else _reading(plate, 0.99)
        name = f"r{len(self.read):06d}"
        self.read.append(Sighting(name, at, camera, way, Kind.PLATE, reading, noisy))
        return {name}


def make_month(faults: Faults, seed: int = 1, days: int = 31, staff: int = 80) -> Month:
    """Make the traffic of that many days from 1 October 2026; fleet and visitors grow with the staff."""
    dice = random.Random(seed)  # noqa: S311  made-up traffic
    stays = sorted(_stays(dice, days, staff), key=lambda stay: stay.entered)
    stays = _tailgating(dice, stays)
    off = _local(_FIRST + timedelta(days=min(12, days - 1)), 7)
    # The faults have dice of their own, so that the same traffic passes whatever goes wrong.
    ends = _local(_FIRST + timedelta(days=days), 0)
    gate = _Gate(random.Random(seed + 1), faults, ends, (off, off + timedelta(hours=1)))  # noqa: S311
    visits = [visit for stay in stays if stay.entered < ends for visit in _passed(gate, stay)]
    return Month(tuple(sorted(gate.read, key=lambda one: one.at)), tuple(visits), ends)


def _local(day: date, hours: float) -> datetime:
    """Return the hour of a day by the clock on the wall, UTC; the hour that comes twice is its first one."""
    whole = timedelta(hours=hours)
    there = datetime.combine(day + timedelta(days=whole.days), time(), _BERLIN) + timedelta(seconds=whole.seconds)
    return there.astimezone(UTC)


def _stays(dice: random.Random, days: int, staff: int) -> Iterator[_Stay]:
    plates = _Plates(dice)
    people = [_vehicle(dice, plates.one(), "car") for _ in range(staff)]
    fleet = [_vehicle(dice, plate, "truck") for _ in range(max(1, staff // 10)) for plate in plates.row(6)]
    trailers = plates.row(len(fleet))
    free: dict[str, datetime] = {}
    for day in (_FIRST + timedelta(days=number) for number in range(days)):
        late = people[: staff // 10]
        for one in late if day.weekday() <= _SATURDAY else ():
            yield _Stay(one, _local(day, dice.gauss(21.6, 0.2)), _local(day, dice.gauss(30.1, 0.2)))
        for one in people[staff // 10 :] if day.weekday() < _SATURDAY else ():
            yield from _work_day(dice, one, day)
        for one, trailer in zip(fleet, trailers, strict=True):
            towing = trailer if dice.random() < _DOUBTED else ""
            stay = _delivery(dice, _Vehicle(one.plate, one.make, towing), day)
            if dice.random() < 0.35 and free.get(one.plate, stay.entered) <= stay.entered:  # noqa: PLR2004
                free[one.plate] = stay.left + timedelta(minutes=30)
                yield stay
        for _ in range(staff // 4):
            yield from _visitor(dice, _vehicle(dice, plates.one(), dice.choice(("car", "car", "van"))), day)


def _work_day(dice: random.Random, one: _Vehicle, day: date) -> Iterator[_Stay]:
    if dice.random() < 0.1:  # noqa: PLR2004  on leave
        return
    times = [dice.gauss(7.5, 0.5), dice.gauss(16.5, 0.7)]
    if dice.random() < 0.15:  # noqa: PLR2004  eats elsewhere
        times[1:1] = [12 + dice.random() / 2, 12.8 + dice.random() / 2]
    ends = [_local(day, hour) for hour in times]
    yield from (_Stay(one, came, left) for came, left in list(pairwise(ends))[::2])


def _delivery(dice: random.Random, one: _Vehicle, day: date) -> _Stay:
    came = _local(day, dice.uniform(0, 24) if dice.random() < 0.2 else dice.gauss(11, 3) % 24)  # noqa: PLR2004
    overnight = dice.random() < 0.05  # noqa: PLR2004
    return _Stay(one, came, came + timedelta(hours=dice.uniform(8, 60) if overnight else dice.uniform(0.3, 4)))


def _visitor(dice: random.Random, one: _Vehicle, day: date) -> Iterator[_Stay]:
    came = _local(day, dice.uniform(8, 17))
    if dice.random() < 0.1:  # noqa: PLR2004  the wrong gate, or the right one after a call
        left = came + timedelta(seconds=dice.uniform(8, 40))
        yield _Stay(one, came, left)
        if dice.random() < 0.5:  # noqa: PLR2004
            return
        came = left + timedelta(minutes=dice.uniform(8, 30))
    yield _Stay(one, came, came + timedelta(hours=dice.uniform(0.1, 3)))


def _tailgating(dice: random.Random, stays: list[_Stay]) -> list[_Stay]:
    """Let one in twenty follow the one before so close that both are at the gate at once."""
    found = stays[:1]
    for before, stay in pairwise(stays):
        near = before.entered + timedelta(seconds=1.5)
        soon = before.vehicle != stay.vehicle and stay.entered - near < timedelta(minutes=10) and near < stay.left
        found.append(_Stay(stay.vehicle, near, stay.left) if soon and dice.random() < 0.05 else stay)  # noqa: PLR2004
    return found


def _passed(gate: _Gate, stay: _Stay) -> Iterator[TrueVisit]:
    """Let the cameras see a stay; a trailer with a plate of its own is a visit of its own."""
    dice, one = gate.dice, stay.vehicle
    left = stay.left if stay.left < gate.ends else None
    close = bool(gate.read) and abs(gate.read[-1].at - stay.entered) < timedelta(seconds=3)
    ins = gate.see(stay.entered, "gate-in", Way.IN, one.plate, one.make, close=close)
    if dice.random() < 0.3:  # noqa: PLR2004  the rear plate as well
        ins |= gate.see(stay.entered + timedelta(seconds=3), "gate-in-rear", Way.IN, one.plate, one.make)
    if dice.random() < 0.01:  # noqa: PLR2004  stands in front of the gate
        ins |= _standing(gate, stay)
    inside = stay.left - stay.entered
    if inside > timedelta(minutes=10) and dice.random() < 0.3:  # noqa: PLR2004
        gate.see(stay.entered + inside * dice.uniform(0.1, 0.9), "yard", Way.PASSING, one.plate, one.make)
    outs = gate.see(stay.left, "gate-out", Way.OUT, one.plate, one.make)
    yield TrueVisit(one.plate, stay.entered, left, frozenset(ins), frozenset(outs))
    if one.trailer:
        behind = timedelta(seconds=2)
        ins = gate.see(stay.entered + behind, "gate-in-rear", Way.IN, one.trailer, one.make)
        outs = gate.see(stay.left + behind, "gate-out-rear", Way.OUT, one.trailer, one.make)
        yield TrueVisit(one.trailer, stay.entered, left, frozenset(ins), frozenset(outs))


def _standing(gate: _Gate, stay: _Stay) -> set[str]:
    """Read who waits in front of the gate again and again."""
    at, found = stay.entered, set[str]()
    for _ in range(gate.dice.randrange(3, 12)):
        at += timedelta(minutes=gate.dice.uniform(0.5, 4.5))
        if at >= stay.left:
            break
        found |= gate.see(at, "gate-in", Way.IN, stay.vehicle.plate, stay.vehicle.make)
    return found


class _Plates:
    """Makes plates, each once."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._taken: set[str] = set()

    def one(self) -> str:
        """Make a plate of two letters to five, and three digits or four."""
        while (plate := self._letters() + str(self._dice.randrange(100, 10_000))) in self._taken:
            pass
        self._taken.add(plate)
        return plate

    def row(self, count: int) -> list[str]:
        """Make plates that differ in their last digits alone, as fleets have them."""
        letters, first = self._letters(), self._dice.randrange(100, 9_000)
        return [f"{letters}{first + number}" for number in range(count)]

    def _letters(self) -> str:
        return "".join(self._dice.choices(_SIGNS[:26], k=self._dice.randrange(2, 6)))


def _vehicle(dice: random.Random, plate: str, kind: str) -> _Vehicle:
    return _Vehicle(plate, Vehicle(kind, dice.choice(_COLOURS), 0.9))


def _seen_make(dice: random.Random, make: Vehicle) -> Vehicle:
    """Return type and colour as a camera sees them: wrong once in twenty, once in seven."""
    kind = dice.choice(("car", "van", "truck")) if dice.random() < 0.05 else make.type  # noqa: PLR2004
    colour = dice.choice(_COLOURS) if dice.random() < 0.15 else make.colour  # noqa: PLR2004
    return Vehicle(kind, colour, 0.9)


def _reading(text: str, sure: float, *candidates: Candidate) -> Reading:
    return Reading(text, sure**2, tuple(Character(sign, sure) for sign in text), candidates)


def _misread(dice: random.Random, plate: str) -> Reading:
    """Return a reading with one sign wrong, the reader being less sure of it than of the rest."""
    alike = [
        (place, sign) for place, was in enumerate(plate) for sign in _SIGNS if sign != was and fold(sign) == fold(was)
    ]
    if alike and dice.random() < _LOOK_ALIKE:
        place, sign = dice.choice(alike)
    else:
        place = dice.randrange(len(plate))
        sign = dice.choice([one for one in _SIGNS if one != plate[place]])
    text, sure = plate[:place] + sign + plate[place + 1 :], dice.uniform(0.45, 0.95)
    doubted = dice.random() < _DOUBTED
    candidates = (Candidate(plate, max(0.1, 0.9 - sure)),) if doubted else ()
    characters = tuple(Character(one, sure if at == place else 0.98) for at, one in enumerate(text))
    return Reading(text, sure, characters, candidates)
