"""SIGKILL while reads are judged and told: what came of a read is there with it, once, or not at all; its visit too."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing

import pytest

from alpr.domain import utc_now
from alpr.site.visits.pairing import began, pair
from alpr.stay import StayLimits
from alpr.store import sightings, visits
from alpr.store.database import open_database
from tests import kill9_gate_child

ROUNDS = 12
NUMBERS_A_ROUND = 5000
LONGEST_LIFE = 0.8


def ids(connection, statement):
    """Return the first column, sorted."""
    return sorted(row[0] for row in connection.execute(statement))


def check(connection, acknowledged):
    """Find for every read exactly one of each thing that came of it, and nothing of a read that is not there."""
    reads = ids(connection, "SELECT id FROM reads")
    assert set(acknowledged) <= set(reads)
    for table, where in (
        ("firings", "rule = 'Every'"),
        ("alarms", "rule = 'Every'"),
        ("tags", "tag = 'seen'"),
        ("deliveries", "rule = 'Every' AND target = 'office'"),
        ("deliveries", "rule = 'Every' AND target = 'boss'"),
    ):
        assert ids(connection, f"SELECT read_id FROM {table} WHERE {where}") == reads, table
    told = ids(connection, "SELECT read_id FROM deliveries WHERE rule = 'Some'")
    assert told == ids(connection, "SELECT read_id FROM firings WHERE rule = 'Some' AND held_back = ''")
    assert connection.execute("SELECT count(*) FROM reads WHERE verdict != 'unknown'").fetchone() == (0,)
    assert connection.execute("SELECT count(*) FROM alarms WHERE key = 'disk' AND over_at IS NULL").fetchone()[0] <= 1
    assert connection.execute("PRAGMA quick_check").fetchall() == [("ok",)]
    return len(reads)


async def check_visits(data):
    """Find the very visits that the stored reads give: none half written, none of a read that is not there."""
    db = await open_database(data)
    try:
        async with db.read() as connection:
            ids = (await connection.exec_driver_sql("SELECT id FROM reads")).scalars().all()
            seen = await sightings.of_ids(connection, ids)
        assert seen.keys() == set(ids)
        fresh = pair([one.seen.sighting for one in seen.values()], StayLimits(), utc_now())
        stored = await visits.page(db, visits.VisitQuery(limit=100_000))
        assert sorted((one.visit for one in stored), key=began) == list(fresh)
    finally:
        await db.close()


@pytest.mark.slow
def test_kill_9_while_the_gate_decides(tmp_path, kill_9):
    """Twelve kills in one data folder, more on a slow machine: reads and what came of them always agree."""
    data, acknowledged = tmp_path / "data", tmp_path / "acknowledged"
    acknowledged.touch()
    count = 0
    for turn in range(5 * ROUNDS):
        if turn >= ROUNDS and count > ROUNDS:
            break
        kill_9(kill9_gate_child.run, (data, 1 + turn * NUMBERS_A_ROUND, acknowledged), 0.1, LONGEST_LIFE)
        if (data / "alpr.db").exists():
            with closing(sqlite3.connect(data / "alpr.db")) as connection:
                if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'hits'").fetchone():
                    count = check(connection, acknowledged.read_text().split())
            asyncio.run(check_visits(data))
    assert count > ROUNDS
