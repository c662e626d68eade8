"""The pages of visits in a browser: closed by hand with the keyboard, and without any script."""

from __future__ import annotations

import pytest

from alpr.stay import VisitState
from alpr.store import visits
from alpr.store.visits import VisitQuery
from tests.browser.conftest import Visit
from tests.web.visits.test_visits_pages import going

pytestmark = pytest.mark.browser


async def state_of(site):
    (found,) = await visits.page(site.database, VisitQuery())
    return found.visit.state


async def test_a_visit_is_closed_from_the_list_of_who_is_inside(site, visit):
    """From the row to the visit, one button, and nobody is inside any more."""
    await site.passes(going("AB1234", "in", 2))
    page = visit.page
    await page.goto(f"{visit.address}/inside")
    await page.click("a.over")
    await page.wait_for_url("**/visits/*")
    await page.focus("button:has-text('Close the visit')")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("text=left, says anna")
    assert await state_of(site) is VisitState.CLOSED
    await page.goto(f"{visit.address}/inside")
    assert await page.is_visible("text=Nobody is inside")


async def test_visits_work_without_script(site, browser, address):
    """Forms are forms: reopening and taking back need no JavaScript."""
    read = await site.passes(going("AB1234", "in", 24 * 5))
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    opened = Visit(address, context, page)
    await opened.log_in(page)
    await page.goto(f"{address}/visits/{read.id}")
    await page.click("button:has-text('It is inside')")
    assert await state_of(site) is VisitState.OPEN
    await page.click("button:has-text('Take back')")
    assert await state_of(site) is VisitState.MISSED_OUT
    await context.close()
