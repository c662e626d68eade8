"""`/api/v1/visits`, `/api/v1/inside` and `/api/v1/occupancy`: who is inside, who was, and how full it is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, TypeAlias

from litestar import get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from alpr.domain import Kind, utc_now
from alpr.stay import VisitState
from alpr.store import visitdecisions, visits
from alpr.store.reads import Cursor
from alpr.store.users import Role
from alpr.store.visits import StoredVisit, VisitCursor, VisitQuery
from alpr.web.api import parameters as given
from alpr.web.api.changing import may_change
from alpr.web.api.problems import document, wrong
from alpr.web.api.visitshapes import (
    Closing,
    Decision,
    Fill,
    Merging,
    Occupancy,
    VisitDetail,
    Visits,
    VisitSummary,
    visit_shapes,
)
from alpr.web.auth.access import PageRequest
from alpr.web.context import Web, WebParts
from alpr.web.visits import deeds as visitdeeds

_BAD = document(HTTPStatus.BAD_REQUEST)
_GONE = document(HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND)
_REFUSED = document(HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
_USUAL = timedelta(days=1)
_LONGEST = timedelta(days=366)
_EARLIEST = datetime.min.replace(tzinfo=UTC)
_CHANGE = [may_change(Role.GUARD)]

InState: TypeAlias = Annotated[
    VisitState | None, QueryParameter(name="state", description="Visits in this state alone.")
]
OfList: TypeAlias = Annotated[
    str | None, QueryParameter(name="list", max_length=200, description="Those whom an entry of this list fits.")
]
InZone: TypeAlias = Annotated[
    str | None, QueryParameter(max_length=200, description="Those seen in this named zone last.")
]


@get("/visits", responses=_BAD, summary="Visits, newest first")
async def list_visits(  # noqa: PLR0913  one parameter of the address each
    *,
    web: WebParts,
    text: given.Text = None,
    kind: given.OfKind = None,
    in_state: InState = None,
    list_name: OfList = None,
    zone: InZone = None,
    camera: given.CameraName = None,
    since: given.Since = None,
    until: given.Until = None,
    cursor: given.Next = None,
    limit: given.Limit = 50,
) -> Visits:
    """Page through the visits that fit all filters; `since` and `until` are about the time that they lasted."""
    if text is not None:
        given.pattern_of("text", text, None, look_alikes=True)
    query = VisitQuery(
        text=text,
        kind=kind,
        state=in_state,
        list_name=list_name,
        zone=zone,
        camera=camera,
        since=given.zoned("since", since),
        until=given.zoned("until", until),
        before=_cursor(cursor),
        limit=limit,
    )
    return await _page(web, query)


@get("/inside", responses=_BAD, summary="Who is inside")
async def list_inside(
    web: WebParts,
    kind: given.OfKind = None,
    list_name: OfList = None,
    zone: InZone = None,
    cursor: given.Next = None,
    limit: given.Limit = 50,
) -> Visits:
    """Page through who is inside now, who came last first."""
    query = VisitQuery(kind=kind, list_name=list_name, zone=zone, before=_cursor(cursor), limit=limit)
    return await _page(web, replace(query, state=VisitState.OPEN))


@get("/occupancy", responses=document(), summary="How full the site is")
async def count_inside(web: WebParts) -> Occupancy:
    """Count who is inside now, beside the capacities of `[visits]`."""
    counted, room = await visits.occupancy(web.database), web.visits.room
    containers = counted.kinds.get(Kind.CONTAINER.value, 0)
    return Occupancy(
        count=counted.site,
        capacity=room.capacity or None,
        vehicles=counted.site - containers,
        containers=containers,
        lists=[
            Fill(name, counted.lists.get(name, 0), room.list_capacity.get(name))
            for name in sorted({*counted.lists, *room.list_capacity})
        ],
        zones=[
            Fill(name, counted.zones.get(name, 0), room.zone_capacity.get(name))
            for name in sorted({*counted.zones, *room.zone_capacity})
        ],
    )


@get("/visits/summary", responses=_BAD, summary="The visits of a stretch of time in numbers")
async def sum_up_visits(web: WebParts, since: given.Since = None, until: given.Until = None) -> VisitSummary:
    """Count the visits of at most 366 days, with who came first and who left last; by default of the last day."""
    end = given.zoned("until", until) or utc_now()
    begin = given.zoned("since", since) or end - min(_USUAL, end - _EARLIEST)
    if begin > end:
        raise wrong("since", "lies after `until`")
    if end - begin > _LONGEST:
        raise wrong("since", f"lies more than {_LONGEST.days} days before `until`")
    one = await visits.summary(web.database, begin, end)
    first, last = [(await visit_shapes(web, (it,)))[0] if it is not None else None for it in (one.first, one.last)]
    return VisitSummary(one.visits, one.vehicles, one.repeated, first, last)


@get("/visits/{read_id:str}", responses=_GONE, summary="One visit")
async def get_visit(web: WebParts, read_id: FromPath[str]) -> VisitDetail:
    """Give the visit that a read belongs to, whichever of its reads it is."""
    found = await visitdeeds.known_visit(web, read_id)
    return await _detail(web, found)


@post(
    "/visits/{read_id:str}/close",
    responses=_REFUSED,
    guards=_CHANGE,
    status_code=HTTPStatus.OK,
    summary="Close a visit by hand",
)
async def close_visit(
    request: PageRequest, web: WebParts, read_id: FromPath[str], data: JSONBody[Closing]
) -> VisitDetail:
    """Say when somebody left unseen; 409 when it has left, or was seen after that time. For guards."""
    left = given.zoned("left", data.left)
    visit = await visitdeeds.close(web, request.user.name, await visitdeeds.known_visit(web, read_id), left)
    return await _detail(web, visit)


@post(
    "/visits/{read_id:str}/reopen",
    responses=_REFUSED,
    guards=_CHANGE,
    status_code=HTTPStatus.OK,
    summary="Open a visit again",
)
async def reopen_visit(request: PageRequest, web: WebParts, read_id: FromPath[str]) -> VisitDetail:
    """Say that somebody is inside; 409 when that is known, or when nobody saw it come. For guards."""
    visit = await visitdeeds.reopen(web, request.user.name, await visitdeeds.known_visit(web, read_id))
    return await _detail(web, visit)


@post(
    "/visits/{read_id:str}/merge",
    responses=_REFUSED,
    guards=_CHANGE,
    status_code=HTTPStatus.OK,
    summary="Make two visits one",
)
async def merge_visits(
    request: PageRequest, web: WebParts, read_id: FromPath[str], data: JSONBody[Merging]
) -> VisitDetail:
    """Say that the visit of this read and that of another were one. For guards."""
    visit = await visitdeeds.known_visit(web, read_id)
    other = await visits.of_read(web.database, data.other)
    if other is None:
        raise wrong("other", "is no read that belongs to a visit")
    return await _detail(web, await visitdeeds.merge(web, request.user.name, visit, other))


@post(
    "/visits/decisions/{decision_id:int}/undo",
    responses=_REFUSED,
    guards=_CHANGE,
    status_code=HTTPStatus.OK,
    summary="Take back what was said of a visit",
)
async def undo_decision(request: PageRequest, web: WebParts, decision_id: FromPath[int]) -> VisitDetail:
    """Take back a close, reopen or merge; 409 when that was done already. For guards."""
    read = await visitdeeds.undo(web, request.user.name, decision_id)
    return await _detail(web, await visitdeeds.known_visit(web, read))


async def _page(web: Web, query: VisitQuery) -> Visits:
    found = await visits.page(web.database, replace(query, limit=query.limit + 1))
    shown = found[: query.limit]
    following = given.cursor_text(Cursor(_began(shown[-1]), shown[-1].visit.id)) if len(found) > query.limit else None
    return Visits(await visit_shapes(web, shown), following)


async def _detail(web: Web, stored: StoredVisit) -> VisitDetail:
    (shown,) = await visit_shapes(web, [stored])
    decisions = await visitdecisions.about(web.database, stored.visit.reads)
    said = [Decision(one.id, one.deed.value, one.at, one.made_by, one.made_at, one.undone_by) for one in decisions]
    return VisitDetail(shown, said, await visit_shapes(web, await visits.companions(web.database, stored)))


def _began(one: StoredVisit) -> datetime:
    return one.visit.entered or one.visit.left or one.visit.last_seen


def _cursor(text: str | None) -> VisitCursor | None:
    place = given.parse_cursor(text)
    return None if place is None else VisitCursor(place.captured_at, place.id)
