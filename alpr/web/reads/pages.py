"""`/` and `/reads`: the live list, newest first. `/reads/{id}`: one read with its pictures."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from litestar import get
from litestar.params import FromQuery
from litestar.response import Redirect, Template

from alpr.domain import utc_now
from alpr.status import CameraState
from alpr.store import reads
from alpr.store.reads import Cursor, ReadQuery
from alpr.store.users import Role
from alpr.web.auth.access import PageRequest, start_page
from alpr.web.context import Web, WebParts
from alpr.web.page import page
from alpr.web.reads.filter_chips import camera_chips, chips, menu_choices, time_chips
from alpr.web.reads.filters import ReadFilter, cursor_text, parse_cursor, parse_filter, read_query
from alpr.web.reads.view import read_row
from alpr.web.words.language import gettext as _
from alpr.web.words.language import number

_PAGE = 50
_PASSES = 5
_FRESH = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Empty:
    """What an empty list says, and what can be done."""

    icon: str
    title: str
    words: str
    href: str = ""
    action: str = ""


@get("/")
async def show_start(request: PageRequest) -> Redirect:
    """Begin where the role of the account begins."""
    return Redirect(start_page(request.user.role))


@get("/reads")
async def show_reads(request: PageRequest, web: WebParts, before: FromQuery[str] = "") -> Template:
    """Show a page of reads; the first one is live."""
    chosen, cursor, now = parse_filter(request.query_params), parse_cursor(before), utc_now()
    query = read_query(chosen, cursor, _PAGE + 1, web.zone, now)
    found = await reads.page(web.database, query)
    shown = found[:_PAGE]
    last = shown[-1].read if len(found) > _PAGE else None
    return page(
        request,
        web,
        "reads.html",
        here="reads",
        rows=[read_row(stored, web.zone, now, chosen.q) for stored in shown],
        filter=chosen,
        today=await _today(web, now),
        chips=chips(chosen),
        times=time_chips(chosen),
        camera_menu=camera_chips(chosen, web.status.cameras),
        choices=menu_choices(),
        empty=_empty(web, chosen, cursor),
        events=None if cursor else chosen.url("/events"),
        older=chosen.url(before=cursor_text(Cursor(last.captured_at, last.id))) if last else "",
        newest=chosen.url() if cursor else "",
        here_url=chosen.url(before=before),
        export_url=chosen.url("/reads/export"),
        may_say=request.user.role is not Role.VIEWER,
        newest_url=chosen.url(),
    )


async def _today(web: Web, now: datetime) -> int:
    midnight = now.astimezone(web.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return await reads.count(web.database, ReadQuery(since=midnight))


def _empty(web: Web, chosen: ReadFilter, cursor: Cursor | None) -> Empty:
    if cursor is not None:
        return Empty("reads", _("No older reads"), _("This is where the log begins."), chosen.url(), _("Newest reads"))
    if chosen.q and chosen.others:
        title = _("Nothing like %(text)s here") % {"text": chosen.q}
        words = _("Look-alikes such as O and 0 were tried as well; all days and cameras may hold more.")
        return Empty("search", title, words, ReadFilter(q=chosen.q).url(), _("Search everywhere"))
    if chosen.active:
        words = _("Look-alikes such as O and 0 were tried as well. A new read that fits appears here by itself.")
        return Empty("search", _("No read fits these filters"), words, "/reads", _("All reads"))
    live = [camera.name for camera in web.status.cameras.values() if camera.state is CameraState.LIVE]
    if live:
        words = f"{_listed(live)} {_('It will appear here by itself.')}"
        return Empty("reads", _("No reads yet"), words)
    words = _("No camera is live at the moment.")
    return Empty("cameras", _("No reads yet"), words, "/cameras", _("Look at the cameras"))


def _listed(names: list[str]) -> str:
    if len(names) == 1:
        return _("%(camera)s is live and waiting for a vehicle.") % {"camera": names[0]}
    return _("%(n)s cameras are live and waiting for a vehicle.") % {"n": number(len(names))}
