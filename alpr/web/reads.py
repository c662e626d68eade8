"""`/` and `/reads`: the live list, newest first. `/reads/{id}`: one read with its pictures."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from litestar import get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from alpr.domain import utc_now
from alpr.status import CameraState
from alpr.store import deliveries, hits, lists, reads, tags
from alpr.store.reads import Cursor, ReadQuery, StoredRead
from alpr.store.users import Role
from alpr.web.access import PageRequest, start_page
from alpr.web.barriers import openers
from alpr.web.context import Web, WebParts
from alpr.web.deliveries_view import delivery_row
from alpr.web.filters import (
    ReadFilter,
    camera_chips,
    chips,
    cursor_text,
    has_camera_menu,
    parse_cursor,
    parse_filter,
    read_query,
)
from alpr.web.page import page
from alpr.web.pictures import check_pictures
from alpr.web.reads_view import read_detail, read_row

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
        chips=chips(chosen, web.status.cameras),
        camera_menu=camera_chips(chosen, web.status.cameras) if has_camera_menu(web.status.cameras) else [],
        empty=_empty(web, chosen, cursor),
        events=None if cursor else chosen.url("/events"),
        older=chosen.url(before=cursor_text(Cursor(last.captured_at, last.id))) if last else "",
        newest=chosen.url() if cursor else "",
        here_url=chosen.url(before=before),
        newest_url=chosen.url(),
    )


@get("/reads/{read_id:str}")
async def show_read(request: PageRequest, web: WebParts, read_id: FromPath[str]) -> Template:
    """Show one read: frame with boxes, crop, characters, candidates, looks, facts."""
    stored = await reads.get(web.database, read_id)
    if stored is None:
        raise NotFoundException
    looks = await reads.looks(web.database, read_id)
    checks = await check_pictures(web.images, stored.evidence)
    now = utc_now()
    detail = read_detail(stored, looks, await hits.of_read(web.database, read_id), checks, web.zone, now)
    addable = stored.read.text and request.user.role is Role.ADMIN
    newer, older, passes, count = await _around(web, stored)
    return page(
        request,
        web,
        "read.html",
        here="reads",
        read=detail,
        newer=f"/reads/{newer.read.id}" if newer else "",
        older=f"/reads/{older.read.id}" if older else "",
        passes=[read_row(one, web.zone, now) for one in passes],
        passes_count=count,
        passes_url=ReadFilter(q=stored.read.text).url(),
        lists=await lists.everyone(web.database, now) if addable else (),
        addable=addable,
        tags=await tags.of_read(web.database, read_id),
        told=[delivery_row(one, web.zone, now) for one in await deliveries.of_read(web.database, read_id)],
        opens=openers(web, request.user).get(stored.read.camera, []) if _is_fresh(stored, now) else [],
    )


def _is_fresh(stored: StoredRead, now: datetime) -> bool:
    """Whether the vehicle may still stand there."""
    return now - stored.read.last_seen < _FRESH


async def _today(web: Web, now: datetime) -> int:
    midnight = now.astimezone(web.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return await reads.count(web.database, ReadQuery(since=midnight))


async def _around(
    web: Web, stored: StoredRead
) -> tuple[StoredRead | None, StoredRead | None, tuple[StoredRead, ...], int]:
    """Return the next read, the one before, the last earlier passes of the same text, and how many there were."""
    place, text = Cursor(stored.read.captured_at, stored.read.id), stored.read.text
    newer = await reads.after(web.database, place)
    older = await reads.page(web.database, ReadQuery(before=place, limit=1))
    if not text:
        return newer, older[0] if older else None, (), 0
    earlier = ReadQuery(same=text, until=stored.read.captured_at, limit=_PASSES)
    passes = await reads.page(web.database, earlier)
    count = await reads.count(web.database, earlier) if len(passes) == _PASSES else len(passes)
    return newer, older[0] if older else None, passes, count


def _empty(web: Web, chosen: ReadFilter, cursor: Cursor | None) -> Empty:
    if cursor is not None:
        return Empty("reads", "No older reads", "This is where the log begins.", chosen.url(), "Newest reads")
    if chosen.q and chosen.others:
        words = "Look-alikes such as O and 0 were tried as well; all days and cameras may hold more."
        return Empty(
            "search", f"Nothing like {chosen.q} here", words, ReadFilter(q=chosen.q).url(), "Search everywhere"
        )
    if chosen.active:
        words = "Look-alikes such as O and 0 were tried as well. A new read that fits appears here by itself."
        return Empty("search", "No read fits these filters", words, "/reads", "All reads")
    live = [camera.name for camera in web.status.cameras.values() if camera.state is CameraState.LIVE]
    if live:
        return Empty("reads", "No reads yet", f"{_listed(live)} waiting for a vehicle. It will appear here by itself.")
    return Empty("cameras", "No reads yet", "No camera is live at the moment.", "/cameras", "Look at the cameras")


def _listed(names: list[str]) -> str:
    if len(names) == 1:
        return f"{names[0]} is live and"
    return f"{len(names)} cameras are live and"
