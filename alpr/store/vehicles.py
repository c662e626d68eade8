"""Vehicles: the reads of one text together, look-alikes forgiven."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.domain import State, canonical
from alpr.store import schema
from alpr.store.database import Database
from alpr.store.readrows import StoredRead, stored_read
from alpr.store.reads import ReadQuery, page_statement

LOOKED_AT: Final = 2000
"""So many of the newest reads tell who is here most."""
_FOUND: Final = 600
_T = schema.reads.c
_SEEN: Final = _T.state != State.DISMISSED.value


@dataclass(frozen=True, slots=True)
class SeenVehicle:
    """A vehicle with its newest read."""

    last: StoredRead
    reads: int
    """Of those that were looked at."""


@dataclass(frozen=True, slots=True)
class VehicleCount:
    """How often a vehicle was read, and when first and last."""

    reads: int
    first: datetime | None
    last: datetime | None


async def seen_most(db: Database, limit: int) -> tuple[SeenVehicle, ...]:
    """Return who was seen most among the newest reads; of those seen as often, the latest."""
    newest = select(_T.canonical, _T.id).where(_T.text != "", _SEEN).order_by(_T.place.desc()).limit(LOOKED_AT)
    async with db.read() as connection:
        return await _grouped(connection, (await connection.execute(newest)).all(), limit)


async def found(db: Database, text: str, limit: int) -> tuple[SeenVehicle, ...]:
    """Return the vehicles that a text finds, those seen latest first."""
    async with db.read() as connection:
        statement = await page_statement(connection, ReadQuery(text=text, limit=_FOUND))
        rows = (await connection.execute(statement.with_only_columns(_T.canonical, _T.id))).all()
        return await _grouped(connection, [row for row in rows if row.canonical], limit, by_count=False)


async def counted(db: Database, text: str) -> VehicleCount:
    """Count the reads of a text."""
    mine = (_T.canonical == canonical(text)) & _SEEN
    statement = select(func.count(), func.min(_T.captured_at), func.max(_T.captured_at)).where(mine)
    async with db.read() as connection:
        number, first, last = (await connection.execute(statement)).one()
    return VehicleCount(number, first, last)


async def times(db: Database, text: str, limit: int) -> tuple[datetime, ...]:
    """Return when a text was read, the latest first."""
    statement = select(_T.captured_at).where(_T.canonical == canonical(text), _SEEN)
    async with db.read() as connection:
        return tuple((await connection.execute(statement.order_by(_T.place.desc()).limit(limit))).scalars())


async def _grouped(
    connection: AsyncConnection, rows: Iterable[Sequence[Any]], limit: int, *, by_count: bool = True
) -> tuple[SeenVehicle, ...]:
    """Group rows of canonical text and id, the newest first."""
    counts: Counter[str] = Counter()
    newest: dict[str, str] = {}
    for folded, read_id in rows:
        counts[folded] += 1
        newest.setdefault(folded, read_id)
    # Counters and dicts keep the order of first sight, so that what was seen as often stays newest first.
    chosen = [folded for folded, _count in counts.most_common(limit)] if by_count else list(newest)[:limit]
    statement = select(schema.reads).where(_T.id.in_([newest[folded] for folded in chosen]))
    reads = {row.canonical: stored_read(row) for row in await connection.execute(statement)}
    return tuple(SeenVehicle(reads[folded], counts[folded]) for folded in chosen if folded in reads)
