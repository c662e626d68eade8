"""The wall, search as you type, keys, zoom, theme and system page in Debian's Chromium."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from functools import partial

import pytest
from playwright.async_api import expect

from alpr.status import CameraState
from alpr.store.users import Role
from tests.browser.conftest import Visit
from tests.browser.conftest import until as until_within
from tests.web.drawn_site import DrawnSite, drawn_read

pytestmark = pytest.mark.browser
until = partial(until_within, seconds=8)
"""A picture of the wall may take some seconds to be asked for anew."""
_RED = (
    "(() => { const c = document.querySelector('[data-live*=gate-in] canvas'); if (!c) return false;"
    " const [r, g] = c.getContext('2d').getImageData(c.width / 2, c.height * 0.62, 1, 1).data; return r > 1.6 * g })()"
)


async def test_wall_pictures_refresh_by_themselves(site: DrawnSite, visit: Visit):
    """A picture changes on the page without reload, the state and the last read of each camera as well."""
    site.shows("VQAB123", colour="white")
    await visit.page.goto(f"{visit.address}/live")
    await until(visit.page, "document.querySelector('[data-live*=gate-in] canvas')?.width === 960")
    assert not await visit.page.evaluate(_RED)
    site.shows("QMRT77", colour="red")
    await until(visit.page, _RED)
    await site.passes(drawn_read("QMRT77"))
    line = visit.page.locator(".tile").first
    await expect(line).to_contain_text("QMRT77", timeout=2500)
    site.status.camera("gate-in").change(CameraState.STALLED, "camera gate-in: no picture for 5 s")
    await expect(line).to_contain_text("No picture for 5 s", timeout=4000)
    await until(visit.page, _RED)


async def test_a_camera_keeps_its_picture_while_its_card_is_renewed(site: DrawnSite, visit: Visit):
    """The cards are fetched anew every two seconds, and the live picture within stays the one it was."""
    site.status.camera("gate.in-2").change(CameraState.LIVE)
    site.shows("VQAB123", camera="gate.in-2")
    await visit.page.goto(f"{visit.address}/cameras")
    picture = visit.page.locator("[data-camera='gate.in-2'] figure")
    await picture.evaluate("(figure) => { figure.dataset.mine = 'yes' }")
    await visit.page.locator("#cameras").evaluate("(cards) => { cards.dataset.old = 'yes' }")
    await until(visit.page, "document.querySelector('#cameras:not([data-old])') !== null")
    await expect(picture).to_have_attribute("data-mine", "yes")


async def test_a_read_stands_on_the_wall_within_half_a_second(site: DrawnSite, visit: Visit):
    """The line below the picture follows the event, it does not wait for its turn."""
    site.shows("VQAB123")
    async with visit.page.expect_response("**/events"):
        await visit.page.goto(f"{visit.address}/live")
    await until(
        visit.page, "document.querySelector('[sse-connect]')['htmx-internal-data'].sseEventSource.readyState === 1"
    )
    start = time.perf_counter()
    await site.passes(drawn_read("ZXO8068"))
    await visit.page.wait_for_selector(".tile:has-text('ZXO8068')")
    assert 1000 * (time.perf_counter() - start) < 500


async def test_nobody_watching_means_no_compression(site: DrawnSite, visit: Visit, pictures):
    """Pictures are compressed while the wall is open, at a bounded pace, and no more once it is left."""

    async def drive() -> None:
        while True:
            site.shows("VQAB123")
            await asyncio.sleep(0.02)

    driving = asyncio.create_task(drive())
    await asyncio.sleep(0.05)
    assert pictures.encoded == 0
    await visit.page.goto(f"{visit.address}/live")
    await until(visit.page, "document.querySelector('[data-live*=gate-in] canvas')?.width === 960")
    before, start = pictures.encoded, time.perf_counter()
    await visit.page.wait_for_timeout(1000)
    seconds = time.perf_counter() - start
    assert 1 <= pictures.encoded - before <= 6 * seconds + 2
    await visit.page.goto(f"{visit.address}/reads")
    left = pictures.encoded
    await visit.page.wait_for_timeout(400)
    assert pictures.encoded <= left + 1
    driving.cancel()
    with suppress(asyncio.CancelledError):
        await driving


async def test_search_as_you_type_keeps_the_filters_and_the_address(site: DrawnSite, visit: Visit):
    """Typing narrows the list, says why, and the address can be given to somebody else; `/` begins, Back goes back."""
    for text, camera in (("VQAB123", "gate-in"), ("QMRT77", "gate-in"), ("VQAB123", "gate-out")):
        await site.passes(drawn_read(text, camera=camera, age=60))
    page = visit.page
    await page.goto(f"{visit.address}/reads?camera=gate-in&when=week")
    await expect(page.locator("tr.go")).to_have_count(2)
    await page.keyboard.press("/")
    await page.keyboard.type("vqa8")
    await expect(page.locator("tr.go")).to_have_count(1)
    await expect(page.locator(".why")).to_be_visible()
    assert page.url.endswith("/reads?q=vqa8&when=week&camera=gate-in")
    await expect(page.locator("#q")).to_be_focused()
    await page.reload()
    await expect(page.locator("tr.go")).to_have_count(1)
    await site.passes(drawn_read("QMRT78"))
    await site.passes(drawn_read("VQA8777"))
    await expect(page.locator("tr.go")).to_have_count(2)
    await page.get_by_role("link", name="Like vqa8").click()
    await page.wait_for_url("**/reads?when=week&camera=gate-in")
    await expect(page.locator("tr.go")).to_have_count(4)


async def test_older_reads_come_while_scrolling(site: DrawnSite, visit: Visit):
    """At the end of the list the next page joins it; none is shown twice."""
    for n in range(120):
        await site.passes(drawn_read(f"VQAB{n:03d}", age=10 + n), announce=False)
    await visit.page.goto(f"{visit.address}/reads")
    for count in (100, 120):
        await visit.page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        await until(visit.page, f"document.querySelectorAll('tr.go').length === {count}")
    assert await visit.page.evaluate("new Set([...document.querySelectorAll('tr.go')].map(row => row.id)).size") == 120
    await expect(visit.page.locator("#pager a[rel=next]")).to_have_count(0)


async def test_keys_go_through_the_list_and_from_read_to_read(site: DrawnSite, visit: Visit):
    """`j` and `k` move, Enter opens, and on a read they go to the older and the newer one."""
    made = [await site.passes(drawn_read(f"VQAB{n:03d}", age=30 - n)) for n in range(3)]
    page = visit.page
    await page.goto(f"{visit.address}/reads")
    for key in "jjk":
        await page.keyboard.press(key)
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/reads/{made[1].id}")
    await page.keyboard.press("j")
    await page.wait_for_url(f"**/reads/{made[0].id}")
    await page.keyboard.press("k")
    await page.wait_for_url(f"**/reads/{made[1].id}")


async def test_the_frame_opens_up_close_at_the_plate(site: DrawnSite, visit: Visit):
    """Zoom begins at the plate, says how large it shows and that pixels are made up, and closes with Escape."""
    read = await site.passes(drawn_read("GXXK4821"))
    page = visit.page
    await page.goto(f"{visit.address}/reads/{read.id}")
    await page.locator("#zoom").click()
    dialog = page.locator("dialog.zoom")
    await expect(dialog.locator("output")).to_have_text("200 %, enlarged, pixels are made up")
    box = await dialog.locator("svg.boxes rect:not(.thin)").last.bounding_box()
    assert box is not None
    assert 0 < box["x"] < box["x"] + box["width"] < 1280
    assert 0 < box["y"] < box["y"] + box["height"] < 744
    await dialog.get_by_role("button", name="Smaller").click()
    await page.keyboard.press("-")
    await expect(dialog.locator("output")).to_have_text("100 %, true size")
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)


async def test_a_theme_is_chosen_in_the_menu(visit: Visit):
    """Dark is dark at once and on the next page, whatever the device says."""
    await visit.page.emulate_media(color_scheme="light")
    await visit.page.locator("details.menu summary[aria-label='Your account']").click()
    await visit.page.get_by_role("button", name="Dark").click()
    await until(visit.page, "getComputedStyle(document.body.parentElement).backgroundColor === 'rgb(12, 17, 23)'")
    assert visit.page.url.endswith("/reads")


async def test_the_system_page_is_for_admins(site: DrawnSite, visit: Visit):
    """A guard sees why not, an admin the sentence that follows what happens."""
    await visit.page.goto(f"{visit.address}/system")
    await expect(visit.page.get_by_text("This page is for the role admin.")).to_be_visible()
    await site.add_user("bea", Role.ADMIN)
    await visit.context.clear_cookies()
    await visit.log_in(visit.page, "bea")
    await visit.page.get_by_role("link", name="System").click()
    await expect(visit.page.get_by_role("heading", name="1 thing needs you.")).to_be_visible()
    site.status.camera("gate-out").change(CameraState.LIVE)
    await expect(visit.page.get_by_role("heading", name="All well.")).to_be_visible(timeout=8000)
    visit.complaints[:] = [said for said in visit.complaints if "403" not in said]


async def test_the_wall_works_without_javascript(site: DrawnSite, visit: Visit, browser):
    """A still picture of each camera, which the page itself asks to load anew every few seconds."""
    site.shows("VQAB123")
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    visit.watch(page)
    await visit.log_in(page)
    await page.goto(f"{visit.address}/live")
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in await page.content()
    box = await page.locator("[data-live*=gate-in] img").bounding_box()
    assert box is not None
    assert box["width"] > 300
    await page.locator("[data-live*=gate-in] a").click()
    await expect(page.get_by_role("heading", name="gate-in", level=1)).to_be_visible()
    await context.close()
