"""Accounts: who may log in, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from alpr.store import schema
from alpr.store.database import Database
from alpr.store.names import name_key


class Role(StrEnum):
    """What an account may do; each but the first may what those before it may."""

    SENDER = "sender"
    """Of tokens alone: to send reads and events of other systems, and to see nothing."""
    VIEWER = "viewer"
    GUARD = "guard"
    ADMIN = "admin"


PEOPLE = (Role.VIEWER, Role.GUARD, Role.ADMIN)
"""The roles of accounts."""


@dataclass(frozen=True, slots=True)
class User:
    """One account; its name is unique whatever the case of its letters."""

    id: int
    name: str
    password_hash: str
    role: Role
    active: bool
    created_at: datetime


async def create(db: Database, name: str, password_hash: str, role: Role, now: datetime) -> User | None:
    """Add an account and return it, or None when the name is taken."""
    table = schema.users
    values = {"name": name, "password_hash": password_hash, "role": role.value, "active": True, "created_at": now}
    async with db.write() as connection:
        if (await connection.execute(select(table.c.id).where(_named(name)))).first() is not None:
            return None
        statement = insert(table).values(name_key=name_key(name), **values).returning(*table.c)
        return _user((await connection.execute(statement)).one())


async def find(db: Database, name: str) -> User | None:
    """Return the account of this name, active or not."""
    async with db.read() as connection:
        row = (await connection.execute(select(schema.users).where(_named(name)))).one_or_none()
    return None if row is None else _user(row)


async def everyone(db: Database) -> tuple[User, ...]:
    """Return all accounts by name."""
    async with db.read() as connection:
        return tuple(
            _user(row) for row in await connection.execute(select(schema.users).order_by(schema.users.c.name_key))
        )


async def set_password(db: Database, name: str, password_hash: str, *, end_sessions: bool) -> bool:
    """Set another password hash, and end the account's sessions if asked; return whether there is such an account."""
    return await _change(db, name, end_sessions=end_sessions, password_hash=password_hash)


async def set_role(db: Database, name: str, role: Role) -> bool:
    """Give the account another role; return whether there is such an account."""
    return await _change(db, name, end_sessions=False, role=role.value)


async def set_active(db: Database, name: str, *, active: bool) -> bool:
    """Open or close the account; closing ends its sessions. Return whether there is such an account."""
    return await _change(db, name, end_sessions=not active, active=active)


async def remove(db: Database, name: str) -> bool:
    """Delete the account with its sessions; return whether there was one."""
    async with db.write() as connection:
        return (await connection.execute(delete(schema.users).where(_named(name)))).rowcount > 0


async def _change(db: Database, name: str, *, end_sessions: bool, **values: Any) -> bool:
    users, sessions = schema.users, schema.sessions
    async with db.write() as connection:
        changed = (await connection.execute(update(users).where(_named(name)).values(**values))).rowcount > 0
        if end_sessions:
            ids = select(users.c.id).where(_named(name))
            await connection.execute(delete(sessions).where(sessions.c.user_id.in_(ids)))
    return changed


def _named(name: str) -> Any:
    return schema.users.c.name_key == name_key(name)


def _user(row: Row[Any]) -> User:
    return User(row.id, row.name, row.password_hash, Role(row.role), row.active, row.created_at)
