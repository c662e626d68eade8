"""Visits: who is inside, who was, and how many; kept up to date by `alpr.keepers.visits`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, distinct, exists, func, or_, select, update

from alpr.domain import Kind, canonical, fold
from alpr.site.glob import ANY_ONE, ANY_RUN, compact_glob
from alpr.stay import VisitState
from alpr.store import schema
from alpr.store.database import Database
from alpr.store.visitrows import StoredVisit, stored_visit

__all__ = [
    "Occupancy",
    "Standing",
    "StoredVisit",
    "Summary",
    "VisitCursor",
    "VisitQuery",
    "companions",
    "count",
    "give_up",
    "inside",
    "occupancy",
    "of_read",
    "of_text",
    "page",
    "standing",
    "summary",
]

_T, _SEEN, _HIT = schema.visits.c, schema.sightings.c, schema.hits.c
_COMPANIONS = 20
_OPEN = _T.state == VisitState.OPEN.value
_CAMERAS = (_T.came_camera, _T.went_camera, _T.last_camera)


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a vehicle is inside, since when, and when it was here before."""

    inside: bool
    since: datetime | None
    visits: tuple[StoredVisit, ...]
    """Newest first."""


@dataclass(frozen=True, slots=True)
class VisitCursor:
    """The last visit of a page: the next page begins after it."""

    began: datetime
    id: str


@dataclass(frozen=True, slots=True)
class VisitQuery:
    """Which visits to page through; what is None does not narrow."""

    text: str | None = None
    """Part of the text, look-alikes forgiven; with `*` or `?` the whole text."""
    kind: Kind | None = None
    state: VisitState | None = None
    list_name: str | None = None
    """Of a list that an entry of allowed, denied or watched one of its reads."""
    zone: str | None = None
    camera: str | None = None
    """Where it came in, went out or was seen last."""
    since: datetime | None = None
    """It had not left before."""
    until: datetime | None = None
    """It began before, exclusive."""
    entered_before: datetime | None = None
    """For those who are inside for long."""
    before: VisitCursor | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Occupancy:
    """How many are inside."""

    site: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    zones: dict[str, int] = field(default_factory=dict)
    lists: dict[str, int] = field(default_factory=dict)


async def standing(db: Database, text: str, kind: Kind, now: datetime, limit: int = 5) -> Standing:
    """Return whether the vehicle or container of this text is inside, and its last visits; look-alikes count as one."""
    found = await of_text(db, text, limit, kind)
    is_open = (one.visit for one in found if one.visit.state is VisitState.OPEN and one.visit.last_seen <= now)
    here = next(is_open, None)
    return Standing(here is not None, here.entered if here else None, found)


async def of_text(db: Database, text: str, limit: int = 50, kind: Kind | None = None) -> tuple[StoredVisit, ...]:
    """Return the visits of a text, look-alikes forgiven, newest first; none for a text without letters and digits."""
    folded = canonical(text)
    if not folded:
        return ()
    statement = select(schema.visits).where(_T.canonical == folded).order_by(_T.began.desc(), _T.id.desc()).limit(limit)
    return await _rows(db, statement if kind is None else statement.where(_T.kind == kind.value))


async def of_read(db: Database, read_id: str) -> StoredVisit | None:
    """Return the visit that a read belongs to, or None; its first read finds it even when that is gone."""
    mine = select(_SEEN.visit_id).where(_SEEN.read_id == read_id).scalar_subquery()
    found = await _rows(db, select(schema.visits).where(_T.id == func.coalesce(mine, read_id)))
    return found[0] if found else None


async def companions(db: Database, visit: StoredVisit) -> tuple[StoredVisit, ...]:
    """Return the visits of what passed the gate together with it: the trailer, the containers on it."""
    mine, other = schema.reads.alias(), schema.reads.alias()
    beside = (
        select(_SEEN.visit_id)
        .join_from(mine, other, other.c.pass_id == mine.c.pass_id)
        .join(schema.sightings, _SEEN.read_id == other.c.id)
        .where(mine.c.id.in_(visit.visit.reads), mine.c.pass_id.is_not(None))
    )
    statement = select(schema.visits).where(_T.id.in_(beside), _T.id != visit.visit.id)
    return await _rows(db, statement.order_by(_T.began.desc(), _T.id.desc()).limit(_COMPANIONS))


async def page(db: Database, query: VisitQuery) -> tuple[StoredVisit, ...]:
    """Return at most `query.limit` visits, those that began last first."""
    statement = select(schema.visits).where(*_conditions(query))
    if query.before is not None:
        last = query.before
        statement = statement.where(_T.began <= last.began, or_(_T.began < last.began, _T.id < last.id))
    return await _rows(db, statement.order_by(_T.began.desc(), _T.id.desc()).limit(query.limit))


async def inside(db: Database, query: VisitQuery) -> tuple[StoredVisit, ...]:
    """Return who is inside now, who came last first."""
    return await page(db, replace(query, state=VisitState.OPEN))


async def count(db: Database, query: VisitQuery) -> int:
    """Return how many visits the query finds; `before` and `limit` do not matter."""
    statement = select(func.count()).select_from(schema.visits).where(*_conditions(query))
    async with db.read() as connection:
        return (await connection.execute(statement)).scalar_one()


async def occupancy(db: Database) -> Occupancy:
    """Count who is inside: on the site, by kind, by the zone seen in last, and by list."""
    by_kind = select(_T.kind, func.count()).where(_OPEN).group_by(_T.kind)
    by_zone = select(_T.zone, func.count()).where(_OPEN, _T.zone != "").group_by(_T.zone)
    by_list = (
        select(_HIT.list_name, func.count(distinct(_T.id)))
        .join_from(schema.visits, schema.sightings, _SEEN.visit_id == _T.id)
        .join(schema.hits, and_(_HIT.read_id == _SEEN.read_id, _HIT.applies))
        .where(_OPEN)
        .group_by(_HIT.list_name)
    )
    async with db.read() as connection:
        kinds, zones, lists = [
            {name: number for name, number in (await connection.execute(one)).all()}  # noqa: C416  typed rows
            for one in (by_kind, by_zone, by_list)
        ]
    return Occupancy(sum(kinds.values()), kinds, zones, lists)


@dataclass(frozen=True, slots=True)
class Summary:
    """The visits that began in a stretch of time."""

    visits: int
    vehicles: int
    """Different texts, look-alikes counting as one."""
    repeated: int
    """Texts that came more than once."""
    first: StoredVisit | None
    """Who came first, of those who were seen coming."""
    last: StoredVisit | None
    """Who left last, of those who were seen leaving."""


async def summary(db: Database, since: datetime, until: datetime) -> Summary:
    """Sum up the visits that began from `since` until before `until`."""
    then = and_(_T.began >= since, _T.began < until)
    each = select(func.count().label("times")).select_from(schema.visits).where(then).group_by(_T.canonical).subquery()
    sums = select(func.count(), func.sum(each.c.times), func.sum(case((each.c.times > 1, 1), else_=0))).select_from(
        each
    )
    came = select(schema.visits).where(then, _T.entered.is_not(None)).order_by(_T.began, _T.id).limit(1)
    left = select(schema.visits).where(then, _T.left.is_not(None)).order_by(_T.left.desc(), _T.id.desc()).limit(1)
    async with db.read() as connection:
        vehicles, every, repeated = (await connection.execute(sums)).one()
        ends = [(await connection.execute(one)).one_or_none() for one in (came, left)]
    first, last = (None if row is None else stored_visit(row) for row in ends)
    return Summary(every or 0, vehicles, repeated or 0, first, last)


async def give_up(db: Database, kind: Kind, unseen_since: datetime) -> int:
    """Note that whatever of this kind was not seen since must have left unseen; return how many."""
    late = and_(_OPEN, _T.kind == kind.value, _T.last_seen < unseen_since)
    async with db.read() as connection:
        if not (await connection.execute(select(exists().where(late)))).scalar_one():
            return 0  # most of the time: no need to take the writer's turn
    async with db.write() as connection:
        gone = update(schema.visits).where(late).values(state=VisitState.MISSED_OUT.value)
        return (await connection.execute(gone)).rowcount


def _conditions(query: VisitQuery) -> list[ColumnElement[bool]]:
    wanted: dict[str, Any] = {"kind": query.kind and query.kind.value, "state": query.state and query.state.value}
    wanted |= {"zone": query.zone}
    conditions = [_T[name] == value for name, value in wanted.items() if value is not None]
    if query.text is not None and (like := _like(query.text)):
        conditions.append(_T.canonical.like(like))
    if query.camera is not None:
        conditions.append(or_(*(column == query.camera for column in _CAMERAS)))
    if query.since is not None:
        conditions.append(or_(_T.left >= query.since, and_(_T.left.is_(None), _T.last_seen >= query.since)))
    if query.until is not None:
        conditions.append(_T.began < query.until)
    if query.entered_before is not None:
        conditions.append(_T.entered < query.entered_before)
    if query.list_name is not None:
        conditions.append(_on_list(query.list_name))
    return conditions


def _on_list(name: str) -> ColumnElement[bool]:
    # Written so that no index of lists is used: a visit has few reads, a list may have all hits of years.
    hit = and_(_HIT.read_id == _SEEN.read_id, _HIT.applies, _HIT.list_name.concat("") == name)
    joined = select(_SEEN.read_id).join(schema.hits, hit).where(_SEEN.visit_id == _T.id)
    return joined.exists()


def _like(text: str) -> str:
    """Return the LIKE pattern of what was typed, look-alikes folded; empty when it narrows nothing."""
    if ANY_RUN in text or ANY_ONE in text:
        return fold(compact_glob(text)).replace(ANY_RUN, "%").replace(ANY_ONE, "_")
    folded = canonical(text)
    return f"%{folded}%" if folded else ""


async def _rows(db: Database, statement: Select[Any]) -> tuple[StoredVisit, ...]:
    async with db.read() as connection:
        return tuple(stored_visit(row) for row in await connection.execute(statement))
