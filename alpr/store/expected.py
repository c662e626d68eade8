"""The expected list: containers announced for a day, and what became of each."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, delete, func, insert, or_, select, update
from sqlalchemy.dialects.sqlite import insert as insert_or
from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.domain import compact
from alpr.site.yard.arrivals import Arrival, Expected
from alpr.store import schema
from alpr.store.database import Database

_IN_USE: Final = timedelta(days=30)
"""A list whose last day lies longer ago is not in use: then nothing is unexpected."""
_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True)
class Listed:
    """An announcement with what became of it."""

    entry: Expected
    arrival: str
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True)
class ExpectedQuery:
    """Which announcements to page through; what is None does not narrow."""

    text: str | None = None
    """Part of the code, truck, reference or note."""
    state: str | None = None
    """`waiting`, `arrived`, or an `Arrival`."""
    since: date | None = None
    until: date | None = None
    """Included."""
    after: tuple[str, int] | None = None
    """The last of the page before: its day and id."""
    limit: int = 100


async def add_all(db: Database, entries: Sequence[Expected], who: str, now: datetime) -> int:
    """Store announcements; one that stands there for that day already is passed over. Return how many were added."""
    async with db.write() as connection:
        return await put_all(connection, entries, who, now)


async def put_all(connection: AsyncConnection, entries: Sequence[Expected], who: str, now: datetime) -> int:
    """Store announcements in a transaction, as `add_all` does."""
    added = 0
    for start in range(0, len(entries), _AT_ONCE):
        rows = [_values(one, who, now) for one in entries[start : start + _AT_ONCE]]
        statement = insert_or(schema.expected).values(rows).on_conflict_do_nothing()
        added += (await connection.execute(statement)).rowcount
    return added


async def known(db: Database) -> frozenset[tuple[str, date]]:
    """Return the containers and days that are announced."""
    columns = schema.expected.c
    async with db.read() as connection:
        rows = await connection.execute(select(columns.container, columns.due))
        return frozenset((container, date.fromisoformat(due)) for container, due in rows)


async def in_use(connection: AsyncConnection, today: date) -> bool:
    """Whether anything was expected lately, or is."""
    columns = schema.expected.c
    statement = select(columns.id).where(columns.due >= (today - _IN_USE).isoformat()).limit(1)
    return (await connection.execute(statement)).first() is not None


async def of_container(connection: AsyncConnection, container: str) -> tuple[Expected, ...]:
    """Return all announcements of a container."""
    statement = select(schema.expected).where(schema.expected.c.container == container)
    return tuple(_expected(row) for row in await connection.execute(statement))


async def history(db: Database, container: str, limit: int = 20) -> tuple[Listed, ...]:
    """Return the announcements of a container, the latest first."""
    columns = schema.expected.c
    statement = select(schema.expected).where(columns.container == container).order_by(columns.due.desc()).limit(limit)
    async with db.read() as connection:
        return tuple(_listed(row) for row in await connection.execute(statement))


async def with_pass(db: Database, pass_id: str) -> tuple[Listed, ...]:
    """Return what came with a pass."""
    statement = select(schema.expected).where(schema.expected.c.arrived_with == pass_id)
    async with db.read() as connection:
        return tuple(_listed(row) for row in await connection.execute(statement))


async def arrived(connection: AsyncConnection, entry: Expected, pass_id: str, at: datetime, arrival: Arrival) -> None:
    """Note that an announced container has come."""
    table = schema.expected
    values = {"arrived_with": pass_id, "arrived_at": at, "arrival": arrival.value}
    await connection.execute(update(table).where(table.c.id == entry.id).values(**values))


async def free(connection: AsyncConnection, pass_id: str, but: Collection[int]) -> None:
    """Let all that had come with this pass wait again, but for these announcements."""
    table = schema.expected
    values: dict[str, Any] = {"arrived_with": "", "arrived_at": None, "arrival": ""}
    statement = update(table).where(table.c.arrived_with == pass_id, table.c.id.not_in(sorted(but)))
    await connection.execute(statement.values(**values))


async def page(db: Database, query: ExpectedQuery) -> tuple[Listed, ...]:
    """Return at most `query.limit` announcements, by their day."""
    columns = schema.expected.c
    statement = select(schema.expected).where(*_conditions(query))
    if query.after is not None:
        due, last = query.after
        statement = statement.where(or_(columns.due > due, and_(columns.due == due, columns.id > last)))
    statement = statement.order_by(columns.due, columns.id).limit(query.limit)
    async with db.read() as connection:
        return tuple(_listed(row) for row in await connection.execute(statement))


async def count(db: Database, query: ExpectedQuery) -> int:
    """Return how many announcements the query finds; `after` and `limit` do not matter."""
    statement = select(func.count()).select_from(schema.expected).where(*_conditions(query))
    async with db.read() as connection:
        return (await connection.execute(statement)).scalar_one()


async def get(db: Database, entry_id: int) -> Listed | None:
    """Return one announcement, or None."""
    async with db.read() as connection:
        statement = select(schema.expected).where(schema.expected.c.id == entry_id)
        row = (await connection.execute(statement)).one_or_none()
    return None if row is None else _listed(row)


async def put(connection: AsyncConnection, entry: Expected, who: str, now: datetime) -> int | None:
    """Store one announcement; return its id, or None when it is announced for that day already."""
    columns = schema.expected.c
    taken = select(columns.id).where(columns.container == entry.container, columns.due == entry.due.isoformat())
    if (await connection.execute(taken)).first() is not None:
        return None
    made = await connection.execute(insert(schema.expected).values(**_values(entry, who, now)))
    key = made.inserted_primary_key
    assert key is not None, "the row was inserted"
    return int(key[0])


async def remove(db: Database, entry_id: int) -> bool:
    """Remove one announcement; return whether it was there."""
    async with db.write() as connection:
        table = schema.expected
        return bool((await connection.execute(delete(table).where(table.c.id == entry_id))).rowcount)


def _conditions(query: ExpectedQuery) -> list[ColumnElement[bool]]:
    columns = schema.expected.c
    conditions: list[ColumnElement[bool]] = []
    if query.text:
        part, code = f"%{query.text.translate(_NO_WILDCARDS)}%", compact(query.text)
        fits = [columns[name].like(part, escape="\\") for name in ("truck", "reference", "note")]
        conditions.append(or_(columns.container.like(f"%{code}%") if code else fits[0], *fits))
    if query.state == "waiting":
        conditions.append(columns.arrived_with == "")
    elif query.state == "arrived":
        conditions.append(columns.arrived_with != "")
    elif query.state is not None:
        conditions.append(columns.arrival == query.state)
    if query.since is not None:
        conditions.append(columns.due >= query.since.isoformat())
    if query.until is not None:
        conditions.append(columns.due <= query.until.isoformat())
    return conditions


_NO_WILDCARDS: Final = str.maketrans({"%": "\\%", "_": "\\_", "\\": "\\\\"})


def _values(entry: Expected, who: str, now: datetime) -> dict[str, Any]:
    return {
        "container": entry.container,
        "due": entry.due.isoformat(),
        "truck": entry.truck,
        "reference": entry.reference,
        "note": entry.note,
        "arrival": "",
        "arrived_with": "",
        "arrived_at": None,
        "created_at": now,
        "created_by": who,
    }


def _listed(row: Row[Any]) -> Listed:
    return Listed(_expected(row), row.arrival, row.created_at, row.created_by)


def _expected(row: Row[Any]) -> Expected:
    due = date.fromisoformat(row.due)
    return Expected(row.container, due, row.truck, row.reference, row.note, row.id, row.arrived_with, row.arrived_at)
