"""The factory's pages: figures that can be added up by hand, order, filters, files, live news, and empty days."""

from __future__ import annotations

import asyncio
import csv
import io
import re
from datetime import UTC, datetime, time, timedelta

import pytest

from alpr.bus import ActivityCommitted
from alpr.domain import utc_now
from alpr.store import activitysources
from alpr.web.factory.events import _told
from tests.web.factory_site import PLAN, happened, hour, tell

YESTERDAY = {"when": "yesterday"}


def yesterday(clock: str) -> datetime:
    """Return that time of yesterday by the site's clock."""
    day = utc_now().astimezone(PLAN.zone).date() - timedelta(days=1)
    return datetime.combine(day, time.fromisoformat(clock), PLAN.zone).astimezone(UTC)


@pytest.fixture
async def floor(site, client, log_in):
    """Give a browser before a floor on which one hour was told yesterday: 40 and 30 minutes of work, 60 units."""
    site.floor.plan = PLAN
    await tell(site.database, hour(yesterday("10:00")))
    await log_in(client)
    return client


def words(html):
    """Return what a page says, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def rows_of(answer):
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


async def test_cards_and_waterfall_add_up(floor):
    """70 minutes of work, 2 hours each idle and away until the state is too old: 22.6 % of what is known."""
    page = (await floor.get("/factory", params=YESTERDAY)).text
    said = words(page)
    for part in ("Productive time 1 h 10 min", "Utilisation 22.6 %", "Units 60", "Units an hour of work 51.4"):
        assert part in said
    assert "75.0 % of the target" in said
    assert "Idle 2 h 00 min · 4.2 %" in said
    told = {
        row["part"]: float(row["seconds"])
        for row in rows_of(await floor.get("/factory/waterfall.csv", params=YESTERDAY))
    }
    assert (told["productive"], told["idle"], told["absent"]) == (4200.0, 7200.0, 7200.0)
    assert sum(told[name] for name in ("breaks", "absent", "unknown", "idle", "productive")) == told["planned"]
    assert "Ada &lt;Lindqvist&gt;" not in page  # nobody is at work now
    assert "style=" not in page


async def test_a_fragment_is_the_part_that_follows(floor):
    """What htmx asks for on news is the cards and who is at work, not the page."""
    answer = await floor.get("/factory", params=YESTERDAY, headers={"hx-request": "true"})
    assert answer.text.lstrip().startswith('<div class="stack" id="factory-now"')
    assert "<html" not in answer.text


async def test_workers_in_any_order(floor):
    """Heads order the table, highest first and then turned round; the file has the same rows with exact figures."""
    by_name = (await floor.get("/factory/workers", params=YESTERDAY)).text
    assert by_name.index("Ada &lt;Lindqvist&gt;") < by_name.index("Bruno Keller")
    assert 'aria-sort="ascending"' in by_name
    down = (await floor.get("/factory/workers", params={**YESTERDAY, "sort": "-name"})).text
    assert down.index("Bruno Keller") < down.index("Ada &lt;Lindqvist&gt;")
    busiest = await floor.get("/factory/workers.csv", params={**YESTERDAY, "sort": "-working"})
    first, second = rows_of(busiest)
    assert (first["worker"], first["name"], first["working_h"], first["units"]) == (
        "w1",
        "Ada <Lindqvist>",
        "0.6667",
        "60",
    )
    assert (second["worker"], second["absent_h"], second["rate"]) == ("w2", "2.0", "0.0")
    assert "sort=working" in (await floor.get("/factory/workers", params={**YESTERDAY, "sort": "-working"})).text


async def test_filters_narrow_tables(floor):
    """A station leaves those who worked there; a chosen filter offers to take itself away."""
    rows = rows_of(await floor.get("/factory/workers.csv", params={**YESTERDAY, "station": "pack"}))
    assert [row["worker"] for row in rows] == ["w2"]
    page = (await floor.get("/factory/workers", params={**YESTERDAY, "station": "pack"})).text
    assert 'href="/factory/workers?when=yesterday" aria-current="true"' in page
    assert (
        "No events in this time"
        in (await floor.get("/factory/workers", params={"from": "2020-01-01"} | {"to": "2020-01-02"})).text
    )


async def test_stations(floor):
    """A station says how long it was busy, and how far its work reached the target."""
    told = {row["station"]: row for row in rows_of(await floor.get("/factory/stations.csv", params=YESTERDAY))}
    press, pack = told["press"], told["pack"]
    assert (press["busy_h"], press["units"], press["performance"]) == ("0.6667", "60", "0.75")
    assert (pack["busy_h"], pack["performance"]) == ("0.5", "")


async def test_one_worker_and_one_station(floor):
    """Each has a page with figures, strips and whom it worked with; an unknown one is not found."""
    worker = words((await floor.get("/factory/worker", params={**YESTERDAY, "worker": "w1"})).text)
    for part in ("Productive time 40 min", "Utilisation 25.0 %", "At which stations", "Press 1", "40 min working"):
        assert part in worker
    station = words((await floor.get("/factory/station", params={**YESTERDAY, "station": "press"})).text)
    for part in ("Busy 40 min", "75.0 % of the target", "Who worked there", "Ada &lt;Lindqvist&gt;"):
        assert part in station
    assert (await floor.get("/factory/worker", params={"worker": "nobody"})).status_code == 404


async def test_timeline_goes_nearer_and_further(floor):
    """Strips say who did what from when to when; links go earlier, later, to another length, and to an hour."""
    at = f"{yesterday('09:30').astimezone(PLAN.zone):%Y-%m-%dT%H:%M}"
    page = (await floor.get("/factory/timeline", params={"at": at, "span": "4"})).text
    assert "Working, Press 1, 10:00:00 – 10:40:00 (40 min)" in page  # noqa: RUF001
    day = at[:10]
    assert f"at={day}T05%3A30&amp;span=4" in page  # earlier
    assert f"at={day}T13%3A30&amp;span=4" in page  # later
    assert f"at={day}T11%3A00&amp;span=1" in page  # an hour on the axis
    assert f"at={day}T05%3A30" in page  # twelve hours around the same middle
    rows = rows_of(await floor.get("/factory/timeline.csv", params={"at": at, "span": "4", "worker": "w2"}))
    assert [(row["state"], float(row["seconds"])) for row in rows if row["state"] != "unknown"] == [
        ("working", 1800.0),
        ("absent", 7200.0),
    ]
    assert "Nobody was on shift" in (await floor.get("/factory/timeline", params={"at": "2020-01-01T00:00"})).text


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/factory", {"when": "ever"}),
        ("/factory", {"from": "18.6.2026"}),
        ("/factory", {"from": "1990-01-01"}),
        ("/factory/timeline", {"span": "7"}),
        ("/factory/timeline", {"at": "noon"}),
        ("/factory/timeline", {"at": "0001-01-01T00:00"}),
        ("/models", {"days": "3"}),
    ],
)
async def test_odd_addresses_are_told(floor, path, query):
    """What an address may not say is a page of its own, never a crash."""
    assert (await floor.get(path, params=query)).status_code == 400


async def test_definitions_are_those_of_the_api(floor):
    """The page of definitions names every figure with its formula."""
    page = words((await floor.get("/factory/definitions")).text)
    assert "utilisation" in page
    assert "Europe/Berlin" in page
    assert "120 min" in page


async def test_a_switched_off_factory_says_how_to_switch_it_on(site, client, log_in):
    """Without [factory] the pages say what to write; files are not found, and the rail has no entry."""
    await log_in(client)
    for path in ("/factory", "/factory/workers", "/factory/stations", "/factory/timeline", "/factory/definitions"):
        assert "enabled = true" in (await client.get(path)).text
    assert (await client.get("/factory/workers.csv")).status_code == 404
    assert 'href="/factory"' not in (await client.get("/lists")).text
    site.floor.plan = PLAN
    assert 'href="/factory"' in (await client.get("/lists")).text


async def test_news_come_at_most_once_a_second(site, client, log_in):
    """A hundred batches at once are one message at once and one a second later."""
    await log_in(client)
    web = client.app.state.web
    token = client.cookies.get("session") or next(iter(client.cookies.values()))
    told = _told(web, token)
    assert (await anext(told)).comment == "listening"
    news = asyncio.ensure_future(anext(told))
    await asyncio.sleep(0)
    for _ in range(100):
        site.bus.publish(ActivityCommitted(frozenset({"w1"}), frozenset({"press"}), 1))
    loop = asyncio.get_running_loop()
    assert (await news).event == "activity"
    began = loop.time()
    assert (await anext(told)).event == "activity"
    assert loop.time() - began > 0.9
    web.stopping.set()
    with pytest.raises(StopAsyncIteration):
        await anext(told)


async def test_a_wrong_clock_is_told(site, floor):
    """A sender whose clock runs ahead is named with by how much."""
    now = utc_now()
    async with site.database.write() as connection:
        number = await activitysources.number_of(connection, "north camera", now)
        await activitysources.note(connection, number, (1, 0), now + timedelta(minutes=7), now, timedelta(seconds=60))
    assert "The clock of north camera is 7 min ahead" in (await floor.get("/factory")).text


async def test_many_pieces_stay_a_small_drawing(site, floor):
    """A worker whose state changes every ten seconds all day is drawn in slots, not in thousands of pieces."""
    start = yesterday("01:00")
    events = [happened(start + timedelta(seconds=10 * n), "w3", "pack", "wi"[n % 2]) for n in range(6000)]
    await tell(site.database, events)
    page = (
        await floor.get(
            "/factory/timeline", params={"at": f"{start.astimezone(PLAN.zone):%Y-%m-%dT%H:%M}", "span": "24"}
        )
    ).text
    assert page.count("<rect") < 900
    assert "in steps of 2 min: go nearer to see every change" in page
    assert re.search(r"[\d,]+ more in the file", page)
