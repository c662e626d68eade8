"""Reads of other systems: stored many at a time, each once, whatever order they come in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import BigInteger, column, func, insert, select, values
from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.domain import Read, State
from alpr.store import reads, schema
from alpr.store.database import Database
from alpr.store.places import SPAN, first_place
from alpr.store.readrows import Evidence, evidence_of, row_values


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a read under its id."""

    state: State
    captured_at: datetime


async def known(db: Database, ids: Collection[str]) -> dict[str, Known]:
    """Return those of the reads that are stored."""
    if not ids:
        return {}
    async with db.read() as connection:
        return await known_in(connection, ids)


async def known_in(connection: AsyncConnection, ids: Collection[str]) -> dict[str, Known]:
    """Return those of the reads that are stored, inside a transaction."""
    table = schema.reads
    statement = select(table.c.id, table.c.state, table.c.captured_at).where(table.c.id.in_(ids))
    return {row.id: Known(State(row.state), row.captured_at) for row in await connection.execute(statement)}


async def pictures_of(connection: AsyncConnection, ids: Collection[str]) -> dict[str, Evidence]:
    """Return the pictures that reads name now."""
    table = schema.reads
    statement = select(table).where(table.c.id.in_(ids))
    return {row.id: evidence_of(row) for row in await connection.execute(statement)}


async def add_all(connection: AsyncConnection, new: Sequence[tuple[Read, Evidence]], now: datetime) -> None:
    """Store reads without looks whose ids are not known yet, each once, in few statements."""
    if not new:
        return
    table = schema.reads
    last = (await connection.execute(select(func.coalesce(func.max(table.c.change), 0)))).scalar_one()
    places = await _free_places(connection, [read.captured_at for read, _ in new])
    rows: list[dict[str, Any]] = []
    crowded: list[tuple[Read, Evidence]] = []
    change = count(last + 1)
    for (read, evidence), place in zip(new, places, strict=True):
        if place is None:
            crowded.append((read, evidence))
            continue
        row = row_values(read, evidence, now)
        rows.append(row | {"id": read.id, "created_at": now, "place": place, "change": next(change)})
    if rows:
        await connection.execute(insert(table), rows)
    for read, evidence in crowded:
        await reads.save(connection, read, evidence, (), now)


async def _free_places(connection: AsyncConnection, moments: Sequence[datetime]) -> list[int | None]:
    """Return a free place for each read, None for those whose microsecond is full."""
    starts = [first_place(moment) for moment in moments]
    free = await _first_free(connection, set(starts))
    places: list[int | None] = []
    for start in starts:
        place = free[start]
        free[start] += 1
        places.append(place if place < start + SPAN else None)
    return places


async def _first_free(connection: AsyncConnection, starts: Iterable[int]) -> dict[int, int]:
    """Return the lowest place above those taken in each of these microseconds."""
    place = schema.reads.c.place
    asked = values(column("start", BigInteger), name="asked").data([(start,) for start in sorted(starts)]).cte("asked")
    highest = select(func.max(place)).where(place >= asked.c.start, place < asked.c.start + SPAN).scalar_subquery()
    rows = await connection.execute(select(asked.c.start, highest))
    return {start: start if taken is None else int(taken) + 1 for start, taken in rows}
