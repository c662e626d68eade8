"""SIGKILL while others send: what was answered is stored once, with all that came of it, and sent again it is known."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing, suppress

import pytest

from alpr.exchange.outcome import Fate
from alpr.store.images import Images
from alpr.store.sweep import sweep
from tests import kill9_intake_child

ROUNDS = 6
NUMBERS_A_ROUND = 10_000
LONGEST_LIFE = 1.0


def column(connection, statement):
    """Return the first column, sorted."""
    return sorted(row[0] for row in connection.execute(statement))


def check(connection, acknowledged):
    """Find for every read exactly one of each thing that came of it; return how many reads there are."""
    reads = column(connection, "SELECT id FROM reads")
    assert set(acknowledged) <= set(reads)
    for table in ("firings", "tags", "deliveries", "sightings"):
        assert column(connection, f"SELECT read_id FROM {table}") == reads, table
    external = column(connection, "SELECT external_id FROM reads")
    assert len(set(external)) == len(external)
    assert len(set(column(connection, "SELECT change FROM reads"))) == len(reads)
    return len(reads)


async def send_again(data, first):
    """Send the events of the last child once more: those that are stored are known, the others are taken."""
    db, intake = await kill9_intake_child.at_work(data)
    work = asyncio.create_task(intake.run())
    try:
        swept = await sweep(db, Images(data / "images"))
        assert swept.missing == 0, "a row names a picture that is not there"
        fates = []
        for _ in range(2):
            outcomes = await intake.take([kill9_intake_child.told(first + n) for n in range(60)], "deck")
            fates.append({one.fate for one in outcomes})
        assert fates[0] <= {Fate.ACCEPTED, Fate.DUPLICATE}
        assert fates[1] == {Fate.DUPLICATE}
    finally:
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work
        await db.close()


@pytest.mark.slow
def test_kill_9_while_others_send(tmp_path, kill_9):
    """Six kills in one data folder, more on a slow machine."""
    data, acknowledged = tmp_path / "data", tmp_path / "acknowledged"
    acknowledged.touch()
    count = 0
    for turn in range(5 * ROUNDS):
        if turn >= ROUNDS and count > ROUNDS:
            break
        first = 1 + turn * NUMBERS_A_ROUND
        kill_9(kill9_intake_child.run, (data, first, acknowledged), 0.2, LONGEST_LIFE)
        if not (data / "alpr.db").exists():
            continue
        with closing(sqlite3.connect(data / "alpr.db")) as connection:
            if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'sightings'").fetchone():
                count = check(connection, acknowledged.read_text().split())
        asyncio.run(send_again(data, first))
    assert count > ROUNDS
