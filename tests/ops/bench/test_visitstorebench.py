"""The bench of visits in the store: a small one runs, and a month through the store gives what all reads give."""

from __future__ import annotations

import json
import random
import sys

from alpr.ops.bench import visitstore as visitstorebench
from alpr.ops.bench.traffic import Faults, make_month
from alpr.store.database import open_database


def test_it_prints_one_object(monkeypatch, capsys):
    """Every question has its milliseconds, and the months are the same through the store."""
    arguments = ["visitstorebench", "--reads", "1000", "--visits", "600", "--staff", "1", "--json"]
    monkeypatch.setattr(sys, "argv", arguments)
    assert visitstorebench.main() == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert {"inside", "occupancy", "page Inside", "visits: search"} <= {one["name"] for one in told["timings"]}
    assert (told["perfect"]["same"], told["usual"]["same"]) == (True, True)


async def test_a_month_through_the_store_is_the_month(tmp_path):
    """With misread and missed reads, late and in any order; a correction touches a few visits, not the month."""
    database = await open_database(tmp_path)
    try:
        month = make_month(Faults(misread=0.1, missed=0.05), seed=5, days=6, staff=4)
        through = await visitstorebench.month_through(database, month, random.Random(4), corrections=10)
        assert (through.same, through.reads) == (True, len(month.sightings))
        assert through.correction_touches <= 6
    finally:
        await database.close()
