"""The pages in Debian's Chromium: what a guard sees, without reloading."""

from __future__ import annotations

import re
import time
from dataclasses import replace

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from alpr.domain import Vehicle
from alpr.status import CameraState
from alpr.store import users
from alpr.store.users import Role
from tests.browser.conftest import Visit, live, until
from tests.web.drawn_site import DrawnSite, as_preview, drawn_read

pytestmark = pytest.mark.browser
_DOUBTS = (0.99, 0.99, 0.99, 0.99, 0.99, 0.88, 0.99, 0.55)


async def test_a_read_appears_without_reload(site: DrawnSite, visit: Visit):
    """A stored read stands in the list within half a second, with its picture, and the empty notice is gone."""
    await live(visit)
    await expect(visit.page.get_by_text("No reads yet")).to_be_visible()
    read = drawn_read("GXXK4821", sure=_DOUBTS)
    start = time.perf_counter()
    await site.passes(read)
    await visit.page.wait_for_selector(f"#read-{read.id} img")
    milliseconds = 1000 * (time.perf_counter() - start)
    assert milliseconds < 500
    await expect(visit.page.get_by_text("No reads yet")).to_be_hidden()
    await until(visit.page, "[...document.images].every(image => image.naturalWidth > 0)")


async def test_a_preview_becomes_final_in_its_place(site: DrawnSite, visit: Visit):
    """The final replaces its preview where it stands; nothing is doubled and newer rows stay above."""
    await live(visit)
    final = drawn_read("VQAB123")
    await site.passes(as_preview(final))
    await expect(visit.page.locator(f"#read-{final.id}")).to_have_attribute("data-state", "preview")
    await site.passes(drawn_read("QMRT77"))
    await expect(visit.page.locator("tr.go")).to_have_count(2)
    await site.passes(replace(final, vehicle=Vehicle("truck", "red", 0.9)))
    await expect(visit.page.locator(f"#read-{final.id}")).to_have_attribute("data-state", "final")
    assert await visit.page.locator("tr.go b").filter(has_text=re.compile("QM|VQ")).all_inner_texts() == [
        "QMRT77",
        "VQAB123",
    ]
    await expect(visit.page.get_by_text("red truck")).to_be_visible()


async def test_nothing_moves_under_somebody_who_scrolls(site: DrawnSite, visit: Visit):
    """Away from the top new reads wait behind a pill that counts them; a click shows them."""
    for n in range(30):
        await site.passes(drawn_read(f"VQAB{n:03d}", age=100 + n), announce=False)
    await live(visit)
    page = visit.page
    await page.mouse.wheel(0, 900)
    await until(page, "window.scrollY > 500")
    fifth = page.locator("#rows tr").nth(20)
    before = await fifth.bounding_box()
    final = drawn_read("QMRT77")
    await site.passes(as_preview(final))
    await site.passes(drawn_read("GXXK4821"))
    pill = page.locator("#news a")
    await expect(pill).to_have_text("2 new")
    await site.passes(final)
    await until(page, f"document.getElementById('read-{final.id}').dataset.state === 'final'")
    assert await fifth.bounding_box() == before
    await expect(page.locator(f"#read-{final.id}")).to_be_hidden()
    await pill.click()
    await expect(page.locator(f"#read-{final.id}")).to_be_visible()
    await expect(pill).to_be_hidden()
    assert await page.evaluate("window.scrollY") == 0


async def test_a_filtered_list_takes_only_its_own(site: DrawnSite, visit: Visit):
    """With a filter on, reads of other cameras do not slip in."""
    async with visit.page.expect_response("**/events?camera=gate-out"):
        await visit.page.goto(f"{visit.address}/reads?camera=gate-out")
    await visit.page.wait_for_timeout(40)
    await site.passes(drawn_read("VQAB123"))
    await site.passes(drawn_read("QMRT77", camera="gate-out"))
    await expect(visit.page.locator("tr.go")).to_have_count(1)
    await expect(visit.page.get_by_text("QMRT77", exact=True)).to_be_visible()


async def test_a_lost_link_is_told_and_caught_up(site: DrawnSite, visit: Visit):
    """While the link is lost the page says so; when it is back, the reads of the meantime are there."""
    await live(visit)
    await visit.context.set_offline(offline=True)
    await visit.page.evaluate("document.querySelector('#live')['htmx-internal-data'].sseEventSource.onerror({})")
    await expect(visit.page.get_by_text("Live link lost, trying again.")).to_be_visible()
    read = await site.passes(drawn_read("VQAB123"), announce=False)
    await visit.context.set_offline(offline=False)
    await visit.page.evaluate("document.querySelector('#live')['htmx-internal-data'].sseEventSource.onopen({})")
    await expect(visit.page.locator(f"#read-{read.id}")).to_be_visible()
    await expect(visit.page.get_by_text("Live link lost, trying again.")).to_be_hidden()
    await site.passes(drawn_read("QMRT77"))
    await expect(visit.page.locator("tr.go")).to_have_count(2)
    visit.complaints.remove("console: [object Object]")  # htmx logs the lost link


async def test_the_end_of_the_session_leads_to_the_login(site: DrawnSite, visit: Visit):
    """A list left open goes to the login when the account is closed, and shows no read after that."""
    await live(visit)
    await users.set_active(site.database, "anna", active=False)
    await site.passes(drawn_read("VQAB123"))
    await visit.page.wait_for_url("**/login?next=%2Freads")


async def test_camera_health_follows_without_reload(site: DrawnSite, visit: Visit):
    """A camera that is lost says so in its card and in the header within a few seconds."""
    await visit.page.goto(f"{visit.address}/cameras")
    card = visit.page.locator("[data-camera=gate-in]")
    await expect(card.locator(".state")).to_have_text("live")
    site.status.camera("gate-in").change(CameraState.STALLED, "camera gate-in: no picture for 5 s")
    await expect(card.locator(".state")).to_have_text("stalled", timeout=4000)
    await expect(card).to_contain_text("No picture for 5 s")
    await expect(visit.page.locator("#health")).to_have_attribute("aria-label", "0 of 2 cameras live", timeout=7000)


async def test_all_of_it_works_without_javascript(site: DrawnSite, visit: Visit, browser):
    """Login, list, filter, older pages, one read, cameras and logout need no script."""
    read = await site.passes(drawn_read("GXXK4821", sure=_DOUBTS))
    for n in range(55):
        await site.passes(drawn_read(f"VQAB{n:03d}", age=10 + n), announce=False)
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    visit.watch(page)
    await visit.log_in(page)
    assert "New reads appear when the page is loaded again." in await page.content()
    await expect(page.locator("tr.go")).to_have_count(50)
    await page.get_by_role("link", name="Older").click()
    await expect(page.locator("tr.go")).to_have_count(6)
    await page.get_by_role("link", name="Newest").click()
    await page.locator("#q").fill("XK48")
    await page.locator("#q").press("Enter")
    await expect(page.locator("tr.go")).to_have_count(1)
    await page.locator("tr.go a").click()
    await page.wait_for_url(f"**/reads/{read.id}")
    await expect(page.get_by_text("5 looks, one read")).to_be_visible()
    await page.get_by_role("link", name="Cameras", exact=True).click()
    await expect(page.get_by_role("heading", name="gate-out")).to_be_visible()
    await page.locator("summary").click()
    await page.get_by_role("button", name="Sign out").click()
    await page.wait_for_url("**/login")
    await context.close()


@pytest.mark.parametrize("width", [320, 390, 768, 1280, 2560])
async def test_no_page_scrolls_sideways(site: DrawnSite, visit: Visit, width: int):
    """From a small phone to a wall screen every page fits its width, and targets on phones are tall enough."""
    long_name = await site.passes(drawn_read("QXZU2048176", camera="gate-in"))
    await site.passes(drawn_read("", age=60))
    site.status.camera("a-camera-with-a-very-long-name-that-nobody-would-ever-give-to-it")
    site.shows("VQAB123")
    await _as_admin(site, visit)
    await visit.page.set_viewport_size({"width": width, "height": 844})
    for path in (
        "/live",
        "/live/gate-in",
        "/reads",
        f"/reads/{long_name.id}",
        "/cameras",
        "/system",
        "/reads/nix",
        "/reads?q=ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ",
    ):
        await visit.page.goto(visit.address + path)
        wide = await visit.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{path} is {wide} px wide"
    if width < 700:
        targets = "[...document.querySelectorAll('.btn, .chip, .rail li a, summary')].filter(e => e.offsetHeight)"
        assert await visit.page.evaluate(f"{targets}.filter(e => e.offsetHeight < 44).map(e => e.outerHTML)") == []
    visit.complaints[:] = [said for said in visit.complaints if "404" not in said]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
async def test_every_page_is_accessible(site: DrawnSite, visit: Visit, theme, width):
    """axe-core finds nothing serious on any page, light or dark, phone or desk."""
    read = await site.passes(drawn_read("GXXK4821", sure=_DOUBTS))
    await site.passes(drawn_read("", age=60))
    await site.passes(as_preview(drawn_read("QMRT77", age=20)))
    await visit.page.set_viewport_size({"width": width, "height": 844})
    await visit.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    site.shows("GXXK4821")
    await _as_admin(site, visit)
    for path in (
        "/live",
        "/live/gate-in",
        "/reads",
        "/reads?q=GX",
        "/reads?state=unread&q=ZZZ",
        f"/reads/{read.id}",
        "/cameras",
        "/system",
    ):
        await visit.page.goto(visit.address + path)
        assert await _serious(visit) == [], path
    await visit.context.clear_cookies()
    await visit.page.goto(f"{visit.address}/login")
    assert await _serious(visit) == []


async def _as_admin(site: DrawnSite, visit: Visit) -> None:
    await site.add_user("bea", Role.ADMIN)
    await visit.context.clear_cookies()
    await visit.log_in(visit.page, "bea")


async def _serious(visit: Visit) -> list[str]:
    # axe-core is put into the page by the debugger, which the page's policy does not concern.
    found = await Axe().run(visit.page)
    return [
        f"{one['id']}: {node['target']} {node.get('failureSummary', '')}"
        for one in found.response["violations"]
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"]
    ]
