"""Who is asking: the session cookie, the account behind it, roles as guards, and forms that are really ours."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie, State
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.types import Guard

from alpr.domain import utc_now
from alpr.store import sessions
from alpr.store.users import Role
from alpr.web.auth.bearer import find_token, given_in_address
from alpr.web.auth.csrf import token_fits
from alpr.web.context import Web

_ROLES = tuple(Role)
_SEEN_EVERY = timedelta(minutes=5)
_API = "/api/"


@dataclass(frozen=True, slots=True)
class Account:
    """Who is logged in, and until when; a program's name is that of its token."""

    name: str
    role: Role
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Ticket:
    """The session's secret as the browser sent it."""

    token: str


PageRequest: TypeAlias = Request[Account, Ticket, State]
OpenRequest: TypeAlias = Request[Account | None, Ticket | None, State]
"""A request of a page that needs no login."""


def cookie_name(kind: str, *, secure: bool) -> str:
    """Name a cookie; `__Host-` ties it to this host and path, which browsers allow only over HTTPS (RFC 6265bis)."""
    return f"{'__Host-' if secure else ''}alpr-{kind}"


def cookie(kind: str, value: str, web: Web, seconds: int) -> Cookie:
    """Make a cookie that scripts cannot read and other sites cannot send along."""
    return Cookie(
        key=cookie_name(kind, secure=web.secure_cookies),
        value=value,
        path="/",
        max_age=seconds,
        httponly=True,
        secure=web.secure_cookies,
        samesite="lax",
    )


def token_digest(token: str) -> str:
    """Return the SHA-256 of a session token: all that the store ever sees of it."""
    return hashlib.sha256(token.encode()).hexdigest()


def session_end(web: Web) -> datetime:
    """Return when a session that starts now ends."""
    return utc_now() + timedelta(hours=web.session_hours)


async def find_account(web: Web, token: str) -> Account | None:
    """Return the account of a session token while the session lasts."""
    now = utc_now()
    session = await sessions.find(web.database, token_digest(token), now)
    if session is not None and now - session.seen_at > _SEEN_EVERY:
        await sessions.touch(web.database, token_digest(token), now)
    return None if session is None else Account(session.user_name, session.role, session.expires_at)


class SessionMiddleware(AbstractAuthenticationMiddleware):
    """Looks up the session of every request, or a program's token where the API is asked.

    What may be seen without one is the guards' business.
    """

    async def authenticate_request(self, connection: ASGIConnection[Any, Any, Any, Any]) -> AuthenticationResult:
        """Put the account and the session's secret, or nothing, on the connection."""
        web: Web = connection.app.state.web
        header = connection.headers.get("authorization") or given_in_address(connection)
        if header is not None and connection.scope["path"].startswith(_API):
            address = connection.client.host if connection.client else ""
            program = await find_token(web, header, address)
            return AuthenticationResult(user=Account(program.name, program.role, program.expires_at), auth=None)
        token = connection.cookies.get(cookie_name("session", secure=web.secure_cookies), "")
        account = await find_account(web, token) if token else None
        return AuthenticationResult(user=account, auth=Ticket(token) if account else None)


def need_login(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Refuse everybody without a session, except on handlers marked `public=True`.

    Tokens that may only send are refused everywhere but on handlers marked `senders=True`.
    """
    account: Account | None = connection.scope.get("user")  # open pages are asked without anybody looking who it is
    if not handler.opt.get("public") and account is None:
        raise NotAuthorizedException
    if account is not None and account.role is Role.SENDER and not handler.opt.get("senders"):
        raise PermissionDeniedException("This token may only send: make one with the role viewer for what is seen.")


def need_role(role: Role) -> Guard:
    """Make a guard that lets in accounts with this role or a higher one."""
    lowest = _ROLES.index(role)

    def guard(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
        account: Account | None = connection.user
        if account is None:
            raise NotAuthorizedException
        if _ROLES.index(account.role) < lowest:
            raise PermissionDeniedException(
                f"This page is for the role {role}. You are signed in as {account.name} ({account.role})."
            )

    return guard


def is_own_form(request: OpenRequest | PageRequest, secret: str, token: str) -> bool:
    """Whether our own page sent the form: the token fits, and the browser does not say otherwise (Fetch Metadata)."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    return site in {"same-origin", "none"} and token_fits(secret, token)


def check_form(request: PageRequest, token: str) -> None:
    """Refuse a form that another site sent; raises PermissionDeniedException."""
    if not is_own_form(request, request.auth.token, token):
        raise PermissionDeniedException("The form was out of date. Go back, reload the page and try again.")


def safe_next(target: str, otherwise: str = "/reads") -> str:
    """Return the page to go on with if it is one of ours, else the other one."""
    ours = target.startswith("/") and not target.startswith("//") and "\\" not in target and target.isprintable()
    if not ours or urlsplit(target).path in {"/login", "/logout"}:
        return otherwise
    return target


def start_page(role: Role) -> str:
    """Return where a role begins: a guard at the gate, the others at the log."""
    return "/gate" if role is Role.GUARD else "/reads"
