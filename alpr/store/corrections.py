"""What persons said of reads: written with their history, so that each deed can be undone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.domain import Review, canonical
from alpr.errors import CorrectionError
from alpr.store import schema
from alpr.store.database import Database
from alpr.store.readrows import READING, StoredRead, stored_read
from alpr.store.reads import next_change
from alpr.store.reviewed import REVIEW, by_machine, restored

_TABLE = schema.corrections

Change: TypeAlias = Callable[[Row[Any]], Mapping[str, Any]]
"""Makes the new columns of a read from its row."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that somebody said of a read."""

    id: int
    read_id: str
    review: Review
    text_before: str
    text_after: str
    why: str
    at: datetime
    by: str
    undone_at: datetime | None
    undone_by: str


async def write(
    connection: AsyncConnection, read_id: str, review: Review, change: Change, *, why: str, by: str, now: datetime
) -> tuple[StoredRead, StoredRead]:
    """Change a read as a person says and note the deed; return the read before and after. Raises CorrectionError."""
    row = await _row(connection, read_id)
    values = dict(change(row)) | _stamp(row, review, by, now)
    deed = {
        "read_id": read_id,
        "deed": review.value,
        "text_before": row.text,
        "text_after": values.get("text", row.text),
        "before": {name: getattr(row, name) for name in (*READING, *REVIEW)},
        "why": why,
        "at": now,
        "by": by,
    }
    await connection.execute(insert(_TABLE).values(**deed))
    return stored_read(row), await _set(connection, read_id, {**values, "machine": by_machine(row)}, now)


async def take_back(connection: AsyncConnection, read_id: str, by: str, now: datetime) -> tuple[StoredRead, StoredRead]:
    """Undo the last deed that stands; return the read before and after. Raises CorrectionError."""
    row = await _row(connection, read_id)
    standing = (_TABLE.c.read_id == read_id) & _TABLE.c.undone_at.is_(None)
    last = (
        await connection.execute(select(_TABLE).where(standing).order_by(_TABLE.c.id.desc()).limit(1))
    ).one_or_none()
    if last is None or row.review is None:
        raise CorrectionError(f"read {read_id}: there is nothing to undo")
    undone = update(_TABLE).where(_TABLE.c.id == last.id).values(undone_at=now, undone_by=by)
    await connection.execute(undone)
    return stored_read(row), await _set(connection, read_id, restored(row, last.before, now), now)


async def of_read(db: Database, read_id: str) -> tuple[Deed, ...]:
    """Return what was said of a read, oldest first, with what was undone."""
    statement = select(_TABLE).where(_TABLE.c.read_id == read_id).order_by(_TABLE.c.id)
    async with db.read() as connection:
        return tuple(_deed(row) for row in await connection.execute(statement))


async def _row(connection: AsyncConnection, read_id: str) -> Row[Any]:
    row = (await connection.execute(select(schema.reads).where(schema.reads.c.id == read_id))).one_or_none()
    if row is None:
        raise CorrectionError(f"read {read_id}: there is none of this id")
    return row


async def _set(connection: AsyncConnection, read_id: str, values: Mapping[str, Any], now: datetime) -> StoredRead:
    reads = schema.reads
    await connection.execute(
        update(reads).where(reads.c.id == read_id).values(**values, updated_at=now, change=next_change())
    )
    row = await _row(connection, read_id)
    # What was noted of the read is noted of the vehicle that it is of.
    moved = update(schema.notes).where(schema.notes.c.read_id == read_id).values(canonical=canonical(row.text))
    await connection.execute(moved)
    return stored_read(row)


def _stamp(row: Row[Any], review: Review, by: str, now: datetime) -> dict[str, Any]:
    """Say who said it last; a corrected text that somebody else agrees with stays a corrected one."""
    if review is Review.CONFIRMED and row.review == Review.CORRECTED:
        return {}
    return {"review": review.value, "reviewed_at": now, "reviewed_by": by}


def _deed(row: Row[Any]) -> Deed:
    return Deed(
        row.id,
        row.read_id,
        Review(row.deed),
        row.text_before,
        row.text_after,
        row.why,
        row.at,
        row.by,
        row.undone_at,
        row.undone_by or "",
    )
