"""Barriers for programs: looked at with any token, opened with a guard's."""

from __future__ import annotations

import pytest

from alpr.barrier.gates import Barrier, Habits, Order
from alpr.domain import utc_now
from alpr.store import audit, tokens
from alpr.store.tokens import NewToken
from alpr.store.users import Role
from tests.web.gate.test_barriers_page import Contact
from tests.web.openapi_check import faults

PATH = "/api/v1/barriers"


@pytest.fixture
async def contact(site):
    played = Contact()

    async def note(action: str, name: str, order: Order, _detail: str) -> None:
        await audit.record(site.database, audit.Entry(utc_now(), order.actor, action, name, order.why))

    habits = Habits(frozenset({"gate-in"}), pulse=0.0, repeat_after=60.0)
    await site.barriers.replace({"main": Barrier("main", played, None, habits, note)})
    return played


async def bearer(site, role: Role) -> dict[str, str]:
    secret = tokens.new_secret()
    assert await tokens.create(
        site.database, NewToken(f"t-{role}", tokens.digest(secret), role, utc_now(), "a test", None)
    )
    return {"authorization": f"Bearer {secret}"}


async def test_a_program_opens_a_barrier(contact, site, client):
    """One call is one pulse, in the audit log under the token's name; the next one right after is a conflict."""
    guard = await bearer(site, Role.GUARD)
    opened = await client.post(f"{PATH}/main/open", headers=guard)
    assert (opened.status_code, opened.json()["opened_by"]) == (200, "t-guard")
    again = await client.post(f"{PATH}/main/open", headers=guard)
    assert (again.status_code, contact.pulses) == (409, 1)
    assert "was opened a moment ago by t-guard" in again.json()["detail"]
    assert [(one.actor, one.action) for one in await audit.latest(site.database)] == [("t-guard", "open barrier")]


async def test_a_viewer_only_looks(contact, site, client):
    """With a viewer's token the barriers are listed as the description says, and stay shut."""
    viewer = await bearer(site, Role.VIEWER)
    listed = (await client.get(PATH, headers=viewer)).json()
    assert [one["name"] for one in listed["items"]] == ["main"]
    document = (await client.get("/api/v1/openapi.json", headers=viewer)).json()
    shape = document["paths"][PATH]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert faults(document, shape, listed) == []
    assert (await client.post(f"{PATH}/main/open", headers=viewer)).status_code == 403
    assert contact.pulses == 0


async def test_a_session_alone_is_not_enough(contact, client, log_in):
    """The cookie that a browser sends by itself opens nothing without the form token beside it."""
    await log_in(client)
    assert (await client.post(f"{PATH}/main/open")).status_code == 403
    assert contact.pulses == 0


async def test_no_such_barrier(contact, site, client):
    """A name that no barrier has is a problem of its own."""
    missing = await client.post(f"{PATH}/side/open", headers=await bearer(site, Role.GUARD))
    assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")
