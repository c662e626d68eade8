"""The yard in Debian's Chromium: what axe minds, nothing wider than the screen, announced without scripts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from alpr.domain import utc_now
from alpr.site.yard.arrivals import Expected
from alpr.store import expected
from tests.browser.conftest import Visit
from tests.web.drawn_site import DrawnSite
from tests.web.yard_drawn import A, B, C, Yard

pytestmark = pytest.mark.browser


async def fill(site: DrawnSite) -> str:
    """Let trucks come and go, some announced; return the address of a pass."""
    today = utc_now().date()
    announced = [Expected(A, today, "GX-XK 4821", "B-1042"), Expected(B, today, "MZZ77"), Expected(C, today)]
    announced.append(Expected(C, today + timedelta(days=2), "KLM 44", "B-1043", "reefer, plug in"))
    await expected.add_all(site.database, announced, "bea", utc_now())
    yard = Yard(site)
    first, *_ = await yard.drives("in", 0.1, "GXXK4821", A, B)
    await yard.drives("in", 2.5, "ZXO8068", "HLXU1112229", size_type="45G1")
    return f"/passes/{first.id}"


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark"), (1280, "light"), (2560, "light")])
async def test_the_pages_of_the_yard_have_nothing_that_axe_minds(site, visit: Visit, width, scheme):
    """axe-core finds nothing serious, and nothing is wider than the screen."""
    one = await fill(site)
    page = visit.page
    await page.set_viewport_size({"width": width, "height": 844})
    await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    for path in ("/yard", f"/yard/{A}", "/passes", one, "/expected", "/batches", "/reports"):
        await page.goto(f"{visit.address}{path}")
        found = (await Axe().run(page)).response["violations"]
        serious = [one for one in found if one["impact"] in {"serious", "critical"}]
        assert not serious, (path, [(one["id"], one["nodes"][0]["html"]) for one in serious])
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, path


async def test_a_container_is_announced_without_scripts(site, visit: Visit, browser):
    """Typed, refused with the reason beside its field, corrected, and in the list."""
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await visit.log_in(page)
    await page.goto(f"{visit.address}/expected")
    await page.locator("summary", has_text="Announce").click()
    await page.get_by_label("Container", exact=True).fill("MSCU 123456 7")
    await page.get_by_label("Day").fill(f"{utc_now():%Y-%m-%d}")
    await page.locator("form button", has_text="Announce").click()
    await expect(page.get_by_text("the check digit is 7, should be 6")).to_be_visible()
    await page.get_by_label("Container", exact=True).fill("MSCU 123456 6")
    await page.locator("form button", has_text="Announce").click()
    await expect(page.get_by_text("The container is announced.")).to_be_visible()
    await context.close()
