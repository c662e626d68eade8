"""What is taken out of the store again: pictures, and whole reads with all that hangs on them. The oldest goes first.

Rows stop naming a picture before its file is removed: a crash in between leaves litter, which the next start sweeps,
never a read whose picture is gone unsaid.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, func, or_, select, text, update

from alpr.stay import VisitState
from alpr.store import schema
from alpr.store.database import Database

_PART: Final = 200
"""Reads of one transaction: new reads wait for no longer than it takes."""
_READS, _VISITS, _PASSES = schema.reads, schema.visits, schema.passes
_PICTURED: Final = text("(frame_path != '' OR crop_path != '')")
"""Word for word as in the index `ix_reads_pictured`."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long things are kept, and how full the disk may be."""

    pictures: timedelta | None = None
    """None: as long as there is room."""
    reads: timedelta | None = None
    """None: for ever."""
    disk: float = 0.0
    """Share of the disk, 0 to 1, above which the oldest pictures go; 0: never."""


async def oldest_picture(db: Database) -> datetime | None:
    """Return when the oldest read that has pictures was captured; None when none has."""
    async with db.read() as connection:
        found: datetime | None = (
            await connection.execute(select(func.min(_READS.c.captured_at)).where(_PICTURED))
        ).scalar()
    return found


async def forget_pictures(db: Database, before: datetime) -> list[str] | None:
    """Let some of the oldest reads from before this moment name no pictures any more; return those that they named.

    None when there are no such reads. Sums and sizes stay with the read.
    """
    chosen = select(_READS.c.id, _READS.c.frame_path, _READS.c.crop_path).where(
        _PICTURED, _READS.c.captured_at < before
    )
    async with db.write() as connection:
        rows = (await connection.execute(chosen.order_by(_READS.c.captured_at).limit(_PART))).all()
        if not rows:
            return None
        ids = [row.id for row in rows]
        await connection.execute(update(_READS).where(_READS.c.id.in_(ids)).values(frame_path="", crop_path=""))
        await connection.execute(update(schema.looks).where(schema.looks.c.read_id.in_(ids)).values(thumbnail=None))
    return _paths(rows)


async def forget_reads(db: Database, before: datetime) -> tuple[int, list[str]]:
    """Delete some of the oldest reads from before this moment with all that hangs on them.

    Returns how many, and the pictures that they named. Who is still inside keeps the reads of the visit.
    """
    chosen = select(_READS.c.id, _READS.c.frame_path, _READS.c.crop_path).where(
        _READS.c.captured_at < before, ~_in_lasting_visit(before)
    )
    async with db.write() as connection:
        rows = (await connection.execute(chosen.order_by(_READS.c.captured_at).limit(_PART))).all()
        await connection.execute(delete(_READS).where(_READS.c.id.in_([row.id for row in rows])))
    return len(rows), _paths(rows)


async def forget_visits(db: Database, before: datetime) -> None:
    """Delete the visits and passes from before this moment of which no read is left."""
    seen, passed = schema.sightings.c.visit_id, _READS.c.pass_id
    visits = delete(_VISITS).where(
        _VISITS.c.last_seen < before, ~_lasts(before), ~select(seen).where(seen == _VISITS.c.id).exists()
    )
    passes = delete(_PASSES).where(_PASSES.c.ended_at < before, ~select(passed).where(passed == _PASSES.c.id).exists())
    async with db.write() as connection:
        for statement in (visits, passes):
            await connection.execute(statement)


async def count(db: Database, *, pictures: datetime | None, reads: datetime | None) -> tuple[int, int]:
    """Return how many reads from before these moments have pictures, and how many would be deleted."""
    asked = [
        select(func.count()).where(_PICTURED, _READS.c.captured_at < pictures) if pictures else None,
        select(func.count()).where(_READS.c.captured_at < reads, ~_in_lasting_visit(reads)) if reads else None,
    ]
    async with db.read() as connection:
        pictured, old = [0 if one is None else (await connection.execute(one)).scalar_one() for one in asked]
    return pictured, old


def _in_lasting_visit(before: datetime) -> ColumnElement[bool]:
    sightings = schema.sightings.c
    return (
        select(sightings.read_id)
        .join(_VISITS, _VISITS.c.id == sightings.visit_id)
        .where(sightings.read_id == _READS.c.id, _lasts(before))
        .exists()
    )


def _lasts(before: datetime) -> ColumnElement[bool]:
    return or_(_VISITS.c.state == VisitState.OPEN.value, _VISITS.c.last_seen >= before)


def _paths(rows: Iterable[Any]) -> list[str]:
    return [path for row in rows for path in (row.frame_path, row.crop_path) if path]
