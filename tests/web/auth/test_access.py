from __future__ import annotations

import pytest
from litestar import Litestar, get
from litestar.testing import AsyncTestClient

from alpr.store.users import Role
from alpr.web.auth.access import need_role

HTML = {"accept": "text/html"}
GUARDED = (
    "/",
    "/reads",
    "/reads/x",
    "/reads/x/frame.jpg",
    "/reads/x/crop.jpg",
    "/reads/x/looks/0.jpg",
    "/cameras",
    "/cameras/health",
    "/events",
)


@pytest.mark.parametrize("path", GUARDED)
async def test_nothing_is_seen_without_a_login(client, path):
    """A page sends a person to the login; a picture, a stream or htmx gets 401."""
    page = await client.get(path, headers=HTML, follow_redirects=False)
    assert page.status_code == 303
    assert page.headers["location"].startswith("/login")
    picture = await client.get(path, headers={"accept": "image/*"}, follow_redirects=False)
    assert (picture.status_code, picture.content) == (401, b"")
    fragment = await client.get(path, headers=HTML | {"hx-request": "true"}, follow_redirects=False)
    assert (fragment.status_code, fragment.headers["hx-redirect"]) == (401, "/login")


async def test_every_route_but_these_needs_a_login(site):
    """A new page is closed until somebody opens it on purpose."""
    app: Litestar = site.web()
    opened = {path for path, handler in _handlers(app) if handler.opt.get("public")}
    assert {path for path in opened if not path.startswith("/static/")} == {
        *("/login", "/health"),
        *("/manifest.webmanifest", "/offline", "/worker.js"),
    }


def _handlers(app):
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if handler.http_methods != {"OPTIONS"}:
                yield route.path, handler


@pytest.mark.parametrize(
    ("role", "needed", "status"),
    [
        (Role.VIEWER, Role.VIEWER, 200),
        (Role.VIEWER, Role.GUARD, 403),
        (Role.GUARD, Role.GUARD, 200),
        (Role.GUARD, Role.ADMIN, 403),
        (Role.ADMIN, Role.GUARD, 200),
    ],
)
async def test_roles_open_what_is_theirs_and_below(site, log_in, role, needed, status):
    """Each role may what the lower ones may; a refusal says which role is needed, inside the frame."""

    @get("/secret", guards=[need_role(needed)])
    async def secret() -> str:
        return "seen"

    app = site.web()
    app.register(secret)
    await site.add_user("kim", role)
    async with AsyncTestClient(app) as client:
        await log_in(client, "kim")
        page = await client.get("/secret", headers=HTML)
    assert page.status_code == status
    if status == 403:
        assert f"This page is for the role {needed}. You are signed in as kim ({role})." in page.text


@pytest.mark.parametrize("path", ["/login", "/reads", "/nothing", "/health", "/cameras", "/reads/nothing"])
async def test_every_answer_carries_the_security_headers(client, path):
    """Pages, errors and JSON alike: no inline code, no framing, no sniffing, nothing from elsewhere, no caching."""
    answer = await client.get(path, headers=HTML, follow_redirects=False)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "no-store"
    assert "style=" not in answer.text
    assert "<script>" not in answer.text


async def test_static_files_are_kept_for_ever_under_an_address_that_changes(client):
    """The address carries the sum of all static files, so they may be cached; nothing else can be reached there."""
    page = await client.get("/login")
    address = page.text.partition('rel="stylesheet" href="')[2].partition('"')[0]
    sheet = await client.get(address)
    assert sheet.headers["content-type"].startswith("text/css")
    assert "immutable" in sheet.headers["cache-control"]
    base = address.removesuffix("/app.css")
    for path in ("/../alpr.toml", "/%2e%2e/alpr.toml", "/..%2f..%2fetc/passwd", "//etc/passwd"):
        assert (await client.get(base + path)).status_code in {303, 400, 401, 404}


async def test_a_crash_shows_a_number_and_no_traceback(site, log_in):
    """Our own fault is a page with a number for the log, and tells nothing of the inside."""

    @get("/crash")
    async def crash() -> str:
        raise ZeroDivisionError("the inside")

    app = site.web()
    app.register(crash)
    async with AsyncTestClient(app, raise_server_exceptions=False) as client:
        await log_in(client)
        page = await client.get("/crash", headers=HTML)
    assert page.status_code == 500
    assert "That did not work" in page.text
    assert "the inside" not in page.text
    assert "Traceback" not in page.text


async def test_health_tells_the_overall_state_and_no_more(site, client):
    """A watchdog needs no login and learns nothing of the site."""
    answer = await client.get("/health")
    assert answer.json() == {"status": "degraded"}
    site.status.cameras.pop("gate-out")
    assert (await client.get("/health")).json() == {"status": "ok"}
