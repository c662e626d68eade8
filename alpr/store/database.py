"""The open database: one connection that writes, a few that read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.errors import StoreError
from alpr.store import sqlite
from alpr.store.lock import DataLock
from alpr.store.migrations import check_current, migrate

FILE = "alpr.db"


class Database:
    """The database of one data folder; made by `open_database`."""

    def __init__(self, path: Path, lock: DataLock | None) -> None:
        self.path = path
        self._lock = lock
        self._writer = sqlite.writer(path)
        self._reader = sqlite.reader(path)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Give a transaction that commits at the end; raise StoreError when the database cannot be used."""
        with _told(self.path):
            async with self._writer.begin() as connection:
                yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Give a consistent view for reading; raise StoreError when the database cannot be used."""
        with _told(self.path):
            async with self._reader.begin() as connection:
                yield connection

    async def close(self) -> None:
        """Close the connections and let go of the data folder."""
        await self._reader.dispose()
        await self._writer.dispose()
        if self._lock is not None:
            self._lock.release()


async def open_database(data: Path, *, alone: bool = True) -> Database:
    """Open the database in the data folder, made or migrated first where needed.

    `alone` claims the folder: a second process that wants it alone is refused. With `alone=False` (the commands that
    change an account while the site runs) a folder in use is shared as it is, never migrated. Raises StoreError.
    """
    return await asyncio.to_thread(_open, data, alone=alone)


def _open(data: Path, *, alone: bool) -> Database:
    path = data / FILE
    lock = DataLock(data)
    if not lock.take(needed=alone):
        check_current(path)
        return Database(path, None)
    try:
        migrate(path)
        return Database(path, lock)
    except BaseException:
        lock.release()
        raise


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except PoolTimeoutError as error:
        raise StoreError(f"database {path}: busy for too long: the disk may be too slow") from error
    except DBAPIError as error:
        if (fault := sqlite.outer_fault(error)) is None:
            raise
        raise StoreError(f"database {path}: {fault}") from error
