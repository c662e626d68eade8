"""How many reads there were: by time, camera, kind and state, from an index alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, func, select, type_coerce

from alpr.domain import Kind, State
from alpr.store import schema
from alpr.store.database import Database

QUARTER = timedelta(minutes=15)
"""The finest step: every time zone's hours and days begin on one."""
_QUARTER_US = 15 * 60 * 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Count:
    """Reads of one kind and state that one camera made within a quarter of an hour."""

    begins: datetime
    camera: str
    kind: Kind
    state: State
    reads: int


async def quarters(db: Database, since: datetime, until: datetime, camera: str | None = None) -> tuple[Count, ...]:
    """Count the reads captured from `since` until before `until`, a quarter of an hour each, oldest first."""
    columns = schema.reads.c
    quarter = type_coerce(columns.captured_at, BigInteger) // _QUARTER_US
    statement = (
        select(quarter, columns.camera, columns.kind, columns.state, func.count())
        .where(columns.captured_at >= since, columns.captured_at < until)
        .group_by(quarter, columns.camera, columns.kind, columns.state)
        .order_by(quarter)
    )
    if camera is not None:
        statement = statement.where(columns.camera == camera)
    async with db.read() as connection:
        return tuple(
            Count(_EPOCH + number * QUARTER, name, Kind(kind), State(state), count)
            for number, name, kind, state, count in await connection.execute(statement)
        )
