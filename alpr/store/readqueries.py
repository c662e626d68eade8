"""Which reads are asked for, and the statement that finds them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.access import Verdict
from alpr.domain import Kind, Review, State
from alpr.site.glob import ANY_ONE, ANY_RUN
from alpr.store import schema, searchindex
from alpr.store.places import SPAN, first_place, place_after
from alpr.store.search import Mode, Pattern, parse_pattern

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


async def page_statement(connection: AsyncConnection, query: ReadQuery) -> Select[Any]:
    """Return what `page` asks the database; the connection is asked where the page begins."""
    source = source_of(query)
    statement: Select[Any] = select(schema.reads).select_from(source.tables).where(*source.conditions)
    if query.since is not None:
        statement = statement.where(source.place >= first_place(query.since))
    if query.until is not None:
        statement = statement.where(source.place < place_after(query.until))
    if query.before is not None:
        statement = statement.where(source.place < await place_of(connection, query.before))
    return statement.order_by(source.place.desc()).limit(query.limit)


@dataclass(frozen=True, slots=True)
class Source:
    """Where the reads of a query come from."""

    tables: FromClause
    place: ColumnElement[int]
    conditions: list[ColumnElement[bool]]


def source_of(query: ReadQuery) -> Source:
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
        return Source(schema.reads, schema.reads.c.place, conditions)
    return Source(searchindex.join_reads(), searchindex.PLACE, [searchindex.holding(terms), *conditions])


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


async def place_of(connection: AsyncConnection, cursor: Cursor) -> int:
    """Return the place of the cursor's read; when it is gone, one that at least misses no older read."""
    statement = select(schema.reads.c.place).where(schema.reads.c.id == cursor.id)
    place = (await connection.execute(statement)).scalar_one_or_none()
    return first_place(cursor.captured_at) + SPAN if place is None else place
