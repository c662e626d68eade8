"""Migrations: from zero to the schema, from an old database with data, and what is refused."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

from alpr.errors import StoreError
from alpr.paths import shipped
from alpr.store import schema
from alpr.store.migrations import check_current, migrate


@pytest.fixture
def path(tmp_path):
    return tmp_path / "alpr.db"


@pytest.fixture
def scripts(tmp_path):
    """Give a copy of the migrations to take from and add to."""
    return shutil.copytree(shipped("alembic"), tmp_path / "scripts")


def query(path, statement, *values):
    with closing(sqlite3.connect(path)) as connection, connection:
        return connection.execute(statement, values).fetchall()


def layout(path):
    """Return every column and index of a database."""
    tables = [row[0] for row in query(path, "SELECT name FROM sqlite_master WHERE type = 'table'")]
    tables = sorted(name for name in tables if name != "alembic_version" and not name.startswith("read_search"))
    columns = {
        table: query(path, f"SELECT name, type, `notnull`, pk FROM pragma_table_info('{table}')") for table in tables
    }
    indices = query(path, "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name")
    keys = {table: query(path, f"SELECT * FROM pragma_foreign_key_list('{table}')") for table in tables}
    return columns, indices, keys


def is_of_the_schema(name, kind, parents):
    """Leave out the search index, which is SQLite's own."""
    return kind != "table" or not name.startswith("read_search")


def old_database(path, scripts):
    """Make a database of revision 0001 that holds a still."""
    later = [script for script in (scripts / "versions").glob("*.py") if not script.name.startswith("0001")]
    kept = [(script, script.read_text()) for script in later]
    for script in later:
        script.unlink()
    migrate(path, scripts)
    for script, text in kept:
        script.write_text(text)
    query(path, "INSERT INTO stills VALUES ('gate-in', x'61', 1, 2, 'processed', 0, '', NULL, 0, 5)")


def test_migrations_from_zero_build_the_schema(path, tmp_path):
    """The migrations and the schema say the same, by Alembic's comparison and by what SQLite has made of both."""
    migrate(path)
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        opts = {"compare_type": True, "compare_server_default": True, "include_name": is_of_the_schema}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, schema.metadata) == []
    engine.dispose()
    engine = create_engine(f"sqlite:///{tmp_path / 'direct.db'}")
    schema.metadata.create_all(engine)
    engine.dispose()
    assert layout(path) == layout(tmp_path / "direct.db")


def test_migrating_twice_changes_nothing(path, tmp_path):
    """A database that is current is let alone, without a backup."""
    migrate(path)
    before = query(path, "SELECT * FROM sqlite_master")
    migrate(path)
    assert query(path, "SELECT * FROM sqlite_master") == before
    assert not (tmp_path / "backup").exists()
    check_current(path)


def test_an_old_database_with_data_is_backed_up_and_brought_forward(path, scripts, tmp_path):
    """The data stays, the new tables come, and the copy is the database as it was."""
    old_database(path, scripts)
    migrate(path, scripts)
    assert query(path, "SELECT camera, finished_at FROM stills") == [("gate-in", 5)]
    assert query(path, "SELECT count(*) FROM users") == [(0,)]
    check_current(path, scripts)
    (copy,) = (tmp_path / "backup").iterdir()
    assert copy.name.startswith("alpr-0001-")
    assert copy.suffix == ".db"
    assert query(copy, "SELECT version_num FROM alembic_version") == [("0001",)]
    assert query(copy, "SELECT camera FROM stills") == [("gate-in",)]
    assert query(copy, "PRAGMA quick_check") == [("ok",)]


def test_an_old_database_without_data_needs_no_backup(path, scripts, tmp_path):
    """There is nothing to lose in empty tables."""
    old_database(path, scripts)
    query(path, "DELETE FROM stills")
    migrate(path, scripts)
    assert not (tmp_path / "backup").exists()


def test_a_migration_that_fails_half_way_leaves_the_old_schema(path, scripts):
    """All migrations of a start are one transaction, tables included."""
    old_database(path, scripts)
    (scripts / "versions" / "0099_broken.py").write_text(
        "from alembic import op\n"
        "revision, down_revision, branch_labels, depends_on = '0099', '0011', None, None\n"
        "def upgrade():\n"
        "    op.execute('CREATE TABLE half (a)')\n"
        "    op.execute('DELETE FROM stills')\n"
        "    raise ZeroDivisionError\n"
    )
    before = query(path, "SELECT * FROM sqlite_master")
    with pytest.raises(ZeroDivisionError):
        migrate(path, scripts)
    assert query(path, "SELECT * FROM sqlite_master") == before
    assert query(path, "SELECT version_num FROM alembic_version") == [("0001",)]
    assert query(path, "SELECT count(*) FROM stills") == [(1,)]


def test_a_rebuilt_table_keeps_the_rows_that_point_at_it(path, scripts):
    """SQLite alters by dropping the old table: with foreign keys on, the looks would go with their reads."""
    migrate(path, scripts)
    query(
        path,
        "INSERT INTO reads (id, camera, kind, state, text, canonical, confidence, characters, candidates, reasons, box,"
        " captured_at, frame_time, first_seen, last_seen, look_count, frame_path, frame_sha256, frame_width,"
        " frame_height, crop_path, crop_sha256, created_at, updated_at, place) VALUES ('r', 'gate-in', 'plate',"
        " 'final', '', '', 0, '[]', '[]', '[]', '[]', 0, 0, 0, 0, 1, 'f', '', 1, 1, 'c', '', 0, 0, 9)",
    )
    query(path, "INSERT INTO looks VALUES ('r', 0, 0, '[]', '', 0, 0, 1, NULL)")
    (scripts / "versions" / "0099_rebuild.py").write_text(
        "import sqlalchemy as sa\n"
        "from alembic import op\n"
        "revision, down_revision, branch_labels, depends_on = '0099', '0011', None, None\n"
        "def upgrade():\n"
        "    with op.batch_alter_table('reads', recreate='always') as batch:\n"
        "        batch.alter_column('region', type_=sa.String(8))\n"
    )
    migrate(path, scripts)
    assert query(path, "SELECT count(*) FROM reads") == [(1,)]
    assert query(path, "SELECT count(*) FROM looks") == [(1,)]


def test_reads_of_before_the_search_index_are_found(path, scripts):
    """Old reads get their places in the order of their times, also thousands of one moment, and their terms."""
    old_database(path, scripts)
    rows = [(f"{number:05}", f"AB{number:05}", 5_000_000 + number // 3000) for number in range(7000)]
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(
            "INSERT INTO reads VALUES (?1, 'gate-in', 'plate', 'final', ?2, ?2, 0, '[]', '[]', '[]', NULL, '[]', ?3, 0,"
            " 0, 0, 1, NULL, NULL, NULL, NULL, NULL, 'f', '', 1, 1, 'c', '', 0, 0)",
            rows,
        )
    migrate(path, scripts)
    placed = query(path, "SELECT id, place FROM reads ORDER BY place")
    assert [row[0] for row in placed] == [row[0] for row in rows]
    assert len({place for _, place in placed}) == 7000
    found = query(path, 'SELECT rowid FROM read_search WHERE read_search MATCH \'"699" AND "995" AND "@sfinal"\'')
    assert found == [(placed[6995][1],)]


def test_the_newest_schema_keeps_the_search_index_by_triggers(path):
    """A migration that builds `reads` anew would lose them without a word."""
    migrate(path)
    triggers = query(path, "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'reads' ORDER BY name")
    assert [name for (name,) in triggers] == ["reads_search_delete", "reads_search_insert", "reads_search_update"]


def test_a_newer_database_is_refused_and_not_touched(path):
    """The message names both revisions and what to do."""
    migrate(path)
    query(path, "UPDATE alembic_version SET version_num = '9999'")
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"written by a newer alpr \(revision 9999, .* up to \d+\): install"):
        migrate(path)
    assert path.read_bytes() == before


def test_a_foreign_database_is_refused(path):
    """Tables of another program are not built upon."""
    query(path, "CREATE TABLE recipes (name)")
    with pytest.raises(StoreError, match="is not one of alpr: move it away"):
        migrate(path)
    assert query(path, "SELECT name FROM sqlite_master") == [("recipes",)]


@pytest.mark.parametrize("content", [b"this is a text file\n" * 100, b"SQLite format 3\0" + b"\xff" * 4000])
def test_a_file_that_is_no_database_is_refused(path, content):
    """It is said in one line, and the file stays as it was."""
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"is no database: move this file away|damaged: put a copy") as told:
        migrate(path)
    assert "\n" not in str(told.value)
    assert path.read_bytes() == content


def test_a_shared_database_that_is_old_or_missing_is_refused(path, scripts):
    """A command beside a running site never migrates under its feet."""
    with pytest.raises(StoreError, match="not made yet"):
        check_current(path, scripts)
    assert not path.exists()
    old_database(path, scripts)
    with pytest.raises(StoreError, match="older than this alpr, and in use: restart"):
        check_current(path, scripts)
