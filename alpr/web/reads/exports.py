"""`/reads/export`: exactly the reads that a filter shows, or that were picked, as a file or a page to print."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final

from litestar import get
from litestar.params import FromQuery
from litestar.response import Stream, Template

from alpr.domain import utc_now
from alpr.store import audit, reads
from alpr.store.reads import ReadQuery
from alpr.store.users import Role
from alpr.web.auth.access import PageRequest, need_role
from alpr.web.context import Web, WebParts
from alpr.web.page import page
from alpr.web.reads.exporting import MEDIA, Exported, Form, batches, export
from alpr.web.reads.filters import ReadFilter, parse_picked, read_query
from alpr.web.reads.view import ReadRow, read_row
from alpr.web.verdict_view import HitLine, hit_line
from alpr.web.view import moment

_GUARD: Final = [need_role(Role.GUARD)]
_ALL: Final = 2**62
PRINTED: Final = 300
"""Reads on a page that is printed."""
_STOP_POLLING: Final = 286


@dataclass(frozen=True, slots=True)
class PrintedRead:
    """A read of the report."""

    row: ReadRow
    owner: HitLine | None
    frame: str


@get("/reads/export", guards=_GUARD)
async def show_export(request: PageRequest, web: WebParts) -> Template:
    """Say how many reads it is, and offer the forms."""
    chosen, now = parse_picked(request.query_params), utc_now()
    total = await reads.count(web.database, read_query(chosen, None, 1, web.zone, now))
    return page(
        request,
        web,
        "export.html",
        here="reads",
        chosen=chosen,
        total=total,
        printed=min(total, PRINTED),
        job=web.exports.begin(total),
        state=None,
        back=ReadFilter().url() if chosen.ids else chosen.url(),
    )


@get("/reads/export.csv", guards=_GUARD)
async def send_csv(request: PageRequest, web: WebParts, job: FromQuery[str] = "") -> Stream:
    """Send the reads for spreadsheets."""
    return await _send(request, web, Form.CSV, job)


@get("/reads/export.jsonl", guards=_GUARD)
async def send_lines(request: PageRequest, web: WebParts, job: FromQuery[str] = "") -> Stream:
    """Send the reads for programs, one a line as the API shows it."""
    return await _send(request, web, Form.JSONL, job)


@get("/reads/export/progress", guards=_GUARD)
async def show_progress(web: WebParts, job: FromQuery[str] = "") -> Template:
    """Show how far a file is."""
    state = web.exports.of(job)
    ended = state is None or state.ended
    return Template(
        "_export_progress.html",
        context={"state": state, "job": job},
        status_code=_STOP_POLLING if ended else HTTPStatus.OK,
    )


@get("/reads/report", guards=_GUARD)
async def show_report(request: PageRequest, web: WebParts, frames: FromQuery[str] = "") -> Template:
    """Show the reads with their pictures, to be printed."""
    chosen, now = parse_picked(request.query_params), utc_now()
    query = read_query(chosen, None, PRINTED, web.zone, now)
    printed = [_printed(web, one, now) async for batch in batches(web.database, query) for one in batch]
    total = await reads.count(web.database, query)
    await audit.record(web.database, audit.Entry(now, request.user.name, "reads report", "", f"{len(printed)} reads"))
    return page(
        request,
        web,
        "report_reads.html",
        here="reads",
        printed=printed,
        total=total,
        frames=bool(frames),
        when=moment(now, web.zone, now),
        said=[(name, value) for name, value in chosen.pairs if name != "id"],
        other=chosen.url("/reads/report", frames="" if frames else "1"),
        back=ReadFilter().url() if chosen.ids else chosen.url(),
    )


async def _send(request: PageRequest, web: Web, form: Form, job: str) -> Stream:
    chosen, now = parse_picked(request.query_params), utc_now()
    await audit.record(web.database, audit.Entry(now, request.user.name, "reads export", form.value, _told(chosen)))
    name = f"reads-{now.astimezone(web.zone):%Y-%m-%d-%H%M}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    query = read_query(chosen, None, _ALL, web.zone, now)
    return Stream(_written(web, query, form, job), media_type=MEDIA[form], headers=headers)


async def _written(web: Web, query: ReadQuery, form: Form, job: str) -> AsyncIterator[bytes]:
    async for part in export(web.database, query, form, web.zone, lambda count: web.exports.count(job, count)):
        yield part
    web.exports.end(job)


def _told(chosen: ReadFilter) -> str:
    if chosen.ids:
        return f"{len(chosen.ids)} picked"
    return ", ".join(f"{name} {value}" for name, value in chosen.pairs) or "all"


def _printed(web: Web, one: Exported, now: datetime) -> PrintedRead:
    row = read_row(one.stored, web.zone, now)
    owner = next((hit_line(hit) for hit in one.hits if hit.applies), None)
    evidence = one.stored.evidence
    frame = f"{row.href}/frame.jpg?v={evidence.frame_sha256[:8]}" if evidence.frame_path else ""
    return PrintedRead(row, owner, frame)
