"""Tokens of the API: a program's way in. The store knows a token only by its SHA-256."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, or_, select, update

from alpr.store import schema
from alpr.store.database import Database
from alpr.store.names import name_key
from alpr.store.users import Role

_PREFIX = "alpr_"
"""So that a token that lies around is recognised for what it is."""


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token; its name is unique among those that are not revoked or expired."""

    id: int
    name: str
    role: Role
    created_at: datetime
    created_by: str
    used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None

    def lives(self, now: datetime) -> bool:
        """Whether the token opens anything."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token to store."""

    name: str
    token_sha256: str
    role: Role
    created_at: datetime
    created_by: str
    expires_at: datetime | None = None


def new_secret() -> str:
    """Make a token: 256 random bits behind a prefix."""
    return f"{_PREFIX}{secrets.token_urlsafe(32)}"


def digest(secret: str) -> str:
    """Return the SHA-256 of a token; random bits need no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


async def create(db: Database, new: NewToken) -> Token | None:
    """Store a token, or return None while one of its name lives; a dead one of that name makes room."""
    table, now = schema.tokens, new.created_at
    dead = or_(table.c.revoked_at.is_not(None), table.c.expires_at <= now)
    async with db.write() as connection:
        await connection.execute(delete(table).where(_named(new.name), dead))
        if (await connection.execute(select(table.c.id).where(_named(new.name)))).first() is not None:
            return None
        values = {"name": new.name, "name_key": name_key(new.name), "token_sha256": new.token_sha256}
        values |= {"role": new.role.value, "created_by": new.created_by}
        times = {"created_at": now, "expires_at": new.expires_at}
        row = (await connection.execute(insert(table).values(**values, **times).returning(*table.c))).one()
    return _token(row)


async def find(db: Database, token_sha256: str, now: datetime) -> Token | None:
    """Return the token while it lives."""
    table = schema.tokens
    async with db.read() as connection:
        row = (await connection.execute(select(table).where(table.c.token_sha256 == token_sha256))).one_or_none()
    token = None if row is None else _token(row)
    return token if token is not None and token.lives(now) else None


async def everyone(db: Database) -> tuple[Token, ...]:
    """Return all tokens by name, dead ones too."""
    table = schema.tokens
    async with db.read() as connection:
        return tuple(_token(row) for row in await connection.execute(select(table).order_by(table.c.name_key)))


async def touch(db: Database, token_id: int, now: datetime) -> None:
    """Note that the token was used; meant for once a minute, not for each request."""
    table = schema.tokens
    async with db.write() as connection:
        await connection.execute(update(table).where(table.c.id == token_id).values(used_at=now))


async def revoke(db: Database, name: str, now: datetime) -> bool:
    """End a token; return whether one of this name lived."""
    table = schema.tokens
    lives = (table.c.revoked_at.is_(None), or_(table.c.expires_at.is_(None), table.c.expires_at > now))
    async with db.write() as connection:
        changed = await connection.execute(update(table).where(_named(name), *lives).values(revoked_at=now))
    return changed.rowcount > 0


def _named(name: str) -> Any:
    return schema.tokens.c.name_key == name_key(name)


def _token(row: Row[Any]) -> Token:
    return Token(
        row.id,
        row.name,
        Role(row.role),
        row.created_at,
        row.created_by,
        row.used_at,
        row.expires_at,
        row.revoked_at,
    )
