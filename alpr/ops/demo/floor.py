"""The demo's factory floor in the store: two past days, then live for as long as somebody watches; and away again.

Its events have a source of their own and workers whose keys begin with `demo-`: removing them touches nothing else.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from alpr.activity import ActivityEvent, FactoryPlan
from alpr.domain import utc_now
from alpr.intake.activity import terms_of
from alpr.ops.demo.factory import BEGINS, BREAKS, ENDS, HANDS, SOURCE, STATIONS, TARGETS, events_between, new_version_at
from alpr.store import activity, activitysources
from alpr.store.database import Database

PAST: Final = timedelta(days=2)
_BATCH: Final = 25
AT_ONCE: Final = 500
"""Events a transaction where nobody waits for the database in between."""
BREATH: Final = 0.15
"""Seconds between two transactions: who waits asks every tenth of one, and would never find the database free."""
_LIVE: Final = 3.0


def floor_tables() -> str:
    """Return the tables of an `alpr.toml` that say how the demo's floor works."""
    shifts = (
        f'[[factory.shift]]\nname = "{crew.title()}"\nwhen = "Mon-Sun {BEGINS[crew]}-{ENDS[crew]}"\n'
        f"breaks = {json.dumps(BREAKS[crew])}\n"
        for crew in BEGINS
    )
    workers = (f'[[factory.worker]]\nid = "{hand.key}"\nname = "{hand.name}"\n' for hand in HANDS)
    stations = (
        f'[[factory.station]]\nid = "{key}"\nname = "{name}"\ntarget = {TARGETS[key]}\n'
        for key, name in STATIONS.items()
    )
    return "\n".join([*shifts, *workers, *stations])


async def load_floor(
    db: Database,
    plan: FactoryPlan,
    now: datetime,
    *,
    changed: datetime | None = None,
    past: timedelta = PAST,
    batch: int = _BATCH,
) -> int:
    """Store what happened on the demo's floor until now and is not stored yet; return how many events that are."""
    newest = await _newest(db)
    since = now - past if newest is None else max(now - past, newest + timedelta(microseconds=1))
    events = list(events_between(since, now, plan.zone, changed or new_version_at(now)))
    kept = 0
    for first in range(0, len(events), batch):
        kept += await _store(db, plan, events[first : first + batch], now)
        await asyncio.sleep(BREATH)
    return kept


async def play_floor(
    db: Database, plan: FactoryPlan, *, past: timedelta = PAST, clock: Callable[[], datetime] = utc_now
) -> None:
    """Store the past, then what happens, until cancelled."""
    started = clock()
    while True:
        now = clock()
        since_start = past + (now - started)
        await load_floor(db, plan, now, changed=new_version_at(started), past=since_start)
        await asyncio.sleep(_LIVE)


async def remove_floor(db: Database, plan: FactoryPlan) -> int:
    """Remove the demo's events, and workers and stations that nobody else names; return how many events it were."""
    return await activitysources.remove(db, SOURCE, plan.max_gap)


async def _store(db: Database, plan: FactoryPlan, events: Sequence[ActivityEvent], now: datetime) -> int:
    async with db.write() as connection:
        number = await activitysources.number_of(connection, SOURCE, now)
        outcomes = await activity.add(connection, events, terms_of(plan, strangers=True), number, now)
        kept = sum(outcome is True for outcome in outcomes)
        refused = len(outcomes) - kept
        await activitysources.note(connection, number, (kept, refused), events[-1].at, now, None)
    return kept


async def _newest(db: Database) -> datetime | None:
    """Return when the last event of the demo happened."""
    return next((one.newest_at for one in await activitysources.everyone(db) if one.name == SOURCE), None)
