"""The audit log: who did what, kept for whoever asks later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.store import schema
from alpr.store.database import Database


@dataclass(frozen=True, slots=True)
class Entry:
    """One deed: `actor` is an account's name (or `command line`), `action` a short verb such as `login`."""

    at: datetime
    actor: str
    action: str
    subject: str = ""
    detail: str = ""


async def record(db: Database, entry: Entry) -> None:
    """Add an entry; nothing ever changes one."""
    async with db.write() as connection:
        await add(connection, entry)


async def add(connection: AsyncConnection, entry: Entry) -> None:
    """Add an entry in the transaction of the deed itself."""
    await connection.execute(
        insert(schema.audit).values(
            at=entry.at, actor=entry.actor, action=entry.action, subject=entry.subject, detail=entry.detail
        )
    )


async def latest(db: Database, limit: int = 100) -> tuple[Entry, ...]:
    """Return the newest entries, newest first."""
    table = schema.audit
    async with db.read() as connection:
        rows = await connection.execute(select(table).order_by(table.c.at.desc(), table.c.id.desc()).limit(limit))
        return tuple(Entry(row.at, row.actor, row.action, row.subject, row.detail) for row in rows)


async def of_subject(db: Database, subject: str, limit: int = 500) -> tuple[Entry, ...]:
    """Return what was done to one subject, oldest first."""
    table = schema.audit
    statement = select(table).where(table.c.subject == subject).order_by(table.c.id).limit(limit)
    async with db.read() as connection:
        rows = await connection.execute(statement)
        return tuple(Entry(row.at, row.actor, row.action, row.subject, row.detail) for row in rows)


async def last_by_subject(db: Database, action: str) -> dict[str, Entry]:
    """Return the newest entry of an action for each subject."""
    table = schema.audit
    newest = select(func.max(table.c.id)).where(table.c.action == action).group_by(table.c.subject)
    async with db.read() as connection:
        rows = await connection.execute(select(table).where(table.c.id.in_(newest)))
        return {row.subject: Entry(row.at, row.actor, row.action, row.subject, row.detail) for row in rows}
