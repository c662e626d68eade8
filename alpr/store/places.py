"""The place of a read in time: one number that orders all reads and is the key of the search index.

`place` is the microsecond of the evidence frame times 2048, plus a count among the reads of that microsecond, so the
newest reads have the largest places, and no two have the same.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.store import schema

SPAN = 2048
"""Places of one microsecond: times of today leave 11 bits of 63 free until the year 2112."""
_LATEST = 2**63 // SPAN - SPAN
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SPILL = 1_000_000 * SPAN
_HIGHEST = 2**63 - 1


def first_place(moment: datetime) -> int:
    """Return the lowest place of this moment; no read of it or later lies below."""
    return min(max((moment - _EPOCH) // _MICROSECOND, 0), _LATEST) * SPAN


def place_after(moment: datetime) -> int:
    """Return a place above those of all reads before the moment, also of thousands of stills of one microsecond."""
    return min(first_place(moment) + _SPILL, _HIGHEST)


async def free_place(connection: AsyncConnection, moment: datetime) -> int:
    """Return the next free place of the moment; when its microsecond is full, of the next one with room."""
    column = schema.reads.c.place
    start = first_place(moment)
    while True:
        last = select(func.max(column)).where(column >= start, column < start + SPAN)
        taken = (await connection.execute(last)).scalar_one()
        if taken is None:
            return start
        if taken + 1 < start + SPAN:
            return int(taken) + 1
        start += SPAN
