"""The guard's *Open*: who may press it, what it says, and what stays in the audit log."""

from __future__ import annotations

import pytest

from alpr.barrier.gates import Barrier, Barriers, Habits, Order
from alpr.domain import utc_now
from alpr.store import audit
from alpr.store.users import Role
from tests.fakes import Contact
from tests.web.conftest import token_in
from tests.web.drawn_site import drawn_read

BY_SCRIPT = {"hx-request": "true"}


@pytest.fixture
async def contact(site):
    played = Contact()

    async def note(action: str, name: str, order: Order, detail: str) -> None:
        await audit.record(site.database, audit.Entry(utc_now(), order.actor, action, name, f"{order.why} {detail}"))

    habits = Habits(frozenset({"gate-in"}), pulse=0.0, repeat_after=60.0)
    site.barriers = Barriers()
    await site.barriers.replace({"main": Barrier("main", played, None, habits, note)})
    return played


async def token(client) -> str:
    return token_in((await client.get("/live")).text)


async def notes(site):
    return [
        (one.actor, one.action, one.subject) for one in await audit.latest(site.database) if "barrier" in one.action
    ]


async def test_a_held_button_opens_and_says_so(contact, site, client, log_in):
    """One request by script: the words come back, the opening is in the audit log with who it was."""
    await log_in(client)
    said = await client.post("/barriers/main/open", data={"csrf": await token(client)}, headers=BY_SCRIPT)
    assert (said.status_code, said.text.strip()) == (200, "main opened")
    assert contact.pulses == 1
    assert await notes(site) == [("anna", "open barrier", "main")]


async def test_without_script_there_is_a_question_first(contact, site, client, log_in):
    """The button leads to a page that asks; its form opens, and the page of the barriers shows by whom."""
    read = await site.passes(drawn_read("GX4821"))
    await log_in(client)
    page = await client.get(f"/reads/{read.id}")
    assert '<form class="opens" method="get" action="/barriers/main/open"' in page.text
    question = await client.get("/barriers/main/open", params={"read": read.id})
    assert "Open main?" in question.text
    assert "GX4821" in question.text
    assert contact.pulses == 0
    form = {"csrf": token_in(question.text), "read": read.id}
    done = await client.post("/barriers/main/open", data=form, follow_redirects=False)
    assert (done.status_code, done.headers["location"]) == (303, "/barriers")
    page = await client.get("/barriers")
    assert "by anna: by hand for GX4821" in page.text
    assert f'href="/reads/{read.id}"' in page.text


async def test_twice_in_a_row(contact, client, log_in):
    """A second press right after is told so, and makes no second pulse."""
    await log_in(client)
    csrf = await token(client)
    for _ in range(2):
        said = await client.post("/barriers/main/open", data={"csrf": csrf}, headers=BY_SCRIPT)
    assert "was opened a moment ago by anna" in said.text
    assert contact.pulses == 1


async def test_a_relay_that_does_not_answer(contact, site, client, log_in):
    """The guard reads what is wrong, by script and without, and it stays on the page and in the audit log."""
    contact.refuses = True
    await log_in(client)
    form = {"csrf": await token(client)}
    said = await client.post("/barriers/main/open", data=form, headers=BY_SCRIPT)
    assert "Barrier main: no answer within 3 s" in said.text
    again = await client.post("/barriers/main/open", data=form)
    assert again.status_code == 409
    assert "Not opened." in again.text
    assert "no answer within 3 s" in (await client.get("/barriers")).text
    assert ("anna", "barrier not opened", "main") in await notes(site)


async def test_the_system_says_what_needs_somebody(contact, site, client, log_in):
    """A barrier that did not open and a broker that is away stand on top of the admin's page."""
    contact.refuses = True
    await site.add_user("ada", Role.ADMIN)
    await log_in(client, "ada")
    await client.post("/barriers/main/open", data={"csrf": await token(client)}, headers=BY_SCRIPT)
    site.status.mqtt_fault = "the connection was lost"
    page = (await client.get("/system")).text
    assert "main did not open" in page
    assert "The MQTT broker is not reached" in page
    assert "The connection was lost" in page


async def test_viewers_look_and_do_not_open(contact, site, client, log_in):
    """A viewer sees the barriers without a button, and is refused wherever he asks."""
    await site.add_user("vera", Role.VIEWER)
    await log_in(client, "vera")
    for path in ("/barriers", "/live"):
        assert "data-open" not in (await client.get(path)).text
    assert (await client.get("/barriers/main/open")).status_code == 403
    form = {"csrf": await token(client)}
    assert (await client.post("/barriers/main/open", data=form)).status_code == 403
    assert contact.pulses == 0


@pytest.mark.parametrize("form", [{}, {"csrf": "0" * 64}])
async def test_a_form_of_another_site_opens_nothing(contact, client, log_in, form):
    """Without the token of this very session nothing opens."""
    await log_in(client)
    assert (await client.post("/barriers/main/open", data=form)).status_code == 403
    assert contact.pulses == 0


async def test_a_barrier_that_is_not_there(contact, client, log_in):
    """An address of no barrier is not found."""
    await log_in(client)
    assert (await client.get("/barriers/side/open")).status_code == 404
    assert (await client.post("/barriers/side/open", data={"csrf": await token(client)})).status_code == 404


async def test_the_button_stands_at_the_cameras_of_the_barrier_alone(contact, site, client, log_in):
    """On the live wall only the tiles of its cameras carry the button; old reads carry none."""
    await log_in(client)
    wall = (await client.get("/live")).text
    assert wall.count("data-open") == 1
    assert "data-open" in (await client.get("/live/gate-in")).text
    assert "data-open" not in (await client.get("/live/gate-out")).text
    old = await site.passes(drawn_read("GX4821", age=3600))
    assert "data-open" not in (await client.get(f"/reads/{old.id}")).text


async def test_without_barriers_the_page_says_how_to_add_one(client, log_in):
    """The rail does not name what there is none of; the page itself says what to do."""
    await log_in(client)
    page = (await client.get("/barriers")).text
    assert "No barrier yet" in page
    assert 'href="/barriers"' not in page
