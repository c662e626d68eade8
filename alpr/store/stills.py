"""The ledger of stills: which pictures of a watched folder were read, and which are to be tried again.

One row for a path: a file that is replaced under its name is another still, and takes the row over.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.domain import Still, utc_now
from alpr.store import schema
from alpr.store.database import Database

_PROCESSED = "processed"
_FAILED = "failed"
_PATHS_AT_ONCE = 500
"""Older SQLite takes 999 parameters in a statement."""


class StillLedger:
    """The ledger of one camera's folder."""

    def __init__(self, db: Database, camera: str, clock: Callable[[], datetime] = utc_now) -> None:
        self._db = db
        self._camera = camera
        self._clock = clock

    async def known(self, stills: Collection[Still]) -> set[Still]:
        """Return those that were processed, or have failed for good."""
        table = schema.stills
        paths = sorted({still.path for still in stills})
        found: set[Still] = set()
        async with self._db.read() as connection:
            for start in range(0, len(paths), _PATHS_AT_ONCE):
                some = paths[start : start + _PATHS_AT_ONCE]
                settled = or_(table.c.status == _PROCESSED, table.c.retry_at.is_(None))
                statement = select(table).where(table.c.camera == self._camera, table.c.path.in_(some), settled)
                found.update(Still(row.path, row.size, row.mtime_ns) for row in await connection.execute(statement))
        return found.intersection(stills)

    async def failed(self, still: Still, error: str, attempts: int, retry_at: datetime | None) -> None:
        """Note that the still could not be read; without `retry_at` it is given up."""
        values = {"status": _FAILED, "attempts": attempts, "error": error, "retry_at": retry_at, "reads": 0}
        async with self._db.write() as connection:
            await _put(connection, self._camera, still, finished_at=self._clock(), **values)

    async def retries(self) -> Mapping[Still, tuple[int, datetime]]:
        """Return the stills that failed and are to be tried again, each with its attempts so far and the time."""
        table = schema.stills
        statement = select(table).where(
            table.c.camera == self._camera, table.c.status == _FAILED, table.c.retry_at.is_not(None)
        )
        async with self._db.read() as connection:
            return {
                Still(row.path, row.size, row.mtime_ns): (row.attempts, row.retry_at)
                for row in await connection.execute(statement)
            }


async def mark_processed(connection: AsyncConnection, camera: str, still: Still, reads: int, now: datetime) -> None:
    """Note, in the transaction that stores its reads, that the still has been read."""
    values = {"status": _PROCESSED, "attempts": 0, "error": "", "retry_at": None, "reads": reads}
    await _put(connection, camera, still, finished_at=now, **values)


async def _put(connection: AsyncConnection, camera: str, still: Still, **values: Any) -> None:
    table = schema.stills
    values |= {"size": still.size, "mtime_ns": still.mtime_ns}
    place = (table.c.camera == camera, table.c.path == still.path)
    if (await connection.execute(update(table).where(*place).values(**values))).rowcount == 0:
        await connection.execute(insert(table).values(camera=camera, path=still.path, **values))
