"""Visits in the store: a function of its reads and of what people decided, whatever comes when."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alpr.stay import Sighting
from alpr.store.database import open_database
from tests.site.entries import seen
from tests.site.sighted import after, paired
from tests.site.traffic_drawn import traffic
from tests.visited import empty, everything, keeper_at, put

LATER = 30 * 24 * 60


def test_any_order_and_repetition_gives_the_same_visits(tmp_path):
    """What is stored is what a fresh look at all reads finds: one by one, in batches, twice, previews first."""
    with asyncio.Runner() as runner:
        db = runner.run(open_database(tmp_path / "data"))
        keeper = keeper_at(db, after(LATER))

        @settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
        @given(reads=traffic(), chance=st.randoms(use_true_random=False), batch=st.integers(1, 9))
        def check(reads: list[Sighting], chance, batch: int):
            reads = [replace(one, final=True) for one in reads]
            previews = [replace(one, final=False, reading=seen("XY77")) for one in reads[::2]]
            mixed = [*reads, *reads[::3], *previews]
            chance.shuffle(mixed)

            async def story():
                await empty(db)
                await put(db, keeper, mixed, batch)
                assert await everything(db) == paired(reads, LATER)
                for one in reads[::2]:
                    async with db.write() as connection:
                        await keeper.drop(connection, one.id)
                assert await everything(db) == paired(reads[1::2], LATER)

            runner.run(story())

        check()
        runner.run(db.close())
