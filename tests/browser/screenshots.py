"""Photograph the pages for the README: `make screenshots`, or with `--address` those of a site that runs.

Without an address a small drawn site is served and photographed. Chromium is Debian's; pictures are PNG of 128 colours,
so that all of them together stay small.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import random
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from PIL import Image
from playwright.async_api import Page, async_playwright

from alpr.configfile import load_config
from alpr.domain import Vehicle, utc_now
from alpr.ops.demo.floor import floor_tables, load_floor
from alpr.site.factory.floor import plan_of
from alpr.store.users import Role
from alpr.web.server import serve
from tests.browser.conftest import CHROMIUM
from tests.web.drawn_site import PASSWORD, DrawnSite, drawn_read, drawn_site

_TEXTS = ("GXXK4821", "VQAB123", "QMRT77", "ZXO8068", "KLM4411", "")
_MISTYPED = str.maketrans("08B15S2Z", "OB8ISSZ2")
_COLOURS = ("white", "blue", "red", "orange")


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: of which page, how large, in which theme."""

    name: str
    path: str
    size: tuple[int, int] = (1280, 800)
    dark: bool = False


SHOTS = (
    Shot("gate", "first gate", (1280, 860)),
    Shot("gate-phone", "first gate", (390, 844)),
    Shot("live", "/live"),
    Shot("reads", "/reads"),
    Shot("read", "first read", (1280, 1000)),
    Shot("search", "look-alikes"),
    Shot("cameras", "/cameras"),
    Shot("system", "/system"),
    Shot("factory", "/factory", (1280, 1000)),
    Shot("timeline", "/factory/timeline"),
    Shot("live-dark", "/live", dark=True),
    Shot("read-dark", "first read", (1280, 1000), dark=True),
    Shot("reads-phone", "/reads", (390, 844)),
    Shot("live-phone", "/live", (390, 844)),
)


async def photograph(address: str, name: str, password: str, folder: Path, settle: float) -> None:
    """Log in and write every shot into the folder."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = await browser.new_page()
        await page.goto(f"{address}/login")
        await page.fill("#name", name)
        await page.fill("#password", password)
        await page.click("button:has-text('Sign in')")
        await page.wait_for_url("**/reads")
        await page.goto(f"{address}/reads?kind=plate")
        first = await page.locator("tr.go a.over").first.get_attribute("href") or "/reads"
        await page.goto(f"{address}/gate?choose=1")
        gate = await page.locator(".place a.over").first.get_attribute("href") or "/gate"
        await page.goto(f"{address}/reads?kind=plate")
        asked = {
            "first gate": gate,
            "first read": first,
            "look-alikes": _search(await page.locator("tr.go .plate b").all_inner_texts()),
        }
        for shot in SHOTS:
            path = asked.get(shot.path, shot.path)
            (folder / f"{shot.name}.png").write_bytes(await _shoot(page, address + path, shot, settle))
        await browser.close()


def _search(texts: list[str]) -> str:
    """Ask for part of a plate as a person would mistype it, 8 for B or O for 0, so that the search shows its reason."""
    for text in texts:
        part = text[-4:]
        if (typed := part.translate(_MISTYPED)) != part:
            return f"/reads?q={typed}"
    return "/reads"


async def _shoot(page: Page, url: str, shot: Shot, settle: float) -> bytes:
    await page.set_viewport_size({"width": shot.size[0], "height": shot.size[1]})
    await page.emulate_media(color_scheme="dark" if shot.dark else "light", reduced_motion="reduce")
    await page.goto(url)
    await page.wait_for_timeout(1000 * settle)
    taken = Image.open(io.BytesIO(await page.screenshot())).convert("RGB")
    small = io.BytesIO()
    taken.quantize(128, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return small.getvalue()


@asynccontextmanager
async def served_site() -> AsyncIterator[str]:
    """Serve a drawn site with a day's reads, an admin `admin` and a camera that sees something."""
    with tempfile.TemporaryDirectory() as folder:
        async with drawn_site(Path(folder)) as site:
            await site.add_user("admin", Role.ADMIN)
            await _fill(site)
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            serving = asyncio.create_task(serve(site.web(), "127.0.0.1", port))
            yield f"http://127.0.0.1:{port}"
            serving.cancel()
            with suppress(asyncio.CancelledError):
                await serving


async def _fill(site: DrawnSite) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "alpr.toml"
        path.write_text(floor_tables())
        site.floor.plan = plan_of(load_config(path).factory, ZoneInfo("Europe/Berlin"))
    await load_floor(site.database, site.floor.plan, utc_now())
    dice = random.Random(3)
    for n in range(60):
        text = dice.choice(_TEXTS)
        camera = dice.choice(("gate-in", "gate-out"))
        read = drawn_read(
            text, sure=[dice.choice((0.99, 0.98, 0.97, 0.88)) for _ in text], camera=camera, age=9 * n * n
        )
        vehicle = Vehicle(dice.choice(("car", "truck", "van")), dice.choice(_COLOURS), 0.9)
        await site.passes(replace(read, direction=camera[5:], vehicle=vehicle), announce=False)
    site.shows("GXXK4821", "gate-in", "white")
    site.shows("VQAB123", "gate-out", "blue")


def main() -> None:
    """Read the command line and photograph."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", help="of a site that runs, for instance the demo's: http://127.0.0.1:8080")
    parser.add_argument("--user", default="admin")
    parser.add_argument("--password", default=PASSWORD)
    parser.add_argument("--folder", type=Path, default=Path("docs/screenshots"))
    parser.add_argument("--settle", type=float, default=1.2, help="seconds before each picture")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(_run(asked))


async def _run(asked: argparse.Namespace) -> None:
    if asked.address:
        await photograph(asked.address.rstrip("/"), asked.user, asked.password, asked.folder, asked.settle)
        return
    async with served_site() as address:
        await photograph(address, asked.user, asked.password, asked.folder, asked.settle)


if __name__ == "__main__":
    main()
