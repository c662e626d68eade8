"""The factory's pages in a real browser: accessible, narrow enough, live, and useful without JavaScript."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from alpr.bus import ActivityCommitted
from alpr.domain import utc_now
from tests.browser.conftest import Visit, until
from tests.web.drawn_site import DrawnSite
from tests.web.factory_site import PLAN, happened, hour, tell

pytestmark = pytest.mark.browser

PATHS = (
    "/factory?when=week",
    "/factory?from=2020-01-01&to=2020-01-02",
    "/factory/workers?when=week&sort=-units",
    "/factory/stations?when=week",
    "/factory/timeline",
    "/factory/timeline?at=2020-01-01T00%3A00",
    "/factory/worker?worker=w1&when=week",
    "/factory/definitions",
    "/models",
)


@pytest.fixture
async def floor(site: DrawnSite, visit: Visit) -> Visit:
    """Show a floor on which much happened in the last hours."""
    site.floor.plan = PLAN
    start = utc_now() - timedelta(hours=5)
    events = [one for n in range(5) for one in hour(start + timedelta(hours=n))]
    await tell(site.database, events)
    return visit


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_accessible(floor: Visit, scheme: str):
    """Axe finds nothing serious, and nothing is wider than a phone."""
    await floor.page.emulate_media(color_scheme=scheme)
    await floor.page.set_viewport_size({"width": 390, "height": 844})
    for path in PATHS:
        await floor.page.goto(f"{floor.address}{path}")
        found = (await Axe().run(floor.page)).response["violations"]
        serious = [
            (path, one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in {"serious", "critical"}
        ]
        assert serious == []
        assert await floor.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


async def test_new_events_change_the_cards(site: DrawnSite, floor: Visit):
    """Units that were just told stand on the card within moments, and nothing else of the page moves."""
    page = floor.page
    async with page.expect_response("**/factory/events"):
        await page.goto(f"{floor.address}/factory?when=week")
    units = page.locator(".figure").filter(has=page.get_by_role("heading", name="Units", exact=True)).locator(".value")
    await expect(units).to_have_text("300")
    await page.locator("summary", has_text="As a table").first.click()
    await until(page, "document.querySelector('[sse-connect]')['htmx-internal-data'].sseEventSource.readyState === 1")
    await tell(site.database, [happened(utc_now() - timedelta(seconds=2), "w1", "press", "u", 7)])
    site.bus.publish(ActivityCommitted(frozenset({"w1"}), frozenset({"press"}), 1))
    await expect(units).to_have_text("307")
    assert await page.locator("details.behind[open]").count() == 1


async def test_keys_lead_from_the_table_to_the_strip(floor: Visit):
    """Tab and Enter go from the list of workers to one, and on to an hour of the timeline."""
    page = floor.page
    await page.goto(f"{floor.address}/factory/workers?when=week")
    await page.get_by_role("link", name="Ada <Lindqvist>").focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/factory/worker?**")
    await page.get_by_role("link", name="Closer").focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/factory/timeline?worker=w1")
    await page.locator("svg.plot a text", has_text=":00").first.click()
    await page.wait_for_url("**span=1**")
    await expect(page.get_by_role("link", name="Earlier")).to_be_visible()


async def test_without_script(floor: Visit, browser):
    """Filters, order, days and files are links and forms."""
    context = await browser.new_context(java_script_enabled=False)
    await context.add_cookies(await floor.context.cookies())
    page = await context.new_page()
    await page.goto(f"{floor.address}/factory/workers?when=week")
    await page.get_by_role("link", name="Units", exact=True).click()
    assert "sort=-units" in page.url
    await page.locator("summary", has_text="Days").click()
    await page.fill("#from", "2020-01-01")
    await page.fill("#to", "2020-01-02")
    await page.get_by_role("button", name="Show these days").click()
    await expect(page.get_by_text("No events in this time")).to_be_visible()
    await context.close()
