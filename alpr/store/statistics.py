"""How many reads there were: by time, camera, kind and state, from an index alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import BigInteger, ColumnElement, case, func, select, type_coerce

from alpr.domain import State
from alpr.store import schema
from alpr.store.database import Database

QUARTER = timedelta(minutes=15)
"""The finest step: every time zone's hours and days begin on one."""
_QUARTER_US = 15 * 60 * 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Count:
    """How many reads were made, and how many of them could not be read."""

    reads: int
    unread: int

    def __add__(self, other: Count) -> Count:
        return Count(self.reads + other.reads, self.unread + other.unread)


async def by_quarter(
    db: Database, since: datetime, until: datetime, camera: str | None = None
) -> tuple[tuple[datetime, Count], ...]:
    """Count the reads from `since` until before `until` by the quarter of an hour that they fall in, oldest first."""
    quarter = type_coerce(schema.reads.c.captured_at, BigInteger) // _QUARTER_US
    counted = await _counted(db, quarter, since, until, camera)
    return tuple((_EPOCH + number * QUARTER, count) for number, count in counted)


async def by_facet(
    db: Database, facet: Literal["camera", "kind", "state"], since: datetime, until: datetime, camera: str | None = None
) -> tuple[tuple[str, Count], ...]:
    """Count the reads from `since` until before `until` by camera, kind or state."""
    return await _counted(db, schema.reads.c[facet], since, until, camera)


async def _counted(
    db: Database, by: ColumnElement[Any], since: datetime, until: datetime, camera: str | None
) -> tuple[tuple[Any, Count], ...]:
    columns = schema.reads.c
    unread = func.sum(case((columns.state == State.UNREAD.value, 1), else_=0))
    statement = (
        select(by, func.count(), unread)
        .where(columns.captured_at >= since, columns.captured_at < until, columns.state != State.DISMISSED.value)
        .group_by(by)
        .order_by(by)
    )
    if camera is not None:
        statement = statement.where(columns.camera == camera)
    async with db.read() as connection:
        return tuple((key, Count(reads, missed)) for key, reads, missed in await connection.execute(statement))
