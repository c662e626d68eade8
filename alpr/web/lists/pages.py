"""`/lists`: all lists. `/lists/{id}`: one list with its entries. Admins change them, everybody may look."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from litestar import get, post
from litestar.exceptions import ValidationException
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect, Template

from alpr.access import ListKind
from alpr.domain import utc_now
from alpr.store import entries, lists
from alpr.store.entries import EntryQuery
from alpr.store.lists import PlateList
from alpr.store.users import Role
from alpr.web.auth.access import PageRequest, check_form, need_role
from alpr.web.context import Web, WebParts
from alpr.web.lists import deeds as listdeeds
from alpr.web.lists.view import KIND_WORDS, clash_lines, entry_row, list_card
from alpr.web.page import page
from alpr.web.words.language import gettext as _
from alpr.web.words.language import later

_PAGE = 100
_SHOWN_CLASHES = 10
ADMIN = [need_role(Role.ADMIN)]
_DONE = {
    "added": later("The entry is on the list."),
    "changed": later("The change is stored."),
    "removed": later("The entry is removed."),
    "made": later("The list is made: add its first plate, or a file of them."),
}


@dataclass(frozen=True, slots=True)
class ListForm:
    """What the browser sends of a list."""

    name: str = ""
    kind: str = ""
    csrf: str = ""


@dataclass(frozen=True, slots=True)
class RemoveForm:
    """What the browser sends to remove something."""

    csrf: str = ""


@get("/lists")
async def show_lists(request: PageRequest, web: WebParts) -> Template:
    """Show all lists, and what contradicts itself in them."""
    return await _lists_page(request, web)


@post("/lists", guards=ADMIN, status_code=HTTPStatus.SEE_OTHER)
async def make_list(request: PageRequest, web: WebParts, data: URLEncodedBody[ListForm]) -> Redirect | Template:
    """Make a list, or say why its name cannot be."""
    check_form(request, data.csrf)
    try:
        made = await listdeeds.make_list(web, request.user.name, data.name, _kind(data.kind))
    except listdeeds.NameFaultError as error:
        return await _lists_page(request, web, HTTPStatus.BAD_REQUEST, bad=str(error), form=data)
    return Redirect(f"/lists/{made}?done=made", status_code=303)


@get("/lists/{list_id:int}")
async def show_list(
    request: PageRequest,
    web: WebParts,
    list_id: FromPath[int],
    q: FromQuery[str] = "",
    after: FromQuery[str] = "",
    done: FromQuery[str] = "",
) -> Template:
    """Show a page of the entries of a list, by plate."""
    plates = await listdeeds.known_list(web, list_id)
    return await list_page(request, web, plates, q=q, after=after, notice=_(_DONE.get(done, "")))


@post("/lists/{list_id:int}", guards=ADMIN, status_code=HTTPStatus.SEE_OTHER)
async def change_list(
    request: PageRequest, web: WebParts, list_id: FromPath[int], data: URLEncodedBody[ListForm]
) -> Redirect | Template:
    """Give a list another name or kind, or say why it cannot have it."""
    check_form(request, data.csrf)
    plates = await listdeeds.known_list(web, list_id)
    try:
        await listdeeds.change_list(web, request.user.name, plates, data.name, _kind(data.kind))
    except listdeeds.NameFaultError as error:
        return await list_page(request, web, plates, HTTPStatus.BAD_REQUEST, bad=str(error), form=data)
    return Redirect(f"/lists/{list_id}?done=changed", status_code=303)


@get("/lists/{list_id:int}/remove", guards=ADMIN)
async def ask_remove(request: PageRequest, web: WebParts, list_id: FromPath[int]) -> Template:
    """Ask once more before a list goes with its entries."""
    plates = await listdeeds.known_list(web, list_id)
    return page(request, web, "list_remove.html", here="lists", plates=list_card(plates))


@post("/lists/{list_id:int}/remove", guards=ADMIN, status_code=HTTPStatus.SEE_OTHER)
async def remove_list(
    request: PageRequest, web: WebParts, list_id: FromPath[int], data: URLEncodedBody[RemoveForm]
) -> Redirect:
    """Remove a list with its entries."""
    check_form(request, data.csrf)
    await listdeeds.remove_list(web, request.user.name, await listdeeds.known_list(web, list_id))
    return Redirect("/lists", status_code=303)


async def list_page(
    request: PageRequest,
    web: Web,
    plates: PlateList,
    status: HTTPStatus = HTTPStatus.OK,
    *,
    q: str = "",
    after: str = "",
    notice: str = "",
    **values: Any,
) -> Template:
    """Show one list; `values` are what an import or a refused change adds."""
    now, text = utc_now(), " ".join(q.split())[:64]
    query = EntryQuery(list_id=plates.id, text=text or None, after=_parse_after(after), limit=_PAGE + 1)
    found = await entries.page(web.database, query)
    shown = found[:_PAGE]
    last = shown[-1].entry if len(found) > _PAGE else None
    following = {"q": text, "after": f"{last.id} {entries.folded(last.pattern)}"} if last else {}
    template = page(
        request,
        web,
        "list.html",
        here="lists",
        plates=list_card(plates),
        kinds=KIND_WORDS,
        rows=[entry_row(stored, web.zone, now) for stored in shown],
        q=text,
        older=f"/lists/{plates.id}?{urlencode({key: value for key, value in following.items() if value})}"
        if last
        else "",
        first=f"/lists/{plates.id}?{urlencode({'q': text})}" if after else "",
        notice=notice,
        **await _clashes(web, now, plates.name),
        **{"bad": "", "form": None, "imported": None, **values},
    )
    template.status_code = status
    return template


async def _lists_page(
    request: PageRequest, web: Web, status: HTTPStatus = HTTPStatus.OK, *, bad: str = "", form: ListForm | None = None
) -> Template:
    now = utc_now()
    template = page(
        request,
        web,
        "lists.html",
        here="lists",
        cards=[list_card(plates) for plates in await lists.everyone(web.database, now)],
        kinds=KIND_WORDS,
        **await _clashes(web, now),
        bad=bad,
        form=form,
    )
    template.status_code = status
    return template


async def _clashes(web: Web, now: datetime, name: str = "") -> dict[str, Any]:
    """Return what contradicts itself, of one list or of all."""
    found = await web.clashes.find(web.database, now)
    mine = [one for one in found if not name or name in {one.denying.list_name, one.allowing.list_name}]
    return {"clashes": clash_lines(mine[:_SHOWN_CLASHES]), "more_clashes": max(0, len(mine) - _SHOWN_CLASHES)}


def _kind(text: str) -> ListKind:
    try:
        return ListKind(text)
    except ValueError as error:
        raise ValidationException("unknown kind of list") from error


def _parse_after(text: str) -> tuple[str, int] | None:
    if not text:
        return None
    number, _, pattern = text.partition(" ")
    if not number.isdecimal() or len(number) > len(str(2**62)) - 1:
        raise ValidationException("this page address is broken")
    return pattern, int(number)
