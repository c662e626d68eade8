"""A copy of the database, looked into without changing a byte of it: what schema, how many reads, which pictures."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from alpr.errors import StoreError
from alpr.store import sqlite

_NAMED: Final = (
    "CREATE TABLE named (path TEXT NOT NULL UNIQUE, sha256 TEXT NOT NULL, seen INTEGER NOT NULL DEFAULT 0)",
    """
    INSERT OR IGNORE INTO named (path, sha256) SELECT path, sha256 FROM (
        SELECT rowid AS place, frame_path AS path, frame_sha256 AS sha256 FROM site.reads
        UNION ALL SELECT rowid, crop_path, crop_sha256 FROM site.reads
    ) WHERE path <> '' ORDER BY place DESC
    """,
)


class Snapshot:
    """An open copy that nobody writes to; the list of its pictures is a table, as memory may be short."""

    def __init__(self, path: Path) -> None:
        """Open the copy; raise StoreError when it is no database of ours."""
        self._path = path
        # A nameless database: SQLite keeps it in a temporary file as far as it outgrows the cache.
        self._connection = sqlite3.connect("", uri=True)
        try:
            with self._told():
                self._connection.execute("ATTACH ? AS site", (f"{path.absolute().as_uri()}?mode=ro&immutable=1",))
                for statement in _NAMED:
                    self._connection.execute(statement)
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Let go of the copy."""
        self._connection.close()

    def check(self) -> None:
        """Look through all pages; raise StoreError when the database is damaged."""
        with self._told():
            (found,) = self._connection.execute("PRAGMA site.quick_check(1)").fetchone()
        if found != "ok":
            raise StoreError(f"database {self._path}: damaged ({' '.join(found.split())})")

    def revision(self) -> str:
        """Return the revision of the schema; raise StoreError."""
        with self._told():
            row = self._connection.execute("SELECT version_num FROM site.alembic_version").fetchone()
        if row is None:
            raise _foreign(self._path)
        return str(row[0])

    def reads(self) -> int:
        """Return how many reads there are; raise StoreError."""
        return self._number("SELECT count(*) FROM site.reads")

    def pictures(self) -> int:
        """Return how many pictures the rows name; raise StoreError."""
        return self._number("SELECT count(*) FROM named")

    def paths(self) -> Iterator[str]:
        """Give the pictures that the rows name, those of the newest reads first; raise StoreError."""
        with self._told():
            for (path,) in self._connection.execute("SELECT path FROM named ORDER BY rowid"):
                yield path

    def tick(self, path: str) -> str | None:
        """Tick a picture off; return the SHA-256 that its row tells, None when no row names it. Raise StoreError."""
        with self._told():
            rows = self._connection.execute("UPDATE named SET seen = 1 WHERE path = ? RETURNING sha256", (path,))
            row = rows.fetchone()
        return None if row is None else str(row[0])

    def unticked(self) -> int:
        """Return how many pictures were not ticked off; raise StoreError."""
        return self._number("SELECT count(*) FROM named WHERE NOT seen")

    def _number(self, query: str) -> int:
        with self._told():
            return int(self._connection.execute(query).fetchone()[0])

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            with sqlite.told(self._path):
                yield
        except sqlite3.OperationalError:
            raise _foreign(self._path) from None


def _foreign(path: Path) -> StoreError:
    return StoreError(f"database {path}: is not one of alpr")
