"""SIGKILL at random moments while batches of activity events arrive: what was acknowledged is there, once."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from alpr.store.activitysums import roll
from alpr.store.database import open_database
from alpr.store.productivity import measured
from tests import kill9_activity_child as child

ROUNDS = 50
NUMBERS_A_ROUND = 100_000
LONGEST_LIFE = 0.4


def check(path, acknowledged):
    """Find every acknowledged event, none twice, and no event without its hour being added up or noted as dirty."""
    with closing(sqlite3.connect(path)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'activity_basis'").fetchone():
            return 0
        kept = [row[0] for row in connection.execute("SELECT event_id FROM activity_events")]
        assert len(set(kept)) == len(kept)
        assert {f"e{number}" for number in acknowledged} <= set(kept)
        counted = connection.execute("SELECT coalesce(sum(events), 0) FROM activity_sources").fetchone()[0]
        assert counted == len(kept)
        assert connection.execute("PRAGMA quick_check").fetchall() == [("ok",)]
        return len(kept)


async def both_ways(data):
    """Return the metrics from the sums as the kills have left them, and from sums that are all made anew."""
    later = child.BEGIN + timedelta(days=30)
    db = await open_database(data)
    try:
        left = await measured(db, child.PLAN, child.BEGIN, later, later)
        async with db.write() as connection:
            await connection.exec_driver_sql("DELETE FROM activity_basis")
        while await roll(db, child.PLAN, later):
            pass
        return left, await measured(db, child.PLAN, child.BEGIN, later, later)
    finally:
        await db.close()


@pytest.mark.slow
async def test_kill_9_at_fifty_random_moments(tmp_path, kill_9):
    """One data folder, fifty kills; the sums are those of the events after all of them."""
    data, acknowledged = tmp_path / "data", tmp_path / "acknowledged"
    acknowledged.touch()
    count = 0
    for turn in range(ROUNDS):
        kill_9(child.run, (data, 1 + turn * NUMBERS_A_ROUND, acknowledged), 0.05, LONGEST_LIFE)
        if (data / "alpr.db").exists():
            count = check(data / "alpr.db", [int(line) for line in acknowledged.read_text().splitlines()])
    assert count > ROUNDS * child.BATCH
    left, anew = await both_ways(data)
    assert left == anew
    assert left.total.units > 0
    print(f"{ROUNDS} kills: {count} events")  # noqa: T201
