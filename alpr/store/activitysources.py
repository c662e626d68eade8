"""Who sends activity events, and whether their clocks are right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import BigInteger, delete, exists, insert, select, type_coerce, update
from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.activity import in_us, to_us
from alpr.site.factory.clockskew import SourceClock, heard
from alpr.store import schema
from alpr.store.activity import soil
from alpr.store.database import Database

_TABLE: Final = schema.activity_sources


@dataclass(frozen=True, slots=True)
class Source:
    """One sender: a token's name, `mqtt`, `import` or `demo`."""

    name: str
    events: int
    """Accepted."""
    refused: int
    received_at: datetime
    newest_at: datetime | None
    """The latest time that its events bore in its last arrival."""
    skew: timedelta
    """By how much its clock is ahead of ours (below 0: behind); 0 while nothing is known to be wrong."""
    skewed_since: datetime | None


async def everyone(db: Database) -> tuple[Source, ...]:
    """Return all sources by name."""
    async with db.read() as connection:
        rows = await connection.execute(select(_TABLE).order_by(_TABLE.c.name))
        return tuple(
            Source(
                row.name,
                row.events,
                row.refused,
                row.received_at,
                row.newest_at,
                timedelta(microseconds=row.skew),
                row.skewed_since,
            )
            for row in rows
        )


async def number_of(connection: AsyncConnection, name: str, now: datetime) -> int:
    """Return the number of a source, made when it is new."""
    found = (await connection.execute(select(_TABLE.c.id).where(_TABLE.c.name == name))).scalar_one_or_none()
    if found is not None:
        return int(found)
    nothing = {"events": 0, "refused": 0, "skew": 0, "late": 0, "least_delay": 0}
    made = await connection.execute(insert(_TABLE).values(name=name, received_at=now, **nothing).returning(_TABLE.c.id))
    return int(made.scalar_one())


async def note(
    connection: AsyncConnection,
    source_id: int,
    counts: tuple[int, int],
    newest_at: datetime | None,
    now: datetime,
    tolerance: timedelta | None,
) -> int:
    """Count an arrival (accepted, refused); return the skew that it shows anew, else 0, in microseconds.

    Without a tolerance the clock is not judged: a file that is imported may be of any age.
    """
    row = (await connection.execute(select(_TABLE).where(_TABLE.c.id == source_id))).one()
    values = {
        "events": _TABLE.c.events + counts[0],
        "refused": _TABLE.c.refused + counts[1],
        "received_at": now,
        "newest_at": newest_at or row.newest_at,
    }
    told = 0
    if newest_at is not None and tolerance is not None:
        before = SourceClock(row.skew, row.late, row.least_delay)
        after = heard(before, to_us(newest_at), to_us(now), in_us(tolerance))
        values |= {"skew": after.skew, "late": after.late, "least_delay": after.least_delay}
        if not before.skew and after.skew:
            values["skewed_since"], told = now, after.skew
        elif not after.skew:
            values["skewed_since"] = None
    await connection.execute(update(_TABLE).where(_TABLE.c.id == source_id).values(**values))
    return told


async def remove(db: Database, name: str, max_gap: timedelta) -> int:
    """Remove a source with its events, and the workers, stations and models that nobody else names; return how many.

    The hours of the events are added up anew.
    """
    events = schema.activity_events.c
    async with db.write() as connection:
        number = (await connection.execute(select(_TABLE.c.id).where(_TABLE.c.name == name))).scalar_one_or_none()
        if number is None:
            return 0
        at = type_coerce(events.at, BigInteger)
        moments = (await connection.execute(select(at).where(events.source_id == number))).scalars().all()
        if moments:
            await soil(connection, moments, in_us(max_gap))
        await connection.execute(delete(schema.activity_events).where(events.source_id == number))
        for table, column in (
            (schema.activity_workers, events.worker_id),
            (schema.activity_stations, events.station_id),
            (schema.activity_models, events.model_id),
        ):
            used = exists().where(column == table.c.id)
            await connection.execute(delete(table).where(~used))
        await connection.execute(delete(_TABLE).where(_TABLE.c.id == number))
    return len(moments)
