"""`/expected`: which containers are announced, for which day and truck, and what became of each."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.exceptions import ValidationException
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect, Template

from alpr.domain import utc_now
from alpr.site.lists.file import decode
from alpr.site.yard.arrivals import Arrival
from alpr.site.yard.expectedfile import FIELDS, ExpectedFaultsError, write_file
from alpr.store import expected
from alpr.store.expected import ExpectedQuery
from alpr.store.users import Role
from alpr.web.auth.access import PageRequest, check_form, need_role
from alpr.web.context import Web, WebParts
from alpr.web.lists.pages import RemoveForm
from alpr.web.page import page
from alpr.web.words.language import gettext as _
from alpr.web.yard import expecteddeeds
from alpr.web.yard.expected_view import ExpectedForm, announced_words, expected_row, said_of_field

_PAGE: Final = 100
_LARGEST: Final = 16 * 1024 * 1024
_SHOWN_FAULTS: Final = 100
_STATES: Final = ("", "waiting", "arrived", *(arrival.value for arrival in Arrival))
GUARD: Final = [need_role(Role.GUARD)]


@get("/expected")
async def show_expected(
    request: PageRequest,
    web: WebParts,
    q: FromQuery[str] = "",
    show: FromQuery[str] = "",
    day: FromQuery[str] = "",
    after: FromQuery[str] = "",
    done: FromQuery[str] = "",
) -> Template:
    """Show a page of announcements, by their day; from today on where nothing is chosen."""
    words = {"added": _("The container is announced."), "removed": _("The announcement is removed.")}
    return await _page(request, web, q=q, show=show, day=day, after=after, notice=words.get(done, ""))


@post("/expected", guards=GUARD, status_code=HTTPStatus.SEE_OTHER)
async def announce(request: PageRequest, web: WebParts, data: URLEncodedBody[ExpectedForm]) -> Redirect | Template:
    """Announce one container, or say what is wrong."""
    check_form(request, data.csrf)
    try:
        await expecteddeeds.announce(web, request.user.name, {name: getattr(data, name) for name in FIELDS})
    except ExpectedFaultsError as error:
        faults = {fault.field: said_of_field(fault.words) for fault in error.faults}
        return await _page(request, web, HTTPStatus.BAD_REQUEST, form=data, wrong=faults)
    return Redirect("/expected?done=added", status_code=303)


@post("/expected/import", guards=GUARD, status_code=HTTPStatus.OK, request_max_body_size=_LARGEST)
async def import_expected(request: PageRequest, web: WebParts) -> Template:
    """Take the announcements of a CSV file, and say of every row that was left out why."""
    form = await request.form()
    check_form(request, str(form.get("csrf", "")))
    file = form.get("file")
    content = await file.read() if isinstance(file, UploadFile) else b""
    imported = await expecteddeeds.import_file(web, request.user.name, decode(content))
    told = [replace(one, words=said_of_field(one.words)) for one in (*imported.file.faults, *imported.file.duplicates)]
    return await _page(
        request,
        web,
        notice=announced_words(imported.added, len(imported.file.duplicates), len(imported.file.faults)),
        imported=told[:_SHOWN_FAULTS],
        more_imported=max(0, len(told) - _SHOWN_FAULTS),
    )


@post("/expected/{entry_id:int}/remove", guards=GUARD, status_code=HTTPStatus.SEE_OTHER)
async def remove_expected(
    request: PageRequest, web: WebParts, entry_id: FromPath[int], data: URLEncodedBody[RemoveForm]
) -> Redirect:
    """Remove an announcement."""
    check_form(request, data.csrf)
    await expecteddeeds.remove(web, request.user.name, await expecteddeeds.known_entry(web, entry_id))
    return Redirect("/expected?done=removed", status_code=303)


@get("/expected/export.csv")
async def export_expected(web: WebParts) -> Response[bytes]:
    """Send all announcements as CSV, with the mark by which spreadsheets know UTF-8."""
    found = await expected.page(web.database, ExpectedQuery(limit=1_000_000))
    return Response(
        write_file(one.entry for one in found).encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="expected.csv"', "Cache-Control": "no-store"},
    )


async def _page(  # noqa: PLR0913  what was asked for, one by one
    request: PageRequest,
    web: Web,
    status: HTTPStatus = HTTPStatus.OK,
    *,
    q: str = "",
    show: str = "",
    day: str = "",
    after: str = "",
    notice: str = "",
    **values: Any,
) -> Template:
    if show not in _STATES:
        raise ValidationException("unknown filter")
    now, text = utc_now(), " ".join(q.split())[:64]
    query = _query(now.astimezone(web.zone).date(), text, show, day, after)
    found = await expected.page(web.database, query)
    shown = found[:_PAGE]
    last = shown[-1].entry if len(found) > _PAGE else None
    kept = {name: value for name, value in (("q", text), ("show", show), ("day", day)) if value}
    template = page(
        request,
        web,
        "expected.html",
        here="yard",
        rows=[expected_row(one, web.zone, now) for one in shown],
        q=text,
        chips=_chips(show),
        day=day,
        today=await _of_today(web, now),
        older=f"/expected?{urlencode({**kept, 'after': f'{last.id} {last.due}'})}" if last else "",
        first=f"/expected?{urlencode(kept)}" if after else "",
        notice=notice,
        **{"form": None, "wrong": {}, "imported": None, "more_imported": 0, **values},
    )
    template.status_code = status
    return template


def _query(today: date, text: str, show: str, day: str, after: str) -> ExpectedQuery:
    chosen = _day(day)
    # Who looks for something looks everywhere; else what lies behind is not what anybody waits for.
    since = chosen or (None if text or show else today - timedelta(days=1))
    return ExpectedQuery(text or None, show or None, since, chosen, _place(after), _PAGE + 1)


async def _of_today(web: Web, now: datetime) -> tuple[int, int]:
    """Return how many containers of today have come, and how many are announced."""
    today = now.astimezone(web.zone).date()
    of_today = ExpectedQuery(since=today, until=today)
    come = ExpectedQuery(state="arrived", since=today, until=today)
    return await expected.count(web.database, come), await expected.count(web.database, of_today)


def _chips(show: str) -> list[tuple[str, str, bool]]:
    words = {"": _("From yesterday on"), "waiting": _("Still waited for"), "arrived": _("Arrived")}
    words |= {Arrival.OTHER_DAY: _("Another day"), Arrival.WRONG_TRUCK: _("Wrong truck")}
    return [(f"/expected?show={key}" if key else "/expected", word, key == show) for key, word in words.items()]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise ValidationException("a day is written like 2026-03-01") from error


def _place(text: str) -> tuple[str, int] | None:
    number, _space, due = text.partition(" ")
    if not text:
        return None
    if not number.isdecimal() or len(number) > 18 or _day(due) is None:  # noqa: PLR2004  digits that SQLite takes
        raise ValidationException("this page address is broken")
    return due, int(number)
