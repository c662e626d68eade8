"""A made-up year of a factory for measurements: shifts, workers who change stations, products; the same each time."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from alpr.activity import ActivityEvent, ActivityKind, FactoryPlan, in_us
from alpr.site.factory.shifts import occurrences
from alpr.store import activity, activitysources
from alpr.store.activity import Terms
from alpr.store.database import Database

_STATIONS: Final = 20
_AT_ONCE: Final = 5000
_STATES: Final = (ActivityKind.WORKING, ActivityKind.WORKING, ActivityKind.WORKING, ActivityKind.IDLE)


def events_of(
    plan: FactoryPlan, since: datetime, until: datetime, workers: int, every: timedelta
) -> Iterator[ActivityEvent]:
    """Give an event of each worker about so often in his shift, one in three of products."""
    dice = random.Random(4)  # noqa: S311  made-up work, no secrets
    shifts = occurrences(plan, since, until)
    names = tuple(dict.fromkeys(one.name for one in plan.shifts))
    for shift in shifts:
        crew = [worker for worker in range(workers) if names[worker % len(names)] == shift.shift]
        at = max(shift.start, since)
        while at < min(shift.end, until):
            for worker in crew:
                moment = at + every * dice.random()
                station = f"S{(worker + moment.hour // 3) % _STATIONS:02}"
                kind = ActivityKind.PRODUCT_COUNT if dice.random() < 1 / 3 else dice.choice(_STATES)
                count = dice.randint(1, 5) if kind is ActivityKind.PRODUCT_COUNT else 0
                yield ActivityEvent(moment, f"W{worker:02}", station, kind, 0.5 + dice.random() / 2, count)
            at += every


async def seed(
    db: Database, plan: FactoryPlan, since: datetime, until: datetime, workers: int, every: timedelta
) -> int:
    """Store the events; return how many."""
    stored, batch = 0, list[ActivityEvent]()
    for event in events_of(plan, since, until, workers, every):
        batch.append(event)
        if len(batch) == _AT_ONCE:
            stored += await _add(db, plan, batch)
            batch.clear()
    return stored + await _add(db, plan, batch)


async def _add(db: Database, plan: FactoryPlan, batch: list[ActivityEvent]) -> int:
    if not batch:
        return 0
    async with db.write() as connection:
        source = await activitysources.number_of(connection, "bench", batch[0].at)
        outcomes = await activity.add(connection, batch, Terms(in_us(plan.max_gap)), source, batch[-1].at)
    return sum(one is True for one in outcomes)
