"""`/api/v1/barriers`: what can be opened, and opening it."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from litestar import get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath

from alpr.barrier.gates import Barrier as Live
from alpr.store.users import Role
from alpr.web.api.changing import may_change
from alpr.web.api.problems import document
from alpr.web.auth.access import PageRequest
from alpr.web.context import WebParts
from alpr.web.gate.barriers import known, open_by_hand


@dataclass(frozen=True, slots=True)
class Barrier:
    """A barrier: `fault` says in words what is wrong with it now, empty when nothing is."""

    name: str
    cameras: list[str]
    opened_at: datetime | None
    opened_by: str
    read: str | None
    fault: str


@dataclass(frozen=True, slots=True)
class Barriers:
    """All barriers."""

    items: list[Barrier]


@get("/barriers", responses=document(), summary="All barriers")
async def list_barriers(web: WebParts) -> Barriers:
    """Give each barrier with its last opening."""
    return Barriers([_shape(barrier) for barrier in web.barriers])


@post(
    "/barriers/{name:str}/open",
    guards=[may_change(Role.GUARD)],
    status_code=HTTPStatus.OK,
    responses=document(HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
    summary="Open a barrier",
)
async def open_barrier(request: PageRequest, web: WebParts, name: FromPath[str]) -> Barrier:
    """Open a barrier now; 409 says why it did not open. For guards and admins, in the audit log like the button."""
    barrier = known(web, name)
    opening = await open_by_hand(web, request.user, barrier)
    if not opening.opened:
        raise HTTPException(opening.words, status_code=HTTPStatus.CONFLICT)
    return _shape(barrier)


def _shape(barrier: Live) -> Barrier:
    record = barrier.record
    return Barrier(
        name=barrier.name,
        cameras=sorted(barrier.habits.cameras),
        opened_at=record.opened_at,
        opened_by=record.opened_by,
        read=record.read_id,
        fault=record.stuck or record.fault,
    )
