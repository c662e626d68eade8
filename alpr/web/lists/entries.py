"""`/lists/{id}/new` and `/entries/{id}`: the form of one entry."""

from http import HTTPStatus

from litestar import get, post
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect, Template

from alpr.domain import utc_now
from alpr.site.lists.entryfields import LONGEST_PLATE, EntryFaultsError, parse_entry
from alpr.store.lists import PlateList
from alpr.web.auth.access import PageRequest, check_form
from alpr.web.context import Web, WebParts
from alpr.web.lists import deeds as listdeeds
from alpr.web.lists.entryform import LASTS, EntryForm, empty_form, entry_form, form_again, typed_fields
from alpr.web.lists.pages import ADMIN, RemoveForm
from alpr.web.lists.view import list_card
from alpr.web.page import page


@get("/lists/{list_id:int}/new", guards=ADMIN)
async def show_new(request: PageRequest, web: WebParts, list_id: FromPath[int], plate: FromQuery[str] = "") -> Template:
    """Show the form of a new entry, its plate filled in perhaps."""
    plates = await listdeeds.known_list(web, list_id)
    form = empty_form(plate[:LONGEST_PLATE], web.status.cameras)
    return _page(request, web, plates, form)


@post("/lists/{list_id:int}/entries", guards=ADMIN, status_code=HTTPStatus.SEE_OTHER)
async def add_entry(request: PageRequest, web: WebParts, list_id: FromPath[int]) -> Redirect | Template:
    """Add an entry, or show the form again with what is wrong."""
    form = await request.form()
    check_form(request, str(form.get("csrf", "")))
    plates = await listdeeds.known_list(web, list_id)
    try:
        entry = parse_entry(typed_fields(form, web.zone, utc_now()), listdeeds.list_facts(web, plates))
        await listdeeds.add_entry(web, request.user.name, plates, entry)
    except EntryFaultsError as error:
        return _page(request, web, plates, form_again(form, error.faults, web.status.cameras), HTTPStatus.BAD_REQUEST)
    return Redirect(f"/lists/{list_id}?done=added", status_code=303)


@get("/entries/{entry_id:int}", guards=ADMIN)
async def show_entry(request: PageRequest, web: WebParts, entry_id: FromPath[int]) -> Template:
    """Show the form of an entry that is stored."""
    stored = await listdeeds.known_entry(web, entry_id)
    plates = await listdeeds.known_list(web, stored.list_id)
    return _page(request, web, plates, entry_form(stored.entry, web.zone, web.status.cameras), entry_id=entry_id)


@post("/entries/{entry_id:int}", guards=ADMIN, status_code=HTTPStatus.SEE_OTHER)
async def change_entry(request: PageRequest, web: WebParts, entry_id: FromPath[int]) -> Redirect | Template:
    """Store the changed entry, or show the form again with what is wrong."""
    form = await request.form()
    check_form(request, str(form.get("csrf", "")))
    stored = await listdeeds.known_entry(web, entry_id)
    plates = await listdeeds.known_list(web, stored.list_id)
    try:
        entry = parse_entry(typed_fields(form, web.zone, utc_now()), listdeeds.list_facts(web, plates), entry_id)
        await listdeeds.change_entry(web, request.user.name, entry)
    except EntryFaultsError as error:
        again = form_again(form, error.faults, web.status.cameras)
        return _page(request, web, plates, again, HTTPStatus.BAD_REQUEST, entry_id=entry_id)
    return Redirect(f"/lists/{plates.id}?done=changed", status_code=303)


@post("/entries/{entry_id:int}/remove", guards=ADMIN, status_code=HTTPStatus.SEE_OTHER)
async def remove_entry(
    request: PageRequest, web: WebParts, entry_id: FromPath[int], data: URLEncodedBody[RemoveForm]
) -> Redirect:
    """Remove an entry from its list."""
    check_form(request, data.csrf)
    stored = await listdeeds.known_entry(web, entry_id)
    await listdeeds.remove_entry(web, request.user.name, stored.entry)
    return Redirect(f"/lists/{stored.list_id}?done=removed", status_code=303)


def _page(
    request: PageRequest,
    web: Web,
    plates: PlateList,
    form: EntryForm,
    status: HTTPStatus = HTTPStatus.OK,
    *,
    entry_id: int | None = None,
) -> Template:
    shown = page(
        request, web, "entry.html", here="lists", plates=list_card(plates), form=form, lasts=LASTS, entry_id=entry_id
    )
    shown.status_code = status
    return shown
