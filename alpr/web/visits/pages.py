"""`/visits`: who came and went. `/visits/{id}`: one visit with its reads, and what a guard can say of it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final
from urllib.parse import urlencode

from litestar import get, post
from litestar.exceptions import HTTPException, ValidationException
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template

from alpr.domain import utc_now
from alpr.stay import VisitState
from alpr.store import reads, visitdecisions, visits
from alpr.store.users import Role
from alpr.store.visits import StoredVisit, VisitQuery
from alpr.web.auth.access import PageRequest, check_form, need_role
from alpr.web.context import Web, WebParts
from alpr.web.page import page
from alpr.web.reads.view import read_row
from alpr.web.view import moment
from alpr.web.visits import deeds as visitdeeds
from alpr.web.visits.filter import PAGE, address_of, between, chips_of, place_of, query_of, said_of
from alpr.web.visits.view import card, visit_rows
from alpr.web.words.language import gettext as _
from alpr.web.words.language import later, number

_GUARD = [need_role(Role.GUARD)]
_DEEDS: Final = {"close": later("left unseen"), "reopen": later("is inside"), "merge": later("one visit of two")}
_OTHERS: Final = 12


@dataclass(frozen=True, slots=True)
class VisitForm:
    """What the browser sends."""

    left: str = ""
    """By the site's clock, `2026-06-18T14:30`; empty: now."""
    other: str = ""
    decision: int = 0
    csrf: str = ""


@get("/visits")
async def show_visits(request: PageRequest, web: WebParts) -> Template:
    """Show a page of visits, those that began last first."""
    now = utc_now()
    said = said_of(request)
    query = query_of(said, web.zone, now)
    found = await visits.page(web.database, query)
    shown = found[:PAGE]
    older = said | {"before": place_of(shown[-1])} if len(found) > PAGE else {}
    first = {name: value for name, value in said.items() if name != "before"}
    return page(
        request,
        web,
        "visits.html",
        here="inside",
        visits=await visit_rows(web, shown, now),
        chips=chips_of(first),
        q=said.get("q", ""),
        others=[(name, value) for name, value in first.items() if name != "q"],
        older=f"/visits?{urlencode(older)}" if older else "",
        newest=address_of(first) if "before" in said else "",
        narrowed=bool(first),
        day=await _day(web, said.get("when", ""), now),
    )


async def _day(web: Web, when: str, now: datetime) -> list[tuple[str, str, str]]:
    """Return what stands above the visits of a day or week: word, figure, address."""
    since, until = between(when, web.zone, now)
    if since is None:
        return []
    one = await visits.summary(web.database, since, until or now + timedelta(days=1))
    figures = [(_("Visits"), number(one.visits), ""), (_("Vehicles and containers"), number(one.vehicles), "")]
    figures.append((_("Came more than once"), number(one.repeated), ""))
    for words, visit, at in (
        (_("First to come"), one.first, one.first.visit.entered if one.first else None),
        (_("Last to leave"), one.last, one.last.visit.left if one.last else None),
    ):
        if visit is not None and at is not None:
            seen = moment(at, web.zone, now)
            shown = f"{visit.visit.text}, {seen.exact if when == 'week' else seen.clock}"
            figures.append((words, shown, f"/visits/{visit.visit.id}"))
    return figures


@get("/visits/{read_id:str}")
async def show_visit(request: PageRequest, web: WebParts, read_id: FromPath[str]) -> Template:
    """Show the visit that a read belongs to."""
    return await _visit_page(request, web, await visitdeeds.known_visit(web, read_id))


@post("/visits/{read_id:str}/close", guards=_GUARD, status_code=303)
async def close_visit(
    request: PageRequest, web: WebParts, read_id: FromPath[str], data: URLEncodedBody[VisitForm]
) -> Redirect | Template:
    """Say when somebody left unseen."""

    async def close(visit: StoredVisit) -> None:
        await visitdeeds.close(web, request.user.name, visit, _moment(data.left, web))

    return await _done(request, web, read_id, data, close)


@post("/visits/{read_id:str}/reopen", guards=_GUARD, status_code=303)
async def reopen_visit(
    request: PageRequest, web: WebParts, read_id: FromPath[str], data: URLEncodedBody[VisitForm]
) -> Redirect | Template:
    """Say that somebody is inside."""
    return await _done(request, web, read_id, data, partial(visitdeeds.reopen, web, request.user.name))


@post("/visits/{read_id:str}/merge", guards=_GUARD, status_code=303)
async def merge_visits(
    request: PageRequest, web: WebParts, read_id: FromPath[str], data: URLEncodedBody[VisitForm]
) -> Redirect | Template:
    """Say that two visits were one."""

    async def merge(visit: StoredVisit) -> None:
        other = await visits.of_read(web.database, data.other)
        if other is None:
            raise ValidationException(later("Choose the other visit."))
        await visitdeeds.merge(web, request.user.name, visit, other)

    return await _done(request, web, read_id, data, merge)


@post("/visits/{read_id:str}/undo", guards=_GUARD, status_code=303)
async def undo_decision(
    request: PageRequest, web: WebParts, read_id: FromPath[str], data: URLEncodedBody[VisitForm]
) -> Redirect | Template:
    """Take back what was said of a visit."""

    async def undo(_visit: StoredVisit) -> None:
        await visitdeeds.undo(web, request.user.name, data.decision)

    return await _done(request, web, read_id, data, undo)


async def _done(
    request: PageRequest, web: Web, read_id: str, data: VisitForm, deed: Callable[[StoredVisit], Awaitable[object]]
) -> Redirect | Template:
    """Do the deed of a form; what it refuses is said on the page of the visit."""
    check_form(request, data.csrf)
    visit = await visitdeeds.known_visit(web, read_id)
    try:
        await deed(visit)
    except HTTPException as refused:
        return await _visit_page(request, web, visit, _(refused.detail))
    return Redirect(f"/visits/{read_id}", status_code=303)


async def _visit_page(request: PageRequest, web: Web, visit: StoredVisit, fault: str = "") -> Template:
    now = utc_now()
    (row,) = await visit_rows(web, [visit], now)
    async with web.database.read() as connection:
        its_reads = await reads.of_ids(connection, visit.visit.reads)
    in_order = sorted(its_reads, key=lambda one: (one.read.captured_at, one.read.id))
    guard = request.user.role is not Role.VIEWER
    state = visit.visit.state
    return page(
        request,
        web,
        "visit.html",
        here="inside",
        visit=card(row),
        rows=[read_row(one, web.zone, now) for one in in_order],
        together=await visit_rows(web, await visits.companions(web.database, visit), now),
        earlier=await visit_rows(web, await _of_same(web, visit), now),
        decisions=await _decisions(web, visit, now),
        may_close=guard and state not in visitdeeds.ENDED,
        may_reopen=guard and state is not VisitState.OPEN and visit.visit.entered is not None,
        candidates=await visit_rows(web, await _candidates(web, visit), now) if guard else [],
        guard=guard,
        local_now=f"{now.astimezone(web.zone):%Y-%m-%dT%H:%M}",
        fault=fault,
    )


async def _of_same(web: Web, visit: StoredVisit) -> Sequence[StoredVisit]:
    same = await visits.of_text(web.database, visit.visit.text, _OTHERS, visit.visit.kind)
    return [one for one in same if one.visit.id != visit.visit.id]


async def _candidates(web: Web, visit: StoredVisit) -> Sequence[StoredVisit]:
    """Return the visits that lack the end that this one has: it may have been misread there."""
    kept = {VisitState.MISSED_IN: (VisitState.OPEN, VisitState.MISSED_OUT)}
    wanted = kept.get(visit.visit.state, (VisitState.MISSED_IN,) if visit.visit.state is not VisitState.CLOSED else ())
    reach = web.visits.limits_of(visit.visit.kind).missed_after
    first = visit.visit.entered or visit.visit.last_seen
    found: list[StoredVisit] = []
    for state in wanted:
        query = VisitQuery(
            kind=visit.visit.kind, state=state, since=first - reach, until=visit.visit.last_seen + reach, limit=_OTHERS
        )
        found += await visits.page(web.database, query)
    return sorted(found, key=lambda one: abs(one.visit.last_seen - visit.visit.last_seen))[:_OTHERS]


async def _decisions(web: Web, visit: StoredVisit, now: datetime) -> list[dict[str, object]]:
    return [
        {
            "id": one.id,
            "words": _(_DEEDS[one.deed.value]),
            "at": moment(one.at, web.zone, now) if one.deed.value == "close" else None,
            "by": one.made_by,
            "made": moment(one.made_at, web.zone, now),
            "undone_by": one.undone_by,
        }
        for one in await visitdecisions.about(web.database, visit.visit.reads)
    ]


def _moment(local: str, web: Web) -> datetime | None:
    """Return the moment that a browser's field says by the site's clock; raises ValidationException."""
    if not local:
        return None
    try:
        return datetime.fromisoformat(local).replace(tzinfo=web.zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValidationException("the time is none: write it like 2026-06-18T14:30") from error
