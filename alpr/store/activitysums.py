"""Sums of activity events, kept by hour: made again for the hours that new events touch.

An event notes its hours as dirty in its own transaction; sums of clean hours are always those of the events. Whoever
asks before dirty hours are added up adds them up himself, from the events.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

import numpy as np
from sqlalchemy import BigInteger, Select, Table, delete, func, insert, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.access import Window
from alpr.activity import HOUR, FactoryPlan, from_us, in_us, to_us
from alpr.site.factory.tally import StationSum, Sum, Tally, joined, tally
from alpr.site.factory.workstates import PRODUCTS, EventColumns
from alpr.store import schema
from alpr.store.activity import soil
from alpr.store.database import Database

_RUN: Final = 12
"""Hours that are added up in one transaction."""
_MINUTES: Final = 60
_AT_ONCE: Final = 100_000
"""Events that are held in memory at once."""
_EVENTS: Final = schema.activity_events.c


def basis_of(plan: FactoryPlan) -> str:
    """Return a digest of all that sums depend on besides the events."""
    shifts = [(one.name, _said(one.window), [_said(pause) for pause in one.breaks]) for one in plan.shifts]
    trust = (plan.max_gap, plan.min_confidence, plan.handover)
    said = repr((plan.zone.key, shifts, sorted(plan.holidays), trust))
    return hashlib.sha256(said.encode()).hexdigest()


def _said(window: Window) -> tuple[list[int], str, str]:
    return sorted(window.days), window.start.isoformat(), window.end.isoformat()


async def fits(connection: AsyncConnection, plan: FactoryPlan) -> bool:
    """Whether the kept sums were made by this plan."""
    kept = (await connection.execute(select(schema.activity_basis.c.plan))).scalar_one_or_none()
    return kept == basis_of(plan)


async def dirty_hours(connection: AsyncConnection, first: int, last: int) -> list[int]:
    """Return the hours from `first` until before `last` whose sums are out of date, in order."""
    minute = schema.activity_dirty.c.minute
    hour = (minute // _MINUTES).label("hour")
    within = minute >= first * _MINUTES, minute < last * _MINUTES
    found = await connection.execute(select(hour).distinct().where(*within).order_by(hour))
    return list(found.scalars())


async def marks_of(connection: AsyncConnection, first: int, last: int) -> dict[int, int]:
    """Return the marks of the minutes that changed since their hour was added up, `first` until before `last`."""
    columns = schema.activity_dirty.c
    found = await connection.execute(
        select(schema.activity_dirty).where(columns.minute >= first, columns.minute < last)
    )
    return {row.minute: row.mark for row in found}


async def columns_of(
    connection: AsyncConnection, plan: FactoryPlan, since: datetime, until: datetime, worker_id: int | None = None
) -> EventColumns:
    """Return the events from `since` until before `until`, and before them what each worker did last."""
    chosen = (type_coerce(_EVENTS.at, BigInteger), _EVENTS.worker_id, _EVENTS.station_id, _EVENTS.kind, _EVENTS.count)
    wanted = select(*chosen, _EVENTS.confidence, _EVENTS.key)
    mine = (_EVENTS.worker_id == worker_id,) if worker_id is not None else ()
    within = wanted.where(_EVENTS.at >= since, _EVENTS.at < until, *mine)
    rows = [
        *await connection.execute(within),
        *await connection.execute(_last_before(wanted, plan, since).where(*mine)),
    ]
    by_column = list(zip(*rows, strict=True)) or [()] * 7
    numbers = [np.array(values, np.int64) for values in by_column[:5]]
    confidence = np.array(by_column[5], np.float64)
    # The first eight bytes of the key: the same for the same event, in whatever order events came.
    rank = np.frombuffer(b"".join(by_column[6]), ">u8")[::2].astype(np.uint64)
    at_column, worker, station, kind, count = numbers
    sure = confidence >= plan.min_confidence
    return EventColumns(at_column, worker, station, kind, sure, count, confidence, rank)


def _last_before(wanted: Select[Any], plan: FactoryPlan, since: datetime) -> Select[Any]:
    """Narrow to the last state event of each worker that may still hold at the moment."""
    workers, older = schema.activity_workers, schema.activity_events.alias()
    within = older.c.at < since, older.c.at >= since - plan.max_gap
    states = select(older.c.id).where(older.c.worker_id == workers.c.id, older.c.kind != PRODUCTS, *within)
    # Of several at one moment the one that holds, as `pieces_of` decides.
    last = states.order_by(older.c.at.desc(), older.c.confidence.desc(), older.c.key.desc()).limit(1)
    return wanted.select_from(workers.join(schema.activity_events, _EVENTS.id == last.scalar_subquery()))


async def add_up(
    connection: AsyncConnection,
    plan: FactoryPlan,
    stretch: tuple[datetime, datetime],
    window: tuple[datetime, datetime],
    at_once: int = _AT_ONCE,
) -> Tally:
    """Add up the events of a stretch, times and units within the window.

    `at_once` is about how many events are held in memory.
    """
    first, last = to_us(stretch[0]), to_us(stretch[1])
    counting = select(func.count()).where(_EVENTS.at >= stretch[0], _EVENTS.at < stretch[1])
    parts = 1 + (await connection.execute(counting)).scalar_one() // at_once
    cuts = [from_us(first + (last - first) * cut // parts) for cut in range(parts + 1)]
    made = []
    for part in pairwise(cuts):
        events = await columns_of(connection, plan, *part)
        made.append(await asyncio.to_thread(tally, events, plan, part, window))
    return joined(made)


async def roll(db: Database, plan: FactoryPlan, now: datetime) -> bool:
    """Add up some of the dirty hours that are over; return whether there were any."""
    async with db.write() as connection:
        if not await fits(connection, plan):
            await _begin_anew(connection, plan)
        dirty = await dirty_hours(connection, 0, to_us(now) // HOUR)
        if not dirty:
            return False
        run = [hour for place, hour in enumerate(dirty[:_RUN]) if hour == dirty[0] + place]
        hours = run[0], run[-1] + 1
        stretch = from_us(hours[0] * HOUR), from_us(hours[1] * HOUR)
        made = await add_up(connection, plan, stretch, stretch)
        await _replace(connection, plan, stretch, made)
        table = schema.activity_dirty
        within = table.c.minute >= hours[0] * _MINUTES, table.c.minute < hours[1] * _MINUTES
        await connection.execute(delete(table).where(*within))
    return True


async def newest_event(db: Database) -> int:
    """Return the number of the event that was stored last; 0 without any."""
    async with db.read() as connection:
        return (await connection.execute(select(func.max(schema.activity_events.c.id)))).scalar_one() or 0


async def _begin_anew(connection: AsyncConnection, plan: FactoryPlan) -> None:
    """Forget all sums, for they were made by another plan."""
    for table in (schema.activity_sums, schema.activity_station_sums, schema.activity_basis):
        await connection.execute(delete(table))
    hour = type_coerce(schema.activity_events.c.at, BigInteger) // HOUR
    hours = (await connection.execute(select(hour).distinct())).scalars().all()
    if hours:
        await soil(connection, (one * HOUR for one in hours), in_us(plan.max_gap) + HOUR)
    await connection.execute(insert(schema.activity_basis).values(id=1, plan=basis_of(plan)))


async def _replace(
    connection: AsyncConnection, plan: FactoryPlan, stretch: tuple[datetime, datetime], made: Tally
) -> None:
    days = _days(plan, *stretch)
    first, last = (to_us(moment) for moment in stretch)
    rows: Sequence[tuple[Table, Sequence[Sum | StationSum]]] = (
        (schema.activity_sums, made.workers),
        (schema.activity_station_sums, made.stations),
    )
    for table, sums in rows:
        columns = table.c
        await connection.execute(delete(table).where(columns.day.in_(days), columns.cell >= first, columns.cell < last))
        if values := [asdict(one) for one in sums]:
            await connection.execute(insert(table), values)


def _days(plan: FactoryPlan, since: datetime, until: datetime) -> list[int]:
    """Return the ordinals of the days, by the site's clock, that the stretch touches."""
    first, last = (moment.astimezone(plan.zone).date() for moment in (since, until))
    return list(range(first.toordinal(), last.toordinal() + 1))
