"""The doors of the pages in a real browser: login and lock-out, roles, hostile text."""

from __future__ import annotations

from dataclasses import replace

from playwright.async_api import expect

from alpr.domain import Candidate, Character, Reading, Vehicle
from alpr.store.users import Role
from tests.browser.conftest import Visit, live
from tests.web.drawn_site import PASSWORD, DrawnSite, drawn_read

_HOSTILE = "\"><img src=x onerror=alert(1)><script>alert(2)</script>'&{{7*7}}"


async def _try(visit: Visit, password: str) -> None:
    await visit.page.fill("#name", "anna")
    await visit.page.fill("#password", password)
    await visit.page.click("button:has-text('Sign in')")


async def test_too_many_wrong_passwords_lock_the_account_out(visit: Visit):
    """The page says what is wrong, then how long to wait, and then not even the right password is looked at."""
    await visit.context.clear_cookies()
    await visit.page.goto(f"{visit.address}/login")
    for _ in range(5):
        await _try(visit, "not the password")
        await expect(visit.page.get_by_text("This name and password do not fit")).to_be_visible()
    await _try(visit, PASSWORD)
    await expect(visit.page.get_by_text("Too many tries")).to_be_visible()
    assert visit.page.url.endswith("/login")
    await visit.page.goto(f"{visit.address}/reads")
    await visit.page.wait_for_url("**/login*")
    visit.complaints[:] = [said for said in visit.complaints if "401" not in said and "429" not in said]


async def test_a_role_too_low_is_refused_on_page_and_api(site: DrawnSite, visit: Visit):
    """A viewer reads the list, and is refused what is for admins: the page in words, the API as a problem."""
    await site.add_user("vic", Role.VIEWER)
    await visit.context.clear_cookies()
    await visit.log_in(visit.page, "vic")
    answer = await visit.page.goto(f"{visit.address}/system")
    assert answer is not None
    assert answer.status == 403
    await expect(visit.page.get_by_text("This page is for the role admin.")).to_be_visible()
    await expect(visit.page.get_by_role("link", name="System")).to_have_count(0)
    api = await visit.page.request.get(f"{visit.address}/api/v1/reads")
    assert api.status == 200
    post = await visit.page.request.post(f"{visit.address}/api/v1/reads", data={})
    assert post.status in {403, 405}
    await visit.context.clear_cookies()
    nobody = await visit.page.request.get(f"{visit.address}/api/v1/reads")
    assert nobody.status == 401
    assert nobody.headers["content-type"].startswith("application/problem+json")
    visit.complaints[:] = [said for said in visit.complaints if "403" not in said]


async def test_hostile_text_does_nothing_in_a_browser(site: DrawnSite, visit: Visit):
    """Markup and scripts in every field of a read are shown as text: nothing runs, nothing is asked for elsewhere."""
    dialogs: list[str] = []
    visit.page.on("dialog", lambda opened: dialogs.append(opened.message))
    read = drawn_read("AB123")
    reading = Reading(
        text=_HOSTILE,
        confidence=0.9,
        characters=tuple(Character(one, 0.5) for one in _HOSTILE),
        candidates=(Candidate(_HOSTILE, 0.2),),
        region=_HOSTILE,
        reasons=(_HOSTILE,),
    )
    looks = tuple(replace(look, text=_HOSTILE) for look in read.looks)
    await live(visit)
    await site.passes(replace(read, reading=reading, looks=looks, vehicle=Vehicle(_HOSTILE, _HOSTILE, 0.5)))
    await expect(visit.page.locator("tr.go")).to_have_count(1)  # arrived over the live stream
    site.shows(_HOSTILE)
    for path in (
        "/reads",
        f"/reads/{read.id}",
        "/live",
        "/live/gate-in",
        "/gate/gate-in",
        "/cameras",
        "/reads?q=" + "%3Cscript%3E",
    ):
        await visit.page.goto(visit.address + path)
        await expect(visit.page.locator("main")).to_be_visible()
        assert await visit.page.locator("main script, main img[src=x]").count() == 0, path
    assert dialogs == []
