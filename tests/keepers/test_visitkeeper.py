"""Visits in the store: a function of its reads and of what people decided, whatever comes when."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from alpr.domain import Kind, State
from alpr.stay import Sighting
from alpr.store import reads, schema, visits
from alpr.store.database import open_database
from tests.site.entries import seen
from tests.site.sighted import after, paired, sighted, told
from tests.site.traffic_drawn import traffic
from tests.visited import EVIDENCE, empty, everything, keeper_at, put, read_of

DAY = 24 * 60
LATER = 30 * DAY


def test_any_order_and_repetition_gives_the_same_visits(tmp_path):
    """What is stored is what a fresh look at all reads finds: one by one, in batches, twice, previews first."""
    with asyncio.Runner() as runner:
        db = runner.run(open_database(tmp_path / "data"))
        keeper = keeper_at(db, after(LATER))

        @settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
        @given(drawn=traffic(), chance=st.randoms(use_true_random=False), batch=st.integers(1, 9))
        def check(drawn: list[Sighting], chance, batch: int):
            finals = [replace(one, final=True) for one in drawn]
            previews = [replace(one, final=False, reading=seen("XY77")) for one in finals[::2]]
            mixed = [*finals, *finals[::3], *previews]
            chance.shuffle(mixed)

            async def story():
                await empty(db)
                await put(db, keeper, mixed, batch)
                assert await everything(db) == paired(finals, LATER)
                for one in finals[::2]:
                    async with db.write() as connection:
                        await keeper.drop(connection, one.id)
                assert await everything(db) == paired(finals[1::2], LATER)

            runner.run(story())

        check()
        runner.run(db.close())


@pytest.fixture
async def db(tmp_path):
    opened = await open_database(tmp_path / "data")
    yield opened
    await opened.close()


async def test_a_container_stays_for_months_and_nobody_else_does(db):
    """Unseen for four days a lorry has left unseen; its container is in the yard until it leaves, or half a year."""
    lorry = sighted(0, "in", "AB123")
    container = sighted(1, "in", "MSCU1234566", kind=Kind.CONTAINER)
    keeper = keeper_at(db, after(1))
    await put(db, keeper, [lorry, container])
    for days, states in ((4, {"missed out", "open"}), (179, {"missed out", "open"}), (181, {"missed out"})):
        later = keeper_at(db, after(days * DAY))
        await later.give_up()
        assert {visit.state.value for visit in await everything(db)} == states
    await put(db, keeper_at(db, after(100 * DAY)), [sighted(100 * DAY, "out", "MSCU1234566", kind=Kind.CONTAINER)])
    assert told(await everything(db)) == ["missed out in@0", "closed in@1 out@144000"]


async def test_a_correction_touches_its_own_visits_alone(db):
    """The rows of other visits are not written again."""
    keeper = keeper_at(db, after(DAY))
    misread = sighted(60, "out", "QQ55")
    await put(db, keeper, [sighted(0, "in", "AB123"), misread, sighted(5, "in", "XY77"), sighted(-DAY, "in", "AB123")])
    async with db.write() as connection:
        await connection.execute(update(schema.visits).where(schema.visits.c.text == "XY77").values(zone="marked"))
        await keeper.put(connection, read_of(replace(misread, reading=seen("AB123"))))
    assert told(await everything(db)) == ["missed out in@-1440", "closed in@0 out@60", "open in@5"]
    assert (await visits.of_text(db, "XY77"))[0].zone == "marked"


async def test_reads_that_came_another_way_are_taken_up_once(db):
    """Old reads, demo data, a copy of another box: all but what could not be read or was dismissed."""
    keeper, moment = keeper_at(db, after(DAY)), after(0)
    rows = [
        read_of(sighted(0, "in", "AB123")),
        read_of(sighted(60, "out", "AB123")),
        read_of(sighted(61, "in", "XY77"), state=State.DISMISSED),
        read_of(sighted(62, "in", ""), state=State.UNREAD),
    ]
    async with db.write() as connection:
        for read in rows:
            await reads.save(connection, read, EVIDENCE, (), moment)
    assert [await keeper.catch_up(), await keeper.catch_up()] == [2, 0]
    assert told(await everything(db)) == ["closed in@0 out@60"]
    async with db.write() as connection:
        await connection.execute(delete(schema.reads).where(schema.reads.c.id == "out@60"))
        await keeper.put(connection, rows[0])
    assert told(await everything(db)) == ["open in@0"]


async def test_a_month_comes_backwards(db):
    """The worst order there is: every read is earlier than all before it, one transaction each."""
    days = [(day * DAY, way) for day in range(31) for way in ("in", "out")]
    month = [sighted(day + (480 if way == "out" else 0), way, "AB123") for day, way in days]
    await put(db, keeper_at(db, after(40 * DAY)), reversed(month))
    found = await everything(db)
    assert [visit.reads for visit in found] == [(a.id, b.id) for a, b in zip(month[::2], month[1::2], strict=True)]
