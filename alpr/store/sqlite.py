"""All that is SQLite's own: engines, pragmas, and which of its errors are the outer world's."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

_BUSY_MS = 5000
_WAL_LIMIT = 64 << 20
_READERS = 4

_OUTER_FAULTS = {
    sqlite3.SQLITE_BUSY: "locked by another program: close what else has it open",
    sqlite3.SQLITE_LOCKED: "locked by another program: close what else has it open",
    sqlite3.SQLITE_FULL: "the disk is full: free some space",
    sqlite3.SQLITE_IOERR: "the disk does not answer (I/O error): check disk, cable and mount",
    sqlite3.SQLITE_READONLY: "may not be written to: check owner, permissions and mount",
    sqlite3.SQLITE_PERM: "may not be used: check owner and permissions",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened: check that the folder exists and may be written to by this user",
    sqlite3.SQLITE_NOMEM: "out of memory: close other programs",
    sqlite3.SQLITE_CORRUPT: "damaged: put a copy from the folder `backup` in its place",
    sqlite3.SQLITE_NOTADB: "is no database: move this file away, or put a copy from the folder `backup` in its place",
}


def outer_fault(error: BaseException) -> str | None:
    """Say what is wrong outside of our code and what to do, or None when the error is our own bug."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        return outer_fault(error.orig)
    code = getattr(error, "sqlite_errorcode", None)
    if code is None and error.__cause__ is not None:
        return outer_fault(error.__cause__)
    return None if code is None else _OUTER_FAULTS.get(code & 0xFF)


def writer(path: Path) -> AsyncEngine:
    """Make the engine of the one connection that writes.

    A transaction takes the write lock when it begins (BEGIN IMMEDIATE): one that starts by reading and writes later
    would fail on a lock without waiting. `synchronous=FULL` syncs the WAL on each commit, so that a committed read
    survives a power cut as well as a killed process; NORMAL would lose the last ones. It costs one fsync for a commit
    that has just synced two pictures.
    """
    engine = create_async_engine(_url(path, "aiosqlite"), pool_size=1, max_overflow=0, connect_args=_no_implicit_begin())
    _prepare(engine.sync_engine, "BEGIN IMMEDIATE", "synchronous=FULL", "foreign_keys=ON")
    return engine


def reader(path: Path) -> AsyncEngine:
    """Make the engine of the connections that only read; in WAL mode they never wait for the writer."""
    engine = create_async_engine(
        _url(path, "aiosqlite"), pool_size=_READERS, max_overflow=0, connect_args=_no_implicit_begin()
    )
    _prepare(engine.sync_engine, "BEGIN", "query_only=ON")
    return engine


def migrator(path: Path) -> Engine:
    """Make the engine for migrations: blocking, foreign keys off, since a rebuilt table is dropped in between."""
    engine = create_engine(_url(path, "pysqlite"), poolclass=NullPool, connect_args=_no_implicit_begin())
    _prepare(engine, "BEGIN IMMEDIATE", "synchronous=FULL", "foreign_keys=OFF")
    return engine


def set_wal(connection: Connection) -> None:
    """Turn the database to write-ahead logging, which stays with the file."""
    connection.connection.cursor().execute("PRAGMA journal_mode=WAL").close()


def _url(path: Path, driver: str) -> URL:
    return URL.create(f"sqlite+{driver}", database=str(path))


def _no_implicit_begin() -> dict[str, object]:
    # Python's driver begins transactions late and not at all before DDL; with this it leaves them to us.
    return {"isolation_level": None}


def _prepare(engine: Engine, begin: str, *pragmas: str) -> None:
    @event.listens_for(engine, "connect")
    def set_pragmas(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for pragma in (f"busy_timeout={_BUSY_MS}", f"journal_size_limit={_WAL_LIMIT}", *pragmas):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin_transaction(connection: Connection) -> None:
        connection.exec_driver_sql(begin)
