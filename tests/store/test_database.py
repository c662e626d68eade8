"""The data folder: claimed by one process, durable, and refused in words when it cannot be used."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys

import pytest
from sqlalchemy import text

from alpr.errors import StoreError
from alpr.store.database import open_database
from alpr.store.lock import LOCK_FILE
from tests.small_disk import fill, make_read_only, small_disk

HOLD = """
import asyncio, sys
from pathlib import Path
from alpr.store.database import open_database
from alpr.store.lock import LOCK_FILE
async def main():
    await open_database(Path(sys.argv[1]))
    print("open", flush=True)
    sys.stdin.read()
asyncio.run(main())
"""


@pytest.fixture
def holder(tmp_path):
    """Run another process that holds the data folder."""
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "data")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    while "open" not in child.stdout.readline():
        assert child.poll() is None
    yield child
    child.kill()
    child.communicate()


async def pragma(context, name):
    async with context as connection:
        return (await connection.execute(text(f"PRAGMA {name}"))).scalar_one()


async def test_what_is_committed_is_synced(db):
    """Write-ahead log, a sync for every commit, foreign keys on; readers cannot write."""
    assert await pragma(db.write(), "journal_mode") == "wal"
    assert await pragma(db.write(), "synchronous") == 2
    assert await pragma(db.write(), "foreign_keys") == 1
    assert await pragma(db.read(), "query_only") == 1


async def test_readers_do_not_wait_for_the_writer(db):
    """A page can be read while a transaction is open, and sees the state before it."""
    async with db.write() as writing:
        await writing.execute(text("INSERT INTO audit VALUES (1, 0, '', '', '', '')"))
        async with db.read() as reading:
            assert (await reading.execute(text("SELECT count(*) FROM audit"))).scalar_one() == 0
    async with db.read() as reading:
        assert (await reading.execute(text("SELECT count(*) FROM audit"))).scalar_one() == 1


async def test_a_failed_transaction_leaves_nothing(db):
    """An exception inside takes everything back."""

    async def write_half():
        async with db.write() as connection:
            await connection.execute(text("INSERT INTO audit VALUES (1, 0, '', '', '', '')"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await write_half()
    async with db.read() as reading:
        assert (await reading.execute(text("SELECT count(*) FROM audit"))).scalar_one() == 0


async def test_a_bug_of_ours_is_no_fault_of_the_disk(db):
    """A statement that is wrong is not retried for ever as if a disk were full."""
    with pytest.raises(Exception, match="no such table") as raised:
        async with db.read() as connection:
            await connection.execute(text("SELECT * FROM nowhere"))
    assert not isinstance(raised.value, StoreError)


async def test_two_processes_never_run_on_one_folder(tmp_path, holder):
    """The second is told which process it is; killed with SIGKILL, the first leaves no lock behind."""
    with pytest.raises(StoreError, match=rf"in use by another alpr \(process {holder.pid}\): stop it first"):
        await open_database(tmp_path / "data")
    shared = await open_database(tmp_path / "data", alone=False)
    assert await pragma(shared.read(), "journal_mode") == "wal"
    await shared.close()
    holder.kill()
    holder.wait()
    mine = await open_database(tmp_path / "data")
    await mine.close()


async def test_a_shared_opening_holds_no_lock(tmp_path):
    """A site can start while a command looks at the accounts."""
    shared = await open_database(tmp_path / "data", alone=False)
    mine = await open_database(tmp_path / "data")
    await mine.close()
    await shared.close()


async def test_a_shared_opening_never_takes_the_lock_of_a_current_database(tmp_path):
    """A site that starts in the very moment of a command does not find its folder in use."""
    await (await open_database(tmp_path)).close()
    (tmp_path / LOCK_FILE).unlink()
    shared = await open_database(tmp_path, alone=False)
    assert not (tmp_path / LOCK_FILE).exists()
    await shared.close()


async def test_a_shared_opening_waits_longer_for_a_lock(tmp_path):
    """A command is in no hurry: the site that runs goes first."""
    mine, shared = await open_database(tmp_path), await open_database(tmp_path, alone=False)
    assert await pragma(shared.write(), "busy_timeout") > 5 * await pragma(mine.write(), "busy_timeout")
    await shared.close()
    await mine.close()


async def test_a_lock_held_by_another_program_is_told(db):
    """A database that somebody keeps locked is a fault to be told and tried again."""
    async with db.write() as connection:
        await connection.execute(text("PRAGMA busy_timeout=1"))
    blocker = sqlite3.connect(db.path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(StoreError, match="locked by another program: close"):
            async with db.write():
                pass
    finally:
        blocker.close()
    async with db.write() as connection:
        await connection.execute(text("INSERT INTO audit VALUES (1, 0, '', '', '', '')"))


async def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    """A file in the way, and a database that is a folder."""
    (tmp_path / "file").write_text("")
    for path, said in ((tmp_path / "file" / "data", "a file stands where"), (tmp_path / "file", "a file stands where")):
        with pytest.raises(StoreError, match=said):
            await open_database(path)
    (tmp_path / "data" / "alpr.db").mkdir(parents=True)
    with pytest.raises(StoreError, match="cannot be opened: check"):
        await open_database(tmp_path / "data")
    (tmp_path / "data" / "alpr.db").rmdir()
    opened = await open_database(tmp_path / "data")
    await opened.close()


async def test_a_read_only_file_system_is_told(tmp_path):
    """Which folder, and what to do."""
    with small_disk(tmp_path / "disk") as disk:
        make_read_only(disk)
        with pytest.raises(StoreError, match="read-only file system: mount it for writing or choose another folder"):
            await open_database(disk / "data")


async def test_a_database_on_a_disk_that_became_read_only_is_told(tmp_path):
    """The folder was fine, then the disk failed and the kernel took it away from writers."""
    with small_disk(tmp_path / "disk") as disk:
        opened = await open_database(disk / "data")
        await opened.close()
        make_read_only(disk)
        with pytest.raises(StoreError, match="read-only file system: mount it for writing"):
            await open_database(disk / "data")


async def test_a_full_disk_is_told(tmp_path):
    """A database cannot be made there; with space it can, after all."""
    with small_disk(tmp_path / "disk") as disk:
        ballast = fill(disk)
        with pytest.raises(StoreError, match="the disk is full: free some space"):
            await open_database(disk / "data")
        ballast.unlink()
        opened = await open_database(disk / "data")
        await opened.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
async def test_a_folder_without_permission_is_told(tmp_path):
    """As a user who owns nothing there."""
    os.seteuid(65534)
    try:
        with pytest.raises(StoreError, match="may not be written to by this user: check owner"):
            await open_database(tmp_path / "data")
    finally:
        os.seteuid(0)


async def test_visitors_who_leave_half_way_cost_no_connection(db):
    """A cancelled page or transaction gives its connection back, and what it wrote is gone."""

    async def read():
        async with db.read() as connection:
            for _ in range(3):
                await connection.execute(text("SELECT count(*) FROM audit"))

    async def write():
        async with db.write() as connection:
            await connection.execute(text("INSERT INTO audit VALUES (NULL, 0, '', '', '', '')"))
            await asyncio.Event().wait()

    for turn in range(150):
        visits = [asyncio.create_task(visit()) for visit in (read, read, write)]
        await asyncio.wait(visits, timeout=turn % 15 / 2000)
        for visitor in visits:
            visitor.cancel()
        await asyncio.wait(visits)
    assert await pragma(db.write(), "synchronous") == 2
    async with db.read() as reading:
        assert (await reading.execute(text("SELECT count(*) FROM audit"))).scalar_one() == 0
