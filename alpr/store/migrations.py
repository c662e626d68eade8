"""The schema's history: applied at start, after a backup where there is something to lose."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from alpr.domain import utc_now
from alpr.errors import StoreError
from alpr.paths import shipped
from alpr.store import searchindex, sqlite
from alpr.store.disk import disk_fault, make_folder, sync_file, sync_folder

_VERSION_TABLE = "alembic_version"
_log = structlog.get_logger(__name__)


def migrate(path: Path, scripts: Path | None = None) -> None:
    """Make the database, or bring it to the newest revision in `scripts` (the shipped ones), backup first.

    Everything happens in one transaction: a process killed half-way leaves the old schema. Raises StoreError when the
    file is no database of ours, is newer than the code, or cannot be used.
    """
    config = _config(scripts)
    engine = sqlite.migrator(path)
    try:
        with sqlite.told(path), engine.connect() as connection:
            sqlite.set_wal(connection, path)
            current, head = _revisions(path, connection, config)
            if current == head:
                return
            if current is not None and _has_rows(connection):
                connection.rollback()
                backup(path, current, utc_now())
            connection.rollback()
            with connection.begin():
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
                _check_references(path, connection)
            _log.info("database migrated", path=str(path), before=current or "", now=head)
    finally:
        engine.dispose()


def is_current(path: Path, scripts: Path | None = None) -> bool:
    """Whether there is a database of the newest revision; changes nothing. Raises StoreError as `migrate` does."""
    if not os.path.isfile(path):  # noqa: PTH113 - Path's raises behind a folder without permission
        return False
    engine = sqlite.migrator(path)
    try:
        with sqlite.told(path), engine.connect() as connection:
            current, head = _revisions(path, connection, _config(scripts))
        return current == head
    finally:
        engine.dispose()


def is_known(revision: str, scripts: Path | None = None) -> bool:
    """Whether a database of this revision can be used, after a migration where it is an older one."""
    return revision in _known(ScriptDirectory.from_config(_config(scripts)))


def check_current(path: Path, scripts: Path | None = None) -> None:
    """Raise StoreError unless the database has the newest revision; changes nothing."""
    if not path.exists():
        raise StoreError(f"database {path}: not made yet by the alpr that is starting: try again in a moment")
    if not is_current(path, scripts):
        raise StoreError(f"database {path}: older than this alpr, and in use: restart the running one first")


def backup(path: Path, revision: str, now: datetime) -> Path:
    """Copy the database as it is to the folder `backup` beside it, complete and synced, and return the copy's path."""
    folder = path.parent / "backup"
    target = folder / f"{path.stem}-{revision}-{now:%Y%m%dT%H%M%S%f}.db"
    unfinished = target.with_suffix(".tmp")
    try:
        make_folder(folder)
        try:
            sqlite.copy(path, unfinished)
            sync_file(unfinished)
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)
        sync_folder(folder)
    except OSError as error:
        raise StoreError(f"backup {target}: {disk_fault(error)}") from None
    _log.info("database backed up", copy=str(target), revision=revision)
    return target


def _config(scripts: Path | None) -> Config:
    config = Config()
    # Alembic's configuration interpolates `%`, which may well stand in a path.
    config.set_main_option("script_location", str(scripts or shipped("alembic")).replace("%", "%%"))
    return config


def _revisions(path: Path, connection: Connection, config: Config) -> tuple[str | None, str]:
    """Return the database's revision (None when it is empty) and the newest one that the code knows."""
    script = ScriptDirectory.from_config(config)
    head = script.get_current_head()
    assert head is not None, "the shipped migrations have one head"
    tables = set(inspect(connection).get_table_names())
    current = MigrationContext.configure(connection).get_current_revision()
    if current is None:
        if tables - {_VERSION_TABLE}:
            raise StoreError(f"database {path}: is not one of alpr: move it away or choose another data folder")
    elif current not in _known(script):
        raise StoreError(
            f"database {path}: written by a newer alpr (revision {current}, this one knows up to {head}): "
            "install that version again, or put a copy from the folder `backup` in its place"
        )
    return current, head


def _known(script: ScriptDirectory) -> frozenset[str]:
    return frozenset(revision.revision for revision in script.walk_revisions())


def _has_rows(connection: Connection) -> bool:
    quote = connection.dialect.identifier_preparer.quote
    made = (_VERSION_TABLE, searchindex.NAME)  # the index's own tables are never empty, and lose nothing
    names = (name for name in inspect(connection).get_table_names() if not name.startswith(made))
    return any(connection.execute(text(f"SELECT 1 FROM {quote(name)} LIMIT 1")).first() for name in names)  # noqa: S608 - quoted names of our tables


def _check_references(path: Path, connection: Connection) -> None:
    if broken := sqlite.broken_references(connection):
        raise StoreError(f"database {path}: rows of {', '.join(broken)} point nowhere: put back a copy from `backup`")
