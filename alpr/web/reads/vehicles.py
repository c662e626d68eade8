"""`/vehicles`: find a vehicle, or see who is here most. `/vehicles/{text}`: all of one, look-alikes forgiven."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect, Template

from alpr.domain import Kind, compact, utc_now
from alpr.store import entries, hits, lists, notes, reads, vehicles, visits
from alpr.store.reads import Cursor, ReadQuery, StoredRead
from alpr.store.users import Role
from alpr.store.vehicles import SeenVehicle
from alpr.web.auth.access import PageRequest, check_form, need_role
from alpr.web.charts.drawing import Chart, columns
from alpr.web.context import Web, WebParts
from alpr.web.page import page
from alpr.web.reads.deeds import NoteForm, write_note
from alpr.web.reads.filters import ReadFilter, cursor_text, parse_cursor
from alpr.web.reads.review_view import note_lines
from alpr.web.reads.view import ReadRow, read_row
from alpr.web.verdict_view import hit_line
from alpr.web.view import moment
from alpr.web.visits.view import visit_rows
from alpr.web.words.language import gettext as _
from alpr.web.words.language import number

_MANY: Final = 60
_PAGE: Final = 50
_PHOTOS: Final = 12
_VISITS: Final = 10
_TIMES: Final = 2000
_LONGEST: Final = 32
_FEW: Final = 4
"""Fewer reads show no habit."""


@dataclass(frozen=True, slots=True)
class VehicleRow:
    """A vehicle in the list."""

    row: ReadRow
    href: str
    reads: int


@dataclass(frozen=True, slots=True)
class Photo:
    """The frame of a read."""

    row: ReadRow
    href: str


@get("/vehicles")
async def show_vehicles(request: PageRequest, web: WebParts, q: FromQuery[str] = "") -> Template:
    """Show the vehicles that fit, or those seen most lately."""
    typed, now = " ".join(q.split())[:_LONGEST], utc_now()
    if compact(typed):
        found = await vehicles.found(web.database, typed, _MANY)
    else:
        found = await vehicles.seen_most(web.database, _MANY)
    return page(
        request,
        web,
        "vehicles.html",
        here="vehicles",
        q=typed,
        rows=[_row(one, web, now, typed if compact(typed) else "") for one in found],
        looked_at=number(vehicles.LOOKED_AT),
    )


@get("/vehicles/{text:str}")
async def show_vehicle(
    request: PageRequest, web: WebParts, text: FromPath[str], before: FromQuery[str] = ""
) -> Template:
    """Show one vehicle: history, visits, photos, lists and notes."""
    plain, cursor, now = _plain(text), parse_cursor(before), utc_now()
    found = await reads.page(web.database, ReadQuery(same=plain, before=cursor, limit=_PAGE + 1))
    noted = await notes.of_text(web.database, plain)
    if not found and not noted and cursor is None:
        raise NotFoundException
    shown, newest = found[:_PAGE], next(iter(found), None)
    last = shown[-1].read if len(found) > _PAGE else None
    kind = newest.read.kind if newest else Kind.PLATE
    standing = await visits.standing(web.database, plain, kind, now, _VISITS)
    seen = await vehicles.counted(web.database, plain)
    address = f"/vehicles/{quote(plain)}"
    return page(
        request,
        web,
        "vehicle.html",
        here="vehicles",
        text=plain,
        address=address,
        newest=read_row(newest, web.zone, now) if newest else None,
        is_container=kind is Kind.CONTAINER,
        rows=[read_row(one, web.zone, now, plain) for one in shown],
        photos=_photos(web, shown, now) if cursor is None else [],
        older=f"{address}?before={quote(cursor_text(Cursor(last.captured_at, last.id)))}" if last else "",
        first_page=cursor is None,
        count=seen.reads,
        first=moment(seen.first, web.zone, now) if seen.first else None,
        last=moment(seen.last, web.zone, now) if seen.last else None,
        inside=standing.inside,
        since=moment(standing.since, web.zone, now) if standing.since else None,
        visits=await visit_rows(web, standing.visits, now),
        hits=[hit_line(hit) for hit in await hits.of_read(web.database, newest.read.id)] if newest else [],
        listed=await entries.of_text(web.database, plain),
        lists=await lists.everyone(web.database, now) if request.user.role is Role.ADMIN else (),
        admin=request.user.role is Role.ADMIN,
        may_say=request.user.role is not Role.VIEWER,
        notes=note_lines(noted, web.zone, now),
        hours=await _hours(web, plain) if seen.reads >= _FEW else None,
        all_url=ReadFilter(q=plain).url(),
    )


@post("/vehicles/{text:str}/notes", guards=[need_role(Role.GUARD)], status_code=HTTPStatus.SEE_OTHER)
async def add_vehicle_note(
    request: PageRequest, web: WebParts, text: FromPath[str], data: URLEncodedBody[NoteForm]
) -> Redirect:
    """Write a note of a vehicle down."""
    check_form(request, data.csrf)
    plain = _plain(text)
    await write_note(web, request.user.name, data.note, text=plain)
    return Redirect(f"/vehicles/{quote(plain)}", status_code=303)


def _plain(text: str) -> str:
    plain = compact(text)[:_LONGEST]
    if not plain:
        raise NotFoundException
    return plain


def _row(seen: SeenVehicle, web: Web, now: datetime, typed: str) -> VehicleRow:
    row = read_row(seen.last, web.zone, now, typed)
    return VehicleRow(row, f"/vehicles/{quote(seen.last.read.text)}", seen.reads)


def _photos(web: Web, shown: tuple[StoredRead, ...], now: datetime) -> list[Photo]:
    return [
        Photo(read_row(one, web.zone, now), f"/reads/{one.read.id}/frame.jpg?v={one.evidence.frame_sha256[:8]}")
        for one in shown[:_PHOTOS]
        if one.evidence.frame_path
    ]


async def _hours(web: Web, text: str) -> Chart:
    """Count by the hour of the day, in the site's zone, when a vehicle was read."""
    seen = Counter(at.astimezone(web.zone).hour for at in await vehicles.times(web.database, text, _TIMES))
    bars = [(f"{hour:02d}", float(seen[hour])) for hour in range(24)]
    return columns(_("Reads by the hour of the day"), (_("Hour"), _("Reads")), bars, number, height=120.0)
