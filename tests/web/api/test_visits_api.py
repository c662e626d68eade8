"""The API of visits: who is inside, how full it is, and what a guard's program can say."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alpr.stay import Room
from alpr.store.users import Role
from tests.web.api.test_barriers_api import bearer
from tests.web.openapi_check import faults
from tests.web.visits.test_visits_pages import going, listed

BASE = "/api/v1"


@pytest.fixture
async def api(client, site):
    """Give a client with a guard's token."""
    client.headers.update(await bearer(site, Role.GUARD))
    return client


async def fits(api, path, method, answer):
    """Whether an answer is as the description says."""
    document = (await api.get(f"{BASE}/openapi.json")).json()
    described = document["paths"][path][method]["responses"][str(answer.status_code)]["content"]
    (shape,) = (one["schema"] for one in described.values())
    return faults(document, shape, answer.json()) == []


async def test_who_is_inside_and_how_full_it_is(site, api):
    """Lists, zones and capacities beside the visits themselves."""
    site.visits.room = Room(overstay=timedelta(hours=2), capacity=10, list_capacity={"Staff": 2, "Tenants": 5})
    await site.passes(going("AB1234", "in", 3, zone="bay"), decision=listed("Staff", "Ann Ash", "Ash & Co"))
    await site.passes(going("KL55", "in", 5))
    await site.passes(going("KL55", "out", 4))
    inside = await api.get(f"{BASE}/inside")
    (one,) = inside.json()["visits"]
    assert (one["text"], one["state"], one["too_long"], one["lists"]) == ("AB1234", "open", True, ["Staff"])
    assert (one["owner"], one["company"], one["zone"], one["left"]) == ("Ann Ash", "Ash & Co", "bay", None)
    assert 10800 <= one["dwell"] < 10900
    assert await fits(api, f"{BASE}/inside", "get", inside)
    full = await api.get(f"{BASE}/occupancy")
    assert full.json() == {
        "count": 1,
        "capacity": 10,
        "vehicles": 1,
        "containers": 0,
        "lists": [{"name": "Staff", "count": 1, "capacity": 2}, {"name": "Tenants", "count": 0, "capacity": 5}],
        "zones": [{"name": "bay", "count": 1, "capacity": None}],
    }
    assert await fits(api, f"{BASE}/occupancy", "get", full)
    assert (await api.get(f"{BASE}/inside", params={"list": "Tenants"})).json()["visits"] == []


async def test_visits_are_narrowed_and_paged_by_cursor(site, api):
    """Every visit stands on one page, whatever the size of the pages; slips are named."""
    for number in range(7):
        await site.passes(going(f"AB{1000 + number}", "in", 2 + number / 10), announce=False)
    found, cursor = [], None
    while True:
        answer = (await api.get(f"{BASE}/visits", params={"limit": 3} | ({"cursor": cursor} if cursor else {}))).json()
        found += [one["text"] for one in answer["visits"]]
        cursor = answer["next"]
        if cursor is None:
            break
    assert found == [f"AB{1000 + number}" for number in range(7)]
    assert len((await api.get(f"{BASE}/visits", params={"text": "abi00?"})).json()["visits"]) == 7
    assert (await api.get(f"{BASE}/visits", params={"state": "closed"})).json()["visits"] == []
    for slip in ({"state": "lost"}, {"since": "2026-01-01T00:00:00"}, {"cursor": "x"}, {"txt": "A"}, {"text": "**"}):
        refused = await api.get(f"{BASE}/visits", params=slip)
        assert refused.status_code == 400
        assert refused.json()["errors"][0]["field"] == next(iter(slip))


async def test_a_program_closes_reopens_merges_and_takes_back(site, api):
    """Each deed answers with the visit as it is now, and stands beside it with its maker."""
    came = await site.passes(going("AB1234", "in", 5))
    left = await site.passes(going("ZZ99", "out", 1))
    path = f"{BASE}/visits/{came.id}"
    early = await api.post(f"{path}/close", json={"left": (came.captured_at - timedelta(hours=1)).isoformat()})
    assert (early.status_code, "seen after" in early.json()["detail"]) == (409, True)
    assert (await api.post(f"{path}/close", json={"left": "2026-01-01T00:00:00"})).status_code == 400
    closed = await api.post(f"{path}/close", json={})
    assert closed.json()["visit"]["state"] == "closed"
    assert await fits(api, f"{BASE}/visits/{{read_id}}/close", "post", closed)
    assert (await api.post(f"{path}/close", json={})).status_code == 409
    opened = (await api.post(f"{path}/reopen")).json()
    assert (opened["visit"]["state"], [one["deed"] for one in opened["decisions"]]) == ("open", ["reopen", "close"])
    merged = (await api.post(f"{path}/merge", json={"other": left.id})).json()
    assert (merged["visit"]["reads"], merged["visit"]["by_hand"]) == ([came.id, left.id], "t-guard")
    assert (await api.post(f"{path}/merge", json={"other": "none"})).status_code == 400
    undone = await api.post(f"{BASE}/visits/decisions/{merged['decisions'][0]['id']}/undo")
    assert (undone.status_code, undone.json()["visit"]["reads"]) == (200, [came.id])
    assert (await api.post(f"{BASE}/visits/decisions/{2**70}/undo")).status_code == 409
    detail = await api.get(path)
    assert await fits(api, f"{BASE}/visits/{{read_id}}", "get", detail)
    assert (await api.get(f"{BASE}/visits/none")).status_code == 404


async def test_a_viewer_changes_nothing(site, client):
    """A viewer's token looks, and is refused where something would change."""
    client.headers.update(await bearer(site, Role.VIEWER))
    came = await site.passes(going("AB1234", "in", 5))
    assert (await client.get(f"{BASE}/visits")).status_code == 200
    assert (await client.post(f"{BASE}/visits/{came.id}/close", json={})).status_code == 403


async def test_a_day_in_numbers(site, api):
    """How many came, who came more than once, first and last; on the page of the day as well."""
    for text, way, hours in (("AB1234", "in", 9), ("AB1234", "out", 8), ("XY77", "in", 7), ("AB1234", "in", 6)):
        await site.passes(going(text, way, hours))
    await site.passes(going("XY77", "out", 5))
    day = await api.get(f"{BASE}/visits/summary")
    told = day.json()
    assert (told["visits"], told["vehicles"], told["repeated"]) == (3, 2, 1)
    assert (told["first"]["text"], told["last"]["text"]) == ("AB1234", "XY77")
    assert await fits(api, f"{BASE}/visits/summary", "get", day)
    for slip in ({"since": "2020-01-01T00:00:00Z"}, {"since": "2030-01-01T00:00:00Z", "until": "2029-01-01T00:00:00Z"}):
        assert (await api.get(f"{BASE}/visits/summary", params=slip)).status_code == 400
    nothing = (await api.get(f"{BASE}/visits/summary", params={"until": "2020-01-01T00:00:00Z"})).json()
    assert (nothing["visits"], nothing["first"]) == (0, None)
    earliest = await api.get(f"{BASE}/visits/summary", params={"until": "0001-01-01T00:00:00Z"})
    assert earliest.status_code == 200


async def test_what_passed_together_stands_beside_a_visit(site, api):
    """A trailer with a plate of its own has a visit of its own; the pass of both ties them together."""
    truck = await site.passes(going("AB1234", "in", 5))
    trailer = await site.passes(going("XY77", "in", 4.9995))
    async with site.database.write() as connection:
        await connection.exec_driver_sql("UPDATE reads SET pass_id = 'p'")
    detail = (await api.get(f"{BASE}/visits/{truck.id}")).json()
    assert [one["id"] for one in detail["companions"]] == [trailer.id]
    async with site.database.write() as connection:
        await connection.exec_driver_sql("UPDATE reads SET pass_id = NULL")
    assert (await api.get(f"{BASE}/visits/{truck.id}")).json()["companions"] == []
