"""What metrics of a window are made of: kept sums where they are up to date, the events themselves elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeAlias
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, Table, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.activity import HOUR, MINUTE, FactoryPlan, Occurrence, from_us, to_us
from alpr.site.factory.ledger import Figures, Ledger, Presence
from alpr.site.factory.shifts import neighbourhood
from alpr.site.factory.tally import Tally
from alpr.store import schema
from alpr.store.activitysums import add_up, basis_of, dirty_hours, fits, marks_of
from alpr.store.database import Database

_CHUNK: Final = 24
"""Hours of events that are held in memory at once."""
_SUMS: Final = schema.activity_sums.c
_KNOWN: Final[WeakKeyDictionary[Database, dict[tuple[int, int, str], Tally]]] = WeakKeyDictionary()
"""Sums of the running hour by minute, mark and plan: a mark never comes again, so none can be out of date."""
_FIGURES: Final = (_SUMS.working, _SUMS.idle, _SUMS.absent, _SUMS.unsure, _SUMS.units, _SUMS.unsure_units)
Bucket: TypeAlias = Callable[[int, int], int]
"""From day (ordinal) and cell (microseconds) to the index of the bucket."""


def _one_bucket(_day: int, _cell: int) -> int:
    return 0


@dataclass(frozen=True, slots=True)
class Grouping:
    """By what figures are told apart; the less, the more SQLite adds up by itself."""

    station: bool = True
    cell: bool = False
    """False: the bucket is told by the day alone."""
    bucket: Bucket = _one_bucket


@dataclass(slots=True)
class _Found:
    """A ledger while it is put together."""

    presence: list[Presence] = field(default_factory=list)
    figures: list[Figures] = field(default_factory=list)
    stations: list[tuple[int, int, int, int]] = field(default_factory=list)

    def take(self, tally: Tally, bucket: Bucket) -> None:
        for one in tally.workers:
            key = one.shift, one.worker_id, one.station_id
            amounts = one.working, one.idle, one.absent, one.unsure, one.units, one.unsure_units
            if any(amounts):
                self.figures.append((bucket(one.day, one.cell), *key, *amounts))
            self.presence.append((*key, one.core, one.marginal))
        self.stations += [(one.shift, one.station_id, one.occupied, one.busy) for one in tally.stations]


@dataclass(frozen=True, slots=True)
class _Extent:
    """Which hours are taken from where."""

    plan: FactoryPlan
    window: tuple[datetime, datetime]
    first: int
    last: int
    """Hours of the window and of all of its shifts: from `first` until before `last`."""
    raw: tuple[int, ...]
    """Hours that are added up from events."""

    def kept(self) -> Iterator[tuple[int, int]]:
        """Give the runs of hours whose sums are right."""
        begin = self.first
        for hour in (*self.raw, self.last):
            if begin < hour:
                yield begin, hour
            begin = hour + 1

    def runs(self) -> Iterator[tuple[int, int]]:
        """Give the runs of hours that are added up from events, `_CHUNK` long at most."""
        begin = None
        for place, hour in enumerate(self.raw):
            begin = hour if begin is None else begin
            follows = place + 1 < len(self.raw) and self.raw[place + 1] == hour + 1
            if not follows or hour + 1 - begin == _CHUNK:
                yield begin, hour + 1
                begin = None


async def load(db: Database, plan: FactoryPlan, window: tuple[datetime, datetime], grouping: Grouping) -> Ledger:
    """Return the ledger of a window that has begun."""
    shifts = neighbourhood(plan, *window)
    found = _Found()
    async with db.read() as connection:
        extent = await _extent(connection, plan, window, shifts)
        for run in extent.kept():
            await _take_kept(connection, found, extent, run, grouping)
        for run in extent.runs():
            for hours in _parted(run, window):
                for tally in await _raw(db, connection, plan, hours, window):
                    found.take(tally, grouping.bucket)
        workers = await names_of(connection, schema.activity_workers)
        stations = await names_of(connection, schema.activity_stations)
    return Ledger(
        *window, shifts, tuple(found.presence), tuple(found.figures), tuple(found.stations), workers, stations
    )


def _parted(run: tuple[int, int], window: tuple[datetime, datetime]) -> Iterator[tuple[int, int]]:
    """Give the hours of a run before the one in which the window ends, that hour alone, and those after it."""
    hour = min(max(run[0], to_us(window[1]) // HOUR), run[1])
    for begin, end in ((run[0], hour), (hour, min(hour + 1, run[1])), (hour + 1, run[1])):
        if begin < end:
            yield begin, end


async def _raw(
    db: Database,
    connection: AsyncConnection,
    plan: FactoryPlan,
    hours: tuple[int, int],
    window: tuple[datetime, datetime],
) -> list[Tally]:
    since, until = (to_us(moment) for moment in window)
    if hours[0] == until // HOUR and until % HOUR and since <= hours[0] * HOUR:
        return await _minutes(db, connection, plan, hours[0], window)
    stretch = from_us(hours[0] * HOUR), from_us(hours[1] * HOUR)
    return [await add_up(connection, plan, stretch, window)]


async def _minutes(
    db: Database, connection: AsyncConnection, plan: FactoryPlan, hour: int, window: tuple[datetime, datetime]
) -> list[Tally]:
    """Add up the hour in which the window ends, minute by minute, where these are known from an earlier question.

    Pages ask every second; what has not changed since is not added up again.
    """
    first, last = hour * HOUR // MINUTE, to_us(window[1]) // MINUTE
    marks = await marks_of(connection, first, last)
    known, basis = _KNOWN.setdefault(db, {}), basis_of(plan)
    found, begin = list[Tally](), first
    for minute in range(first, last):
        mark = marks.get(minute)
        if mark is None:
            continue
        key = minute, mark, basis
        tally = known.get(key)
        if tally is None:
            stretch = from_us(minute * MINUTE), from_us((minute + 1) * MINUTE)
            tally = known[key] = await add_up(connection, plan, stretch, stretch)
        if begin < minute:
            stretch = from_us(begin * MINUTE), from_us(minute * MINUTE)
            found.append(await add_up(connection, plan, stretch, window))
        found.append(tally)
        begin = minute + 1
    tail = from_us(begin * MINUTE), from_us((hour + 1) * HOUR)
    found.append(await add_up(connection, plan, tail, window))
    for old in [key for key in known if key[0] < first or marks.get(key[0], key[1]) != key[1]]:
        del known[old]
    return found


async def names_of(connection: AsyncConnection, table: Table) -> dict[int, str]:
    """Return the keys of workers or stations by their numbers."""
    return {row.id: row.key for row in await connection.execute(select(table.c.id, table.c.key))}


async def _extent(
    connection: AsyncConnection,
    plan: FactoryPlan,
    window: tuple[datetime, datetime],
    shifts: Sequence[Occurrence],
) -> _Extent:
    since, until = (to_us(moment) for moment in window)
    first = min([since, *(to_us(one.start) for one in shifts)]) // HOUR
    last = -(-max([until, *(to_us(one.end) for one in shifts)]) // HOUR)
    if not await fits(connection, plan):
        return _Extent(plan, window, first, last, tuple(range(first, last)))
    cut = {moment // HOUR for moment in (since, until) if moment % HOUR}
    dirty = await dirty_hours(connection, first, last)
    return _Extent(plan, window, first, last, tuple(sorted(cut.union(dirty))))


async def _take_kept(
    connection: AsyncConnection, found: _Found, extent: _Extent, run: tuple[int, int], grouping: Grouping
) -> None:
    """Add the kept sums of a run of hours: figures within the window, presence everywhere."""
    since, until = -(-to_us(extent.window[0]) // HOUR), to_us(extent.window[1]) // HOUR
    within = max(run[0], since), min(run[1], until)
    inside = within[0] < within[1]
    if inside:
        await _take_figures(connection, found, extent.plan, within, grouping)
        if grouping.station:
            await _take_stations(connection, found, extent.plan, within)
    for begin, end in [(run[0], within[0]), (within[1], run[1])] if inside else [run]:
        if begin < end:
            await _take_presence(connection, found, extent.plan, (begin, end))


async def _take_figures(
    connection: AsyncConnection, found: _Found, plan: FactoryPlan, hours: tuple[int, int], grouping: Grouping
) -> None:
    cell = _SUMS.cell if grouping.cell else literal(0)
    station = _SUMS.station_id if grouping.station else literal(0)
    figures = [func.sum(one) for one in (*_FIGURES, _SUMS.core, _SUMS.marginal)]
    statement = select(_SUMS.day, cell, _SUMS.shift, _SUMS.worker_id, station, *figures)
    grouped: list[ColumnElement[Any]] = [_SUMS.day, _SUMS.shift, _SUMS.worker_id]
    grouped += [_SUMS.station_id] if grouping.station else []
    grouped += [_SUMS.cell] if grouping.cell else []
    statement = statement.where(*_between(schema.activity_sums, plan, hours)).group_by(*grouped)
    for row in await connection.execute(statement):
        key = row[2], row[3], row[4]
        found.figures.append((grouping.bucket(row[0], row[1]), *key, *row[5:11]))
        found.presence.append((*key, row[11], row[12]))


async def _take_stations(connection: AsyncConnection, found: _Found, plan: FactoryPlan, hours: tuple[int, int]) -> None:
    clock = schema.activity_station_sums.c
    statement = select(clock.shift, clock.station_id, func.sum(clock.occupied), func.sum(clock.busy))
    statement = statement.where(*_between(schema.activity_station_sums, plan, hours))
    for row in await connection.execute(statement.group_by(clock.day, clock.shift, clock.station_id)):
        found.stations.append((row[0], row[1], row[2], row[3]))


async def _take_presence(connection: AsyncConnection, found: _Found, plan: FactoryPlan, hours: tuple[int, int]) -> None:
    keys = (_SUMS.shift, _SUMS.worker_id, _SUMS.station_id)
    statement = select(*keys, func.sum(_SUMS.core), func.sum(_SUMS.marginal))
    statement = statement.where(*_between(schema.activity_sums, plan, hours))
    for row in await connection.execute(statement.group_by(_SUMS.day, *keys)):
        found.presence.append((row[0], row[1], row[2], row[3], row[4]))


def _between(table: Table, plan: FactoryPlan, hours: tuple[int, int]) -> tuple[ColumnElement[bool], ...]:
    first, last = (hour * HOUR for hour in hours)
    days = [from_us(moment).astimezone(plan.zone).date().toordinal() for moment in (first, last)]
    return table.c.day.between(days[0], days[1]), table.c.cell >= first, table.c.cell < last
