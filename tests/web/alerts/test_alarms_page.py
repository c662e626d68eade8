"""The alarms page: what waits, who has seen it, and who may say so."""

from __future__ import annotations

from litestar.testing import AsyncTestClient

from alpr.access import Severity
from alpr.bus import AlarmsChanged
from alpr.domain import utc_now
from alpr.site.rules.alarms import NewAlarm
from alpr.store import alarms, audit
from alpr.store.users import Role
from tests.web.conftest import token_in


async def raised(site, key="disk", **fields):
    new = {"rule": "", "severity": Severity.CRITICAL, "text": f"{key} is <full>"} | fields
    async with site.database.write() as connection:
        assert await alarms.raise_alarm(connection, NewAlarm(key, **new), utc_now())


async def test_a_guard_acknowledges_what_waits(site, client, log_in):
    """The bell counts, the page names, one press takes it away, and the audit log keeps who it was."""
    await raised(site)
    await raised(site, "memory", severity=Severity.WARNING, sound=True)
    await log_in(client)
    page = (await client.get("/alarms")).text
    assert "Disk is &lt;full&gt;" in page
    assert "Acknowledge all 2" in page
    bell = (await client.get("/alarms/bell")).text
    assert 'aria-label="2 alarms"' in bell
    assert 'data-sounding="2"' in bell
    form = {"csrf": token_in(page), "id": 1}
    async with site.bus.listen(AlarmsChanged) as events:
        answer = await client.post("/alarms/acknowledge", data=form, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/alarms")
        assert events.get_nowait() == AlarmsChanged()
    page = (await client.get("/alarms")).text
    assert "Disk is" not in page
    assert 'aria-label="1 alarm"' in page
    assert "seen by anna" in (await client.get("/alarms?show=all")).text
    (noted,) = [entry for entry in await audit.latest(site.database) if entry.action.startswith("alarm")]
    assert (noted.actor, noted.subject, noted.detail) == ("anna", "disk", "disk is <full>")


async def test_all_at_once_are_those_on_the_page(site, client, log_in):
    """What was raised after the page was made is not swept away with it."""
    await raised(site)
    await log_in(client)
    page = (await client.get("/alarms")).text
    await raised(site, "memory")
    await client.post("/alarms/acknowledge", data={"csrf": token_in(page), "upto": 1})
    assert [alarm.key for alarm in await alarms.page(site.database, waiting=True)] == ["memory"]


async def test_a_viewer_looks_and_acknowledges_nothing(site, log_in):
    """The buttons are the guard's, and so is the right; a form of another site is refused."""
    await site.add_user("vera", Role.VIEWER)
    await raised(site)
    async with AsyncTestClient(site.web()) as client:
        await log_in(client, "vera")
        page = (await client.get("/alarms")).text
        assert "Disk is" in page
        assert "Acknowledge" not in page
        assert (await client.post("/alarms/acknowledge", data={"csrf": token_in(page), "id": 1})).status_code == 403
    async with AsyncTestClient(site.web()) as client:
        await log_in(client)
        assert (await client.post("/alarms/acknowledge", data={"csrf": "x", "id": 1})).status_code == 403
    assert len(await alarms.page(site.database, waiting=True)) == 1


async def test_many_alarms_have_pages(site, client, log_in):
    """Fifty a page, the newest first; without any there is a word of comfort."""
    await log_in(client)
    assert "Nothing waits for you" in (await client.get("/alarms")).text
    for number in range(60):
        await raised(site, f"thing {number}")
    page = (await client.get("/alarms?show=all")).text
    assert "Thing 59" in page
    assert "Thing 9 " not in page
    older = (await client.get("/alarms?show=all&before=11")).text
    assert "Thing 9 " in older
    assert "Older" not in older
