"""Reads in a real browser: corrected, reviewed, found and taken away, by keyboard and without scripts."""

from __future__ import annotations

import csv
import re
from dataclasses import replace

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, expect

from alpr.domain import Candidate, Reading, Review, State
from alpr.evidence import public_key, site_key, verify
from alpr.store import notes, reads
from alpr.store.notes import Note
from alpr.store.reads import ReadQuery
from tests.browser.conftest import Visit, until
from tests.web.drawn_site import PASSWORD, DrawnSite, drawn_read

pytestmark = pytest.mark.browser
EVIL = "<img src=x onerror=\"document.title='taken'\">=1+1"


async def test_a_text_is_corrected_with_the_keyboard_alone(site: DrawnSite, visit: Visit):
    """From the list: j to the read, e to its text, type, Enter; the page says so and the old text is kept."""
    read = await site.passes(drawn_read("VQAB123"))
    page = visit.page
    await page.goto(f"{visit.address}/reads")
    await page.keyboard.press("j")
    await page.keyboard.press("e")
    await page.wait_for_url(f"**/reads/{read.id}#fix")
    await expect(page.locator("#fix")).to_be_focused()
    await page.keyboard.type("vqab128")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status").filter(has_text="Corrected")).to_be_visible()
    stored = await reads.get(site.database, read.id)
    assert (stored.read.text, stored.review, stored.machine.text) == ("VQAB128", Review.CORRECTED, "VQAB123")


async def test_twenty_reads_are_reviewed_by_keyboard(site: DrawnSite, visit: Visit):
    """Enter accepts, typing corrects, Ctrl and Enter says that it is no plate; focus stays where the text is."""
    passed = [await site.passes(drawn_read(f"VQAB{n:03d}", sure=[0.6] * 7, age=n), announce=False) for n in range(20)]
    page = visit.page
    await page.goto(f"{visit.address}/review")
    for number, read in enumerate(passed):
        await expect(page.locator("input[name=id]")).to_have_value(read.id)
        await expect(page.locator("#text")).to_be_focused()
        if number % 5 == 1:
            await page.keyboard.type(f"ZZ {number}")
        await page.keyboard.press("Control+Enter" if number % 5 == 2 else "Enter")
    await expect(page.get_by_text("Nothing waits")).to_be_visible()
    stored = [await reads.get(site.database, read.id) for read in passed]
    assert [one.review for one in stored[:3]] == [Review.CONFIRMED, Review.CORRECTED, Review.DISMISSED]
    assert [one.read.text for one in stored if one.review is Review.CORRECTED] == ["ZZ1", "ZZ6", "ZZ11", "ZZ16"]
    assert sum(one.review is Review.CONFIRMED for one in stored) == 12
    await page.click("#undo")
    await expect(page.locator("input[name=id]")).to_have_value(passed[-1].id)
    assert (await reads.get(site.database, passed[-1].id)).review is None


async def test_a_search_forgives_and_says_why(site: DrawnSite, visit: Visit):
    """Wildcards and look-alikes find reads while somebody types; the address is the same for everybody."""
    for age, text in enumerate(("AB1O01", "AB8123", "XY1234")):
        await site.passes(drawn_read(text, age=age), announce=False)
    page = visit.page
    await page.goto(f"{visit.address}/reads")
    for typed, rows, why in (("AB?1*", 1, "fits AB?1*"), ("ab10", 1, "matched with 0=O"), ("AB", 2, "begins with AB")):
        await page.fill("#q", typed)
        await expect(page.locator(".why", has_text=why).first).to_be_visible()
        await expect(page.locator("#rows tr.go")).to_have_count(rows)
    assert page.url.endswith("/reads?q=AB")


async def test_an_export_is_what_was_picked_and_what_is_shown(site: DrawnSite, visit: Visit, tmp_path):
    """X picks by keyboard; the file holds those reads; without picks it holds what the filter shows."""
    for n in range(6):
        await site.passes(drawn_read(f"VQAB12{n}", age=n, camera=("gate-in", "gate-out")[n % 2]), announce=False)
    page = visit.page
    await page.goto(f"{visit.address}/reads?camera=gate-in")
    shown = [re.sub(r"\W", "", text) for text in await page.locator("#rows .plate b").all_inner_texts()]
    for key in ("j", "x", "j", "j", "x"):
        await page.keyboard.press(key)
    await expect(page.locator("#picks")).to_contain_text("2 picked")
    for start, expected in (("#picks button:has-text('Export')", [shown[0], shown[2]]), ("#export", shown)):
        await page.goto(f"{visit.address}/reads?camera=gate-in") if start == "#export" else None
        await page.click(start)
        async with page.expect_download() as waiting:
            await page.get_by_text("CSV, for spreadsheets").click()
        await (await waiting.value).save_as(tmp_path / "reads.csv")
        with (tmp_path / "reads.csv").open(encoding="utf-8-sig", newline="") as file:
            assert [row["text"] for row in csv.DictReader(file)] == expected
        await expect(page.locator("#progress")).to_contain_text(f"Complete: {len(expected)} reads.")


async def test_an_evidence_package_from_the_page_verifies_until_a_byte_changes(site: DrawnSite, visit: Visit, tmp_path):
    """What the guard downloads is signed by the site; with another byte it is worth nothing."""
    read = await site.passes(drawn_read("VQAB123"))
    await visit.page.goto(f"{visit.address}/reads/{read.id}")
    async with visit.page.expect_download() as waiting:
        await visit.page.get_by_role("link", name="Evidence package").click()
    await (await waiting.value).save_as(tmp_path / "one.zip")
    package = (tmp_path / "one.zip").read_bytes()
    key = public_key(site_key(site.database.path.parent))
    assert verify(package, key).faults == ()
    middle = len(package) // 2
    assert verify(package[:middle] + bytes([package[middle] ^ 1]) + package[middle + 1 :], key).faults


async def test_without_scripts_a_read_is_corrected_and_reviewed(site: DrawnSite, browser: Browser, address: str):
    """Forms and links do all of it: correct, undo, the queue, picking for an export."""
    read = await site.passes(drawn_read("VQAB128", sure=[0.6] * 7))
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{address}/login?next=/reads")
    await page.fill("#name", "anna")
    await page.fill("#password", PASSWORD)
    await page.press("#password", "Enter")
    await page.goto(f"{address}/reads/{read.id}")
    await page.click("button[name=text][value=VQAB12B]")
    await expect(page.locator(".said")).to_contain_text("The machine had read")
    await page.click(".said button")
    await expect(page.locator(".said")).to_have_count(0)
    await page.goto(f"{address}/review")
    await page.fill("#text", "VQAB129")
    await page.press("#text", "Enter")
    await expect(page.get_by_text("Nothing waits")).to_be_visible()
    await page.goto(f"{address}/reads")
    await page.locator(".pick input").check(force=True)
    await page.click("#picks button:has-text('More')")
    await expect(page.locator(".picks li")).to_have_count(1)
    assert (await reads.get(site.database, read.id)).read.text == "VQAB129"
    await context.close()


async def test_hostile_text_stays_text(site: DrawnSite, visit: Visit):
    """In a plate, its candidates, its reasons and a note, on every page that shows them."""
    reading = Reading(EVIL, 0.5, candidates=(Candidate(EVIL, 0.4),), reasons=(EVIL,))
    read = await site.passes(replace(drawn_read("X"), reading=reading, camera="gate-in"))
    await notes.add(site.database, Note(EVIL, read.captured_at, EVIL, EVIL, read.id))
    for path in (f"/reads/{read.id}", "/reads", "/review", "/vehicles", "/reads/report", f"/reads/picked?id={read.id}"):
        await visit.page.goto(f"{visit.address}{path}")
        assert await visit.page.title() != "taken"
        assert await visit.page.locator("img[src=x]").count() == 0


async def test_what_a_read_is_made_of_stands_under_its_picture_and_what_to_do_beside_it(site: DrawnSite, visit: Visit):
    """On a wide screen; on a narrow one the picture comes first, then what to do, then the rest."""
    read = await site.passes(drawn_read("QMRT77"))
    places = (
        "['#frame', '.beside', '.under'].map((one) => document.querySelector(`.two > ${one}`).getBoundingClientRect())"
    )
    await visit.page.goto(f"{visit.address}/reads/{read.id}")
    frame, beside, under = await visit.page.evaluate(f"JSON.parse(JSON.stringify({places}))")
    assert (under["left"], beside["top"]) == (frame["left"], frame["top"])
    assert beside["left"] > frame["right"]
    assert 0 < under["top"] - frame["bottom"] < 40
    await visit.page.set_viewport_size({"width": 390, "height": 844})
    frame, beside, under = await visit.page.evaluate(f"JSON.parse(JSON.stringify({places}))")
    assert frame["bottom"] < beside["top"] < beside["bottom"] < under["top"]


async def test_the_address_leads_back_to_where_one_had_scrolled(site: DrawnSite, visit: Visit):
    """Older reads load by themselves; a reload shows the part that was on the screen."""
    for n in range(120):
        await site.passes(drawn_read(f"VQA{n:04d}", age=n), announce=False)
    page = visit.page
    await page.goto(f"{visit.address}/reads")
    await expect(page.locator("#rows tr.go")).to_have_count(50)
    for count in (100, 120):
        await page.locator("#rows tr.go").last.scroll_into_view_if_needed()
        await expect(page.locator("#rows tr.go")).to_have_count(count)
    await page.locator("#rows tr.go").nth(70).scroll_into_view_if_needed()
    await until(page, "location.search.includes('before=')")
    await page.reload()
    await expect(page.locator("#rows tr.go").first).to_contain_text("VQA0050")


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_the_new_pages_have_no_serious_finding(site: DrawnSite, visit: Visit, theme: str):
    """WCAG 2.2 AA by axe-core, in both themes, with data on them."""
    read = await site.passes(drawn_read("VQAB128", sure=[0.99, 0.99, 0.7, 0.99, 0.99, 0.5, 0.99]))
    other = await site.passes(drawn_read("QMRT77"))
    corrector = visit_corrector(site)
    await corrector.correct(other.id, "QMRT71", "anna")
    await notes.add(site.database, Note("has a key", read.captured_at, "anna", "VQAB128", read.id))
    await visit.page.emulate_media(color_scheme=theme)
    paths = [f"/reads/{read.id}", f"/reads/{other.id}", "/reads", "/review", "/vehicles", "/vehicles/VQAB128"]
    paths += ["/reads/export", "/reads/report", f"/reads/picked?id={read.id}"]
    for path in paths:
        await visit.page.goto(f"{visit.address}{path}")
        found = await Axe().run(visit.page)
        worst = [one["id"] for one in found.response["violations"] if one["impact"] in {"serious", "critical"}]
        assert (path, worst) == (path, [])
        assert await visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert len(await reads.page(site.database, ReadQuery(state=State.FINAL))) == 2


def visit_corrector(site: DrawnSite):
    """Return what corrects reads of the site."""
    return site.web().state.web.corrector
