"""Which workers and stations events have named."""

from __future__ import annotations

from sqlalchemy import Table, select

from alpr.store import schema
from alpr.store.database import Database


async def workers(db: Database) -> tuple[str, ...]:
    """Return the key of every worker that was ever named, in order."""
    return await _keys(db, schema.activity_workers)


async def stations(db: Database) -> tuple[str, ...]:
    """Return the key of every station that was ever named, in order; none for events without one."""
    return tuple(key for key in await _keys(db, schema.activity_stations) if key)


async def _keys(db: Database, table: Table) -> tuple[str, ...]:
    async with db.read() as connection:
        return tuple((await connection.execute(select(table.c.key).order_by(table.c.key))).scalars())
