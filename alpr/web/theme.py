"""`/theme`: light, dark, or as the device is; kept in a cookie of this browser."""

from dataclasses import dataclass
from http import HTTPStatus

from litestar import post
from litestar.params import URLEncodedBody
from litestar.response import Redirect

from alpr.web.auth.access import PageRequest, check_form, safe_next
from alpr.web.context import WebParts
from alpr.web.kept import kept

THEMES = ("light", "dark")
COOKIE = "alpr-theme"


@dataclass(frozen=True, slots=True)
class ThemeForm:
    """What the browser sends; any other theme than the two means that of the device."""

    theme: str = ""
    next: str = ""
    csrf: str = ""


@post("/theme", status_code=HTTPStatus.SEE_OTHER)
async def choose_theme(request: PageRequest, web: WebParts, data: URLEncodedBody[ThemeForm]) -> Redirect:
    """Keep the choice and go back to the page it was made on."""
    check_form(request, data.csrf)
    chosen = data.theme if data.theme in THEMES else ""
    cookie = kept(COOKIE, chosen, secure=web.secure_cookies)
    return Redirect(safe_next(data.next), status_code=303, cookies=[cookie])
