"""The yard: containers that are on the site, since when and with which truck, and where each has been before."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.domain import Kind, canonical, compact
from alpr.iso6346 import length_feet
from alpr.stay import VisitState
from alpr.store import schema
from alpr.store.database import Database
from alpr.store.passes import StoredPass, stored_pass

_AT_ONCE: Final = 400
FEET: Final = (20, 40, 45)
"""The lengths that nearly all containers have."""
_LENGTH_SIGNS: Final = {feet: [sign for sign in "1234BCGHLMNP" if length_feet(f"{sign}2G1") == feet] for feet in FEET}


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay of a container on the site."""

    id: str
    """Of its visit: that of its first read."""
    container: str
    began: datetime
    """When it came in; when it left, where nobody saw it come."""
    entered: datetime | None
    left: datetime | None
    state: VisitState
    size_type: str
    zone: str
    pass_id: str
    truck: str
    """The plate of the pass that it came with."""
    trailer: str
    arrival: str


@dataclass(frozen=True, slots=True)
class YardQuery:
    """Which of the containers on the site to page through; what is None does not narrow."""

    text: str | None = None
    """Part of the code or of its truck."""
    feet: int | None = None
    """One of `FEET`; 0 for all others and those whose size nobody read."""
    before: datetime | None = None
    """Only those that came in earlier."""
    after: tuple[datetime, str] | None = None
    """The last of the page before: when it came in, and its id."""
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Totals:
    """How many containers are on the site, by feet (0: other or unknown), and how many came in too long ago."""

    count: int
    by_feet: dict[int, int]
    over_free: int
    overstaying: int


_V = schema.visits.c
_R = schema.reads.c
_P = schema.passes.c
_SIZES = schema.reads.alias("sizes")
# Any look of the stay may have shown the size; an empty text sorts before all sizes.
_SIZE = func.coalesce(
    select(func.max(_SIZES.c.size_type))
    .select_from(schema.sightings.join(_SIZES, _SIZES.c.id == schema.sightings.c.read_id))
    .where(schema.sightings.c.visit_id == _V.id)
    .correlate(schema.visits)
    .scalar_subquery(),
    "",
)


async def inventory(db: Database, query: YardQuery) -> tuple[Stay, ...]:
    """Return at most `query.limit` of the containers on the site, the longest there first."""
    statement = _stays().where(*_conditions(query))
    if query.after is not None:
        at, last = query.after
        statement = statement.where(or_(_V.began > at, and_(_V.began == at, _V.id > last)))
    statement = statement.order_by(_V.began, _V.id).limit(query.limit)
    async with db.read() as connection:
        return tuple(_stay(row) for row in await connection.execute(statement))


async def count(db: Database, query: YardQuery) -> int:
    """Return how many containers the query finds; `after` and `limit` do not matter."""
    found = _stays().where(*_conditions(query)).subquery()
    async with db.read() as connection:
        return (await connection.execute(select(func.count()).select_from(found))).scalar_one()


async def totals(db: Database, free_before: datetime, overstay_before: datetime) -> Totals:
    """Count what is on the site: in all, by length, and what came in before these times."""
    inside = select(_SIZE.label("size"), _V.began.label("began")).where(*_conditions(YardQuery())).subquery()
    sign = func.substr(inside.c.size, 1, 1)
    statement = select(
        sign,
        func.count(),
        func.sum(case((inside.c.began < free_before, 1), else_=0)),
        func.sum(case((inside.c.began < overstay_before, 1), else_=0)),
    ).group_by(sign)
    async with db.read() as connection:
        rows = (await connection.execute(statement)).all()
    by_feet = dict.fromkeys((*FEET, 0), 0)
    for size, number, _, _ in rows:
        by_feet[next((feet for feet, signs in _LENGTH_SIGNS.items() if size in signs), 0)] += number
    return Totals(sum(row[1] for row in rows), by_feet, sum(row[2] for row in rows), sum(row[3] for row in rows))


async def history(db: Database, container: str, limit: int = 50) -> tuple[Stay, ...]:
    """Return the stays of a container, the latest first."""
    mine = (_V.kind == Kind.CONTAINER.value, _V.canonical == canonical(container))
    statement = _stays().where(*mine).order_by(_V.began.desc(), _V.id.desc()).limit(limit)
    async with db.read() as connection:
        return tuple(_stay(row) for row in await connection.execute(statement))


def _stays() -> Select[Any]:
    joined = schema.visits.outerjoin(schema.reads, _R.id == _V.id).outerjoin(schema.passes, _P.id == _R.pass_id)
    return select(
        _V.id,
        _V.text,
        _V.began,
        _V.entered,
        _V.left,
        _V.state,
        _V.zone,
        _SIZE.label("size_type"),
        _R.pass_id,
        _R.arrival,
        _P.plate,
        _P.trailer,
    ).select_from(joined)


def _conditions(query: YardQuery) -> Sequence[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [_V.state == VisitState.OPEN.value, _V.kind == Kind.CONTAINER.value]
    if query.text and (part := compact(query.text)):
        conditions.append(or_(_V.text.like(f"%{part}%"), _P.plate.like(f"%{part}%")))
    if query.feet is not None:
        signs = _LENGTH_SIGNS.get(query.feet)
        known = [sign for of_length in _LENGTH_SIGNS.values() for sign in of_length]
        first = func.substr(_SIZE, 1, 1)
        conditions.append(first.in_(signs) if signs else first.not_in(known))
    if query.before is not None:
        conditions.append(_V.began < query.before)
    return conditions


def _stay(row: Row[Any]) -> Stay:
    return Stay(
        row.id,
        row.text,
        row.began,
        row.entered,
        row.left,
        VisitState(row.state),
        row.size_type,
        row.zone,
        row.pass_id or "",
        row.plate or "",
        row.trailer or "",
        row.arrival or "",
    )


async def brought(connection: AsyncConnection, containers: Collection[str]) -> tuple[StoredPass, ...]:
    """Return the passes that brought those of these containers that are on the site now, in the order of time."""
    found: dict[str, Row[Any]] = {}
    every = sorted(containers)
    for start in range(0, len(every), _AT_ONCE):
        some = every[start : start + _AT_ONCE]
        statement = (
            select(_V.id.label("visit"), schema.passes)
            .join_from(schema.visits, schema.sightings, schema.sightings.c.visit_id == _V.id)
            .join(schema.reads, _R.id == schema.sightings.c.read_id)
            .join(schema.passes, _P.id == _R.pass_id)
            .where(
                _V.kind == Kind.CONTAINER.value,
                _V.state == VisitState.OPEN.value,
                _V.canonical.in_([canonical(one) for one in some]),
                _V.text.in_(some),
                _P.direction != "out",
            )
            .order_by(_P.began_at)
        )
        for row in await connection.execute(statement):
            found.setdefault(row.visit, row)
    passed = {row.id: stored_pass(row) for row in found.values()}
    return tuple(sorted(passed.values(), key=lambda one: one.began_at))
