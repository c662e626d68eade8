"""Lists in Debian's Chromium: filled without scripts, verdicts that arrive by themselves, nothing that axe minds."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from alpr.access import ListKind
from alpr.domain import utc_now
from alpr.site.lists.matching import Index
from alpr.site.schedule import schedule_words
from alpr.store import entries, lists
from alpr.store.users import Role
from tests.browser.conftest import Visit
from tests.site.entries import BERLIN, entry
from tests.web.drawn_site import DrawnSite, drawn_read

pytestmark = pytest.mark.browser


async def test_an_admin_fills_a_list_without_javascript(site: DrawnSite, visit: Visit, browser, tmp_path: Path):
    """Makes it, adds a plate with end and hours, imports a file, and the contradiction is told."""
    (tmp_path / "more.csv").write_text("plate,owner\nAB124,Bob\n%,Eve\n")
    await site.add_user("ada", Role.ADMIN)
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    visit.watch(page)
    await visit.log_in(page, "ada")
    await page.get_by_role("link", name="Lists", exact=True).click()
    await page.get_by_label("Name").fill("Staff")
    await page.get_by_role("button", name="Make the list").click()
    await page.get_by_role("link", name="Add a plate").click()
    await page.get_by_label("Plate or container code").fill("gx-xk 4821")
    await page.get_by_label("Whose it is").fill("Karin Meyer")
    await page.get_by_label("30 days").check()
    line = page.get_by_role("group", name="Hours, line 1")
    for day in ("Mon", "Fri"):
        await line.get_by_label(day).check()
    await line.get_by_label("From").fill("22:00")
    await line.get_by_label("To", exact=True).fill("06:00")
    await page.get_by_role("button", name="Add to Staff").click()
    await expect(page.get_by_text("The entry is on the list.")).to_be_visible()
    (known,) = await lists.load_entries(site.database)
    assert (known.pattern, schedule_words(known.schedule)) == ("GX-XK 4821", "Mon,Fri 22:00-06:00")
    assert 29 <= ((known.valid_until or utc_now()) - utc_now()).days <= 31
    await page.locator("summary", has_text="File").click()
    await page.get_by_label("CSV file to add").set_input_files(tmp_path / "more.csv")
    await page.get_by_role("button", name="Add the rows").click()
    await expect(page.get_by_text("1 plate added, 1 fault to look at")).to_be_visible()
    await expect(page.get_by_role("row", name="3 plate has the sign %")).to_be_visible()
    banned = await lists.create(site.database, "Banned", ListKind.DENY, "ada", utc_now())
    assert banned is not None
    await entries.add(site.database, banned, entry("GXXK482I", ListKind.DENY), "ada", utc_now())
    await page.get_by_role("link", name="Lists", exact=True).click()
    await expect(page.get_by_text("GXXK482I of Banned and GX-XK 4821 of Staff look alike")).to_be_visible()
    await context.close()


async def test_a_read_arrives_with_its_verdict(site: DrawnSite, visit: Visit):
    """Word, icon and reason stand in the new row; a chip narrows to the verdict."""
    index = Index([entry("GXXK4821", owner="Karin Meyer")], BERLIN)
    async with visit.page.expect_response("**/events*"):
        await visit.page.goto(f"{visit.address}/reads")
    await _until(visit.page, "document.querySelector('#live')['htmx-internal-data'].sseEventSource.readyState === 1")
    for text in ("QMRT77", "GXXK4821"):
        read = drawn_read(text)
        await site.passes(read, decision=index.decide(read, utc_now()))
    row = visit.page.locator(f"#read-{read.id}")
    await expect(row.locator(".verdict[data-v=allowed]")).to_have_text("Allowed")
    await expect(row).to_contain_text("Staff: Karin Meyer")
    await visit.page.get_by_role("link", name="Unknown", exact=True).click()
    await expect(visit.page.locator("tr.go")).to_have_count(1)
    await expect(visit.page.locator("tr.go .verdict")).to_have_text("Unknown")


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
async def test_the_pages_of_lists_have_nothing_that_axe_minds(site: DrawnSite, visit: Visit, browser, width, scheme):
    """Contrast, names, structure, in both themes; and nothing sticks out at the side."""
    await site.add_user("ada", Role.ADMIN)
    now = utc_now()
    for name, kind in (("Staff", ListKind.ALLOW), ("Banned", ListKind.DENY), ("Look out for", ListKind.WATCH)):
        made = await lists.create(site.database, name, kind, "ada", now)
        assert made is not None
        both = [entry("GXXK4821", kind, owner="Karin Meyer", note="bay 4"), entry("HL*", kind, valid_until=now)]
        await entries.add_all(site.database, made, both, "ada", now)
    index = Index(await lists.load_entries(site.database), BERLIN)
    read = drawn_read("GXXK4821")
    await site.passes(read, decision=index.decide(read, now))
    context = await browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
    page = await context.new_page()
    visit.watch(page)
    await visit.log_in(page, "ada")
    for path in ("/lists", "/lists/1", "/lists/1/new", "/entries/1", "/lists/1/remove", "/reads", f"/reads/{read.id}"):
        await page.goto(f"{visit.address}{path}")
        assert await _serious(page) == [], path
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, path
    await context.close()


async def _until(page: Page, expression: str) -> None:
    async with asyncio.timeout(5):
        while not await page.evaluate(expression):  # noqa: ASYNC110  it is true in another process
            await asyncio.sleep(0.02)


async def _serious(page: Page) -> list[str]:
    found = await Axe().run(page)
    return [
        f"{one['id']}: {node['target']} {node.get('failureSummary', '')}"
        for one in found.response["violations"]
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"]
    ]
