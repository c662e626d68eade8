"""Reads in the order in which they were stored or changed: what a program has missed since it listened last."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from alpr.store import schema
from alpr.store.database import Database
from alpr.store.readrows import StoredRead, stored_read

_T = schema.reads.c


@dataclass(frozen=True, slots=True)
class Change:
    """A read as it is now, and the number of what was done to it last."""

    number: int
    stored: StoredRead


async def last(db: Database) -> int:
    """Return the number of the newest change, 0 before the first."""
    async with db.read() as connection:
        return int((await connection.execute(select(func.coalesce(func.max(_T.change), 0)))).scalar_one())


async def after(db: Database, number: int, limit: int) -> tuple[Change, ...]:
    """Return the reads changed after this number, the one changed first first."""
    statement = select(schema.reads).where(_T.change > number).order_by(_T.change).limit(limit)
    async with db.read() as connection:
        return tuple(Change(row.change, stored_read(row)) for row in await connection.execute(statement))
