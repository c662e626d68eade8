"""All that is SQLite's own: engines, pragmas, and which of its errors are the outer world's."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from alpr.errors import StoreError

PATIENCE = 5.0
"""Seconds that a connection waits for another's lock."""
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


def writer(path: Path, patience: float = PATIENCE) -> AsyncEngine:
    """Make the engine of the one connection that writes.

    A transaction takes the write lock when it begins (BEGIN IMMEDIATE): one that starts by reading and writes later
    would fail on a lock without waiting. `synchronous=FULL` syncs the WAL on each commit, so that a committed read
    survives a power cut as well as a killed process; NORMAL would lose the last ones. It costs one fsync for a commit
    that has just synced two pictures.
    """
    engine = create_async_engine(
        _url(path, "aiosqlite"), pool_size=1, max_overflow=0, connect_args=_no_implicit_begin()
    )
    _prepare(engine.sync_engine, "BEGIN IMMEDIATE", "synchronous=FULL", "foreign_keys=ON", patience=patience)
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


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn the outer world's faults at this database into StoreError; a bug of ours goes through as it is."""
    try:
        yield
    except PoolTimeoutError as error:
        raise StoreError(f"database {path}: no connection became free in time: the disk may be too slow") from error
    except (DBAPIError, sqlite3.Error) as error:
        if (fault := _outer_fault(error)) is None:
            raise
        raise StoreError(f"database {path}: {fault}") from error


def set_wal(connection: Connection, path: Path) -> None:
    """Turn the database to write-ahead logging, which stays with the file; raise StoreError where it cannot work."""
    cursor = connection.connection.cursor()
    (mode,) = cursor.execute("PRAGMA journal_mode=WAL").fetchone()
    cursor.close()
    if mode != "wal":
        raise StoreError(f"database {path}: this file system has no shared memory: choose a folder on a local disk")


def copy(path: Path, target: Path) -> None:
    """Copy a database as it is at this moment, whoever writes to it meanwhile; raises StoreError."""
    with told(path), closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)) as source:
        source.execute("SELECT count(*) FROM sqlite_master")  # what is no database is told under its own name
        with told(target), closing(sqlite3.connect(target)) as copied:
            source.backup(copied)


def broken_references(connection: Connection) -> list[str]:
    """Return the tables with rows whose foreign key finds nothing."""
    return sorted({row[0] for row in connection.exec_driver_sql("PRAGMA foreign_key_check")})


def _url(path: Path, driver: str) -> URL:
    return URL.create(f"sqlite+{driver}", database=str(path))


def _no_implicit_begin() -> dict[str, object]:
    # Python's driver begins transactions late and not at all before DDL; with this it leaves them to us.
    return {"isolation_level": None}


def _prepare(engine: Engine, begin: str, *pragmas: str, patience: float = PATIENCE) -> None:
    @event.listens_for(engine, "connect")
    def set_pragmas(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for pragma in (f"busy_timeout={round(patience * 1000)}", f"journal_size_limit={_WAL_LIMIT}", *pragmas):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin_transaction(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


def _outer_fault(error: DBAPIError | sqlite3.Error) -> str | None:
    """Say what is wrong outside of our code and what to do, or None when the error is our own bug."""
    cause: BaseException | None = error.orig if isinstance(error, DBAPIError) else error
    while cause is not None and not hasattr(cause, "sqlite_errorcode"):
        cause = cause.__cause__  # SQLAlchemy's async adapter may wrap once more
    return None if cause is None else _OUTER_FAULTS.get(cause.sqlite_errorcode & 0xFF)
