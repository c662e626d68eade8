"""Every page that is mapped, in Debian's Chromium: accessible, still, quiet, in two themes and two languages."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from axe_playwright_python.async_playwright import Axe

from alpr.access import Decision, Entry, ListKind, Verdict
from alpr.barrier.gates import Barrier, Habits, Order
from alpr.domain import Kind, utc_now
from alpr.store import entries, lists, rules
from alpr.store.users import Role
from alpr.web.routes import PAGES
from tests.browser.conftest import Visit
from tests.fakes import Contact
from tests.web.drawn_site import DrawnSite, as_preview, drawn_read

pytestmark = [pytest.mark.browser, pytest.mark.slow]
_NO_PAGES = {
    "/login",  # leads on while somebody is logged in
    "/events",
    "/factory/events",
    "/gate/{name:str}/events",
    "/gate/{name:str}/{deed:str}",
}
_SHIFT = (
    "new Promise((done) => { let sum = 0; new PerformanceObserver((list) => {"
    " for (const one of list.getEntries()) if (!one.hadRecentInput) sum += one.value;"
    " }).observe({ type: 'layout-shift', buffered: true }); setTimeout(() => done(sum), 60); })"
)
_CUT = (
    "[...document.querySelectorAll('.flush > table')]"
    ".filter((one) => one.scrollWidth > one.parentElement.clientWidth + 1)"
    ".map((one) => one.className)"
)
"""Tables that are wider than the card that cuts them off."""


async def fill(site: DrawnSite) -> dict[str, str]:
    """Give every page something to show; return what stands for the parts of addresses."""
    now = utc_now()

    async def note(_action: str, _name: str, _order: Order, _detail: str) -> None:
        pass

    habits = Habits(frozenset({"gate-in"}), pulse=0.0, repeat_after=0.0)
    await site.barriers.replace({"main": Barrier("main", Contact(), None, habits, note)})
    staff = await lists.create(site.database, "Staff", ListKind.ALLOW, "bea", now)
    assert staff is not None
    entry = Entry(0, "Staff", ListKind.ALLOW, "GXXK4821", owner="Meyer", valid_until=now + timedelta(days=3))
    entry_id = await entries.add(site.database, staff, entry, "bea", now)
    rule_id = await rules.create(
        site.database, {"name": "Strangers", "verdicts": ["unknown"], "tag": "stranger"}, "bea", now
    )
    unknown = Decision(Verdict.UNKNOWN, "on no list")
    read = await site.passes(drawn_read("GXXK4821", age=60), decision=Decision(Verdict.ALLOWED, "Staff: Meyer"))
    await site.passes(drawn_read("GXXK4821", age=4000), decision=unknown)
    await site.passes(drawn_read("", age=50), decision=Decision(Verdict.UNREAD, "could not be read"))
    container = replace(drawn_read("MSCU1234566", age=90), kind=Kind.CONTAINER)
    await site.passes(container, decision=unknown)
    await site.passes(
        as_preview(drawn_read("QMRT77", age=20)), decision=Decision(Verdict.DENIED, "Banned: left unpaid")
    )
    site.shows("GXXK4821")
    return {
        "read_id": read.id,
        "camera": "gate-in",
        "list_id": str(staff),
        "entry_id": str(entry_id),
        "rule_id": str(rule_id),
        "code": "MSCU1234566",
        "text": "GXXK4821",
        "/gate/{name:str}": "gate-in",
        "/barriers/{name:str}/open": "main",
    }


def addresses(parts: dict[str, str]) -> list[str]:
    """Return the address of every page; one whose parts nobody knows is left out."""
    found = []
    for handler in PAGES:
        for path in sorted(handler.paths):
            if "GET" not in handler.http_methods or path in _NO_PAGES:
                continue
            made = path
            for name in (part[1:].partition(":")[0] for part in path.split("/") if part.startswith("{")):
                value = parts.get(path) if name == "name" else parts.get(name)
                kind = "int" if f"{{{name}:int}}" in made else "str"
                made = made.replace(f"{{{name}:{kind}}}", quote(value)) if value else ""
            if made:
                found.append(made)
    return found


@pytest.fixture
async def pages(site: DrawnSite, visit: Visit) -> list[str]:
    """Return the addresses of all pages, for an admin who is logged in."""
    parts = await fill(site)
    await site.add_user("bea", Role.ADMIN)
    await visit.page.goto("about:blank")  # what it polls must not be asked for without a session
    await visit.context.clear_cookies()
    await visit.log_in(visit.page, "bea")
    made = []
    for path in addresses(parts):
        answer = await visit.page.request.get(visit.address + path, max_redirects=0)
        assert answer.status < 500, path
        if answer.ok and "text/html" in answer.headers.get("content-type", "") and "<html" in await answer.text():
            made.append(path)
    assert len(made) > 25
    return made


async def look(visit: Visit, path: str) -> list[str]:
    """Open a page and return what is wrong with it."""
    said = len(visit.complaints)
    await visit.page.goto(visit.address + path)
    shift = await visit.page.evaluate(_SHIFT)
    wide = await visit.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    cut = await visit.page.evaluate(_CUT)
    found: Any = await Axe().run(visit.page)
    wrong = [
        f"{path}: {one['id']}: {node['target']} {node.get('failureSummary', '')}"
        for one in found.response["violations"]
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"]
    ]
    wrong += [f"{path}: {complaint}" for complaint in visit.complaints[said:]]
    wrong += [f"{path}: moves by {shift:.2f}"] if shift >= 0.1 else []
    wrong += [f"{path}: {wide} px too wide"] if wide > 0 else []
    wrong += [f"{path}: a table is cut: {name}" for name in cut]
    del visit.complaints[said:]
    return wrong


@pytest.mark.parametrize(
    ("theme", "width", "language"),
    [("light", 1280, "en"), ("dark", 390, "de"), ("light", 820, "de")],
    ids=["desk", "phone", "tablet"],
)
async def test_every_page_is_accessible_still_and_quiet(visit: Visit, pages: list[str], theme, width, language):
    """No serious finding of axe-core, no complaint of the browser, nothing that moves, is too wide or cut off."""
    await visit.context.add_cookies([{"name": "alpr-language", "value": language, "url": visit.address}])
    await visit.page.set_viewport_size({"width": width, "height": 844})
    await visit.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    wrong = []
    for path in pages:
        wrong += await look(visit, path)
    assert not wrong, "\n".join(wrong)
    assert await visit.page.evaluate("document.documentElement.lang") == language


async def test_a_language_is_chosen_in_the_menu(visit: Visit):
    """German at once and on the next page, scripts included, and back again."""
    await visit.page.locator("details.menu summary[aria-label='Your account']").click()
    await visit.page.get_by_role("button", name="Deutsch").click()
    await visit.page.wait_for_selector("h1:has-text('Lesungen')")
    await visit.page.goto(f"{visit.address}/gate?choose=1")
    await visit.page.wait_for_selector("h1:has-text('Welches Tor?')")
    assert await visit.page.evaluate("inWords('just now')") == "gerade eben"
    await visit.page.locator("details.menu summary[aria-label='Ihr Konto']").click()
    await visit.page.get_by_role("button", name="English").click()
    await visit.page.wait_for_selector("h1:has-text('Which gate?')")


async def test_the_app_says_when_there_is_no_link(visit: Visit):
    """The service worker keeps the notice alone: offline a page says so, in words, and is back by itself."""
    await visit.page.goto(f"{visit.address}/live")
    await visit.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    await visit.page.reload()
    await visit.context.set_offline(offline=True)
    with suppress(Exception):
        await visit.page.goto(f"{visit.address}/reads", timeout=5000)
    assert "No link to the box" in await visit.page.content()
    await visit.context.set_offline(offline=False)
    async with asyncio.timeout(12):
        await visit.page.wait_for_selector("h1:has-text('Reads')")
    lost = "ERR_INTERNET_DISCONNECTED", "[object Event]"  # the latter is the stream of events, as htmx logs it
    visit.complaints[:] = [said for said in visit.complaints if not any(word in said for word in lost)]


async def test_the_app_can_be_installed(visit: Visit):
    """Manifest, icons and worker are there, from this box alone."""
    page = await visit.page.content()
    assert '<link rel="manifest" href="/manifest.webmanifest">' in page
    manifest = await (await visit.page.request.get(f"{visit.address}/manifest.webmanifest")).json()
    assert (manifest["start_url"], manifest["display"]) == ("/", "standalone")
    for icon in manifest["icons"]:
        answer = await visit.page.request.get(visit.address + icon["src"])
        assert answer.headers["content-type"] == "image/png"
        assert len(await answer.body()) < 20_000
