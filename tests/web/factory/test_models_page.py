"""The model watch: versions side by side, drift with its figures, and what too few say."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from alpr.domain import utc_now
from alpr.store import modelwatch, reads
from alpr.store.reads import Evidence
from tests.web.drawn_site import drawn_read
from tests.web.factory_site import PLAN, happened, tell

EVIDENCE = Evidence("a/frame.jpg", "0" * 64, 320, 160, "a/crop.jpg", "0" * 64)


def words(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


async def store(site, count, age, sure, reader, text="GXXK4821"):
    """Store reads of that age (hours), confidence and reader."""
    async with site.database.write() as connection:
        for n in range(count):
            one = drawn_read(text, sure=(sure,) * len(text), age=3600.0 * age + n)
            one = replace(one, looks=(), reader=reader, detector="gate-detector 1")
            await reads.save(connection, one, EVIDENCE, [], utc_now())


@pytest.fixture
async def watched(site, client, log_in):
    """Give a browser before a site whose reader was exchanged, and whose floor camera became less sure."""
    site.floor.plan = PLAN
    await store(site, 210, 50, 0.95, "plate-reader 1")
    await store(site, 205, 1, 0.72, "plate-reader 2")
    await store(site, 5, 1, 0.0, "plate-reader 2", text="")
    now = utc_now()
    old = [happened(now - timedelta(days=3, seconds=n), "w1", "press", "wi"[n % 2]) for n in range(220)]
    new = [
        happened(now - timedelta(hours=3, seconds=n), "w1", "press", "w", confidence=0.7, model_version="1.5")
        for n in range(220)
    ]
    await tell(site.database, old + new)
    await log_in(client)
    return client


async def test_versions_stand_side_by_side(watched):
    """Each version says how much it read, how surely and what remained unread; days narrow both alike."""
    page = words((await watched.get("/models", params={"days": "7"})).text)
    assert "plate-reader 1 210 95.0 % 100.0 % complete" in page
    assert "plate-reader 2 210 72.0 % 97.6 % complete, 2.4 % unread" in page
    assert "gate-detector 1 420" in page
    assert "floor-watch 1.5 220 70.0 % 100.0 % working" in page
    assert "floor-watch 1.4.2 220 90.0 % 50.0 % idle, 50.0 % working" in page
    file = (await watched.get("/models.csv", params={"days": "7"})).text.splitlines()
    assert "reader,plate-reader 2,0.72,205" in file
    assert "activity,floor-watch 1.5,0.7,220" in file
    today = words((await watched.get("/models", params={"days": "1"})).text)
    assert "plate-reader 1" not in today


async def test_drift_is_told_with_its_figures(watched):
    """Confidence and states that moved say by how much and how likely that is chance; unread ones stay steady."""
    page = words((await watched.get("/models")).text)
    assert re.search(r"gate-in Confidence has shifted \d+\.\d+ 1\.000 &lt; 0\.1 % 95\.0 % → 72\.0 % 210 / 205", page)
    assert re.search(r"gate-in Shares of states steady 0\.\d+", page)
    assert re.search(r"floor-watch Confidence has shifted", page)
    assert re.search(r"floor-watch Shares of states has shifted \d\.\d+ – &lt; 0\.1 %", page)  # noqa: RUF001


async def test_too_few_say_nothing(site, client, log_in):
    """A young site is told how many are needed; without anything the page says so."""
    await log_in(client)
    assert "Nothing to compare yet" in (await client.get("/models")).text
    await store(site, 20, 1, 0.9, "plate-reader 1")
    page = words((await client.get("/models")).text)
    assert "too few to say (200 are needed)" in page
    assert "Timeline" not in page  # no tabs of a factory that is switched off


async def test_counts_by_version(site):
    """Confidence is counted in hundredths, the mean over those with a text; no version is a version of its own."""
    await store(site, 3, 1, 0.95, "")
    await store(site, 2, 1, 1.0, "plate-reader 2")
    now = utc_now()
    readers, detectors = await modelwatch.reads_by_model(site.database, now - timedelta(days=1), now)
    found = {one.model: one for one in readers}
    assert [(one.model, one.count) for one in detectors] == [("gate-detector 1", 5)]
    assert (found[""].count, found[""].bins[95]) == (3, 3)
    assert (found["plate-reader 2"].bins[99], found["plate-reader 2"].mean) == (2, 1.0)
    assert await modelwatch.reads_by_model(site.database, now - timedelta(days=9), now - timedelta(days=8)) == ((), ())
