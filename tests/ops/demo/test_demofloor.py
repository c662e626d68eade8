"""The demo's floor in the store: filled once, gone on with live, and removed without a trace of anything else's."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from alpr.cli import main
from alpr.configfile import load_config
from alpr.ops.demo.factory import HANDS, SOURCE
from alpr.ops.demo.floor import AT_ONCE, floor_tables, load_floor, remove_floor
from alpr.site.factory.floor import plan_of
from alpr.store import activitynames, activitysources, productivity
from alpr.store.database import open_database
from tests.web.factory_site import happened, tell

NOW = datetime(2026, 6, 18, 9, 30, tzinfo=UTC)


@pytest.fixture
def plan(tmp_path):
    path = tmp_path / "alpr.toml"
    path.write_text(f'[site]\ntimezone = "Europe/Berlin"\n{floor_tables()}')
    config = load_config(path)
    return plan_of(config.factory, ZoneInfo(config.site.timezone))


@pytest.fixture
async def db(tmp_path):
    opened = await open_database(tmp_path / "data")
    yield opened
    await opened.close()


def rows_of(db):
    """Return every row about activity but the sums, which follow from them."""
    tables = ("activity_events", "activity_workers", "activity_stations", "activity_models", "activity_sources")
    with closing(sqlite3.connect(db.path)) as connection:
        return {table: connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall() for table in tables}


async def test_the_configuration_names_crews_and_stations(plan):
    """The tables are right by the checks that every alpr.toml passes; the night crew works over midnight."""
    assert [shift.name for shift in plan.shifts] == ["Day", "Night"]
    assert plan.worker("demo-ada").name == "Ada Lindqvist"
    assert plan.station("demo-press-1").target > 0


async def test_two_days_make_figures_that_a_floor_could_have(db, plan):
    """Every worker took part, most time is known, and units are near the targets."""
    assert await load_floor(db, plan, NOW, batch=AT_ONCE) > 2000
    one = await productivity.measured(db, plan, NOW - timedelta(days=2), NOW, NOW)
    assert {worker.worker for worker in one.workers} == {hand.key for hand in HANDS}
    assert 0.55 < one.total.utilisation < 0.95
    assert 0.85 < one.total.coverage < 1.0
    assert 0.7 < one.performance < 1.1
    assert len(await productivity.current(db, plan, NOW)) == 3


async def test_started_again_it_goes_on(db, plan):
    """A second start tells only what has happened since, and nothing twice."""
    first = await load_floor(db, plan, NOW, batch=AT_ONCE, past=timedelta(hours=6))
    later = NOW + timedelta(minutes=30)
    more = await load_floor(db, plan, later, batch=AT_ONCE)
    assert 0 < more < 300
    assert await load_floor(db, plan, later, batch=AT_ONCE) == 0
    (source,) = await activitysources.everyone(db)
    assert (source.name, source.events, source.refused) == (SOURCE, first + more, 0)


async def test_removed_it_leaves_the_rest_as_it_was(db, plan):
    """Real events, even of the same stations, stay to the last byte; the demo's figures are gone."""
    mine = [
        happened(NOW - timedelta(hours=5), "w1", "press", "w"),
        happened(NOW - timedelta(hours=4), "w1", "demo-packing", "w"),
    ]
    await tell(db, mine, plan)
    before = await productivity.measured(db, plan, NOW - timedelta(days=2), NOW, NOW)
    rows = rows_of(db)
    loaded = await load_floor(db, plan, NOW, batch=AT_ONCE, past=timedelta(hours=20))
    assert len((await productivity.measured(db, plan, NOW - timedelta(days=2), NOW, NOW)).workers) == 7
    assert await remove_floor(db, plan) == loaded
    assert rows_of(db) == rows
    assert await activitynames.workers(db) == ("w1",)
    assert await productivity.measured(db, plan, NOW - timedelta(days=2), NOW, NOW) == before
    assert await remove_floor(db, plan) == 0


def test_the_command_loads_and_removes(tmp_path, capsys):
    """`alpr activity demo` says how many events it were; the second load of the same minute adds next to none."""
    path = tmp_path / "alpr.toml"
    path.write_text(f'[store]\ndata = "{tmp_path / "data"}"\n')
    assert main(["activity", "--config", str(path), "demo", "load"]) == 0
    loaded = int(re.search(r"([\d,]+) made-up events added", capsys.readouterr().out)[1].replace(",", ""))
    assert loaded > 2000
    assert main(["activity", "--config", str(path), "demo", "load"]) == 0
    again = int(re.search(r"(\d+) made-up events added", capsys.readouterr().out)[1])
    assert main(["activity", "--config", str(path), "demo", "remove"]) == 0
    assert f"{loaded + again:,} made-up events removed" in capsys.readouterr().out
