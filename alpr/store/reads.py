"""Reads with their looks: saved once per pass, paged newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, ScalarSelect, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.domain import Read, State, canonical
from alpr.store import schema
from alpr.store.database import Database
from alpr.store.places import free_place
from alpr.store.readqueries import Cursor, ReadQuery, page_statement, place_of, source_of
from alpr.store.readrows import (
    Evidence,
    StoredLook,
    StoredRead,
    evidence_of,
    look_values,
    row_values,
    stored_look,
    stored_read,
)
from alpr.store.reviewed import kept, machine_state

__all__ = [
    "Cursor",
    "Evidence",
    "ReadQuery",
    "Saved",
    "StoredLook",
    "StoredRead",
    "after",
    "complete_previews",
    "count",
    "evidence_between",
    "get",
    "looks",
    "next_change",
    "page",
    "page_statement",
    "renumber",
    "save",
]


@dataclass(frozen=True, slots=True)
class Saved:
    """What `save` did."""

    stored: bool
    """False when a preview came after its final: nothing was changed."""
    new: bool
    """Whether the id was not known before."""
    replaced: Evidence | None = None
    """The pictures that the row named until now."""
    read: Read | None = None
    """The read as it stands now when a person has said something of it, which no completion changes."""


async def save(
    connection: AsyncConnection, read: Read, evidence: Evidence, thumbnails: Sequence[bytes | None], now: datetime
) -> Saved:
    """Store the read under its id, or complete the one that is there; a final never turns back into a preview.

    `thumbnails` has one JPEG, or None, for each of `read.looks`.
    """
    table = schema.reads
    known = (await connection.execute(select(table).where(table.c.id == read.id))).one_or_none()
    if known is not None and read.state is State.PREVIEW and machine_state(known) != State.PREVIEW:
        return Saved(stored=False, new=False)
    values = row_values(read, evidence, now) | {"change": next_change()}
    if known is not None:
        values = kept(known, values)
    if known is None or known.captured_at != read.captured_at:
        values["place"] = await free_place(connection, read.captured_at)
    if known is None:
        await connection.execute(insert(table).values(id=read.id, created_at=now, **values))
    else:
        await connection.execute(update(table).where(table.c.id == read.id).values(**values))
        await connection.execute(delete(schema.looks).where(schema.looks.c.read_id == read.id))
    if rows := look_values(read, thumbnails):
        await connection.execute(insert(schema.looks), rows)
    if known is None:
        return Saved(stored=True, new=True)
    return Saved(stored=True, new=False, replaced=evidence_of(known), read=await _as_said(connection, known, read))


async def _as_said(connection: AsyncConnection, known: Row[Any], read: Read) -> Read | None:
    """Return the read with what a person has said of it; None when nobody has."""
    if known.review is None:
        return None
    row = (await connection.execute(select(schema.reads).where(schema.reads.c.id == read.id))).one()
    return replace(stored_read(row).read, looks=read.looks)


def next_change() -> ScalarSelect[int]:
    """Return the number of a change, larger than all before; whoever changes what a read says writes it to its row."""
    return select(func.coalesce(func.max(schema.reads.c.change), 0) + 1).scalar_subquery()


async def renumber(connection: AsyncConnection, read_id: str, now: datetime) -> None:
    """Make a read the one that changed last, for programs that follow."""
    table = schema.reads
    await connection.execute(update(table).where(table.c.id == read_id).values(updated_at=now, change=next_change()))


async def complete_previews(connection: AsyncConnection, now: datetime) -> int:
    """Make every preview final: the process that would have completed them is gone. Return how many."""
    table = schema.reads
    left_open = update(table).where(table.c.state == State.PREVIEW).values(state=State.FINAL, updated_at=now)
    return (await connection.execute(left_open)).rowcount


async def get(db: Database, read_id: str) -> StoredRead | None:
    """Return one read, or None."""
    async with db.read() as connection:
        row = (await connection.execute(select(schema.reads).where(schema.reads.c.id == read_id))).one_or_none()
    return None if row is None else stored_read(row)


async def of_ids(connection: AsyncConnection, read_ids: Sequence[str]) -> tuple[StoredRead, ...]:
    """Return these reads as they stand inside a transaction, in any order."""
    statement = select(schema.reads).where(schema.reads.c.id.in_(read_ids))
    return tuple(stored_read(row) for row in await connection.execute(statement))


async def page(db: Database, query: ReadQuery) -> tuple[StoredRead, ...]:
    """Return at most `query.limit` reads, newest first."""
    async with db.read() as connection:
        rows = await connection.execute(await page_statement(connection, query))
        return tuple(stored_read(row) for row in rows)


async def after(db: Database, cursor: Cursor, same: str = "") -> StoredRead | None:
    """Return the read that came next after this one, or the next of the same text; None for the newest."""
    table = schema.reads
    async with db.read() as connection:
        place = await place_of(connection, cursor)
        later = (table.c.place > place) & (table.c.state != State.DISMISSED.value)
        if same:
            later &= table.c.canonical == canonical(same)
        statement = select(table).where(later).order_by(table.c.place).limit(1)
        row = (await connection.execute(statement)).one_or_none()
    return None if row is None else stored_read(row)


async def count(db: Database, query: ReadQuery) -> int:
    """Return how many reads the query finds; `before` and `limit` do not matter."""
    source = source_of(query)
    statement = select(func.count()).select_from(source.tables).where(*source.conditions)
    async with db.read() as connection:
        return (await connection.execute(statement)).scalar_one()


async def looks(db: Database, read_id: str) -> tuple[StoredLook, ...]:
    """Return the looks of a read in the order they were made."""
    table = schema.looks
    statement = select(table).where(table.c.read_id == read_id).order_by(table.c.ordinal)
    async with db.read() as connection:
        return tuple(stored_look(row) for row in await connection.execute(statement))


async def evidence_between(db: Database, camera: str, since: datetime, until: datetime) -> tuple[Evidence, ...]:
    """Return the pictures of every read of the camera captured from `since` until before `until`."""
    columns = schema.reads.c
    statement = select(*(columns[field.name] for field in fields(Evidence))).where(
        columns.camera == camera, columns.captured_at >= since, columns.captured_at < until
    )
    async with db.read() as connection:
        return tuple(evidence_of(row) for row in await connection.execute(statement))
