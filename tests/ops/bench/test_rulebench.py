"""The measurements of rules measure what they say."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from alpr.ops.bench import rules as rulebench
from alpr.site.rules.firing import ready
from alpr.store.database import open_database
from alpr.store.images import Images


def test_made_up_rules_are_of_every_kind():
    """Each asks something, and together they ask for all that is stored."""
    rules = rulebench.made_up_rules(16)
    assert all(one.conditions for one in ready(rules, ZoneInfo("UTC")))
    assert {type(condition).__name__ for one in ready(rules, ZoneInfo("UTC")) for condition in one.conditions} == {
        "OneOf",
        "OnList",
        "Fits",
        "Between",
        "SoonElsewhere",
        "Within",
    }


@pytest.mark.slow
async def test_every_read_is_told(tmp_path):
    """As many calls as reads, and each after its commit."""
    database = await open_database(tmp_path / "data")
    try:
        to_commit, to_call = await rulebench.measure_calls(database, tmp_path / "data", rulebench.made_up_rules(8), 3)
    finally:
        await database.close()
    assert len(to_commit) == len(to_call) == 3
    assert all(seconds > 0 for seconds in to_commit)
    assert len(list(Images(tmp_path / "data" / "images").root.rglob("*.jpg"))) == 6
