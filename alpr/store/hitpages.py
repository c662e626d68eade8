"""All hits, newest read first: what lists said at the gate, whoever it was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from alpr.access import ListKind
from alpr.store import schema
from alpr.store.database import Database
from alpr.store.hits import Hit, hit_of
from alpr.store.places import first_place
from alpr.store.readrows import StoredRead, stored_read

_H = schema.hits.c
_R = schema.reads.c


@dataclass(frozen=True, slots=True)
class HitCursor:
    """The last hit of a page: the next page begins after it."""

    place: int
    ordinal: int


@dataclass(frozen=True, slots=True)
class HitQuery:
    """Which hits to page through; what is None does not narrow."""

    list_name: str | None = None
    kind: ListKind | None = None
    applies: bool | None = None
    camera: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    """Exclusive."""
    before: HitCursor | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class ReadHit:
    """A hit, the read that it is of, and where it stands among all."""

    hit: Hit
    stored: StoredRead
    cursor: HitCursor


async def page(db: Database, query: HitQuery) -> tuple[ReadHit, ...]:
    """Return at most `query.limit` hits, those of the newest read first, of one read the one that decided first."""
    async with db.read() as connection:
        rows = (await connection.execute(_statement(query))).all()
        ids = {row.read_id for row in rows}
        found = await connection.execute(select(schema.reads).where(_R.id.in_(ids)))
        reads = {row.id: stored_read(row) for row in found}
    return tuple(ReadHit(hit_of(row), reads[row.read_id], HitCursor(row.place, row.ordinal)) for row in rows)


def _statement(query: HitQuery) -> Select[Any]:
    statement = select(schema.hits).where(_H.place.is_not(None))
    wanted = {"list_name": query.list_name, "applies": query.applies}
    wanted |= {"list_kind": query.kind and query.kind.value}
    for name, value in wanted.items():
        if value is not None:
            statement = statement.where(_H[name] == value)
    if query.camera is not None:
        statement = statement.join(schema.reads, _R.id == _H.read_id).where(_R.camera == query.camera)
    if query.since is not None:
        statement = statement.where(_H.place >= first_place(query.since))
    if query.until is not None:
        statement = statement.where(_H.place < first_place(query.until))
    if query.before is not None:
        last = query.before
        # Newest read first, but of one read in the order of the hits.
        older, rest = _H.place < last.place, (_H.place == last.place) & (_H.ordinal > last.ordinal)
        statement = statement.where(_H.place <= last.place, older | rest)
    return statement.order_by(_H.place.desc(), _H.ordinal).limit(query.limit)
