"""Lists of plates and codes: who is allowed, denied, watched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, func, insert, select, update

from alpr.access import Entry, ListKind
from alpr.store import entries, schema
from alpr.store.database import Database
from alpr.store.names import name_key


@dataclass(frozen=True, slots=True)
class PlateList:
    """One list; its name is unique whatever the case of its letters."""

    id: int
    name: str
    kind: ListKind
    created_at: datetime
    created_by: str
    entries: int
    """How many it has."""
    expired: int
    """How many of them are over."""


async def load_entries(db: Database, list_id: int | None = None) -> tuple[Entry, ...]:
    """Return every entry of one list, or of all, by pattern."""
    async with db.read() as connection:
        return await entries.load(connection, list_id)


async def fingerprint(db: Database) -> str:
    """Return what changes whenever a list or an entry does."""
    table, columns = schema.lists, schema.entries.c
    every = select(table.c.id, table.c.name, table.c.kind).order_by(table.c.id)
    newest = select(func.count(), func.max(columns.updated_at), func.sum(columns.id))
    async with db.read() as connection:
        known = [tuple(row) for row in await connection.execute(every)]
        return f"{known} {tuple((await connection.execute(newest)).one())}"


async def create(db: Database, name: str, kind: ListKind, by: str, now: datetime) -> int | None:
    """Add a list and return its id, or None when the name is taken."""
    table = schema.lists
    values = {"name": name.strip(), "name_key": name_key(name), "kind": kind.value}
    async with db.write() as connection:
        if (await connection.execute(select(table.c.id).where(_named(name)))).first() is not None:
            return None
        statement = insert(table).values(**values, created_at=now, created_by=by).returning(table.c.id)
        return int((await connection.execute(statement)).scalar_one())


async def everyone(db: Database, now: datetime) -> tuple[PlateList, ...]:
    """Return all lists by name."""
    async with db.read() as connection:
        rows = await connection.execute(_statement(now).order_by(schema.lists.c.name_key))
        return tuple(_list(row) for row in rows)


async def get(db: Database, list_id: int, now: datetime) -> PlateList | None:
    """Return one list, or None."""
    async with db.read() as connection:
        row = (await connection.execute(_statement(now).where(schema.lists.c.id == list_id))).one_or_none()
    return None if row is None else _list(row)


async def find(db: Database, name: str, now: datetime) -> PlateList | None:
    """Return the list of this name, or None."""
    async with db.read() as connection:
        row = (await connection.execute(_statement(now).where(_named(name)))).one_or_none()
    return None if row is None else _list(row)


async def change(db: Database, list_id: int, name: str, kind: ListKind) -> bool | None:
    """Give the list another name and kind; False when there is none, None when the name is taken by another."""
    table = schema.lists
    async with db.write() as connection:
        taken = select(table.c.id).where(_named(name), table.c.id != list_id)
        if (await connection.execute(taken)).first() is not None:
            return None
        values = {"name": name.strip(), "name_key": name_key(name), "kind": kind.value}
        return (await connection.execute(update(table).where(table.c.id == list_id).values(**values))).rowcount > 0


async def remove(db: Database, list_id: int) -> bool:
    """Delete the list with its entries; return whether there was one."""
    async with db.write() as connection:
        return (await connection.execute(delete(schema.lists).where(schema.lists.c.id == list_id))).rowcount > 0


def _statement(now: datetime) -> Select[Any]:
    table = schema.lists
    mine = schema.entries.c.list_id == table.c.id
    counted = select(func.count()).select_from(schema.entries).where(mine).correlate(table)
    over = counted.where(schema.entries.c.valid_until <= now)
    return select(table, counted.scalar_subquery().label("entry_count"), over.scalar_subquery().label("expired_count"))


def _named(name: str) -> Any:
    return schema.lists.c.name_key == name_key(name)


def _list(row: Row[Any]) -> PlateList:
    kind = ListKind(row.kind)
    return PlateList(row.id, row.name, kind, row.created_at, row.created_by, row.entry_count, row.expired_count)
