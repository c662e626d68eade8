"""The example of the manual: computed by hand there, and the same to the second here."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from alpr.activity import SECOND
from alpr.bus import Bus
from alpr.configfile import load_config
from alpr.intake.activity import Fate, Intake
from alpr.site.factory.file import read_csv
from alpr.site.factory.floor import Floor, write_floor
from alpr.store.activitysums import roll
from alpr.store.database import open_database
from alpr.store.productivity import measured, timeline

MANUAL = Path(__file__).parents[3] / "docs" / "factory.md"
SINCE, UNTIL = datetime(2026, 3, 28, 4, tzinfo=UTC), datetime(2026, 3, 29, 5, tzinfo=UTC)
LATER = UNTIL + timedelta(days=1)


def block(kind: str) -> str:
    """Return the last code block of this kind."""
    return re.findall(rf"```{kind}\n(.*?)```", MANUAL.read_text(), re.DOTALL)[-1]


def table(*heads: str) -> list[dict[str, str]]:
    """Return the rows of the table whose heads begin so."""
    rows: list[dict[str, str]] = []
    names: list[str] = []
    for line in MANUAL.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if cells[: len(heads)] == list(heads):
            names = cells
        elif not cells:
            names = []
        elif names and not cells[0].startswith("---"):
            rows.append(dict(zip(names, cells, strict=True)))
    return rows


def clock(microseconds: int) -> str:
    """Write a length as the manual does."""
    assert microseconds % SECOND == 0
    seconds = microseconds // SECOND
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


@pytest.fixture
async def day(tmp_path):
    """Give the database and the plan of the example, the late event not there yet, and a way to let it come."""
    (tmp_path / "alpr.toml").write_text(block("toml"))
    config = load_config(tmp_path / "alpr.toml", {})
    floor = Floor()
    write_floor(floor, config.factory, ZoneInfo(config.site.timezone))
    db = await open_database(tmp_path / "data")
    intake = Intake(db, Bus(), floor, lambda: LATER)
    items = read_csv(block("csv").encode())

    async def send(chosen):
        answers = await intake.take(chosen, "manual", clocked=False)
        assert {one.fate for one in answers} == {Fate.ACCEPTED}

    await send(items[:-1])
    while await roll(db, floor.plan, LATER):
        pass
    yield db, floor.plan, lambda: send(items[-1:])
    await db.close()


async def test_the_figures_of_the_manual(day):
    """Workers, stations and factory, to the second."""
    db, plan, late = day
    await late()
    found = await measured(db, plan, SINCE, UNTIL, LATER)
    rows = table("worker", "planned")
    names = ("planned", "breaks", "working", "idle", "absent", "unknown")
    counted = [(one.worker, one.amounts) for one in found.workers] + [("factory", found.total)]
    assert [
        {"worker": who, **{name: clock(getattr(amounts, name)) for name in names}, "units": str(amounts.units)}
        for who, amounts in counted
    ] == rows
    assert [
        {
            "station": one.station,
            **{name: clock(getattr(one, name)) for name in ("open", "occupied", "busy")},
            **{name: clock(getattr(one.amounts, name)) for name in ("working", "idle", "absent")},
            "units": str(one.amounts.units),
        }
        for one in found.stations
    ] == table("station", "open")
    assert f"= {100 * found.total.utilisation:.1f} %" in MANUAL.read_text()
    assert f"= {found.total.rate:.2f}\nunits an hour" in MANUAL.read_text()
    assert found.total.unsure_units == 5


async def test_the_timeline_of_the_manual(day):
    """Every span, by the clock on the wall."""
    db, plan, late = day
    await late()
    found = await timeline(db, plan, SINCE, UNTIL, LATER)
    spans = sorted(found, key=lambda one: one.start)
    assert [
        [
            span.worker,
            *(f"{moment.astimezone(plan.zone):%H:%M:%S}" for moment in (span.start, span.end)),
            span.state.value,
            clock(span.length),
        ]
        for span in spans
    ] == [list(row.values())[:5] for row in table("worker", "from")]


async def test_a_late_event_changes_the_past(day):
    """Before it came, Ada's time from 11:35 on was unknown."""
    db, plan, late = day
    before = await measured(db, plan, SINCE, UNTIL, LATER)
    await late()
    after = await measured(db, plan, SINCE, UNTIL, LATER)
    assert clock(after.total.working - before.total.working) == "0:25:00"
    assert clock(before.total.unknown - after.total.unknown) == "0:25:00"


async def test_a_running_shift_counts_until_now(day):
    """At half past eight in the morning two and a half hours are planned, and nothing of what comes."""
    db, plan, _ = day
    now = datetime(2026, 3, 28, 7, 30, tzinfo=UTC)
    found = await measured(db, plan, SINCE, UNTIL, now)
    (ada,) = found.workers
    assert (ada.worker, clock(ada.amounts.planned), clock(ada.amounts.working)) == ("ada", "2:30:00", "2:13:30")
    assert found.until == now
