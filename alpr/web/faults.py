"""Errors as pages: what happened, and what to do."""

import secrets
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.response import Redirect, Template

from alpr.errors import StoreError
from alpr.web.alerts.bell import bell
from alpr.web.auth.csrf import form_token
from alpr.web.system.cameras_view import health_of
from alpr.web.words.language import gettext as _
from alpr.web.words.language import later
from alpr.web.words.tongues import speak_to

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Fault:
    """What an error page says."""

    title: str
    words: str
    icon: str = "note"
    href: str = "/reads"
    action: str = later("To the reads")
    number: str = ""


_FAULTS = {
    HTTPStatus.BAD_REQUEST: Fault(later("That address is not right"), later("Something in it cannot be understood.")),
    HTTPStatus.FORBIDDEN: Fault(later("This is not for your account"), later("Ask your admin if you need it."), "lock"),
    HTTPStatus.NOT_FOUND: Fault(
        later("Nothing here"), later("It may have been deleted, or the address has a slip."), "search"
    ),
    HTTPStatus.METHOD_NOT_ALLOWED: Fault(later("That does not work here"), later("Use the buttons of the pages.")),
    HTTPStatus.SERVICE_UNAVAILABLE: Fault(
        later("Busy at the moment"), later("Wait a little and reload the page."), "clock"
    ),
}


def show_login(request: Request[Any, Any, Any], _error: HTTPException) -> Response[Any]:
    """Send somebody without a session to the login, and htmx as well; machines get the bare status."""
    target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.headers.get("hx-request") == "true":
        return Response(b"", status_code=HTTPStatus.UNAUTHORIZED, headers={"HX-Redirect": "/login"})
    if request.method != "GET" or "text/html" not in request.headers.get("accept", "text/html"):
        return Response(b"", status_code=HTTPStatus.UNAUTHORIZED)
    return Redirect(f"/login?{urlencode({'next': target})}" if target != "/" else "/login", status_code=303)


def show_http_fault(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """Show the page of a status code."""
    status = HTTPStatus(error.status_code)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR and status is not HTTPStatus.SERVICE_UNAVAILABLE:
        return show_crash(request, error)
    known = _FAULTS.get(status, _FAULTS[HTTPStatus.BAD_REQUEST])
    if status is HTTPStatus.FORBIDDEN and error.detail and error.detail != status.phrase:
        known = Fault(known.title, error.detail, known.icon)
    return _fault_page(request, status, known)


def show_crash(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Show a page with a number that stands beside the traceback in the log."""
    number = secrets.token_hex(2).upper()
    _log.error("page failed", path=request.url.path, error_number=number, exc_info=error)
    words = later("The fault is on our side and has been logged. Try again; if it stays, tell your admin the number.")
    if isinstance(error, StoreError):
        words = later("The database did not answer. Wait a little and try again; the log says more under this number.")
    fault = Fault(later("That did not work"), words, "fix", request.url.path, later("Try again"), number)
    return _fault_page(request, HTTPStatus.INTERNAL_SERVER_ERROR, fault)


def _fault_page(request: Request[Any, Any, Any], status: HTTPStatus, fault: Fault) -> Response[Any]:
    speak_to(request)  # an address that nobody serves never came past the middleware
    account = request.scope.get("user")
    spoken = replace(fault, title=_(fault.title), words=_(fault.words), action=_(fault.action))
    context: dict[str, Any] = {"account": account, "fault": spoken}
    if account:
        health = health_of(request.app.state.web.status)
        csrf = form_token(request.auth.token)
        context |= {
            "csrf": csrf,
            "health": health,
            "bell": bell(request.app.state.web),
            "has_barriers": any(request.app.state.web.barriers),
            "has_factory": request.app.state.web.floor.in_use,
            "here": "",
            "filter": None,
            "demo_score": None,
        }
    return Template("fault.html" if account else "fault_bare.html", context=context, status_code=status)
