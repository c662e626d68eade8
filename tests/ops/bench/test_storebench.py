"""The measurement of the store: made-up reads that are like real ones, and a figure for each question."""

from __future__ import annotations

import json
import sys

from alpr.domain import State
from alpr.ops.bench import store as storebench
from alpr.ops.bench.seed import seed
from alpr.store import reads
from alpr.store.database import open_database
from alpr.store.reads import ReadQuery
from tests.drawn_reads import NOON


async def test_the_made_up_reads_are_all_there_and_found(tmp_path):
    """As many as asked for, in the past, the same each time, unread ones among them, each found by its text."""
    made = []
    for name in ("one", "two"):
        database = await open_database(tmp_path / name)
        try:
            await seed(database, 300, NOON)
            assert await reads.count(database, ReadQuery(until=NOON)) == 300
            assert 0 < await reads.count(database, ReadQuery(state=State.UNREAD)) < 40
            page = await reads.page(database, ReadQuery(limit=20))
            for stored in page:
                assert not stored.read.text or stored in await reads.page(database, ReadQuery(same=stored.read.text))
            made.append([(stored.read.text, stored.read.camera, stored.read.captured_at) for stored in page])
        finally:
            await database.close()
    assert made[0] == made[1]


def test_every_question_is_measured(tmp_path, monkeypatch, capsys):
    """Store, pages and API answer all of them."""
    monkeypatch.setattr(sys, "argv", ["storebench", "--reads", "700", "--data", str(tmp_path / "data"), "--json"])
    assert storebench.main() == 0
    timings = json.loads(capsys.readouterr().out)
    assert {"newest page", "as you type", "look-alikes", "page: search", "API: statistics, 7 days"} <= set(timings)
    assert all(0 < one["p50"] <= one["p95"] <= one["worst"] for one in timings.values())
