"""Which language a request is answered in, and `/language`, where it is chosen; kept in a cookie of this browser."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from litestar import post
from litestar.connection import ASGIConnection
from litestar.params import URLEncodedBody
from litestar.response import Redirect
from litestar.types import ASGIApp, Receive, Scope, Send

from alpr.web.auth.access import PageRequest, check_form, safe_next
from alpr.web.context import WebParts
from alpr.web.kept import kept
from alpr.web.words.language import NAMES, speak, wanted

COOKIE = "alpr-language"


@dataclass(frozen=True, slots=True)
class LanguageForm:
    """What the browser sends; any other language than those there are means that of the browser."""

    language: str = ""
    next: str = ""
    csrf: str = ""


@post("/language", status_code=HTTPStatus.SEE_OTHER)
async def choose_language(request: PageRequest, web: WebParts, data: URLEncodedBody[LanguageForm]) -> Redirect:
    """Keep the choice and go back to the page it was made on."""
    check_form(request, data.csrf)
    chosen = data.language if data.language in NAMES else ""
    cookie = kept(COOKIE, chosen, secure=web.secure_cookies)
    return Redirect(safe_next(data.next), status_code=303, cookies=[cookie])


def speak_to(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    """Speak the language that was chosen in this browser, else the one that it asks for."""
    chosen = connection.cookies.get(COOKIE, "")
    speak(chosen if chosen in NAMES else wanted(connection.headers.get("accept-language", "")))


def tongue_middleware(app: ASGIApp) -> ASGIApp:
    """Choose the language before anything else happens to a request."""

    async def choose(scope: Scope, receive: Receive, send: Send) -> None:
        speak_to(ASGIConnection(scope))
        await app(scope, receive, send)

    return choose
