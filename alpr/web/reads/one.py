"""`/reads/{id}`: one read with its pictures, what was said of it, and what can be said of it."""

from dataclasses import dataclass
from datetime import datetime

from litestar import get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Template

from alpr.access import MAY_STAND
from alpr.domain import utc_now
from alpr.store import corrections, deliveries, hits, lists, notes, reads, tags
from alpr.store.reads import Cursor, ReadQuery, StoredRead
from alpr.store.users import Role
from alpr.web.alerts.deliveries_view import delivery_row
from alpr.web.auth.access import PageRequest
from alpr.web.context import Web, WebParts
from alpr.web.gate.barriers import openers
from alpr.web.page import page
from alpr.web.reads.detail import read_detail
from alpr.web.reads.filters import ReadFilter
from alpr.web.reads.pictures import check_pictures
from alpr.web.reads.review_view import deed_lines, note_lines, said_of
from alpr.web.reads.view import ReadRow, read_row
from alpr.web.visits.view import visit_card
from alpr.web.words.language import gettext as _

_PASSES = 5


@dataclass(frozen=True, slots=True)
class Around:
    """The reads beside one: of all, and of its own text, look-alikes forgiven."""

    newer: str
    older: str
    newer_same: str
    older_same: str
    passes: tuple[ReadRow, ...]
    """Earlier passes of the same text."""
    count: int


@get("/reads/{read_id:str}")
async def show_read(request: PageRequest, web: WebParts, read_id: FromPath[str]) -> Template:
    """Show one read: frame with boxes, crop, characters, candidates, looks, facts."""
    return await read_page(request, web, read_id)


async def read_page(request: PageRequest, web: Web, read_id: str, *, typed: str = "", fault: str = "") -> Template:
    """Show one read, with what was typed and why it cannot be; raises NotFoundException."""
    stored = await reads.get(web.database, read_id)
    if stored is None:
        raise NotFoundException
    looks = await reads.looks(web.database, read_id)
    checks = await check_pictures(web.images, stored.evidence)
    now, text = utc_now(), stored.read.text
    addable = text and request.user.role is Role.ADMIN
    return page(
        request,
        web,
        "read.html",
        here="reads",
        read=read_detail(stored, looks, await hits.of_read(web.database, read_id), checks, web.zone, now),
        around=await _around(web, stored, now),
        passes_url=ReadFilter(q=text).url(),
        vehicle_url=f"/vehicles/{text}" if text else "",
        lists=await lists.everyone(web.database, now) if addable else (),
        addable=addable,
        visit=await visit_card(web, read_id, now),
        tags=await tags.of_read(web.database, read_id),
        told=[delivery_row(one, web.zone, now) for one in await deliveries.of_read(web.database, read_id)],
        opens=openers(web, request.user).get(stored.read.camera, []) if _is_fresh(stored, now) else [],
        may_say=request.user.role is not Role.VIEWER,
        said=said_of(stored, web.zone, now),
        deeds=deed_lines(await corrections.of_read(web.database, read_id), web.zone, now),
        notes=note_lines(await notes.of_read(web.database, read_id), web.zone, now),
        typed=typed,
        fault=_(fault),
    )


def _is_fresh(stored: StoredRead, now: datetime) -> bool:
    """Whether the vehicle may still stand there."""
    return now - stored.read.last_seen < MAY_STAND


async def _around(web: Web, stored: StoredRead, now: datetime) -> Around:
    place, text = Cursor(stored.read.captured_at, stored.read.id), stored.read.text
    newer = await reads.after(web.database, place)
    older = await reads.page(web.database, ReadQuery(before=place, limit=1))
    if not text:
        return Around(_address(newer), _address(*older), "", "", (), 0)
    earlier = ReadQuery(same=text, before=place, limit=_PASSES)
    passes = await reads.page(web.database, earlier)
    count = await reads.count(web.database, ReadQuery(same=text, until=stored.read.captured_at))
    return Around(
        newer=_address(newer),
        older=_address(*older),
        newer_same=_address(await reads.after(web.database, place, same=text)),
        older_same=_address(*passes[:1]),
        passes=tuple(read_row(one, web.zone, now, text) for one in passes),
        count=count if len(passes) == _PASSES else len(passes),
    )


def _address(stored: StoredRead | None = None) -> str:
    return f"/reads/{stored.read.id}" if stored else ""
