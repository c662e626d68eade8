"""The activity events themselves, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select, tuple_

from alpr.activity import ActivityEvent, ActivityKind
from alpr.site.factory.workstates import CODES
from alpr.store import schema
from alpr.store.database import Database

_KINDS: Final = {code: kind for kind, code in CODES.items()}


@dataclass(frozen=True, slots=True)
class ActivityQuery:
    """Which events; nothing given: all."""

    since: datetime | None = None
    until: datetime | None = None
    worker: str = ""
    station: str = ""
    kind: ActivityKind | None = None
    before: tuple[datetime, int] | None = None
    """Time and number of the last event of the page before."""
    limit: int = 50


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event with its number, who sent it, and when it came."""

    number: int
    event: ActivityEvent
    source: str
    received_at: datetime


async def page(db: Database, query: ActivityQuery) -> tuple[StoredEvent, ...]:
    """Return the events that fit, newest first."""
    events, worker, station = schema.activity_events.c, schema.activity_workers.c, schema.activity_stations.c
    model, source = schema.activity_models.c, schema.activity_sources.c
    joined = (
        schema.activity_events.join(schema.activity_workers, worker.id == events.worker_id)
        .join(schema.activity_stations, station.id == events.station_id)
        .join(schema.activity_sources, source.id == events.source_id)
        .outerjoin(schema.activity_models, model.id == events.model_id)
    )
    conditions = [
        events.at >= query.since if query.since is not None else None,
        events.at < query.until if query.until is not None else None,
        worker.key == query.worker if query.worker else None,
        station.key == query.station if query.station else None,
        events.kind == CODES[query.kind] if query.kind is not None else None,
        tuple_(events.at, events.id) < query.before if query.before is not None else None,
    ]
    statement = (
        select(
            *(events.id, events.at, events.kind, events.confidence, events.count, events.event_id, events.received_at),
            *(worker.key, station.key, model.name, model.version, source.name),
        )
        .select_from(joined)
        .where(*(one for one in conditions if one is not None))
        .order_by(events.at.desc(), events.id.desc())
        .limit(query.limit)
    )
    async with db.read() as connection:
        rows = (await connection.execute(statement)).all()
    return tuple(
        StoredEvent(
            number,
            ActivityEvent(at, who, where, _KINDS[kind], sure, count, name or "", version or "", event_id or ""),
            sender,
            received,
        )
        for number, at, kind, sure, count, event_id, received, who, where, name, version, sender in rows
    )
