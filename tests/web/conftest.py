from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from tests.web.drawn_site import PASSWORD, DrawnSite, drawn_site


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[DrawnSite]:
    async with drawn_site(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
async def client(site: DrawnSite) -> AsyncIterator[AsyncTestClient[Litestar]]:
    async with AsyncTestClient(site.web()) as opened:
        yield opened


@pytest.fixture
def log_in() -> Callable[..., Awaitable[None]]:
    async def go(client: AsyncTestClient[Litestar], name: str = "anna", password: str = PASSWORD, to: str = ""):
        page = await client.get("/login", params={"next": to})
        form = {"name": name, "password": password, "csrf": token_in(page.text), "next": to}
        return await client.post("/login", data=form, follow_redirects=False)

    return go


def token_in(html: str) -> str:
    """Find the form token of a page."""
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', html)
    assert found, "the page has no form token"
    return found[1]
