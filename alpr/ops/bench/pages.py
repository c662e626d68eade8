"""How long the server takes for a page or an answer of the API, without network and without browser."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from httpx import ASGITransport, AsyncClient

from alpr.bus import Bus
from alpr.correction import Corrector
from alpr.domain import utc_now
from alpr.errors import AlprError
from alpr.keepers.gate import Gatekeeper
from alpr.live import LiveView
from alpr.site.rules.book import Rulebook
from alpr.status import CameraState, Status
from alpr.store import sessions, users
from alpr.store.database import Database
from alpr.web.auth.access import cookie_name, token_digest
from alpr.web.server import make_web

_NOBODY = "bench"
_MANY = 100_000


def page_goal(rows: int) -> float:
    """Return the milliseconds that 95 of 100 answers should stay below, with so many reads, visits or passes."""
    return 50.0 if rows <= _MANY else 100.0


@asynccontextmanager
async def logged_in(database: Database, data: Path, cameras: tuple[str, ...]) -> AsyncIterator[AsyncClient]:
    """Give a client of the pages over this database, logged in as an account that is gone afterwards."""
    status = Status()
    for camera in cameras:
        status.camera(camera).change(CameraState.LIVE)
    bus = Bus()
    keeper = Gatekeeper(database, bus, status, Rulebook())
    app: Any = make_web(  # httpx and Litestar describe ASGI in different words
        database=database,
        bus=bus,
        status=status,
        live=LiveView(),
        corrector=Corrector(database, bus, keeper),
        images=data / "images",
        site_name="Bench",
        timezone="Europe/Berlin",
        secure_cookies=False,
        session_hours=1,
    )
    now, token = utc_now(), secrets.token_urlsafe()
    await users.remove(database, _NOBODY)
    user = await users.create(database, _NOBODY, "", users.Role.ADMIN, now)
    assert user is not None, "the account of an earlier run was removed"
    await sessions.create(database, user.id, sessions.NewSession(token_digest(token), now, now + timedelta(hours=1)))
    cookies = {cookie_name("session", secure=False): token}
    try:
        async with AsyncClient(transport=ASGITransport(app), base_url="http://bench", cookies=cookies) as client:
            yield client
    finally:
        await users.remove(database, _NOBODY)


def page_questions(text: str, read_id: str, camera: str) -> dict[str, str]:
    """Return the address of each page that is measured, by its name."""
    typed = quote(text[:4])
    return {
        "page: reads": "/reads",
        "page: reads, unread": "/reads?state=unread",
        "page: search": f"/reads?q={typed}",
        "page: reads, blue trucks": "/reads?vehicle=truck&colour=blue",
        "page: reads, corrected": "/reads?review=corrected",
        "page: one read": f"/reads/{read_id}",
        "page: vehicles, searched": f"/vehicles?q={typed}",
        "page: gate": f"/gate/{quote(camera)}",
        "page: gate, at a read": f"/gate/{quote(camera)}?read={read_id}",
        "page: live": "/live",
        "page: one camera": f"/live/{quote(camera)}",
        "page: reads of a camera": f"/reads?camera={quote(camera)}",
        "page: review": "/review",
        "page: inside": "/inside",
        "page: visits": "/visits",
        "page: vehicles": "/vehicles",
        "page: vehicle": f"/vehicles/{quote(text)}",
        "page: yard": "/yard",
        "page: passes": "/passes",
        "page: expected": "/expected",
        "page: reports": "/reports",
        "page: factory": "/factory",
        "page: models": "/models",
        "page: lists": "/lists",
        "page: rules": "/rules",
        "page: alarms": "/alarms",
        "page: cameras": "/cameras",
        "page: system": "/system",
        "API: reads": "/api/v1/reads",
        "API: search": f"/api/v1/search?q={typed}",
        "API: one read": f"/api/v1/reads/{read_id}",
        "API: statistics, 7 days": "/api/v1/statistics?by=hour",
    }


def asking(client: AsyncClient, path: str) -> Callable[[], Awaitable[object]]:
    """Return the question whose answer must be a page, raising AlprError when it is not."""

    async def ask() -> None:
        answer = await client.get(path)
        if not answer.is_success:
            raise AlprError(f"{path}: answered {answer.status_code}: see the log")

    return ask
