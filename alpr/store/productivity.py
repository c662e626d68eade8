"""Metrics, trends and timelines of the factory floor, over any window."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from alpr.activity import ActivityState, FactoryPlan, Span, to_us
from alpr.site.factory.ledger import Narrow, course, metrics, participants
from alpr.site.factory.productivity import Amounts, Productivity
from alpr.site.factory.shifts import occurrence_at
from alpr.site.factory.timeline import spans
from alpr.store import schema
from alpr.store.activitysums import columns_of
from alpr.store.database import Database
from alpr.store.ledgers import Bucket, Grouping, load, names_of

_RECENT = timedelta(hours=1)
"""How far back it is looked since when somebody does what he does."""


class Step(StrEnum):
    """How finely a trend is told; hours, days, weeks (from Monday) and months are those of the site's clock."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """The factory from `start` until before `end`."""

    start: datetime
    end: datetime
    amounts: Amounts


@dataclass(frozen=True, slots=True)
class Current:
    """What a worker does now, and since when (at most an hour back)."""

    worker: str
    station: str
    state: ActivityState
    since: datetime


async def measured(
    db: Database, plan: FactoryPlan, since: datetime, until: datetime, now: datetime, narrow: Narrow | None = None
) -> Productivity:
    """Return all figures from `since` until before `until`; what has not happened yet does not count."""
    until = min(until, now)
    if since >= until:
        return Productivity(since, since, Amounts())
    ledger = await load(db, plan, (since, until), Grouping())
    return await asyncio.to_thread(metrics, ledger, plan, narrow or Narrow())


async def trend(
    db: Database,
    plan: FactoryPlan,
    since: datetime,
    until: datetime,
    now: datetime,
    step: Step,
    narrow: Narrow | None = None,
) -> tuple[TrendPoint, ...]:
    """Return the factory's amounts step by step; the first and the last one may be parts of a step."""
    until = min(until, now)
    if since >= until:
        return ()
    buckets = tuple(steps(plan, since, until, step))
    narrow = narrow or Narrow()
    bucket = _by_cell(buckets) if step is Step.HOUR else _by_day(buckets, plan)
    grouping = Grouping(station=bool(narrow.station), cell=step is Step.HOUR, bucket=bucket)
    ledger = await load(db, plan, (since, until), grouping)
    amounts = await asyncio.to_thread(course, ledger, plan, narrow, buckets)
    return tuple(TrendPoint(start, end, one) for (start, end), one in zip(buckets, amounts, strict=True))


async def timeline(
    db: Database, plan: FactoryPlan, since: datetime, until: datetime, now: datetime, narrow: Narrow | None = None
) -> tuple[Span, ...]:
    """Return who did what when, by worker and time; with a station, only what was done there."""
    until, narrow = min(until, now), narrow or Narrow()
    if since >= until:
        return ()
    ledger = await load(db, plan, (since, until), Grouping())
    wanted = next((number for number, key in ledger.worker_keys.items() if key == narrow.worker), None)
    async with db.read() as connection:
        events = await columns_of(connection, plan, since, until, wanted)
        names = (
            await names_of(connection, schema.activity_workers),
            await names_of(connection, schema.activity_stations),
        )
    everybody = participants(ledger.presence, ledger.shifts, plan)
    taking = {one for one in everybody if wanted in {None, one[1]}}
    found = await asyncio.to_thread(spans, events, plan, ledger.shifts, taking, (since, until), names)
    return tuple(
        one
        for one in found
        if narrow.worker in {"", one.worker} and narrow.station in {"", one.station} and narrow.shift in {"", one.shift}
    )


async def current(db: Database, plan: FactoryPlan, now: datetime) -> tuple[Current, ...]:
    """Return what everybody of the running shift does now; nobody when no shift runs."""
    occurrence = occurrence_at(plan, now)
    if occurrence is None:
        return ()
    found = await timeline(db, plan, max(occurrence.start, now - _RECENT), now, now)
    last = {one.worker: one for one in found}
    return tuple(Current(one.worker, one.station, one.state, one.start) for one in last.values() if one.end == now)


def steps(plan: FactoryPlan, since: datetime, until: datetime, step: Step) -> Iterator[tuple[datetime, datetime]]:
    """Give the steps between two moments; the ends are cut to them."""
    begin = since.astimezone(UTC)
    while begin < until:
        end = min(_next(plan, begin, step), until)
        yield begin, end.astimezone(UTC)
        begin = end.astimezone(UTC)


def _by_cell(buckets: Sequence[tuple[datetime, datetime]]) -> Bucket:
    begins = [to_us(start) for start, _ in buckets]
    return lambda _day, cell: max(0, bisect_right(begins, cell) - 1)


def _by_day(buckets: Sequence[tuple[datetime, datetime]], plan: FactoryPlan) -> Bucket:
    days = [start.astimezone(plan.zone).date().toordinal() for start, _ in buckets]
    return lambda day, _cell: max(0, bisect_right(days, day) - 1)


def _next(plan: FactoryPlan, at: datetime, step: Step) -> datetime:
    """Return when the step after the one that holds the moment begins."""
    local = at.astimezone(plan.zone)
    if step is Step.HOUR:
        # In steps of UTC: of an hour that comes twice both showings are hours of their own.
        return (
            at
            + timedelta(hours=1)
            - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        )
    day = local.date()
    following = {
        Step.DAY: day + timedelta(days=1),
        Step.WEEK: day + timedelta(days=7 - day.weekday()),
        Step.MONTH: (day.replace(day=1) + timedelta(days=32)).replace(day=1),
    }[step]
    return _midnight(plan, following)


def _midnight(plan: FactoryPlan, day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=plan.zone).astimezone(UTC)
