"""Lists, entries and hits in the API: what is given, who may change it, and what is said of a slip."""

from __future__ import annotations

import pytest

from alpr.access import Decision, Verdict
from alpr.bus import ListsChanged
from alpr.domain import utc_now
from alpr.site.lists.matching import Index
from alpr.store import audit, lists, tokens
from alpr.store.tokens import NewToken
from alpr.store.users import Role
from tests.site.entries import BERLIN
from tests.web.conftest import token_in
from tests.web.drawn_site import drawn_read

BASE = "/api/v1"


async def headers(site, role):
    secret = tokens.new_secret()
    new = NewToken(role.value, tokens.digest(secret), role, utc_now(), "a test")
    assert await tokens.create(site.database, new)
    return {"authorization": f"Bearer {secret}"}


@pytest.fixture
async def api(client, site):
    client.headers.update(await headers(site, Role.ADMIN))
    return client


async def add_list(api, name="Staff", kind="allow"):
    answer = await api.post(f"{BASE}/lists", json={"name": name, "kind": kind})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def test_a_list_lives_from_made_to_removed(api, site):
    """Every step is announced, and stands in the audit log."""
    async with site.bus.listen(ListsChanged) as heard:
        staff = await add_list(api)
        entry = {"plate": "ab-123", "owner": "Meyer", "cameras": ["gate-in"], "schedule": "Mon-Fri 06:00-18:00"}
        made = await api.post(f"{BASE}/lists/{staff}/entries", json=entry)
        assert made.status_code == 201
        assert (made.json()["plate"], made.json()["kind"], made.json()["created_by"]) == ("AB-123", "allow", "admin")
        changed = await api.put(
            f"{BASE}/entries/{made.json()['id']}", json={"plate": "AB124", "valid_until": "2026-06-18"}
        )
        assert (changed.json()["owner"], changed.json()["valid_until"]) == ("", "2026-06-18T22:00:00Z")
        renamed = await api.put(f"{BASE}/lists/{staff}", json={"name": "Own people", "kind": "watch"})
        assert (renamed.json()["name"], renamed.json()["entries"]) == ("Own people", 1)
        assert [one["id"] for one in (await api.get(f"{BASE}/lists")).json()["lists"]] == [staff]
        assert (await api.delete(f"{BASE}/entries/{made.json()['id']}")).status_code == 204
        assert (await api.delete(f"{BASE}/lists/{staff}")).status_code == 204
        assert heard.qsize() == 6
    deeds = [one.action for one in await audit.latest(site.database)]
    assert deeds == ["list remove", "entry remove", "list change", "entry change", "entry add", "list add"]


async def test_every_fault_of_an_entry_is_named(api):
    """And so is a plate that is on the list already."""
    staff = await add_list(api)
    answer = await api.post(f"{BASE}/lists/{staff}/entries", json={"plate": "%", "cameras": ["gate-im"]})
    assert answer.status_code == 400
    assert [one["field"] for one in answer.json()["errors"]] == ["plate", "cameras"]
    assert "did you mean gate-in?" in answer.text
    for status in (201, 400):
        answer = await api.post(f"{BASE}/lists/{staff}/entries", json={"plate": "AB123"})
        assert answer.status_code == status
    assert answer.json()["errors"][0]["message"].startswith("is on Staff already")
    answer = await api.post(f"{BASE}/lists", json={"name": "STAFF", "kind": "deny"})
    assert answer.json()["errors"] == [{"field": "name", "message": "there is a list called STAFF already"}]
    assert (await api.post(f"{BASE}/lists", json={"name": "x", "kind": "nix"})).status_code == 400


async def test_only_admins_change_and_everybody_may_look(client, site, log_in):
    """A browser's session needs its form token as well: another site cannot use it."""
    for role in (Role.VIEWER, Role.GUARD):
        known = await headers(site, role)
        assert (await client.get(f"{BASE}/lists", headers=known)).status_code == 200
        refused = await client.post(f"{BASE}/lists", json={"name": "x", "kind": "allow"}, headers=known)
        assert refused.status_code == 403
    await site.add_user("ada", Role.ADMIN)
    await log_in(client, "ada")
    body = {"name": "Staff", "kind": "allow"}
    assert (await client.post(f"{BASE}/lists", json=body)).status_code == 403
    token = {"x-csrf-token": token_in((await client.get("/reads")).text)}
    assert (await client.post(f"{BASE}/lists", json=body, headers=token)).status_code == 201


async def test_entries_are_paged_and_searched(api):
    """No entry is lost or comes twice."""
    staff = await add_list(api)
    for number in range(5):
        await api.post(f"{BASE}/lists/{staff}/entries", json={"plate": f"AB{number}", "owner": f"owner {number}"})
    seen, query = [], {"limit": 2}
    while True:
        page = (await api.get(f"{BASE}/lists/{staff}/entries", params=query)).json()
        seen += [one["plate"] for one in page["entries"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert seen == [f"AB{number}" for number in range(5)]
    found = (await api.get(f"{BASE}/lists/{staff}/entries", params={"text": "owner 3"})).json()["entries"]
    assert [one["plate"] for one in found] == ["AB3"]
    assert (await api.get(f"{BASE}/lists/{staff}/entries", params={"cursor": "nix"})).status_code == 400
    assert (await api.get(f"{BASE}/lists/99/entries")).status_code == 404


async def test_a_read_says_what_the_lists_said(api, site):
    """Verdict and reason stand in the read, the hits beside it; reads are found by verdict."""
    staff = await add_list(api)
    await api.post(f"{BASE}/lists/{staff}/entries", json={"plate": "VQA8123", "owner": "Meyer"})
    index = Index(await lists.load_entries(site.database), BERLIN)
    read = drawn_read("VQAB123")
    decision = index.decide(read, utc_now())
    await site.passes(read, decision=decision)
    await site.passes(drawn_read("QMRT77"), decision=Decision(Verdict.UNKNOWN, "on no list"))
    shown = (await api.get(f"{BASE}/reads/{read.id}")).json()
    assert (shown["verdict"], shown["verdict_reason"]) == ("allowed", "Staff: Meyer; matched with 8 = B")
    (hit,) = (await api.get(f"{BASE}/reads/{read.id}/hits")).json()["hits"]
    assert (hit["list"], hit["match"], hit["reason"]) == ("Staff", "confusable", "matched with 8 = B")
    found = (await api.get(f"{BASE}/reads", params={"verdict": "unknown"})).json()["reads"]
    assert [one["text"] for one in found] == ["QMRT77"]
