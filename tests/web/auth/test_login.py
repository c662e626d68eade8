from __future__ import annotations

import asyncio
import hashlib

import pytest
from litestar.testing import AsyncTestClient
from sqlalchemy import select

from alpr.store import audit, schema, users
from alpr.store.users import Role
from alpr.web.auth.access import safe_next
from tests.web.conftest import token_in
from tests.web.drawn_site import PASSWORD

HTML = {"accept": "text/html"}


async def test_a_guard_logs_in_and_lands_where_she_wanted(site, client, log_in):
    """A login leads to the page that was asked for first, and leaves only the token's SHA-256 in the store."""
    asked = await client.get("/reads?camera=gate-in", headers=HTML, follow_redirects=False)
    assert asked.status_code == 303
    assert asked.headers["location"] == "/login?next=%2Freads%3Fcamera%3Dgate-in"
    answer = await log_in(client, to="/reads?camera=gate-in")
    assert (answer.status_code, answer.headers["location"]) == (303, "/reads?camera=gate-in")
    assert (await client.get("/reads", headers=HTML, follow_redirects=False)).status_code == 200
    async with site.database.read() as connection:
        kept = (await connection.execute(select(schema.sessions.c.token_sha256))).scalar_one()
    token = client.cookies["alpr-session"]
    assert kept == hashlib.sha256(token.encode()).hexdigest()
    assert [entry.action for entry in await audit.latest(site.database)] == ["login"]


@pytest.mark.parametrize(("secure", "name"), [(False, "alpr-session"), (True, "__Host-alpr-session")])
async def test_the_cookie_is_out_of_reach(site, log_in, secure, name):
    """Scripts and other sites cannot have the session; over HTTPS it is tied to the host as well."""
    async with AsyncTestClient(site.web(secure=secure), base_url="https://gate.test") as client:
        answer = await log_in(client)
    cookie = next(value for value in answer.headers.get_list("set-cookie") if value.startswith(f"{name}="))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert ("Secure" in cookie) is secure


async def test_every_login_has_a_new_token_and_ends_the_old_session(site, client, log_in):
    """A session that somebody planted or copied before the login is worth nothing after it."""
    await log_in(client)
    old = client.cookies["alpr-session"]
    form = {"name": "anna", "password": PASSWORD, "csrf": "", "next": ""}
    client.cookies.delete("alpr-session")
    form["csrf"] = token_in((await client.get("/login")).text)
    client.cookies.set("alpr-session", old, domain="testserver.local", path="/")
    await client.post("/login", data=form, follow_redirects=False)
    async with site.database.read() as connection:
        kept = (await connection.execute(select(schema.sessions.c.token_sha256))).scalars().all()
    assert len(kept) == 1
    assert hashlib.sha256(old.encode()).hexdigest() not in kept


@pytest.mark.parametrize(
    ("name", "password"), [("anna", "wrong"), ("nobody", PASSWORD), ("gone", PASSWORD), ("", ""), ("anna", "x" * 5000)]
)
async def test_whatever_is_wrong_the_answer_is_the_same(site, client, log_in, name, password):
    """Wrong password, unknown name and closed account cannot be told apart."""
    await site.add_user("gone")
    await users.set_active(site.database, "gone", active=False)
    answer = await log_in(client, name, password)
    assert answer.status_code == 401
    assert "This name and password do not fit." in answer.text
    assert "alpr-session" not in client.cookies


async def test_a_locked_account_says_how_long(site, client, log_in):
    """After five wrong tries even the right password waits, and the page says how long."""
    for _ in range(5):
        assert (await log_in(client, "Anna", "wrong")).status_code == 401
    answer = await log_in(client)
    assert answer.status_code == 429
    assert "Too many tries. Wait 30 seconds and try again." in answer.text
    assert 29 <= int(answer.headers["retry-after"]) <= 31


async def test_parallel_guesses_are_counted_before_they_are_checked(client):
    """Twelve guesses at once are not looked at more than five times."""
    page = await client.get("/login")
    form = {"name": "anna", "password": "wrong", "csrf": token_in(page.text), "next": ""}
    answers = await asyncio.gather(*(client.post("/login", data=form) for _ in range(12)))
    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 7


@pytest.mark.parametrize("broken", ["", "0" * 64, "token of another cookie"])
async def test_a_login_form_of_another_site_is_refused(site, client, broken):
    """Nobody can be logged into somebody else's account."""
    page = await client.get("/login")
    token = token_in(page.text)
    if broken == "token of another cookie":
        client.cookies.clear()
        await client.get("/login")
        broken = token
    answer = await client.post("/login", data={"name": "anna", "password": PASSWORD, "csrf": broken})
    assert answer.status_code == 403
    assert "alpr-session" not in client.cookies


async def test_a_browser_that_tells_of_another_site_is_believed(client):
    """A right token is refused when the browser says that another site sent the form."""
    form = {"name": "anna", "password": PASSWORD, "csrf": token_in((await client.get("/login")).text)}
    answer = await client.post("/login", data=form, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403


async def test_logout_needs_the_form_of_the_session_and_ends_it(client, log_in):
    """A logout without the session's token changes nothing; with it the cookie is worth nothing."""
    await log_in(client)
    token = client.cookies["alpr-session"]
    assert (await client.post("/logout", data={"csrf": "0" * 64}, headers=HTML)).status_code == 403
    form = {"csrf": token_in((await client.get("/reads")).text)}
    answer = await client.post("/logout", data=form, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    client.cookies.set("alpr-session", token)
    assert (await client.get("/reads", headers=HTML, follow_redirects=False)).status_code == 303


async def test_a_session_ends_by_itself(site, log_in):
    """After its hours a session is gone, whatever the browser keeps."""
    async with AsyncTestClient(site.web(hours=1e-9)) as client:
        await log_in(client)
        assert (await client.get("/reads", headers=HTML, follow_redirects=False)).status_code == 303


async def test_closing_an_account_ends_its_sessions(site, client, log_in):
    """Who was let go is out at the next click."""
    await log_in(client)
    await users.set_active(site.database, "anna", active=False)
    assert (await client.get("/reads", headers=HTML, follow_redirects=False)).status_code == 303


@pytest.mark.parametrize(
    ("target", "ours"),
    [
        ("/reads?q=1", True),
        ("/cameras", True),
        ("", False),
        ("https://evil.test/", False),
        ("//evil.test/", False),
        ("/\\evil.test", False),
        ("/\t/evil.test", False),
        ("javascript:alert(1)", False),
        ("/login?next=/login", False),
        ("/logout", False),
        ("/reads\r\nSet-Cookie: x=y", False),
    ],
)
def test_after_login_one_stays_on_this_site(target, ours):
    """`next` leads to our own pages only."""
    assert safe_next(target) == (target if ours else "/reads")


async def test_every_role_sees_this_versions_pages(site, client, log_in):
    """Reads and cameras are for viewers as well."""
    await site.add_user("vera", Role.VIEWER)
    await log_in(client, "vera")
    for path in ("/reads", "/cameras"):
        page = await client.get(path)
        assert page.status_code == 200
        assert ">viewer<" in page.text
