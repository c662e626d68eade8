"""The bench of the yard: what it fills in is a yard, and every page of it answers."""

from __future__ import annotations

from alpr.domain import utc_now
from alpr.ops.bench import yard as yardbench
from alpr.store import passes, yard
from alpr.store.database import open_database


async def test_made_up_passes_make_a_yard(tmp_path):
    """Those who left are not there any more; the pages answer and are timed."""
    database = await open_database(tmp_path)
    await yardbench.fill(database, 100, utc_now(), stays=20)
    standing = await yard.inventory(database, yard.YardQuery())
    assert 20 <= len(standing) < 80
    assert await passes.count(database, passes.PassQuery(carrying=True)) == 100
    assert {one.name for one in await yardbench.measure(database, tmp_path, samples=2)} >= {
        "page: yard",
        "one read into its pass",
    }
    await database.close()
