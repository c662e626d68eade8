"""`/batches`: folders of stills, how far each is. `/batches/{name}`: what failed in one and why, to be tried again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final
from zoneinfo import ZoneInfo

from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect, Template

from alpr.domain import utc_now
from alpr.store import audit, batches
from alpr.store.batches import RECENT, Batch
from alpr.store.users import Role
from alpr.web.auth.access import PageRequest, check_form, need_role
from alpr.web.context import WebParts
from alpr.web.page import page
from alpr.web.view import Moment, moment, percent
from alpr.web.words.language import gettext as _
from alpr.web.words.language import ngettext, number

_SHOWN: Final = 200
_SILENT: Final = timedelta(seconds=30)
"""A batch that has not been heard of for longer does not run any more."""


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A folder in the list."""

    name: str
    href: str
    folder: str
    state: str
    needs: bool
    done: str
    percent: int | None
    failed: int
    waiting: int
    reads: str
    rate: str
    last: Moment | None


@dataclass(frozen=True, slots=True)
class FailedRow:
    """A picture that could not be read."""

    path: str
    error: str
    attempts: int
    when: Moment
    again: str


@dataclass(frozen=True, slots=True)
class RetryForm:
    """What the browser sends to have pictures tried again; without a path all of the folder."""

    path: str = ""
    csrf: str = ""


@get("/batches")
async def show_batches(request: PageRequest, web: WebParts) -> Template:
    """Show every folder that was or is being read, the one that worked last first."""
    now = utc_now()
    rows = [batch_row(one, web.zone, now) for one in await batches.everyone(web.database, now)]
    return page(request, web, "batches.html", here="yard", rows=rows)


@get("/batches/{name:str}")
async def show_batch(request: PageRequest, web: WebParts, name: FromPath[str], done: FromQuery[str] = "") -> Template:
    """Show one folder with what failed in it."""
    now = utc_now()
    one = next((known for known in await batches.everyone(web.database, now) if known.camera == name), None)
    if one is None:
        raise NotFoundException
    failures = await batches.failures(web.database, name, _SHOWN)
    told = _("They are tried again: by the camera within seconds, of a batch when it is run again.")
    return page(
        request,
        web,
        "batch.html",
        here="yard",
        one=batch_row(one, web.zone, now),
        failures=[
            FailedRow(
                failed.path.encode("utf-8", "replace").decode(),
                failed.error,
                failed.attempts,
                moment(failed.at, web.zone, now),
                _("given up") if failed.retry_at is None else _("is tried again"),
            )
            for failed in failures
        ],
        more=max(0, one.failed + one.waiting - len(failures)),
        notice=told if done else "",
    )


@post("/batches/{name:str}/retry", guards=[need_role(Role.GUARD)], status_code=HTTPStatus.SEE_OTHER)
async def retry(request: PageRequest, web: WebParts, name: FromPath[str], data: URLEncodedBody[RetryForm]) -> Redirect:
    """Let what failed be tried again."""
    check_form(request, data.csrf)
    now = utc_now()
    count = await batches.retry(web.database, name, now, data.path or None)
    entry = audit.Entry(now, request.user.name, "stills retry", name, data.path or f"{count} pictures")
    await audit.record(web.database, entry)
    return Redirect(f"/batches/{name}?done=retry", status_code=303)


def batch_row(one: Batch, zone: ZoneInfo, now: datetime) -> BatchRow:
    """Show a folder with its progress and its present speed."""
    state, needs = _state(one, now)
    settled = one.processed + one.failed
    return BatchRow(
        name=one.camera,
        href=f"/batches/{one.camera}",
        folder=one.folder or _("watched by the camera of this name"),
        state=state,
        needs=needs,
        done=f"{number(one.processed)} / {number(one.pictures)}" if one.pictures else number(one.processed),
        percent=percent(min(1.0, settled / one.pictures)) if one.pictures else None,
        failed=one.failed,
        waiting=one.waiting,
        reads=number(one.reads),
        rate=_rate(one, now),
        last=moment(one.last_at, zone, now) if one.last_at else None,
    )


def _state(one: Batch, now: datetime) -> tuple[str, bool]:
    """Return what it is doing in a word, and whether somebody must look."""
    if one.updated_at is None:
        return _("watched"), False
    if one.finished_at is not None:
        return (_("done, with faults"), True) if one.failed else (_("done"), False)
    if now - one.updated_at > _SILENT:
        return _("broke off: run it again"), True
    return ngettext("running, %(n)s worker", "running, %(n)s workers", one.workers) % {"n": one.workers}, False


def _rate(one: Batch, now: datetime) -> str:
    if not one.recently:
        return ""
    span = RECENT if one.started_at is None else min(RECENT, max(timedelta(seconds=1), now - one.started_at))
    return _("%(n)s a minute") % {"n": number(round(one.recently / (span.total_seconds() / 60)))}
