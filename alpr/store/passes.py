"""Passes: what passed a portal together, kept in the transaction of each read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.domain import Kind, State
from alpr.site.yard.grouping import Glimpse, Pass
from alpr.store import schema
from alpr.store.database import Database
from alpr.store.readrows import StoredRead, stored_read

_AROUND: Final = 60
"""Reads before and after one that are looked at: a chain without any gap is cut there."""
_LINKS: Final = 12
"""And no further away than so many times as a truck takes."""


@dataclass(frozen=True, slots=True)
class StoredPass:
    """A pass as it is stored."""

    id: str
    portal: str
    direction: str
    began_at: datetime
    ended_at: datetime
    plate: str
    trailer: str
    containers: tuple[str, ...]
    read_count: int
    arrival: str


@dataclass(frozen=True, slots=True)
class PassQuery:
    """Which passes to page through; what is None does not narrow."""

    portal: str | None = None
    carrying: bool = False
    """Only those with a container."""
    arrival: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    """Exclusive."""
    before: tuple[datetime, str] | None = None
    """The last pass of the page before: its beginning and id."""
    limit: int = 50


async def around(connection: AsyncConnection, cameras: Collection[str], at: datetime, span: timedelta) -> list[Glimpse]:
    """Return what these cameras saw about then, in no order; no pass takes longer than `span`, and none is cut."""
    columns = schema.reads.c
    chosen = select(
        columns.id,
        columns.camera,
        columns.captured_at,
        columns.kind,
        columns.text,
        columns.confidence,
        columns.direction,
        columns.pass_id,
    ).where(columns.camera.in_(sorted(cameras)), columns.state != State.DISMISSED.value)
    before = chosen.where(columns.captured_at <= at, columns.captured_at >= at - _LINKS * span)
    after = chosen.where(columns.captured_at > at, columns.captured_at <= at + _LINKS * span)
    older = await connection.execute(before.order_by(columns.captured_at.desc()).limit(_AROUND))
    newer = await connection.execute(after.order_by(columns.captured_at).limit(_AROUND))
    return [*_whole(older.all(), at, span), *_whole(newer.all(), at, span)]


def _whole(rows: Sequence[Any], at: datetime, span: timedelta) -> list[Glimpse]:
    """Leave out, at the far end of what was looked at, the passes that may go on beyond it."""
    if not rows:
        return []
    far = rows[-1].captured_at
    ends = len(rows) == _AROUND or abs(far - at) > (_LINKS - 1) * span
    cut = {row.pass_id for row in rows if abs(row.captured_at - far) <= span} if ends else set()
    return [_glimpse(row) for row in rows if row.pass_id is None or row.pass_id not in cut]


async def put(connection: AsyncConnection, portal: str, changed: Sequence[Pass], before: Mapping[str, str]) -> None:
    """Store passes that are new or have changed; `before` says to which pass each read belonged until now."""
    table, columns = schema.passes, schema.reads.c
    for one in changed:
        values = {
            "portal": portal,
            "direction": one.direction,
            "began_at": one.began,
            "ended_at": one.ended,
            "plate": one.plate,
            "trailer": one.trailer,
            "containers": list(one.containers),
            "container_count": len(one.containers),
            "read_count": len(one.reads),
        }
        if not (await connection.execute(update(table).where(table.c.id == one.id).values(**values))).rowcount:
            await connection.execute(insert(table).values(id=one.id, arrival="", **values))
        if moved := [read for read in one.reads if before.get(read) != one.id]:
            await connection.execute(update(schema.reads).where(columns.id.in_(moved)).values(pass_id=one.id))


async def remove(connection: AsyncConnection, ids: Iterable[str]) -> None:
    """Remove passes, and free what was expected and had come with them."""
    if gone := sorted(ids):
        await connection.execute(delete(schema.passes).where(schema.passes.c.id.in_(gone)))
        entries = schema.expected
        free = {"arrived_with": "", "arrived_at": None, "arrival": ""}
        await connection.execute(update(entries).where(entries.c.arrived_with.in_(gone)).values(**free))


async def leave(connection: AsyncConnection, read_id: str) -> Glimpse | None:
    """Take a read out of its pass; return what it showed, or None when there is no such read."""
    columns = schema.reads.c
    row = (await connection.execute(select(schema.reads).where(columns.id == read_id))).one_or_none()
    if row is None:
        return None
    await connection.execute(update(schema.reads).where(columns.id == read_id).values(pass_id=None, arrival=None))
    return _glimpse(row)


async def get(db: Database, pass_id: str) -> tuple[StoredPass, tuple[StoredRead, ...]] | None:
    """Return a pass with its reads in the order of time, or None."""
    table, columns = schema.passes, schema.reads.c
    async with db.read() as connection:
        row = (await connection.execute(select(table).where(table.c.id == pass_id))).one_or_none()
        if row is None:
            return None
        of_it = select(schema.reads).where(columns.pass_id == pass_id).order_by(columns.captured_at, columns.id)
        reads = tuple(stored_read(one) for one in await connection.execute(of_it))
    return stored_pass(row), reads


async def page(db: Database, query: PassQuery) -> tuple[StoredPass, ...]:
    """Return at most `query.limit` passes, newest first."""
    table = schema.passes
    statement = select(table).where(*_conditions(query))
    if query.before is not None:
        at, last = query.before
        earlier = or_(table.c.began_at < at, and_(table.c.began_at == at, table.c.id < last))
        statement = statement.where(table.c.began_at <= at, earlier)
    statement = statement.order_by(table.c.began_at.desc(), table.c.id.desc()).limit(query.limit)
    async with db.read() as connection:
        return tuple(stored_pass(row) for row in await connection.execute(statement))


async def count(db: Database, query: PassQuery) -> int:
    """Return how many passes the query finds; `before` and `limit` do not matter."""
    async with db.read() as connection:
        statement = select(func.count()).select_from(schema.passes).where(*_conditions(query))
        return (await connection.execute(statement)).scalar_one()


async def of_reads(connection: AsyncConnection, read_ids: Collection[str]) -> dict[str, StoredPass]:
    """Return the pass of each of these reads that has one."""
    reads, table = schema.reads, schema.passes
    statement = (
        select(reads.c.id.label("read_id"), table)
        .join(table, table.c.id == reads.c.pass_id)
        .where(reads.c.id.in_(sorted(read_ids)))
    )
    return {row.read_id: stored_pass(row) for row in await connection.execute(statement)}


async def arrival_of(connection: AsyncConnection, read_id: str) -> str:
    """Return how the worst container of this read's pass stands to the expected list; empty: nothing to be said."""
    reads, table = schema.reads, schema.passes
    statement = select(table.c.arrival).join(reads, reads.c.pass_id == table.c.id).where(reads.c.id == read_id)
    return (await connection.execute(statement)).scalar_one_or_none() or ""


async def set_arrival(connection: AsyncConnection, pass_id: str, container: str, arrival: str) -> None:
    """Note of the reads of a container in a pass how it stands to the expected list."""
    columns = schema.reads.c
    mine = (columns.pass_id == pass_id, columns.kind == Kind.CONTAINER.value, columns.text == container)
    await connection.execute(update(schema.reads).where(*mine).values(arrival=arrival or None))


async def set_worst(connection: AsyncConnection, pass_id: str, arrival: str) -> None:
    """Note of a pass, and of its plates, how the worst of its containers stands."""
    table, columns = schema.passes, schema.reads.c
    await connection.execute(update(table).where(table.c.id == pass_id).values(arrival=arrival))
    others = (columns.pass_id == pass_id, columns.kind != Kind.CONTAINER.value)
    differing = func.coalesce(columns.arrival, "") != arrival
    await connection.execute(update(schema.reads).where(*others, differing).values(arrival=arrival or None))


def stored_pass(row: Row[Any]) -> StoredPass:
    """Return the pass of a row."""
    return StoredPass(
        row.id,
        row.portal,
        row.direction,
        row.began_at,
        row.ended_at,
        row.plate,
        row.trailer,
        tuple(row.containers),
        row.read_count,
        row.arrival,
    )


def _conditions(query: PassQuery) -> list[ColumnElement[bool]]:
    columns = schema.passes.c
    conditions: list[ColumnElement[bool]] = []
    if query.portal is not None:
        conditions.append(columns.portal == query.portal)
    if query.carrying:
        conditions.append(columns.container_count > 0)
    if query.arrival is not None:
        conditions.append(columns.arrival == query.arrival)
    if query.since is not None:
        conditions.append(columns.began_at >= query.since)
    if query.until is not None:
        conditions.append(columns.began_at < query.until)
    return conditions


def _glimpse(row: Row[Any]) -> Glimpse:
    return Glimpse(
        row.id,
        row.camera,
        row.captured_at,
        Kind(row.kind),
        row.text,
        row.confidence,
        row.direction or "",
        row.pass_id or "",
    )
