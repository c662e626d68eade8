"""What guards write down of reads and vehicles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.domain import canonical
from alpr.store import schema
from alpr.store.database import Database

LONGEST: Final = 500
"""Characters of a note."""
_MOST: Final = 50
_TABLE = schema.notes


@dataclass(frozen=True, slots=True)
class Note:
    """A note of a read, through its text of the vehicle; or of the vehicle alone."""

    note: str
    at: datetime
    by: str
    text: str = ""
    """The vehicle's text; look-alikes do not matter."""
    read_id: str | None = None
    id: int = 0


async def add(db: Database, note: Note) -> int:
    """Write a note down and return its id."""
    async with db.write() as connection:
        return await write(connection, note)


async def write(connection: AsyncConnection, note: Note) -> int:
    """Write a note down in a transaction, and return its id."""
    values = {"read_id": note.read_id, "canonical": canonical(note.text), "note": note.note}
    made = insert(_TABLE).values(**values, at=note.at, by=note.by).returning(_TABLE.c.id)
    return int((await connection.execute(made)).scalar_one())


async def remove(db: Database, note_id: int) -> Note | None:
    """Take a note away and return it; None when there is none of this id."""
    async with db.write() as connection:
        found = await _some(connection, _TABLE.c.id == note_id)
        await connection.execute(delete(_TABLE).where(_TABLE.c.id == note_id))
    return next(iter(found), None)


async def of_read(db: Database, read_id: str) -> tuple[Note, ...]:
    """Return the notes of a read, newest first."""
    async with db.read() as connection:
        return await _some(connection, _TABLE.c.read_id == read_id)


async def of_text(db: Database, text: str) -> tuple[Note, ...]:
    """Return the notes of a vehicle, newest first, look-alikes in its text forgiven."""
    if not (folded := canonical(text)):
        return ()
    async with db.read() as connection:
        return await _some(connection, _TABLE.c.canonical == folded)


async def _some(connection: AsyncConnection, condition: ColumnElement[bool]) -> tuple[Note, ...]:
    newest = (_TABLE.c.at.desc(), _TABLE.c.id.desc())
    rows = await connection.execute(select(_TABLE).where(condition).order_by(*newest).limit(_MOST))
    return tuple(Note(row.note, row.at, row.by, row.canonical, row.read_id, row.id) for row in rows)
