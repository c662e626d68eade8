"""The pages of the yard: inventory with its clock, passes, the expected list; and the same through the API."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest

from alpr.domain import utc_now
from alpr.iso6346 import spaced
from alpr.site.yard.arrivals import Expected
from alpr.store import audit, expected, reads
from alpr.store.users import Role
from tests.web.conftest import token_in
from tests.web.yard_drawn import A, B, C, Yard


@pytest.fixture
def yard(site):
    return Yard(site)


@pytest.fixture
def today(site):
    return utc_now().astimezone(site.web().state.web.zone).date()


@pytest.fixture
async def guard(client, log_in):
    """Log the guard in, and give what posts a form as her page does."""
    await log_in(client)
    token = token_in((await client.get("/expected")).text)

    async def send(path, **fields):
        return await client.post(path, data={"csrf": token, **fields}, follow_redirects=False)

    return send


async def test_the_inventory_says_since_when_with_whom_and_how_long_free(client, log_in, yard):
    """The longest there first; what has left is not there, but its page is."""
    await yard.drives("in", 2, "GXXK4821", A, B)
    await yard.drives("in", 1, "MZZ77", C, size_type="45G1")
    await yard.drives("out", 0.5, "MZZ77", C)
    await log_in(client)
    page = (await client.get("/yard")).text
    assert "2 containers on the site" in page
    assert page.index(spaced(A)) < page.index(spaced(B))
    assert "GXXK4821" in page
    assert "2 free days left" in page
    assert "20 ft, 8 ft 6 in, general purpose" in page
    assert spaced(C) not in page
    gone = (await client.get(f"/yard/{C}")).text
    assert "not on the site" in gone
    assert "40 ft" in gone
    found = await client.get("/yard", params={"q": spaced(C)}, follow_redirects=False)
    assert found.headers["location"] == f"/yard/{C}"
    assert spaced(B) not in (await client.get("/yard", params={"q": "MSCU"})).text
    assert "No container on the site fits" in (await client.get("/yard", params={"show": "45"})).text
    assert (await client.get("/yard", params={"show": "what"})).status_code == 400
    assert (await client.get("/yard/nothing")).status_code == 404


async def test_the_inventory_as_a_file(client, log_in, yard):
    """With the same columns for every container."""
    await yard.drives("in", 2, "GXXK4821", A)
    await log_in(client)
    answer = await client.get("/yard/export.csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["container"], row["truck"], row["days"], row["owed"]) for row in rows] == [
        (A, "GXXK4821", "3", "0.00")
    ]


async def test_a_pass_shows_all_that_was_seen_together(client, log_in, yard, site, today):
    """Reads link to it; what was announced stands beside what came."""
    await expected.add_all(site.database, [Expected(A, today, "MZZ77", "B-1")], "bea", utc_now())
    plate, container = await yard.drives("in", 0.001, "GXXK4821", A)
    await log_in(client)
    assert "Wrong truck" in (await client.get("/passes")).text
    assert "No passes here" in (await client.get("/passes", params={"show": "unexpected"})).text
    one = (await client.get(f"/passes/{plate.id}")).text
    for words in ("GXXK4821", spaced(A), "Wrong truck", "B-1", "MZZ77", f"/reads/{container.id}", "+2.0 s"):
        assert words in one
    assert (await client.get("/passes/nothing")).status_code == 404
    assert (await client.get("/passes", params={"before": "x y"})).status_code == 400


async def test_containers_are_announced_and_struck_off(client, guard, site, today):
    """By form and by file, every fault beside its field or line; each deed in the audit log."""
    page = (await client.get("/expected")).text
    assert "Nothing is announced here" in page
    assert "nothing is announced for today" in page
    assert (await guard("/expected", container=spaced(A), date=str(today), truck="GX XK 4821")).status_code == 303
    again = await guard("/expected", container=A, date=str(today))
    assert again.status_code == 400
    assert "is announced for that day already" in again.text
    wrong = await guard("/expected", container=f"{A[:-1]}{(int(A[-1]) + 1) % 10}", date="soon")
    assert f"should be {A[-1]}" in wrong.text
    assert "soon is no date" in wrong.text
    token = token_in(page)
    file = f"container,date\n{B},{today}\nXX,{today}\n{A},{today}\n"
    files = {"file": ("a.csv", file.encode(), "text/csv")}
    answer = (await client.post("/expected/import", data={"csrf": token}, files=files)).text
    assert "1 container announced, 1 announced already, 1 fault to look at" in answer
    assert "XX: has 2 characters, not 11" in answer
    (listed, _) = await expected.page(site.database, expected.ExpectedQuery())
    await guard(f"/expected/{listed.entry.id}/remove")
    assert [one.entry.container for one in await expected.page(site.database, expected.ExpectedQuery())] == [B]
    deeds = [one.action for one in await audit.latest(site.database, 4)]
    assert deeds[:3] == ["expected remove", "expected import", "expected add"]
    assert B in (await client.get("/expected/export.csv")).text


async def test_it_makes_no_difference_whether_truck_or_announcement_comes_first(client, guard, yard, site, today):
    """What stands there unexpected is expected once it is announced, since it came; what has left is not."""
    await expected.add_all(site.database, [Expected(C, today)], "bea", utc_now())
    (_, stands) = await yard.drives("in", 0.5, "GXXK4821", A)
    (_, other) = await yard.drives("in", 0.4, "MZZ77", B)
    await yard.drives("out", 0.3, "MZZ77", B)
    assert "Unexpected" in (await client.get(f"/yard/{A}")).text
    later = str(today + timedelta(days=20))
    for code, day, truck in ((A, later, ""), (A, str(today), "GX XK 4821"), (B, str(today), "")):
        assert (await guard("/expected", container=code, date=day, truck=truck)).status_code == 303
    states = {}
    for one in await expected.page(site.database, expected.ExpectedQuery()):
        states[one.entry.container, str(one.entry.due)] = (one.arrival, one.entry.arrived_at)
    assert states[A, str(today)] == ("expected", stands.captured_at - timedelta(seconds=2))
    assert states[A, later] == states[B, str(today)] == ("", None)
    page = (await client.get(f"/yard/{A}")).text
    assert ("Unexpected" in page, "announced afterwards" in page) == (False, True)
    assert (await reads.get(site.database, stands.id)).arrival == "expected"
    assert (await reads.get(site.database, other.id)).arrival == "unexpected"


async def test_a_file_is_held_against_what_stands_there(client, guard, yard, site, today):
    """The truck of the announcement counts as well: with another one the container is on the wrong truck."""
    await expected.add_all(site.database, [Expected(C, today)], "bea", utc_now())
    (_, first, second) = await yard.drives("in", 0.5, "GXXK4821", A, B)
    file = f"container,date,truck\n{A},{today},MZZ77\n{B},{today},\n"
    token = token_in((await client.get("/expected")).text)
    await client.post("/expected/import", data={"csrf": token}, files={"file": ("a.csv", file.encode(), "text/csv")})
    found = [(await reads.get(site.database, one.id)).arrival for one in (first, second)]
    assert found == ["wrong truck", "expected"]


async def test_viewers_look_and_do_not_announce(client, log_in, site, today):
    """Nor does a form without its token."""
    await site.add_user("vic", Role.VIEWER)
    await log_in(client, "vic")
    page = (await client.get("/expected")).text
    assert "Announce</button>" not in page
    answer = await client.post("/expected", data={"csrf": "0" * 64, "container": A, "date": str(today)})
    assert answer.status_code == 403


async def test_the_api_tells_the_same(client, log_in, yard, site, today):
    """Inventory, totals, one container, passes with their reads, announcements; pages by their cursors."""
    await expected.add_all(site.database, [Expected(A, today - timedelta(days=2))], "bea", utc_now())
    reads = await yard.drives("in", 2, "GXXK4821", A, B)
    await log_in(client)
    first = (await client.get("/api/v1/yard", params={"limit": 1})).json()
    assert [(one["container"], one["truck"], one["days"], one["arrival"]) for one in first["containers"]] == [
        (A, "GXXK4821", 3, "expected")
    ]
    second = (await client.get("/api/v1/yard", params={"limit": 1, "cursor": first["next"]})).json()
    assert ([one["container"] for one in second["containers"]], second["next"]) == ([B], None)
    totals = (await client.get("/api/v1/yard/totals")).json()
    assert (totals["count"], totals["over_free_time"], totals["overstaying"]) == (2, 0, 0)
    assert {one["feet"]: one["containers"] for one in totals["by_feet"]} == {20: 2, 40: 0, 45: 0, 0: 0}
    assert (await client.get(f"/api/v1/yard/{A}")).json()["announced"][0]["arrival"] == "expected"
    (one,) = (await client.get("/api/v1/passes", params={"carrying": "true"})).json()["passes"]
    assert (one["containers"], one["arrival"], one["reads"]) == ([A, B], "unexpected", 3)
    inside = (await client.get(f"/api/v1/passes/{one['id']}")).json()
    assert [read["id"] for read in inside["reads"]] == [read.id for read in reads]
    waiting = (await client.get("/api/v1/expected", params={"waiting": "true"})).json()
    assert waiting == {"announced": [], "next": None}
    for path, status in (("/yard/nothing", 404), ("/passes/nothing", 404), ("/yard?cursor=x", 400)):
        assert (await client.get(f"/api/v1{path}")).status_code == status
