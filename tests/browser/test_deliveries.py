"""The page Deliveries in a real browser: accessible, narrow enough, live, and useful without JavaScript."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from alpr.access import Message
from alpr.domain import utc_now
from alpr.site.rules.book import Names
from alpr.store import deliveries
from alpr.store.deliveries import DeliveryState
from alpr.store.users import Role
from tests.browser.conftest import Visit
from tests.web.drawn_site import DrawnSite

pytestmark = pytest.mark.browser

_SUBJECTS = (
    "GXXK4821 denied at gate-in",
    "VQAB123 is on the watch list",
    "gate-out gives no picture",
    "Disk 91 % full",
)


@pytest.fixture
async def admin(site: DrawnSite, visit: Visit) -> Visit:
    """Sign in as an admin of a site with a target that fails, one that works and one that was told nothing."""
    site.book.names = Names(("gate-in",), ("erp", "guard-mail", "push"), ("main",))
    now = utc_now()
    async with site.database.write() as connection:
        for number, subject in enumerate(_SUBJECTS * 2):
            target = ("erp", "guard-mail")[number % 2]
            message = Message(
                f"{number}/{target}", target, subject, "Text", {"event": "read"}, rule="Denied at the gate"
            )
            await deliveries.add(connection, message, now - timedelta(minutes=40 - number))
    erp = [one.id for one in await deliveries.queue(site.database, "erp", 10)]
    for mail in await deliveries.queue(site.database, "guard-mail", 10):
        await deliveries.finish(site.database, mail.id, now)
    await deliveries.give_up(
        site.database, erp[0], "target erp: answers 404 and says 'no such hook': check the url", now
    )
    error = "target erp: cannot be reached (All connection attempts failed): check the url and the network"
    await deliveries.fail(site.database, erp[1], error, now + timedelta(seconds=40))
    await site.add_user("ada", Role.ADMIN)
    await visit.context.clear_cookies()
    await visit.log_in(visit.page, "ada")
    return visit


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_accessible(admin: Visit, scheme: str):
    """Axe finds nothing serious, and nothing is wider than a phone."""
    await admin.page.emulate_media(color_scheme=scheme)
    await admin.page.set_viewport_size({"width": 390, "height": 844})
    for path in ("/deliveries", "/deliveries?show=dead&target=erp", "/deliveries?target=push", "/system"):
        await admin.page.goto(f"{admin.address}{path}")
        found = (await Axe().run(admin.page)).response["violations"]
        assert [(one["id"], one["help"]) for one in found if one["impact"] in {"serious", "critical"}] == []
        assert await admin.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_the_page_follows_and_retries(site: DrawnSite, admin: Visit):
    """What happens appears without a reload; a press on *Retry* revives what was given up."""
    page = admin.page
    await page.goto(f"{admin.address}/deliveries")
    await expect(page.get_by_text("Target erp: answers 404 and says 'no such hook': check the url")).to_be_visible()
    await page.get_by_role("button", name="Retry 4 for erp").click()
    await expect(page.get_by_role("button", name="Retry 4 for erp")).to_have_count(1)
    assert await deliveries.page(site.database, state=DeliveryState.DEAD) == ()
    assert site.woken == 1
    for one in await deliveries.queue(site.database, "erp", 10):
        await deliveries.finish(site.database, one.id, utc_now())
    await expect(page.locator(".target").filter(has_text="erp").get_by_text("takes them")).to_be_visible(timeout=8000)


async def test_without_script(site: DrawnSite, admin: Visit, browser):
    """Every button is a form."""
    context = await browser.new_context(java_script_enabled=False)
    await context.add_cookies(await admin.context.cookies())
    page = await context.new_page()
    await page.goto(f"{admin.address}/deliveries")
    await page.get_by_role("button", name="Send a test to push").click()
    await expect(page.get_by_text("Test from Hafenstrasse depot").first).to_be_visible()
    await page.get_by_role("button", name="Give up Test from").click()
    await page.goto(f"{admin.address}/deliveries?show=dead&target=push")
    await expect(page.get_by_text("Given up by ada")).to_be_visible()
    await context.close()
