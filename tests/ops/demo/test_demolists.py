"""The demo's lists have something to show for every verdict."""

from __future__ import annotations

from collections import Counter

from alpr.access import Verdict
from alpr.domain import Character, Reading
from alpr.ops.demo.cast import cast
from alpr.ops.demo.lists import add_regulars, make_lists
from alpr.site.lists.contradictions import contradictions
from alpr.site.lists.matching import Index
from alpr.store import lists
from alpr.store.database import open_database
from tests.site.entries import BERLIN, NOON, read_of


async def test_the_cast_is_allowed_denied_watched_over_and_unknown(tmp_path):
    """At the gate all of them come; lists that are there already are left alone."""
    database = await open_database(tmp_path)
    try:
        await make_lists(database, NOON)
        known = await lists.load_entries(database)
        await make_lists(database, NOON)
        await add_regulars(database, [act.plate for act in cast()[:10]], NOON)
        assert [one.name for one in await lists.everyone(database, NOON)] == [
            "Banned",
            "Hauliers",
            "Look out for",
            "Staff",
        ]
        index = Index(known, BERLIN)
        arriving = [act.plate.text for act in cast() if act.camera == "gate-in"]
        decisions = [index.decide(read_of(_reading(text)), NOON) for text in arriving]
        counts = Counter(one.verdict for one in decisions)
        assert counts[Verdict.DENIED] >= 1
        assert counts[Verdict.WATCH] >= 1
        assert counts[Verdict.ALLOWED] > counts[Verdict.UNKNOWN] > 1
        assert any("expired 2 days ago" in one.reason for one in decisions)
        assert any(one.opens and "fits" in one.reason for one in decisions)
        assert not [pair for pair in contradictions(known, NOON) if not pair.alike]
    finally:
        await database.close()


def _reading(text: str) -> Reading:
    return Reading(text, 0.97, tuple(Character(sign, 0.99) for sign in text))
