"""Reads with their looks: saved once per pass, paged newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Row, ScalarSelect, Select, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.access import Verdict
from alpr.domain import Kind, Read, Review, State, canonical
from alpr.site.glob import ANY_ONE, ANY_RUN
from alpr.store import schema, searchindex
from alpr.store.database import Database
from alpr.store.places import SPAN, first_place, free_place, place_after
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
from alpr.store.search import Mode, Pattern, parse_pattern

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
    "save",
]


_RARE = frozenset({Verdict.DENIED, Verdict.WATCH})


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last read of a page: the next page begins after it."""

    captured_at: datetime
    id: str


@dataclass(frozen=True, slots=True)
class ReadQuery:
    """Which reads to page through; what is None does not narrow."""

    camera: str | None = None
    kind: Kind | None = None
    state: State | None = None
    """None leaves out only what was dismissed."""
    text: str | Pattern | None = None
    """Part of the text, look-alikes forgiven; with `*` (any run) or `?` (one character) the whole text."""
    same: str | None = None
    """The whole text, look-alikes forgiven: a text without letters and digits is that of no read."""
    direction: str | None = None
    source: str | None = None
    """The system that sent them; empty for those of our own cameras."""
    verdict: Verdict | None = None
    review: Review | None = None
    """What a person said of it."""
    region: str | None = None
    vehicle_type: str | None = None
    vehicle_colour: str | None = None
    below: float | None = None
    """Only texts less sure than this, 0 to 1."""
    id: str | None = None
    """This read alone, if the rest of the query lets it through."""
    ids: tuple[str, ...] = ()
    """These reads alone."""
    since: datetime | None = None
    until: datetime | None = None
    """Exclusive."""
    before: Cursor | None = None
    limit: int = 50


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


async def page_statement(connection: AsyncConnection, query: ReadQuery) -> Select[Any]:
    """Return what `page` asks the database; the connection is asked where the page begins."""
    source = _source(query)
    statement: Select[Any] = select(schema.reads).select_from(source.tables).where(*source.conditions)
    if query.since is not None:
        statement = statement.where(source.place >= first_place(query.since))
    if query.until is not None:
        statement = statement.where(source.place < place_after(query.until))
    if query.before is not None:
        statement = statement.where(source.place < await _place(connection, query.before))
    return statement.order_by(source.place.desc()).limit(query.limit)


async def after(db: Database, cursor: Cursor, same: str = "") -> StoredRead | None:
    """Return the read that came next after this one, or the next of the same text; None for the newest."""
    table = schema.reads
    async with db.read() as connection:
        place = await _place(connection, cursor)
        later = (table.c.place > place) & (table.c.state != State.DISMISSED.value)
        if same:
            later &= table.c.canonical == canonical(same)
        statement = select(table).where(later).order_by(table.c.place).limit(1)
        row = (await connection.execute(statement)).one_or_none()
    return None if row is None else stored_read(row)


async def count(db: Database, query: ReadQuery) -> int:
    """Return how many reads the query finds; `before` and `limit` do not matter."""
    source = _source(query)
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


@dataclass(frozen=True, slots=True)
class _Source:
    """Where the reads of a query come from."""

    tables: FromClause
    place: ColumnElement[int]
    conditions: list[ColumnElement[bool]]


def _source(query: ReadQuery) -> _Source:
    """Go through the search index when text or facets narrow, else through the reads in their order."""
    patterns = _patterns(query)
    conditions = [*_facet_conditions(query), *_time_conditions(query)]
    for pattern in patterns:
        conditions += _text_conditions(pattern)
    terms = searchindex.terms_of(
        camera=query.camera,
        kind=query.kind,
        state=query.state,
        direction=query.direction,
        below=query.below,
        patterns=patterns,
    )
    if not terms or _is_rare(query) or (_has_own_index(query) and not patterns):
        return _Source(schema.reads, schema.reads.c.place, conditions)
    return _Source(searchindex.join_reads(), searchindex.PLACE, [searchindex.holding(terms), *conditions])


def _is_rare(query: ReadQuery) -> bool:
    """Whether so few reads are in question that no text narrows them sooner."""
    # Few are denied or watched: their own index finds them sooner than the terms of all the others.
    named = query.id is not None or bool(query.ids)
    return named or query.verdict in _RARE or query.review is not None


def _has_own_index(query: ReadQuery) -> bool:
    """Whether what the query narrows by has an index of its own, which leads sooner than the terms of all reads."""
    narrowed = (query.region, query.vehicle_type, query.vehicle_colour, query.source or None)
    return any(value is not None for value in narrowed)


def _patterns(query: ReadQuery) -> list[Pattern]:
    pattern = parse_pattern(query.text) if isinstance(query.text, str) else query.text
    patterns = [] if pattern is None or pattern.typed == ANY_RUN else [pattern]
    if query.same is not None:
        patterns.append(parse_pattern(query.same, Mode.EXACT))
    return patterns


def _facet_conditions(query: ReadQuery) -> list[ColumnElement[bool]]:
    columns = schema.reads.c
    wanted = {"id": query.id, "camera": query.camera, "direction": query.direction}
    wanted |= {"kind": query.kind and query.kind.value, "state": query.state and query.state.value}
    wanted |= {"verdict": query.verdict and query.verdict.value, "review": query.review and query.review.value}
    wanted |= {"region": query.region, "vehicle_type": query.vehicle_type, "vehicle_colour": query.vehicle_colour}
    conditions = [columns[name] == value for name, value in wanted.items() if value is not None]
    if query.ids:
        conditions.append(columns.id.in_(query.ids))
    if query.state is None and query.review is not Review.DISMISSED and not query.ids:
        conditions.append(columns.state != State.DISMISSED.value)
    if query.below is not None:
        conditions.append(columns.confidence < query.below)
    if query.source is not None:
        conditions.append(columns.source == query.source if query.source else columns.source.is_(None))
    if query.below is not None or query.same is not None:
        conditions.append(columns.text != "")
    return conditions


def _time_conditions(query: ReadQuery) -> list[ColumnElement[bool]]:
    captured_at = schema.reads.c.captured_at
    conditions: list[ColumnElement[bool]] = []
    if query.since is not None:
        conditions.append(captured_at >= query.since)
    if query.until is not None:
        conditions.append(captured_at < query.until)
    return conditions


def _text_conditions(pattern: Pattern) -> list[ColumnElement[bool]]:
    columns = schema.reads.c
    conditions: list[ColumnElement[bool]] = [columns.canonical.like(_like(pattern.folded))]
    if not pattern.look_alikes:
        spaceless = func.replace(func.replace(columns.text, " ", ""), "-", "")
        conditions.append(func.upper(spaceless).like(_like(pattern.typed)))
    return conditions


def _like(glob: str) -> str:
    """Return the LIKE pattern of letters, digits, `*` and `?`, none of which needs an escape."""
    return glob.replace(ANY_RUN, "%").replace(ANY_ONE, "_")


async def _place(connection: AsyncConnection, cursor: Cursor) -> int:
    """Return the place of the cursor's read; when it is gone, one that at least misses no older read."""
    statement = select(schema.reads.c.place).where(schema.reads.c.id == cursor.id)
    place = (await connection.execute(statement)).scalar_one_or_none()
    return first_place(cursor.captured_at) + SPAN if place is None else place
