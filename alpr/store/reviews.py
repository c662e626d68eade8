"""The reads that a person should look at: unread, unsure, with a check digit that does not fit, or said to be wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.domain import CheckDigit, Review, State
from alpr.store import schema, searchindex
from alpr.store.database import Database
from alpr.store.places import first_place
from alpr.store.readrows import StoredRead, stored_read

MOST: Final = 1000
"""More are not counted."""
_T = schema.reads.c
_DOUBTED: Final = (CheckDigit.COMPUTED.value, CheckDigit.DIFFERS.value)


@dataclass(frozen=True, slots=True)
class ReviewQuery:
    """Which reads wait."""

    below: float
    """How sure a text must be, to need nobody."""
    since: datetime
    """Older ones wait no longer."""
    camera: str = ""


async def waiting(
    db: Database, query: ReviewQuery, before: int | None = None, limit: int = 1
) -> tuple[StoredRead, ...]:
    """Return the reads that wait, newest first; those at or after the place `before` have been seen."""
    async with db.read() as connection:
        rows = [row for source in _sources(query, before) for row in await _rows(connection, source, limit)]
    newest = sorted({row.id: row for row in rows}.values(), key=lambda row: -row.place)
    return tuple(stored_read(row) for row in newest[:limit])


async def count(db: Database, query: ReviewQuery) -> int:
    """Return how many reads wait, at most `MOST` of them."""
    ids: set[str] = set()
    async with db.read() as connection:
        for source in _sources(query, None):
            found = await connection.execute(source.with_only_columns(_T.id).limit(MOST))
            ids.update(found.scalars())
    return min(len(ids), MOST)


async def place_of(db: Database, read_id: str) -> int | None:
    """Return the place of a read in the order of all."""
    async with db.read() as connection:
        return (await connection.execute(select(_T.place).where(_T.id == read_id))).scalar_one_or_none()


def _sources(query: ReviewQuery, before: int | None) -> tuple[Select[Any], ...]:
    """Ask each index for its own: what is unsure, what a check digit contradicts, what was said to be wrong."""
    index = searchindex.join_reads()
    # Terms narrow, conditions decide: above this share of sureness there is no term, and all plates are walked through.
    terms = '"@u" OR "@sunread"' if query.below <= searchindex.UNSURE else '"@sfinal" OR "@sunread"'
    unsure = (_T.state == State.UNREAD.value) | ((_T.state == State.FINAL.value) & (_T.confidence < query.below))
    doubted = _T.check_digit.in_(_DOUBTED) & (_T.state == State.FINAL.value)
    return (
        _select(index, searchindex.PLACE, query, before, searchindex.holding_any(terms), unsure, _T.review.is_(None)),
        _select(schema.reads, _T.place, query, before, doubted, _T.review.is_(None)),
        _select(schema.reads, _T.place, query, before, _T.review == Review.WRONG.value),
    )


def _select(
    tables: FromClause, place: ColumnElement[int], query: ReviewQuery, before: int | None, *conditions: Any
) -> Select[Any]:
    statement = select(schema.reads).select_from(tables).where(*conditions, place >= first_place(query.since))
    if before is not None:
        statement = statement.where(place < before)
    if query.camera:
        statement = statement.where(_T.camera == query.camera)
    return statement.order_by(place.desc())


async def _rows(connection: AsyncConnection, statement: Select[Any], limit: int) -> list[Any]:
    return list(await connection.execute(statement.limit(limit)))
