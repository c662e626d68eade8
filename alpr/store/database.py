"""The open database: one connection that writes, a few that read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.store import sqlite
from alpr.store.lock import DATABASE_FILE, DataLock
from alpr.store.migrations import check_current, is_current, migrate

_GUEST_PATIENCE = 30.0
"""Seconds that a second process waits for the first one's transactions: it is in no hurry."""


class Database:
    """The database of one data folder; made by `open_database`."""

    def __init__(self, path: Path, lock: DataLock, patience: float = sqlite.PATIENCE) -> None:
        self.path = path
        self._lock = lock
        self._writer = sqlite.writer(path, patience)
        self._reader = sqlite.reader(path)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Give a transaction that commits at the end; raise StoreError when the database cannot be used."""
        with sqlite.told(self.path):
            async with self._writer.begin() as connection:
                yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Give a consistent view for reading; raise StoreError when the database cannot be used."""
        with sqlite.told(self.path):
            async with self._reader.begin() as connection:
                yield connection

    async def close(self) -> None:
        """Close the connections and let go of the data folder."""
        await self._reader.dispose()
        await self._writer.dispose()
        self._lock.release()


async def open_database(data: Path, *, alone: bool = True) -> Database:
    """Open the database in the data folder, made or migrated first where needed.

    `alone` claims the folder: a second process that wants it alone is refused. With `alone=False` (the commands that
    change an account while the site runs) a folder in use is shared as it is, never migrated. Raises StoreError.
    """
    return await asyncio.to_thread(_open, data, alone=alone)


def _open(data: Path, *, alone: bool) -> Database:
    path = data / DATABASE_FILE
    lock = DataLock(data)
    if not alone and is_current(path):
        # Without the lock: a site that starts right now would find it taken.
        return Database(path, lock, _GUEST_PATIENCE)
    if not lock.take(needed=alone):
        check_current(path)
        return Database(path, lock, _GUEST_PATIENCE)
    try:
        migrate(path)
    except BaseException:
        lock.release()
        raise
    if not alone:
        lock.release()
    return Database(path, lock)
