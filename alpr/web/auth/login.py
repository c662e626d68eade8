"""`/login` and `/logout`."""

from dataclasses import dataclass
from http import HTTPStatus

import structlog
from litestar import get, post
from litestar.params import FromQuery, URLEncodedBody
from litestar.response import Redirect, Template

from alpr.domain import utc_now
from alpr.store import audit, sessions, users
from alpr.store.users import User
from alpr.web.auth.access import (
    OpenRequest,
    PageRequest,
    check_form,
    cookie,
    cookie_name,
    is_own_form,
    safe_next,
    session_end,
    start_page,
    token_digest,
)
from alpr.web.auth.csrf import form_token, new_secret
from alpr.web.auth.limits import neighbourhood, wait_words
from alpr.web.auth.passwords import verify_password
from alpr.web.context import Web, WebParts
from alpr.web.words.language import gettext as _
from alpr.web.words.language import later

_log = structlog.get_logger(__name__)
_FORM_SECONDS = 3600
_MOST_NAME = 128
_MOST_PASSWORD = 1024
_WRONG = later("This name and password do not fit.")
_STALE = later("This page had grown old. Please sign in again.")


@dataclass(frozen=True, slots=True)
class LoginForm:
    """What the browser sends."""

    name: str = ""
    password: str = ""
    csrf: str = ""
    next: str = ""


@dataclass(frozen=True, slots=True)
class LogoutForm:
    """What the browser sends."""

    csrf: str = ""


@get("/login", opt={"public": True})
async def show_login(request: OpenRequest, web: WebParts, next: FromQuery[str] = "") -> Template | Redirect:  # noqa: A002
    """Show the form, or go on when already logged in."""
    if request.user is not None:
        return Redirect(safe_next(next, start_page(request.user.role)), status_code=303)
    return _form(request, web, LoginForm(next=next))


@post("/login", opt={"public": True}, status_code=HTTPStatus.OK)
async def log_in(
    request: OpenRequest,
    web: WebParts,
    data: URLEncodedBody[LoginForm],
) -> Template | Redirect:
    """Check the password and start a session under a new token."""
    secret = request.cookies.get(cookie_name("form", secure=web.secure_cookies), "")
    if not is_own_form(request, secret, data.csrf):
        return _form(request, web, data, notice=_(_STALE), status=HTTPStatus.FORBIDDEN)
    address = _address(request)
    user = await users.find(web.database, data.name[:_MOST_NAME])
    # One account, however its name is spelt; names that nobody has are counted as they were typed.
    account = f"user {user.id}" if user else f"nobody {data.name[:_MOST_NAME].casefold()}"
    wait = web.limiter.begin(neighbourhood(address), account)
    if wait > 0:
        bad = _("Too many tries. Wait %(time)s and try again.") % {"time": wait_words(wait)}
        return _form(request, web, data, bad=bad, status=HTTPStatus.TOO_MANY_REQUESTS, retry_after=wait)
    if not await _opens(web, user, data.password) or user is None:
        _log.warning("login refused", account=data.name[:_MOST_NAME], address=address)
        await _note(web, data.name[:_MOST_NAME], "login refused", address)
        return _form(request, web, data, bad=_(_WRONG), status=HTTPStatus.UNAUTHORIZED)
    web.limiter.succeeded(neighbourhood(address), account)
    return await _start_session(request, web, user, safe_next(data.next, start_page(user.role)))


@post("/logout", status_code=HTTPStatus.SEE_OTHER)
async def log_out(
    request: PageRequest,
    web: WebParts,
    data: URLEncodedBody[LogoutForm],
) -> Redirect:
    """End the session."""
    check_form(request, data.csrf)
    await sessions.remove(web.database, token_digest(request.auth.token))
    await _note(web, request.user.name, "logout", _address(request))
    gone = cookie("session", "", web, 0)
    return Redirect("/login", status_code=303, cookies=[gone])


async def _opens(web: Web, user: User | None, password: str) -> bool:
    """Whether the password opens the account; nobody's takes as long. A hash of other parameters is made anew."""
    known = user.password_hash if user is not None and user.active else None
    verdict = await verify_password(password[:_MOST_PASSWORD], known)
    if user is not None and verdict.rehashed is not None:
        await users.set_password(web.database, user.name, verdict.rehashed, end_sessions=False)
    return verdict.fits


async def _start_session(request: OpenRequest, web: Web, user: User, target: str) -> Redirect:
    token, now, address = new_secret(), utc_now(), _address(request)
    session = sessions.NewSession(
        token_digest(token), now, session_end(web), address, request.headers.get("user-agent", "")[:256]
    )
    old = request.cookies.get(cookie_name("session", secure=web.secure_cookies))
    await sessions.create(web.database, user.id, session, replaces=token_digest(old) if old else None)
    await _note(web, user.name, "login", address)
    _log.info("login", account=user.name, address=address)
    cookies = [cookie("session", token, web, int(web.session_hours * 3600)), cookie("form", "", web, 0)]
    return Redirect(target, status_code=303, cookies=cookies)


def _form(
    request: OpenRequest,
    web: Web,
    form: LoginForm,
    *,
    bad: str = "",
    notice: str = "",
    status: HTTPStatus = HTTPStatus.OK,
    retry_after: float = 0.0,
) -> Template:
    """Show the form; its secret stays the same over several tabs and tries."""
    secret = request.cookies.get(cookie_name("form", secure=web.secure_cookies)) or new_secret()
    return Template(
        "login.html",
        context={"name": form.name, "next": form.next, "csrf": form_token(secret), "bad": bad, "notice": notice},
        status_code=status,
        cookies=[cookie("form", secret, web, _FORM_SECONDS)],
        headers={"Retry-After": str(int(retry_after) + 1)} if retry_after else None,
    )


async def _note(web: Web, actor: str, action: str, address: str) -> None:
    await audit.record(web.database, audit.Entry(utc_now(), actor, action, detail=address))


def _address(request: OpenRequest | PageRequest) -> str:
    return request.client.host if request.client else ""
