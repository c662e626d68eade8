"""Login sessions: the store knows a token only by its SHA-256."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.store import schema
from alpr.store.database import Database
from alpr.store.users import Role


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session to store."""

    token_sha256: str
    created_at: datetime
    expires_at: datetime
    address: str = ""
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """A session that lasts, with what its account may do."""

    user_id: int
    user_name: str
    role: Role
    created_at: datetime
    expires_at: datetime
    seen_at: datetime


async def create(db: Database, user_id: int, session: NewSession, *, replaces: str | None = None) -> None:
    """Store a session; `replaces` is the token's SHA-256 of the one that ends with it. Expired ones are swept out."""
    table = schema.sessions
    async with db.write() as connection:
        await connection.execute(delete(table).where(table.c.expires_at <= session.created_at))
        if replaces is not None:
            await _delete(connection, replaces)
        await connection.execute(
            insert(table).values(
                token_sha256=session.token_sha256,
                user_id=user_id,
                created_at=session.created_at,
                expires_at=session.expires_at,
                seen_at=session.created_at,
                address=session.address,
                agent=session.agent,
            )
        )


async def find(db: Database, token_sha256: str, now: datetime) -> Session | None:
    """Return the session while it lasts and its account is active."""
    sessions, users = schema.sessions, schema.users
    columns: tuple[Any, ...] = (sessions, users.c.name, users.c.role)
    statement = (
        select(*columns)
        .join(users)
        .where(sessions.c.token_sha256 == token_sha256, sessions.c.expires_at > now, users.c.active)
    )
    async with db.read() as connection:
        row = (await connection.execute(statement)).one_or_none()
    if row is None:
        return None
    return Session(row.user_id, row.name, Role(row.role), row.created_at, row.expires_at, row.seen_at)


async def touch(db: Database, token_sha256: str, now: datetime) -> None:
    """Note that the session was used; meant for once in a few minutes, not for each request."""
    table = schema.sessions
    async with db.write() as connection:
        await connection.execute(update(table).where(table.c.token_sha256 == token_sha256).values(seen_at=now))


async def extend(db: Database, token_sha256: str, expires_at: datetime) -> None:
    """Let the session last until then."""
    table = schema.sessions
    async with db.write() as connection:
        ends = update(table).where(table.c.token_sha256 == token_sha256).values(expires_at=expires_at)
        await connection.execute(ends)


async def remove(db: Database, token_sha256: str) -> None:
    """End a session."""
    async with db.write() as connection:
        await _delete(connection, token_sha256)


async def _delete(connection: AsyncConnection, token_sha256: str) -> None:
    await connection.execute(delete(schema.sessions).where(schema.sessions.c.token_sha256 == token_sha256))
