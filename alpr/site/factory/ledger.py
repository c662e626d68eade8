"""From sums to metrics: who took part in which shift, what was planned for him, and what became of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeAlias

from alpr.activity import FactoryPlan, Occurrence, in_us, to_us
from alpr.site.factory.productivity import Amounts, Productivity, StationMetrics, WorkerMetrics
from alpr.site.factory.shifts import clipped, work_of

Presence: TypeAlias = tuple[int, int, int, int, int]
"""Shift, worker, station; events in the shift's core, events at its margins."""
Figures: TypeAlias = tuple[int, int, int, int, int, int, int, int, int, int]
"""Bucket, shift, worker, station; working, idle, absent, unsure; units, unsure units."""
_KEYS: Final = 4
_TIMES: Final = 4


@dataclass(frozen=True, slots=True)
class Narrow:
    """What alone is to count; nothing given: everything."""

    worker: str = ""
    station: str = ""
    shift: str = ""
    """Its name."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """What a window's metrics are made of; shifts, workers and stations as numbers."""

    since: datetime
    until: datetime
    shifts: tuple[Occurrence, ...]
    """Those of the window and their neighbours."""
    presence: tuple[Presence, ...]
    """In the shifts, within the window and without."""
    figures: tuple[Figures, ...]
    """Within the window."""
    stations: tuple[tuple[int, int, int, int], ...]
    """Shift, station, occupied, busy: within the window."""
    worker_keys: Mapping[int, str]
    station_keys: Mapping[int, str]


@dataclass(slots=True)
class _Sums:
    """Amounts while they are added up."""

    figures: list[int] = field(default_factory=lambda: [0] * 6)
    planned: int = 0
    breaks: int = 0

    def add(self, row: Figures, *, times: bool) -> None:
        for place in range(0 if times else _TIMES, 6):
            self.figures[place] += row[_KEYS + place]

    def plan(self, planned: Planned, heads: int = 1) -> None:
        self.planned += heads * planned.whole
        self.breaks += heads * (planned.whole - planned.net)

    def amounts(self) -> Amounts:
        working, idle, absent, unsure, units, unsure_units = self.figures
        if not self.planned:
            return Amounts(working + idle + absent + unsure, 0, working, idle, absent, unsure, units, unsure_units)
        unknown = self.planned - self.breaks - working - idle - absent
        return Amounts(self.planned, self.breaks, working, idle, absent, unknown, units, unsure_units)


@dataclass(frozen=True, slots=True)
class Planned:
    """What is planned of a shift within a window, in microseconds."""

    whole: int
    net: int


def planned_in(occurrence: Occurrence, since: datetime, until: datetime) -> Planned:
    """Return how much of a shift lies in the window."""
    whole = max(0, to_us(min(occurrence.end, until)) - to_us(max(occurrence.start, since)))
    return Planned(whole, sum(in_us(end - start) for start, end in clipped(work_of(occurrence), since, until)))


def participants(
    presence: Iterable[Presence], shifts: Sequence[Occurrence], plan: FactoryPlan
) -> frozenset[tuple[int, int]]:
    """Return who takes part in which shift, as (shift, worker).

    An event in the shift's core tells so; events at its margins alone do for whom none tells so of a neighbour.
    """
    core: set[tuple[int, int]] = set()
    marginal: set[tuple[int, int]] = set()
    for shift, worker, _, inner, outer in presence:
        if inner:
            core.add((shift, worker))
        elif outer:
            marginal.add((shift, worker))
    touching = _touching(shifts, plan)
    return frozenset(core).union(
        (shift, worker)
        for shift, worker in marginal - core
        if not any((other, worker) in core for other in touching.get(shift, ()))
    )


def _touching(shifts: Sequence[Occurrence], plan: FactoryPlan) -> Mapping[int, Collection[int]]:
    """Return for each shift those that are no further from it than the handover; `shifts` are in order."""
    found: dict[int, list[int]] = {to_us(one.start): [] for one in shifts}
    for place, one in enumerate(shifts):
        for other in (shifts[later] for later in range(place + 1, len(shifts))):
            if other.start > one.end + plan.handover:
                break
            found[to_us(one.start)].append(to_us(other.start))
            found[to_us(other.start)].append(to_us(one.start))
    return found


def metrics(ledger: Ledger, plan: FactoryPlan, narrow: Narrow) -> Productivity:
    """Return all figures of the ledger's window."""
    counted = _Counted(ledger, plan, narrow)
    workers: dict[int, _Sums] = {}
    stations: dict[int, _Sums] = {}
    for row in counted.rows():
        times = counted.takes_part(row)
        workers.setdefault(row[2], _Sums()).add(row, times=times)
        stations.setdefault(row[3], _Sums()).add(row, times=times)
    if not narrow.station:
        for shift, worker in counted.taking:
            workers.setdefault(worker, _Sums()).plan(counted.planned[shift])
    of_workers = [WorkerMetrics(ledger.worker_keys[one], sums.amounts()) for one, sums in workers.items()]
    of_stations = _station_metrics(counted, stations)
    return Productivity(
        ledger.since,
        ledger.until,
        sum((one.amounts for one in of_workers), Amounts()),
        tuple(sorted(of_workers, key=lambda one: one.worker)),
        tuple(sorted(of_stations, key=lambda one: one.station)),
    )


def course(
    ledger: Ledger, plan: FactoryPlan, narrow: Narrow, buckets: Sequence[tuple[datetime, datetime]]
) -> tuple[Amounts, ...]:
    """Return the factory's amounts in each bucket; the bucket of a figure is an index."""
    counted = _Counted(ledger, plan, narrow)
    sums = [_Sums() for _ in buckets]
    for row in counted.rows():
        sums[row[0]].add(row, times=counted.takes_part(row))
    if not narrow.station:
        heads: dict[int, int] = {}
        for shift, _ in counted.taking:
            heads[shift] = heads.get(shift, 0) + 1
        by_start = {to_us(one.start): one for one in ledger.shifts}
        place = 0
        for shift in sorted(heads):
            occurrence = by_start[shift]
            while place and buckets[place][0] > occurrence.start:
                place -= 1
            for index in range(place, len(buckets)):
                if buckets[index][0] >= occurrence.end:
                    break
                sums[index].plan(planned_in(occurrence, *buckets[index]), heads[shift])
                place = index
    return tuple(one.amounts() for one in sums)


class _Counted:
    """The ledger, narrowed."""

    def __init__(self, ledger: Ledger, plan: FactoryPlan, narrow: Narrow) -> None:
        self.ledger, self.plan, self._narrow = ledger, plan, narrow
        self._worker = _number(ledger.worker_keys, narrow.worker)
        self._station = _number(ledger.station_keys, narrow.station)
        within = (one for one in ledger.shifts if one.start < ledger.until and one.end > ledger.since)
        chosen = (one for one in within if narrow.shift in {"", one.shift})
        self.planned = {to_us(one.start): planned_in(one, ledger.since, ledger.until) for one in chosen}
        """By the begin of the shift."""
        everybody = participants(ledger.presence, ledger.shifts, plan)
        self.taking = frozenset(
            (shift, worker) for shift, worker in everybody if shift in self.planned and self._worker in {None, worker}
        )
        self.used = {(row[0], row[2]) for row in ledger.presence if (row[0], row[1]) in self.taking}
        """Shifts and the stations that somebody used in them."""

    def rows(self) -> Iterable[Figures]:
        """Give the figures that count."""
        for row in self.ledger.figures:
            if self._worker not in {None, row[2]} or self._station not in {None, row[3]}:
                continue
            if not self._narrow.shift or row[1] in self.planned:
                yield row

    def takes_part(self, row: Figures) -> bool:
        """Whether the time of these figures is planned time; units count in any case."""
        return (row[1], row[2]) in self.taking

    def wants(self, station: int) -> bool:
        """Whether the station is one of those that count."""
        return self._station in {None, station}

    def open_at(self) -> Mapping[int, int]:
        """Return the net time of the shifts in which each station was in use."""
        found: dict[int, int] = {}
        for shift, station in self.used:
            found[station] = found.get(station, 0) + self.planned[shift].net
        return found

    def by_clock(self) -> Mapping[int, tuple[int, int]] | None:
        """Return how long each station was occupied and busy; None when one worker alone counts."""
        if self._worker is not None:
            return None
        found: dict[int, tuple[int, int]] = {}
        for shift, station, occupied, busy in self.ledger.stations:
            if (shift, station) in self.used:
                before = found.get(station, (0, 0))
                found[station] = before[0] + occupied, before[1] + busy
        return found


def _station_metrics(counted: _Counted, sums: Mapping[int, _Sums]) -> list[StationMetrics]:
    opened, by_clock = counted.open_at(), counted.by_clock()
    found = []
    for station in sums.keys() | {one for one in opened if counted.wants(one)}:
        one, key = sums.get(station) or _Sums(), counted.ledger.station_keys[station]
        amounts = one.amounts()
        # One worker is at one place at a time: his time by the clock is his time.
        alone = (amounts.working + amounts.idle, amounts.working)
        occupied, busy = by_clock.get(station, (0, 0)) if by_clock is not None else alone
        target = counted.plan.station(key).target
        found.append(StationMetrics(key, amounts, opened.get(station, 0), occupied, busy, target))
    return found


def _number(keys: Mapping[int, str], wanted: str) -> int | None:
    """Return the number of a key, None when none is wanted, and a number that nothing has for an unknown one."""
    if not wanted:
        return None
    return next((number for number, key in keys.items() if key == wanted), -1)
