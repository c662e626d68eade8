"""The entries of lists, as rows and as values: added, changed, removed, paged and loaded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.access import Entry, ListKind, Window
from alpr.domain import canonical, fold
from alpr.site.glob import ANY_ONE, ANY_RUN
from alpr.site.lists.patterns import glob
from alpr.store import schema
from alpr.store.database import Database

_PART = 200


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry as the store knows it."""

    entry: Entry
    list_id: int
    created_at: datetime
    created_by: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class EntryQuery:
    """Which entries to page through, by pattern; what is None does not narrow."""

    list_id: int | None = None
    text: str | None = None
    """In pattern, owner, company or note; look-alikes in a pattern are forgiven."""
    after: tuple[str, int] | None = None
    """Pattern as compared, and id, of the last entry of the page before."""
    limit: int = 50


async def load(connection: AsyncConnection, list_id: int | None = None) -> tuple[Entry, ...]:
    """Return every entry of one list, or of all, by pattern."""
    columns = schema.entries.c
    mine = [] if list_id is None else [columns.list_id == list_id]
    statement = _statement().where(*mine).order_by(columns.canonical, columns.id)
    found: list[Entry] = []
    # In parts, so that ten thousand of them do not hold up the event loop.
    async for rows in (await connection.stream(statement)).partitions(_PART):
        found += [_entry(row) for row in rows]
    return tuple(found)


async def get(db: Database, entry_id: int) -> StoredEntry | None:
    """Return one entry, or None."""
    async with db.read() as connection:
        row = (await connection.execute(_statement().where(schema.entries.c.id == entry_id))).one_or_none()
    return None if row is None else _stored(row)


async def page(db: Database, query: EntryQuery) -> tuple[StoredEntry, ...]:
    """Return at most `query.limit` entries, by pattern."""
    columns = schema.entries.c
    statement = _statement().where(*_conditions(query))
    if query.after is not None:
        pattern, last = query.after
        later = (columns.canonical == pattern) & (columns.id > last)
        statement = statement.where(or_(columns.canonical > pattern, later))
    async with db.read() as connection:
        rows = await connection.execute(statement.order_by(columns.canonical, columns.id).limit(query.limit))
        return tuple(_stored(row) for row in rows)


async def of_text(db: Database, text: str) -> tuple[StoredEntry, ...]:
    """Return the entries whose pattern is this very text, look-alikes forgiven."""
    statement = _statement().where(schema.entries.c.canonical == canonical(text)).order_by(schema.entries.c.id)
    async with db.read() as connection:
        return tuple(_stored(row) for row in await connection.execute(statement))


async def add(db: Database, list_id: int, entry: Entry, by: str, now: datetime) -> int | None:
    """Add an entry and return its id; None when the list has its pattern already. `entry.id` does not matter."""
    async with db.write() as connection:
        if await _twin(connection, list_id, entry.pattern) is not None:
            return None
        values = _values(entry) | {"list_id": list_id, "created_at": now, "created_by": by, "updated_at": now}
        made = await connection.execute(insert(schema.entries).values(**values).returning(schema.entries.c.id))
        return int(made.scalar_one())


async def add_all(db: Database, list_id: int, new: Iterable[Entry], by: str, now: datetime) -> int:
    """Add entries in one transaction and return how many; those whose pattern the list has are left out."""
    made = {"list_id": list_id, "created_at": now, "created_by": by, "updated_at": now}
    async with db.write() as connection:
        there = await _patterns(connection, list_id)
        rows: list[dict[str, Any]] = []
        for entry in new:
            if (key := glob(entry.pattern)) not in there:
                there.add(key)
                rows.append(_values(entry) | made)
        if rows:
            await connection.execute(insert(schema.entries), rows)
    return len(rows)


async def change(db: Database, entry: Entry, now: datetime) -> bool | None:
    """Give the entry of this id other values; False when there is none, None when another has its pattern."""
    table = schema.entries
    async with db.write() as connection:
        list_id = (await connection.execute(select(table.c.list_id).where(table.c.id == entry.id))).scalar()
        if list_id is None:
            return False
        if await _twin(connection, list_id, entry.pattern) not in {None, entry.id}:
            return None
        await connection.execute(update(table).where(table.c.id == entry.id).values(**_values(entry), updated_at=now))
    return True


async def remove(db: Database, entry_id: int) -> bool:
    """Delete an entry; return whether there was one."""
    async with db.write() as connection:
        gone = await connection.execute(delete(schema.entries).where(schema.entries.c.id == entry_id))
    return gone.rowcount > 0


async def patterns(db: Database, list_id: int) -> frozenset[str]:
    """Return every pattern of a list, as it is compared (`alpr.site.lists.patterns.glob`)."""
    async with db.read() as connection:
        return frozenset(await _patterns(connection, list_id))


def folded(pattern: str) -> str:
    """Return the pattern with look-alikes folded, as the column `canonical` has it."""
    return fold(glob(pattern))


async def _patterns(connection: AsyncConnection, list_id: int) -> set[str]:
    rows = await connection.execute(select(schema.entries.c.pattern).where(schema.entries.c.list_id == list_id))
    return {glob(pattern) for pattern in rows.scalars()}


async def _twin(connection: AsyncConnection, list_id: int, pattern: str) -> int | None:
    """Return the id of the list's entry of this pattern."""
    table = schema.entries
    like = select(table.c.id, table.c.pattern).where(table.c.list_id == list_id, table.c.canonical == folded(pattern))
    rows = await connection.execute(like)
    return next((row.id for row in rows if glob(row.pattern) == glob(pattern)), None)


def _statement() -> Select[Any]:
    lists = schema.lists
    columns = (lists.c.name.label("list_name"), lists.c.kind.label("list_kind"))
    return select(schema.entries, *columns).join(lists, lists.c.id == schema.entries.c.list_id)


def _conditions(query: EntryQuery) -> list[ColumnElement[bool]]:
    columns = schema.entries.c
    conditions: list[ColumnElement[bool]] = []
    if query.list_id is not None:
        conditions.append(columns.list_id == query.list_id)
    if query.text:
        told = [columns[name].icontains(query.text, autoescape=True) for name in ("owner", "company", "note")]
        typed = folded(query.text).strip(ANY_RUN + ANY_ONE)
        if typed:
            told.append(columns.canonical.contains(typed, autoescape=True))
        conditions.append(or_(*told))
    return conditions


def _values(entry: Entry) -> dict[str, Any]:
    return {
        "pattern": entry.pattern,
        "canonical": folded(entry.pattern),
        "owner": entry.owner,
        "company": entry.company,
        "note": entry.note,
        "opens_inexact": entry.opens_inexact,
        "valid_from": entry.valid_from,
        "valid_until": entry.valid_until,
        "cameras": sorted(entry.cameras),
        "schedule": [
            {"days": sorted(one.days), "start": f"{one.start:%H:%M}", "end": f"{one.end:%H:%M}"}
            for one in entry.schedule
        ],
    }


def _stored(row: Row[Any]) -> StoredEntry:
    return StoredEntry(_entry(row), row.list_id, row.created_at, row.created_by, row.updated_at)


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        id=row.id,
        list_name=row.list_name,
        list_kind=ListKind(row.list_kind),
        pattern=row.pattern,
        owner=row.owner,
        company=row.company,
        note=row.note,
        opens_inexact=row.opens_inexact,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        cameras=frozenset(row.cameras),
        schedule=tuple(_window(one) for one in row.schedule),
    )


def _window(stored: dict[str, Any]) -> Window:
    return Window(frozenset(stored["days"]), time.fromisoformat(stored["start"]), time.fromisoformat(stored["end"]))
