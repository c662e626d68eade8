"""Vehicles: found with look-alikes, shown with their history, visits, lists and notes."""

from __future__ import annotations

import re

import pytest

from alpr.access import Entry, ListKind
from alpr.domain import utc_now
from alpr.store import entries, lists
from tests.web.conftest import token_in
from tests.web.drawn_site import drawn_read


@pytest.fixture
async def inside(client, log_in):
    """Log a guard in."""
    await log_in(client)
    return client


def shown(page):
    """Return the vehicles of the list in their order."""
    return re.findall(r'class="over" href="/vehicles/([^"]+)"', page)


async def test_who_is_here_most_comes_first(site, inside):
    """A look-alike is the same vehicle; what was seen as often stands newest first."""
    for age, text in ((50, "VQAB120"), (40, "VQAB12O"), (30, "QMRT77"), (20, "GXXK4821"), (10, "")):
        await site.passes(drawn_read(text, age=age))
    page = (await inside.get("/vehicles")).text
    assert shown(page) == ["VQAB12O", "GXXK4821", "QMRT77"]
    assert "2 reads" in page


async def test_a_vehicle_is_found_by_part_wildcard_and_look_alike(site, inside):
    """The reason stands beside it."""
    await site.passes(drawn_read("VQAB120"))
    await site.passes(drawn_read("QMRT77"))
    for query, why in (("AB1", "contains AB1"), ("VQ??12*", "fits VQ??12*"), ("AB12O", "matched with O=0")):
        page = (await inside.get("/vehicles", params={"q": query})).text
        assert shown(page) == ["VQAB120"]
        assert why in page
    assert "Nothing like ZZ" in (await inside.get("/vehicles?q=ZZ")).text


async def test_a_vehicle_shows_all_that_is_known_of_it(site, inside):
    """Reads with look-alikes, photos, whether it is inside, its list and its notes."""
    number = await lists.create(site.database, "Staff", ListKind.ALLOW, "bea", utc_now())
    entry = Entry(0, "Staff", ListKind.ALLOW, "VQ-AB 120", owner="Meyer <b>")
    await entries.add(site.database, number, entry, "bea", utc_now())
    reads = [await site.passes(drawn_read(text, age=age)) for text, age in (("VQAB120", 900), ("VQAB12O", 30))]
    page = (await inside.get("/vehicles/vq-ab120")).text
    assert [page.count(f'href="/reads/{one.id}"') for one in reads] == [2, 2]
    assert page.index(reads[1].id) < page.index(reads[0].id)
    assert "2 reads" in page
    assert "Meyer &lt;b&gt;" in page
    assert "matched with 0=O" in page
    csrf = token_in(page)
    page = await inside.post("/vehicles/VQAB120/notes", data={"csrf": csrf, "note": "has a key"}, follow_redirects=True)
    assert "has a key" in page.text
    assert "has a key" in (await inside.get("/vehicles/VQAB12O")).text


@pytest.mark.parametrize("text", ["NOBODY", "%2E%2E", "-"])
async def test_a_vehicle_that_nobody_knows_is_not_there(inside, text):
    """404, whatever stands in the address."""
    assert (await inside.get(f"/vehicles/{text}")).status_code == 404


async def test_a_long_history_is_paged(site, inside):
    """Older reads are a link away, and the way back to the newest."""
    for n in range(52):
        await site.passes(drawn_read("VQAB120", age=60 * n), announce=False)
    page = (await inside.get("/vehicles/VQAB120")).text
    assert "52 reads" in page
    older = re.search(r'href="(/vehicles/VQAB120\?before=[^"]+)" rel="next"', page)[1]
    rest = (await inside.get(older.replace("&amp;", "&"))).text
    assert rest.count('<tr class="go">') - rest.count("/visits/") == 2
    assert "Newest" in rest
