"""The demo's yard: with containers that stand there and announcements."""

from __future__ import annotations

from datetime import timedelta

from alpr.domain import utc_now
from alpr.iso6346 import is_valid
from alpr.ops.demo.yard import fill_yard
from alpr.store import expected, passes, reads, yard
from alpr.store.database import open_database
from alpr.store.images import Images


async def test_the_yard_is_filled_in(tmp_path):
    """Trucks brought containers in the last weeks; each read has its own picture."""
    assert [number async for number in fill_yard(tmp_path, count=2)] == [1, 2]
    database = await open_database(tmp_path)
    standing = await yard.inventory(database, yard.YardQuery())
    assert standing
    assert all(is_valid(one.container) and one.truck and one.size_type for one in standing)
    assert await expected.count(database, expected.ExpectedQuery(since=utc_now().date())) >= 9
    (newest, *_) = await passes.page(database, passes.PassQuery(carrying=True, until=utc_now() + timedelta(days=1)))
    _, of_it = await passes.get(database, newest.id)
    pictures = {Images(tmp_path / "images").read(one.evidence.frame_path)[:2] for one in of_it}
    assert pictures == {b"\xff\xd8"}
    assert await reads.count(database, reads.ReadQuery()) == 2 * len(await passes.page(database, passes.PassQuery()))
    await database.close()
