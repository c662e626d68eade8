"""Rules and alarms in Debian's Chromium: by hand, without scripts, heard where sound is on, and by axe."""

from __future__ import annotations

import asyncio

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, expect

from alpr.access import Severity
from alpr.domain import utc_now
from alpr.site.rules.alarms import NewAlarm
from alpr.site.rules.book import Names
from alpr.store import alarms, rules
from alpr.store.users import Role
from tests.browser.conftest import Visit
from tests.web.drawn_site import DrawnSite, drawn_read

pytestmark = pytest.mark.browser


async def raised(site: DrawnSite, key: str, **fields: object) -> None:
    async with site.database.write() as connection:
        await alarms.raise_alarm(
            connection, NewAlarm(key, "", Severity.CRITICAL, f"{key} is full", **fields), utc_now()
        )


async def as_admin(site: DrawnSite, visit: Visit) -> None:
    site.book.names = Names(("gate-in",), ("office",), ("main",))
    await site.add_user("bea", Role.ADMIN)
    await visit.context.clear_cookies()
    await visit.log_in(visit.page, "bea")


async def test_an_alarm_rings_once_where_sound_is_on(site: DrawnSite, visit: Visit):
    """Nothing sounds unasked; once switched on, each alarm is heard once and the bell counts it."""
    page = visit.page
    await page.add_init_script(
        "window.tones = 0; const start = OscillatorNode.prototype.start;"
        "OscillatorNode.prototype.start = function (at) { window.tones += 1; start.call(this, at); };"
    )
    await raised(site, "disk", sound=True)
    await page.goto(f"{visit.address}/alarms")
    assert await page.evaluate("window.tones") == 0
    button = page.get_by_role("button", name="Sound is off here")
    await button.click()
    await expect(page.locator("#sound")).to_have_attribute("aria-pressed", "true")
    assert await page.evaluate("window.tones") == 2
    await raised(site, "memory", sound=True)
    # As the bell does by itself every five seconds.
    await page.evaluate("htmx.ajax('GET', '/alarms/bell', {target: '#bell', swap: 'outerHTML'})")
    await expect(page.locator("#bell")).to_have_attribute("aria-label", "2 alarms")
    async with asyncio.timeout(5):
        while await page.evaluate("window.tones") != 8:  # noqa: ASYNC110  it is true in another process
            await asyncio.sleep(0.02)
    await page.reload()
    assert await page.evaluate("window.tones") == 0


async def test_a_rule_is_made_without_scripts(site: DrawnSite, visit: Visit, browser: Browser):
    """Form, fault, correction, dry run and acknowledgement need no script."""
    await as_admin(site, visit)
    await raised(site, "disk")
    await site.passes(drawn_read("QMRT77"))
    context = await browser.new_context(java_script_enabled=False, storage_state=await visit.context.storage_state())
    page = await context.new_page()
    await page.goto(f"{visit.address}/rules/new")
    await page.get_by_label("What the rule is called").fill("QM")
    await page.locator("#plates").fill("QM*")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("the rule does nothing")).to_be_visible()
    await expect(page.locator("#plates")).to_have_value("QM*")
    await page.get_by_label("Tag on the read").fill("qm")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("plate QM*")).to_be_visible()
    await page.get_by_role("link", name="Try QM").click()
    await expect(page.get_by_text("would have fired 1 time.")).to_be_visible()
    await expect(page.locator(".progress:visible")).to_have_count(0)
    await page.goto(f"{visit.address}/alarms")
    await page.get_by_role("button", name="Acknowledge").click()
    await expect(page.get_by_text("Nothing waits for you")).to_be_visible()
    await context.close()
    assert [one.name for one in await rules.every(site.database)] == ["QM"]


@pytest.mark.parametrize(("width", "theme"), [(390, "dark"), (1280, "light")])
async def test_the_pages_are_accessible(site: DrawnSite, visit: Visit, width, theme):
    """axe-core finds nothing serious, nothing is wider than the screen, and targets are large on phones."""
    await as_admin(site, visit)
    await raised(site, "disk")
    await rules.create(site.database, {"name": "Night", "verdicts": ["unread"], "tell": ["office"]}, "bea", utc_now())
    await visit.page.set_viewport_size({"width": width, "height": 844})
    await visit.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    for path in ("/rules", "/rules/new", "/rules/1", "/rules/try?rule=Night", "/alarms", "/alarms?show=all"):
        await visit.page.goto(visit.address + path)
        found = await Axe().run(visit.page)
        serious = [one["id"] for one in found.response["violations"] if one["impact"] in {"serious", "critical"}]
        assert serious == [], path
        assert await visit.page.evaluate("document.documentElement.scrollWidth") <= width, path
