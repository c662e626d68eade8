from __future__ import annotations

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from litestar import Litestar
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from alpr.web.live.pictures import LivePictures
from alpr.web.server import serve
from tests.web.drawn_site import PASSWORD, DrawnSite, drawn_site

CHROMIUM = "/usr/bin/chromium"
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
)


@dataclass
class Visit:
    """A logged-in browser and everything that went wrong in it."""

    address: str
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Collect script errors, console errors and failed requests of the page."""
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on("console", lambda said: said.type == "error" and self.complaints.append(f"console: {said.text}"))
        page.on("requestfailed", lambda asked: self._failed(asked.url, asked.failure or ""))
        page.on("request", lambda asked: self._asked(asked.url))

    def _failed(self, url: str, failure: str) -> None:
        # The stream ends and pictures stop loading when the page is left.
        if "ERR_ABORTED" not in failure:
            self.complaints.append(f"failed: {url} {failure}")

    def _asked(self, url: str) -> None:
        if not url.startswith(self.address):
            self.complaints.append(f"outside: {url}")

    async def log_in(self, page: Page, name: str = "anna") -> None:
        """Log in, as anna the guard if nobody else, and begin with the reads."""
        await page.goto(f"{self.address}/login?next=/reads")
        await page.fill("#name", name)
        await page.fill("#password", PASSWORD)
        await page.click("button:has-text('Sign in')")
        await page.wait_for_url("**/reads")


async def until(page: Page, expression: str, seconds: float = 5) -> None:
    """Wait until the expression is true; through the debugger, because the page's policy forbids eval."""
    async with asyncio.timeout(seconds):
        while not await page.evaluate(expression):  # noqa: ASYNC110  it is true in another process
            await asyncio.sleep(0.02)


async def live(visit: Visit) -> None:
    """Open the list and wait until its stream listens."""
    async with visit.page.expect_response("**/events*"):
        await visit.page.goto(f"{visit.address}/reads")
    await until(visit.page, "document.querySelector('#live')['htmx-internal-data'].sseEventSource.readyState === 1")


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[DrawnSite]:
    async with drawn_site(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def app(site: DrawnSite) -> Litestar:
    return site.web()


@pytest.fixture
def pictures(app: Litestar) -> LivePictures:
    return app.state.web.pictures


@asynccontextmanager
async def served(app: Litestar) -> AsyncIterator[str]:
    """Serve pages on a free port and give their address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    serving = asyncio.create_task(serve(app, "127.0.0.1", port))
    yield f"http://127.0.0.1:{port}"
    serving.cancel()
    with suppress(asyncio.CancelledError):
        await serving


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Start the browser."""
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(_QUIET))
        yield opened
        await opened.close()


@pytest.fixture
async def address(app: Litestar) -> AsyncIterator[str]:
    async with served(app) as address:
        yield address


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    if shutil.which(CHROMIUM) is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{CHROMIUM} is missing: install Debian's package chromium")
        pytest.skip(f"{CHROMIUM} is missing")
    async with chromium() as opened:
        yield opened


@pytest.fixture
async def visit(browser: Browser, address: str) -> AsyncIterator[Visit]:
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    page = await context.new_page()
    opened = Visit(address, context, page)
    opened.watch(page)
    await opened.log_in(page)
    yield opened
    assert not opened.complaints
    await context.close()
