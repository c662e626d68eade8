"""The guard's button in a real browser: held by the mouse, by keys, and what a short press does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from alpr.barrier.gates import Barrier, Habits, Order
from tests.browser.conftest import Visit
from tests.fakes import Contact
from tests.web.drawn_site import DrawnSite, drawn_read, drawn_site

pytestmark = pytest.mark.browser


@pytest.fixture
def contact() -> Contact:
    return Contact()


@pytest.fixture
async def site(tmp_path: Path, contact: Contact) -> AsyncIterator[DrawnSite]:
    async def note(_action: str, _name: str, _order: Order, _detail: str) -> None:
        pass

    async with drawn_site(tmp_path / "data") as opened:
        habits = Habits(frozenset({"gate-in"}), pulse=0.0, repeat_after=0.0)
        await opened.barriers.replace({"main": Barrier("main", contact, None, habits, note)})
        yield opened


async def test_a_second_opens_and_less_does_not(contact: Contact, visit: Visit):
    """A short press only says what to do; held for a second the button opens, once, and says so."""
    await visit.page.goto(f"{visit.address}/barriers")
    button = visit.page.get_by_role("button", name="Hold to open main")
    await button.click()
    await expect(visit.page.get_by_text("Hold the button for a second", exact=True)).to_be_visible()
    assert contact.pulses == 0
    await button.hover()
    await visit.page.mouse.down()
    await expect(visit.page.get_by_text("main opened")).to_be_visible()
    await visit.page.mouse.up()
    assert contact.pulses == 1


async def test_the_key_o(contact: Contact, site: DrawnSite, visit: Visit):
    """`o` held for a second opens from the live picture; let go early or typed into a search it does not."""
    site.shows("GXXK4821")
    await visit.page.goto(f"{visit.address}/live")
    await visit.page.keyboard.press("o")
    await visit.page.focus("#q")
    await visit.page.keyboard.type("oo")
    assert contact.pulses == 0
    await visit.page.locator("h1").click()
    await visit.page.keyboard.down("o")
    await expect(visit.page.get_by_text("main opened")).to_be_visible()
    await visit.page.keyboard.up("o")
    assert contact.pulses == 1


async def test_a_relay_that_fails_says_why(contact: Contact, site: DrawnSite, visit: Visit):
    """The guard reads beside the button why it did not open."""
    contact.refuses = True
    read = await site.passes(drawn_read("GXXK4821"))
    await visit.page.goto(f"{visit.address}/reads/{read.id}")
    await visit.page.get_by_role("button", name="Hold to open main").focus()
    await visit.page.keyboard.down("Enter")
    await expect(visit.page.get_by_text("no answer within 3 s")).to_be_visible()
    await visit.page.keyboard.up("Enter")


async def test_without_script(contact: Contact, browser, visit: Visit):
    """The button leads to a question, and the question opens."""
    cookies = await visit.context.cookies()
    context = await browser.new_context(java_script_enabled=False)
    await context.add_cookies(cookies)
    page = await context.new_page()
    await page.goto(f"{visit.address}/barriers")
    await page.get_by_role("button", name="Open main").click()
    await page.get_by_role("button", name="Open now").click()
    await expect(page.get_by_text("by anna: by hand")).to_be_visible()
    assert contact.pulses == 1
    await context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_accessible(site: DrawnSite, visit: Visit, scheme: str):
    """Axe finds nothing serious on the pages with the button, and nothing is wider than a phone."""
    site.shows("GXXK4821")
    await visit.page.emulate_media(color_scheme=scheme)
    await visit.page.set_viewport_size({"width": 390, "height": 844})
    for path in ("/barriers", "/barriers/main/open", "/push", "/live"):
        await visit.page.goto(f"{visit.address}{path}")
        found = (await Axe().run(visit.page)).response["violations"]
        assert [(one["id"], one["help"]) for one in found if one["impact"] in {"serious", "critical"}] == []
        assert await visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_the_worker_is_taken(visit: Visit):
    """The service worker registers under the page's policy, at the root, and the page says how it stands."""
    await visit.page.goto(f"{visit.address}/push")
    await expect(visit.page.locator("#push-state")).to_have_text("This device is not notified.")
    scope = await visit.page.evaluate("navigator.serviceWorker.ready.then((one) => one.scope)")
    assert scope == f"{visit.address}/"
