"""Reads put into a store with their visits, for the tests of visits."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete

from alpr.bus import Bus
from alpr.domain import Box, Read, State
from alpr.keepers.visits import VisitKeeper
from alpr.site.visits.pairing import began
from alpr.stay import Sighting, Visit, Way
from alpr.store import reads, schema, visits
from alpr.store.database import Database
from alpr.store.reads import Evidence
from tests.site.sighted import LIMITS

EVIDENCE = Evidence("f.jpg", "0" * 64, 1280, 720, "c.jpg", "1" * 64)


def read_of(one: Sighting, **changes) -> Read:
    """Return a read that visits see as this sighting."""
    values = {
        "id": one.id,
        "camera": one.camera,
        "kind": one.kind,
        "state": State.FINAL if one.final else State.PREVIEW,
        "reading": one.reading,
        "box": Box(0, 0, 10, 5),
        "captured_at": one.at,
        "frame_time": 0.0,
        "first_seen": one.at,
        "last_seen": one.at,
        "vehicle": one.vehicle,
        "direction": None if one.way is Way.PASSING else one.way.value,
    }
    return Read(**{**values, **changes})


def keeper_at(db: Database, now: datetime) -> VisitKeeper:
    """Make a keeper whose clock stands still."""
    return VisitKeeper(db, Bus(), LIMITS, lambda: now)


async def put(db: Database, keeper: VisitKeeper, sightings: Iterable[Sighting], batch: int = 1) -> None:
    """Store reads and their visits, so many in a transaction."""
    waiting = [read_of(one) for one in sightings]
    while waiting:
        now, waiting = waiting[:batch], waiting[batch:]
        async with db.write() as connection:
            stored = []
            for read in now:
                saved = await reads.save(connection, read, EVIDENCE, (), read.captured_at)
                stored += [read] if saved.stored else []
            await keeper.put_all(connection, stored)


async def everything(db: Database) -> tuple[Visit, ...]:
    """Return all visits by their beginning."""
    found = await visits.page(db, visits.VisitQuery(limit=100_000))
    return tuple(sorted((one.visit for one in found), key=began))


async def empty(db: Database) -> None:
    """Remove every read and visit."""
    async with db.write() as connection:
        for table in (schema.visits, schema.reads):
            await connection.execute(delete(table))
