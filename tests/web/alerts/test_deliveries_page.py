"""The page Deliveries: what is on its way, what was given up and why, and what an admin can do about it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from litestar.testing import AsyncTestClient

from alpr.access import Message
from alpr.bus import DeliveriesChanged
from alpr.domain import utc_now
from alpr.site.rules.book import Names
from alpr.store import audit, deliveries
from alpr.store.deliveries import DeliveryState
from alpr.store.users import Role
from tests.web.conftest import token_in
from tests.web.drawn_site import drawn_read


async def written(site, *keys, target="yard", **more):
    """Write deliveries; return their ids."""
    async with site.database.write() as connection:
        for key in keys:
            message = Message(key, target, f"Car <{key}>", "Text", {"event": "read"}, **more)
            assert await deliveries.add(connection, message, utc_now())
    return [one.id for one in reversed(await deliveries.page(site.database, limit=len(keys)))]


@pytest.fixture
async def admin(site, log_in):
    """Give a browser in which the admin is signed in; `woken` counts how often the outbox was woken."""
    site.book.names = Names(("gate-in",), ("yard", "mail"), ("main",))
    await site.add_user("ada", Role.ADMIN)
    async with AsyncTestClient(site.web()) as client:
        await log_in(client, "ada")
        yield client


async def post(client, path, **form):
    token = token_in((await client.get("/deliveries")).text)
    return await client.post(f"/deliveries/{path}", data={"csrf": token, **form}, follow_redirects=False)


async def test_every_state_is_shown_with_its_reason(site, admin):
    """Waiting, sent, given up; a target that fails says why, in its card and at the delivery."""
    waiting, sent, dead, late = await written(site, "w", "s", "d", "l", rule="Denied")
    await deliveries.finish(site.database, sent, utc_now())
    await deliveries.give_up(site.database, dead, "target yard: answers 404: check the url", utc_now())
    await deliveries.fail(
        site.database, waiting, "target yard: no answer <within> 10 s", utc_now() + timedelta(hours=1)
    )
    page = (await admin.get("/deliveries")).text
    assert page.count("Car &lt;") == 7  # four subjects, and three buttons that name theirs
    for words in (
        "does not take them",
        "Target yard: no answer &lt;within&gt; 10 s",
        "Target yard: answers 404: check the url",
        "tried again at",
        "rule Denied",
        "not told anything yet",
        "barrier/main",
        "Given up",
    ):
        assert words in page
    only_dead = (await admin.get("/deliveries", params={"show": "dead", "target": "yard"})).text
    assert "Car &lt;d&gt;" in only_dead
    assert "Car &lt;w&gt;" not in only_dead
    assert "Nothing here" in (await admin.get("/deliveries", params={"target": "mail"})).text
    fragment = (await admin.get("/deliveries", headers={"hx-request": "true"})).text
    assert fragment.lstrip().startswith('<div class="stack" id="deliveries"')
    assert late


async def test_a_dead_letter_is_revived_and_noted(site, admin):
    """Retry wakes the outbox, tells the pages and stands in the audit log; an expired order stays dead."""
    (dead,) = await written(site, "d")
    (expired,) = await written(site, "e", target="barrier/main", expires_at=utc_now() - timedelta(seconds=1))
    for one in (dead, expired):
        await deliveries.give_up(site.database, one, "refused", utc_now())
    async with site.bus.listen(DeliveriesChanged) as events:
        answer = await post(admin, "retry", id=dead)
        assert (answer.status_code, answer.headers["location"]) == (303, "/deliveries")
        assert events.get_nowait() == DeliveriesChanged()
        await post(admin, "retry", id=expired)
        assert events.empty()
    assert site.woken == 1
    assert (await deliveries.get(site.database, dead)).state is DeliveryState.WAITING
    assert (await deliveries.get(site.database, expired)).state is DeliveryState.DEAD
    (noted,) = [entry for entry in await audit.latest(site.database) if entry.action.startswith("delivery")]
    assert (noted.actor, noted.action, noted.subject, noted.detail) == ("ada", "delivery retry", "yard", "Car <d>")


async def test_all_of_a_target_are_tried_at_once(site, admin):
    """Dead letters wait again, and what waits for its next attempt is due now."""
    dead, waiting = await written(site, "d", "w")
    (other,) = await written(site, "o", target="mail")
    for one in (dead, other):
        await deliveries.give_up(site.database, one, "refused", utc_now())
    await deliveries.fail(site.database, waiting, "no answer", utc_now() + timedelta(hours=1))
    assert "Retry 2" in (await admin.get("/deliveries")).text
    await post(admin, "retry", target="yard")
    queue = await deliveries.queue(site.database, "yard", 10)
    assert [one.id for one in queue] == [dead, waiting]
    assert all(one.due_at <= utc_now() for one in queue)
    assert (await deliveries.get(site.database, other)).state is DeliveryState.DEAD


async def test_one_that_blocks_the_way_is_given_up(site, admin):
    """Those behind it go on; who did it stands at the delivery."""
    first, second = await written(site, "1", "2")
    await deliveries.fail(site.database, first, "answers 500", utc_now() + timedelta(hours=1))
    await post(admin, "give-up", id=first)
    assert [one.id for one in await deliveries.queue(site.database, "yard", 10)] == [second]
    assert (await deliveries.get(site.database, first)).error == "given up by ada; last error: answers 500"


async def test_a_test_message(site, admin):
    """It says what it is; nobody can test what is no target, a barrier least of all."""
    await post(admin, "test", target="mail")
    (sent,) = await deliveries.queue(site.database, "mail", 10)
    assert sent.subject == "Test from Hafenstrasse depot"
    assert sent.facts["event"] == "test"
    assert "barrier/main" in (await admin.get("/deliveries")).text
    for target in ("barrier/main", "nobody"):
        assert (await post(admin, "test", target=target)).status_code == 404


async def test_the_page_is_for_admins(site, client, log_in):
    """Messages may tell what is not for everybody, and a retry is no small thing."""
    (dead,) = await written(site, "d")
    await log_in(client)
    assert (await client.get("/deliveries")).status_code == 403
    token = token_in((await client.get("/alarms")).text)
    assert (await client.post("/deliveries/retry", data={"csrf": token, "id": dead})).status_code == 403


async def test_a_form_of_another_site_is_refused(site, admin):
    """CSRF is checked before anything is done."""
    (waiting,) = await written(site, "w")
    for path in ("retry", "give-up", "test"):
        answer = await admin.post(f"/deliveries/{path}", data={"csrf": "x", "id": waiting, "target": "yard"})
        assert answer.status_code == 403
    assert (await deliveries.get(site.database, waiting)).state is DeliveryState.WAITING


async def test_many_have_pages(site, admin):
    """Fifty a page, the newest first."""
    await written(site, *(str(number) for number in range(60)))
    page = (await admin.get("/deliveries", params={"show": "waiting"})).text
    assert "Car &lt;59&gt;" in page
    assert "Car &lt;9&gt;" not in page
    assert "/deliveries?show=waiting&amp;before=11" in page
    assert "Car &lt;9&gt;" in (await admin.get("/deliveries", params={"before": 11})).text
    assert (await admin.get("/deliveries", params={"before": 10**30})).status_code == 200


async def test_a_read_says_whom_it_was_told(site, client, log_in):
    """The guard sees on the page of a read what became of the messages about it."""
    read = await site.passes(drawn_read("GXXK4821"))
    (mail,) = await written(site, "m", target="mail", read_id=read.id)
    (dead,) = await written(site, "d", target="yard", read_id=read.id)
    await deliveries.finish(site.database, mail, utc_now())
    await deliveries.give_up(site.database, dead, "refused", utc_now())
    await log_in(client)
    page = (await client.get(f"/reads/{read.id}")).text
    told = page.partition("<h2>Told</h2>")[2].partition("</dl>")[0]
    assert "<dt>mail</dt><dd>sent " in told
    assert "given up" in told
    assert "<h2>Told</h2>" not in (await client.get(f"/reads/{(await site.passes(drawn_read('KLM4411'))).id}")).text


async def test_the_system_page_says_what_does_not_arrive(site, admin):
    """A card counts, and what was given up needs somebody."""
    assert "all told" in (await admin.get("/system")).text
    waiting, dead = await written(site, "w", "d")
    page = (await admin.get("/system")).text
    assert "on its way" in page
    assert "2 messages wait" in page
    await deliveries.give_up(site.database, dead, "refused", utc_now())
    await deliveries.fail(site.database, waiting, "target yard: no answer", utc_now())
    page = (await admin.get("/system")).text
    assert "yard has not got 2 of its messages." in page
    assert "1 given up" in page


async def test_the_api_does_the_same(site, admin):
    """Pages of deliveries, targets, retry and give up; conflicts are told."""
    base, token = "/api/v1", token_in((await admin.get("/deliveries")).text)
    headers = {"x-csrf-token": token}
    first, _, third = await written(site, "a", "b", "c")
    page = (await admin.get(f"{base}/deliveries", params={"limit": 2})).json()
    assert [one["key"] for one in page["deliveries"]] == ["c", "b"]
    rest = (await admin.get(f"{base}/deliveries", params={"limit": 2, "cursor": page["next"]})).json()
    assert ([one["key"] for one in rest["deliveries"]], rest["next"]) == (["a"], None)
    assert (await admin.post(f"{base}/deliveries/{third}/retry", headers=headers)).status_code == 409
    given_up = (await admin.post(f"{base}/deliveries/{first}/give-up", headers=headers)).json()
    assert (given_up["state"], given_up["error"]) == ("dead", "given up by ada")
    assert (await admin.post(f"{base}/deliveries/{first}/give-up", headers=headers)).status_code == 409
    targets = (await admin.get(f"{base}/targets")).json()["targets"]
    assert [(one["name"], one["waiting"], one["given_up"]) for one in targets] == [("yard", 2, 1), ("mail", 0, 0)]
    assert (await admin.post(f"{base}/deliveries/{first}/retry", headers=headers)).json()["state"] == "waiting"
    await deliveries.give_up(site.database, first, "x", utc_now())
    answer = await admin.post(f"{base}/deliveries/retry", headers=headers, params={"target": "yard"})
    assert answer.json() == {"retried": 1}
    for path, status in (("deliveries?state=lost", 400), ("deliveries?cursor=x", 400)):
        assert (await admin.get(f"{base}/{path}")).status_code == status
    assert (await admin.post(f"{base}/deliveries/{10**30}/retry", headers=headers)).status_code == 404
    assert (await admin.post(f"{base}/deliveries/{first}/retry")).status_code == 403
