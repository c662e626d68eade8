"""A site with something of everything that a backup must keep, and what of two data folders must be the same."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from alpr.access import ListKind
from alpr.bus import Bus
from alpr.delivery.vapid import load_key
from alpr.domain import Recording, State
from alpr.evidence import site_key
from alpr.recorder import Recorder
from alpr.status import Status
from alpr.store import lists, reads, users
from alpr.store.database import Database, open_database
from alpr.store.images import Images
from alpr.store.reads import ReadQuery, StoredRead
from tests.drawn_reads import NOON, make_capture, read_id

CONFIG = '# ours\n[[camera]]\nname = "gate-in"\nurl = "rtsp://ada:secret@127.0.0.1/"\n'


def make_site(folder: Path, count: int = 5) -> Path:
    """Make a site with its configuration, keys, an account, a list and so many reads; return its data folder."""
    (folder / "alpr.toml").write_text(CONFIG)
    data = folder / "data"
    asyncio.run(_fill(data, count))
    site_key(data)
    load_key(data)
    return data


async def _fill(data: Path, count: int) -> None:
    database = await open_database(data)
    try:
        await users.create(database, "ada", "a hash", users.Role.ADMIN, NOON)
        await lists.create(database, "Staff", ListKind.ALLOW, "ada", NOON)
        await record(database, data, range(1, count + 1))
    finally:
        await database.close()


async def record(database: Database, data: Path, numbers: range, state: State = State.FINAL) -> None:
    """Let vehicles pass."""
    recorder = Recorder(database, Images(data / "images"), Bus(), Status())
    work = asyncio.create_task(recorder.run())
    for number in numbers:
        capture = make_capture(number, id=read_id(number), state=state, width=160, height=64)
        await recorder.record(Recording("gate-in", (capture,)))
    await recorder.drain()
    work.cancel()


def dump(path: Path, *without: str) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table, those of the search index included."""
    real = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
    with closing(sqlite3.connect(path)) as connection:
        names = [name for (name,) in connection.execute(real)]
        return {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in names if name not in without}


def pictures(data: Path) -> dict[str, bytes]:
    """Return every picture under its path."""
    root = data / "images"
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*.jpg")}


def stored(data: Path) -> tuple[StoredRead, ...]:
    """Return all reads as the pages get them, newest first."""

    async def page() -> tuple[StoredRead, ...]:
        database = await open_database(data)
        try:
            return await reads.page(database, ReadQuery(limit=100_000))
        finally:
            await database.close()

    return asyncio.run(page())
