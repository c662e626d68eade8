"""`/api/v1/activity`: events in, and the events that are there."""

import asyncio
import base64
import binascii
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Final, TypeAlias

from litestar import get, post
from litestar.exceptions import HTTPException, PermissionDeniedException, ValidationException
from litestar.params import QueryParameter

from alpr.activity import ActivityKind, FactoryPlan, from_us, to_us
from alpr.errors import StoreError
from alpr.intake.activity import Answer, Fate, Intake
from alpr.site.factory.file import Item, read_csv, read_json
from alpr.store import activitylog, activitysources
from alpr.store.activitylog import ActivityQuery
from alpr.web.api import parameters as given
from alpr.web.api.activitybodies import TakesEvent, TakesEvents
from alpr.web.api.activityshapes import (
    ActivityAnswer,
    ActivityAnswers,
    ActivityEvents,
    ActivitySources,
    answer_shape,
    answers_shape,
    event_shape,
    source_shape,
)
from alpr.web.api.exchange import may_send, read_body
from alpr.web.api.problems import document, wrong
from alpr.web.auth.access import PageRequest
from alpr.web.context import Web, WebParts

_ONE: Final = 64 * 1024
_BATCH: Final = 64 << 20
"""Bytes of a body: about 300,000 events."""
_BAD: Final = document(HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN)
_ANSWERS: Final = document(
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
OfWorker: TypeAlias = Annotated[str, QueryParameter(max_length=64, description="Of this worker alone, by id.")]
OfStation: TypeAlias = Annotated[str, QueryParameter(max_length=64, description="At this station alone, by id.")]
OfType: TypeAlias = Annotated[
    ActivityKind | None, QueryParameter(name="type", description="Events of this type alone.")
]
Late: TypeAlias = Annotated[
    bool, QueryParameter(description="Events of long ago: they say nothing of the sender's clock.")
]


@post(
    "/activity/events",
    guards=[may_send],
    status_code=HTTPStatus.OK,
    responses=_ANSWERS,
    operation_class=TakesEvent,
    request_max_body_size=None,
    opt={"senders": True},
    summary="Send an activity event",
)
async def send_event(request: PageRequest, web: WebParts, *, late: Late = False) -> ActivityAnswer:
    """Take one event: accepted, or a duplicate of one that is there. What was answered is stored."""
    plan_of(web)
    items = read_json(await read_body(request, _ONE))
    if len(items) != 1:
        raise wrong("body", f"holds {len(items)} events: send one, or a list to /api/v1/activity/batch")
    (answer,) = await _take(web, items, request.user.name, late=late)
    if answer.fate is Fate.REFUSED:
        field = answer.field or "body"
        raise wrong(field, answer.reason)
    return answer_shape(answer)


@post(
    ["/activity/batch", "/activity/events/batch"],
    guards=[may_send],
    status_code=HTTPStatus.OK,
    responses=_ANSWERS,
    operation_class=TakesEvents,
    request_max_body_size=None,
    opt={"senders": True},
    summary="Send many activity events",
)
async def send_events(request: PageRequest, web: WebParts, *, late: Late = False) -> ActivityAnswers:
    """Take events as a JSON array, JSON Lines or CSV; each is answered on its own, and what is wrong harms no other.

    What was answered as accepted or duplicate is stored.
    """
    plan_of(web)
    body = await read_body(request, _BATCH)
    is_table = request.headers.get("content-type", "").partition(";")[0].strip().lower() == "text/csv"
    items = await asyncio.to_thread(read_csv if is_table else read_json, body)
    if not items:
        raise wrong("body", "is empty: send events as a JSON array, as JSON Lines or as CSV")
    return answers_shape(await _take(web, items, request.user.name, late=late))


@get("/activity/events", responses=_BAD, summary="Activity events, newest first")
async def list_events(  # noqa: PLR0913  one parameter of the address each
    *,
    web: WebParts,
    worker: OfWorker = "",
    station: OfStation = "",
    of_type: OfType = None,
    since: given.Since = None,
    until: given.Until = None,
    cursor: given.Next = None,
    limit: given.Limit = 50,
) -> ActivityEvents:
    """Page through the events that fit all filters."""
    plan_of(web)
    query = ActivityQuery(
        since=given.zoned("since", since),
        until=given.zoned("until", until),
        worker=worker,
        station=station,
        kind=of_type,
        before=_place(cursor),
        limit=limit + 1,
    )
    found = await activitylog.page(web.database, query)
    shown = found[:limit]
    following = f"{to_us(shown[-1].event.at)} {shown[-1].number}" if len(found) > limit else None
    return ActivityEvents([event_shape(one) for one in shown], following and cursor_text(following))


@get("/activity/sources", responses=_BAD, summary="Who sends activity events")
async def list_sources(web: WebParts) -> ActivitySources:
    """Give every sender with what it has sent and whether its clock is right."""
    plan_of(web)
    return ActivitySources([source_shape(one) for one in await activitysources.everyone(web.database)])


def plan_of(web: Web) -> FactoryPlan:
    """Return the plan; 403 while the factory is switched off."""
    if web.factory is None:
        raise PermissionDeniedException("The factory is switched off: set `enabled = true` in [factory] of alpr.toml.")
    return web.factory


def cursor_text(place: str) -> str:
    """Write the end of a page for its successor's address."""
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def parse_cursor(text: str | None) -> str:
    """Read where a page begins; empty for the first one. Raises ValidationException."""
    if text is None:
        return ""
    try:
        return base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), b"-_", validate=True).decode()
    except (ValueError, binascii.Error) as error:
        raise broken_cursor() from error


def broken_cursor() -> ValidationException:
    """Make the error that refuses a cursor."""
    return wrong("cursor", "is not one that this API gave: begin without it")


def _place(text: str | None) -> tuple[datetime, int] | None:
    moment, _, number = parse_cursor(text).partition(" ")
    if not moment:
        return None
    try:
        return from_us(int(moment)), min(int(number), 2**63 - 1)
    except (ValueError, OverflowError) as error:
        raise broken_cursor() from error


async def _take(web: Web, items: list[Item], source: str, *, late: bool) -> list[Answer]:
    try:
        return await Intake(web.database, web.bus, web.floor).take(items, source, clocked=not late)
    except StoreError as error:
        raise HTTPException(
            f"Nothing can be stored at the moment ({error}): send it again.",
            status_code=HTTPStatus.SERVICE_UNAVAILABLE,
            headers={"Retry-After": "5"},
        ) from error
