"""The keeper of the sums: what is over is added up, and what another process writes is announced."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest
import structlog

from alpr.bus import ActivityCommitted, Bus
from alpr.intake.activity import Fate, Intake
from alpr.keepers.activity import keep_sums
from alpr.site.factory.floor import Floor
from alpr.store import activitysources
from alpr.store.activitysums import dirty_hours
from alpr.store.database import open_database
from tests.site.drawn_floor import PLAN

NOON = datetime(2026, 3, 4, 12, 30, tzinfo=UTC)


@pytest.fixture
async def database(tmp_path):
    opened = await open_database(tmp_path / "data")
    yield opened
    await opened.close()


@asynccontextmanager
async def keeping(database, bus, floor):
    work = asyncio.create_task(keep_sums(database, bus, floor, pause=0.02, clock=lambda: NOON))
    try:
        yield
    finally:
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work


def event(hours: float):
    at = (NOON - timedelta(hours=hours)).isoformat()
    return {"timestamp": at, "worker": "W1", "station": "S1", "type": "working", "confidence": 0.9}


async def dirty(database):
    async with database.read() as connection:
        return len(await dirty_hours(connection, 0, 10**9))


async def test_hours_that_are_over_are_added_up(database):
    """The running hour waits until it is over, and for whoever asks meanwhile it is added up from the events."""
    bus, floor = Bus(), Floor(PLAN)
    intake = Intake(database, bus, floor, lambda: NOON)
    async with keeping(database, bus, floor):
        assert not floor.heard
        await intake.take([event(hours) for hours in (0, 3, 30, 300)], "camera")
        async with asyncio.timeout(10):
            while await dirty(database) > 2 or not floor.heard:  # noqa: ASYNC110 - the database announces nothing
                await asyncio.sleep(0.02)
    async with database.read() as connection:
        assert min(await dirty_hours(connection, 0, 10**9)) == NOON.timestamp() // 3600


async def test_what_another_process_writes_is_announced(database):
    """`alpr activity import` has a bus of its own: the pages hear of it all the same, and of our own but once."""
    bus, floor = Bus(), Floor(PLAN)
    async with bus.listen(ActivityCommitted) as news, keeping(database, bus, floor):
        await asyncio.sleep(0.04)
        await Intake(database, Bus(), floor, lambda: NOON).take([event(1), event(2)], "import")
        heard = await asyncio.wait_for(news.get(), 10)
    assert heard == ActivityCommitted(frozenset(), frozenset(), 2)


async def test_a_wrong_clock_is_told_once(database):
    """In the log when it is noticed, not with every event, and again when it was right in between."""
    bus, floor = Bus(), Floor(PLAN)
    intake = Intake(database, bus, floor, lambda: NOON)
    with structlog.testing.capture_logs() as said:
        fates = [(await intake.take([event(hours)], "camera"))[0].fate for hours in (-2, -2.1, -2.2, 0.001, -3, -3.1)]
    told = [one for one in said if one["event"] == "a sender's clock is off"]
    assert [(one["source"], one["seconds"], one["way"]) for one in told] == [
        ("camera", 7200, "ahead"),
        ("camera", 10_800, "ahead"),
    ]
    assert fates.count(Fate.REFUSED) == 5
    (source,) = await activitysources.everyone(database)
    assert (source.events, source.refused, source.skew) == (1, 5, timedelta(hours=3.1))


async def test_files_of_long_ago_say_nothing_of_a_clock(database):
    """What is imported may be of any age."""
    intake = Intake(database, Bus(), Floor(PLAN), lambda: NOON)
    for number in range(25):
        await intake.take([event(5000 + number)], "import", clocked=False)
    (source,) = await activitysources.everyone(database)
    assert (source.events, source.skew, source.newest_at) == (25, timedelta(), None)
