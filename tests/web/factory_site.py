"""A factory floor for tests of its pages: two workers, two stations, one hour that can be added up by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from alpr.activity import ActivityEvent, ActivityKind, FactoryPlan, Station, Worker
from alpr.intake.activity import terms_of
from alpr.store import activity, activitysources
from alpr.store.database import Database

PLAN = FactoryPlan(
    zone=ZoneInfo("Europe/Berlin"),
    workers=MappingProxyType({"w1": Worker("w1", "Ada <Lindqvist>"), "w2": Worker("w2", "Bruno Keller")}),
    stations=MappingProxyType({"press": Station("press", "Press 1", 120.0), "pack": Station("pack", "Packing")}),
    max_gap=timedelta(hours=2),
)
"""Without shifts every day is one, from midnight to midnight."""
_KINDS = {"w": ActivityKind.WORKING, "i": ActivityKind.IDLE, "a": ActivityKind.ABSENT, "u": ActivityKind.PRODUCT_COUNT}


def happened(at: datetime, worker: str, station: str, kind: str, count: int = 0, **more: object) -> ActivityEvent:
    """Make an event; `kind` is a letter."""
    facts = {"confidence": 0.9, "model": "floor-watch", "model_version": "1.4.2"} | more
    return ActivityEvent(at=at, worker=worker, station=station, kind=_KINDS[kind], count=count, **facts)


def hour(start: datetime) -> list[ActivityEvent]:
    """Tell an hour: w1 works 40 and idles 20 minutes and makes 60 units, w2 works 30 at packing and is away 30."""
    return [
        happened(start, "w1", "press", "w"),
        happened(start + timedelta(minutes=20), "w1", "press", "u", 60),
        happened(start + timedelta(minutes=40), "w1", "press", "i"),
        happened(start, "w2", "pack", "w"),
        happened(start + timedelta(minutes=30), "w2", "pack", "a"),
    ]


async def tell(db: Database, events: list[ActivityEvent], plan: FactoryPlan = PLAN, source: str = "test") -> None:
    """Store events as the intake does."""
    now = datetime.now(UTC)
    async with db.write() as connection:
        number = await activitysources.number_of(connection, source, now)
        for first in range(0, len(events), 500):
            outcomes = await activity.add(
                connection, events[first : first + 500], terms_of(plan, strangers=True), number, now
            )
            assert all(outcome is True for outcome in outcomes), outcomes
