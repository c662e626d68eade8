"""`/api/v1/deliveries` and `/api/v1/targets`."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, TypeAlias

from litestar import get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath, QueryParameter

from alpr.store import deliveries
from alpr.store.deliveries import Backlog, DeliveryState
from alpr.store.deliveries import Delivery as Stored
from alpr.store.users import Role
from alpr.web.alerts import deliverydeeds
from alpr.web.api import parameters as given
from alpr.web.api.changing import may_change
from alpr.web.api.problems import document, wrong
from alpr.web.auth.access import PageRequest, need_role
from alpr.web.context import WebParts

_SEEN = document(HTTPStatus.FORBIDDEN)
_BAD = document(HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN)
_GONE = document(HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
_READ = [need_role(Role.ADMIN)]
_CHANGE = [may_change(Role.ADMIN)]
InState: TypeAlias = Annotated[
    DeliveryState | None, QueryParameter(name="state", description="Deliveries in this state alone.")
]
OfTarget: TypeAlias = Annotated[str, QueryParameter(max_length=80, description="Those to this target alone.")]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one target; `key` is what the target can tell a repetition by, `read` the id of its read."""

    id: int
    key: str
    target: str
    rule: str
    read: str | None
    subject: str
    body: str
    state: DeliveryState
    attempts: int
    error: str
    created_at: datetime
    due_at: datetime
    expires_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Deliveries:
    """A page of deliveries, newest first; `next` is the `cursor` of the page that follows, null on the last one."""

    deliveries: list[Delivery]
    next: str | None


@dataclass(frozen=True, slots=True)
class Target:
    """What a target has not taken: how much waits, since when and why, and how much was given up."""

    name: str
    waiting: int
    given_up: int
    oldest: datetime | None
    error: str


@dataclass(frozen=True, slots=True)
class Targets:
    """All targets that rules may tell, and those that left something behind."""

    targets: list[Target]


@dataclass(frozen=True, slots=True)
class Retried:
    """How many deliveries are tried anew."""

    retried: int


@get(
    "/deliveries", responses=document(HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN), guards=_READ, summary="Deliveries"
)
async def list_deliveries(
    web: WebParts,
    in_state: InState = None,
    target: OfTarget = "",
    cursor: given.Next = None,
    limit: given.Limit = 50,
) -> Deliveries:
    """Page through what was told or is to be told, newest first. For admins."""
    before = _parse_cursor(cursor)
    found = await deliveries.page(web.database, state=in_state, target=target, before=before, limit=limit + 1)
    shown = [delivery_shape(one) for one in found[:limit]]
    return Deliveries(shown, str(shown[-1].id) if len(found) > limit else None)


@get("/targets", responses=_SEEN, guards=_READ, summary="Targets and what they miss")
async def list_targets(web: WebParts) -> Targets:
    """Give each target with what has not arrived there. For admins."""
    backlogs = await deliveries.backlogs(web.database)
    names = dict.fromkeys([*web.book.names.targets, *sorted(backlogs)])
    nothing = Backlog(0, 0, None)
    return Targets([_target(name, backlogs.get(name, nothing)) for name in names])


@post(
    "/deliveries/{delivery_id:int}/retry",
    responses=_GONE,
    guards=_CHANGE,
    status_code=HTTPStatus.OK,
    summary="Try a delivery anew",
)
async def retry_delivery(request: PageRequest, web: WebParts, delivery_id: FromPath[int]) -> Delivery:
    """Let a delivery that was given up wait again; 409 when it was not, or has expired. For admins."""
    delivery = await deliverydeeds.known_delivery(web, delivery_id)
    if not await deliverydeeds.retry_one(web, request.user.name, delivery):
        raise HTTPException("was not given up, or has expired", status_code=HTTPStatus.CONFLICT)
    return delivery_shape(await deliverydeeds.known_delivery(web, delivery_id))


@post("/deliveries/retry", responses=_BAD, guards=_CHANGE, status_code=HTTPStatus.OK, summary="Try all anew")
async def retry_deliveries(request: PageRequest, web: WebParts, target: OfTarget = "") -> Retried:
    """Try anew what was given up and what waits for its next attempt, of one target or of all. For admins."""
    return Retried(await deliverydeeds.retry_all(web, request.user.name, target))


@post(
    "/deliveries/{delivery_id:int}/give-up",
    responses=_GONE,
    guards=_CHANGE,
    status_code=HTTPStatus.OK,
    summary="Give up a delivery",
)
async def give_up_delivery(request: PageRequest, web: WebParts, delivery_id: FromPath[int]) -> Delivery:
    """Give up a delivery that waits, so that those behind it go on; 409 when it does not wait. For admins."""
    delivery = await deliverydeeds.known_delivery(web, delivery_id)
    if not await deliverydeeds.give_up(web, request.user.name, delivery):
        raise HTTPException("does not wait", status_code=HTTPStatus.CONFLICT)
    return delivery_shape(await deliverydeeds.known_delivery(web, delivery_id))


def delivery_shape(one: Stored) -> Delivery:
    """Show a delivery to a program."""
    return Delivery(
        id=one.id,
        key=one.key,
        target=one.target,
        rule=one.rule,
        read=one.read_id,
        subject=one.subject,
        body=one.body,
        state=one.state,
        attempts=one.attempts,
        error=one.error,
        created_at=one.created_at,
        due_at=one.due_at,
        expires_at=one.expires_at,
        finished_at=one.finished_at,
    )


def _target(name: str, backlog: Backlog) -> Target:
    return Target(name, backlog.waiting, backlog.dead, backlog.oldest, backlog.error)


def _parse_cursor(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()):
        raise wrong("cursor", "is not one that this API gave: begin without it")
    return min(int(text), 2**63 - 1)
