"""`/api/v1/passes`: the trucks that passed, with all that was read on them."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, TypeAlias

from litestar import get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, QueryParameter

from alpr.site.yard.arrivals import Arrival
from alpr.store import passes
from alpr.store.passes import PassQuery, StoredPass
from alpr.web.api import parameters as given
from alpr.web.api.problems import document
from alpr.web.api.shapes import Read, read_shape
from alpr.web.context import WebParts
from alpr.web.yard.passes import place_text

_BAD = document(HTTPStatus.BAD_REQUEST)
_GONE = document(HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND)
Portal: TypeAlias = Annotated[str | None, QueryParameter(max_length=64, description="Passes of this portal alone.")]
Carrying: TypeAlias = Annotated[bool, QueryParameter(description="Only passes with a container.")]
OfArrival: TypeAlias = Annotated[Arrival | None, QueryParameter(description="Only passes that arrived so.")]


@dataclass(frozen=True, slots=True)
class Pass:
    """What passed a portal together; what was not seen is empty."""

    id: str
    portal: str
    direction: str
    began_at: datetime
    ended_at: datetime
    plate: str
    trailer: str
    containers: list[str]
    arrival: str
    reads: int


@dataclass(frozen=True, slots=True)
class Passes:
    """A page of passes, newest first; `next` is the `cursor` of the page that follows, null on the last one."""

    passes: list[Pass]
    next: str | None


@dataclass(frozen=True, slots=True)
class PassWithReads:
    """A pass and what was read of it, in the order of time."""

    summary: Pass
    reads: list[Read]


@get("/passes", responses=_BAD, summary="Passes, newest first")
async def list_passes(  # noqa: PLR0913  one parameter of the address each
    *,
    web: WebParts,
    portal: Portal = None,
    carrying: Carrying = False,
    arrival: OfArrival = None,
    since: given.Since = None,
    until: given.Until = None,
    cursor: given.Next = None,
    limit: given.Limit = 50,
) -> Passes:
    """Page through what passed together: truck, trailer and containers."""
    query = PassQuery(
        portal=portal,
        carrying=carrying,
        arrival=arrival.value if arrival else None,
        since=given.zoned("since", since),
        until=given.zoned("until", until),
        before=given.place(cursor),
        limit=limit + 1,
    )
    found = await passes.page(web.database, query)
    last = found[limit - 1] if len(found) > limit else None
    shown = [_pass_shape(one) for one in found[:limit]]
    return Passes(shown, place_text(last.began_at, last.id) if last else None)


@get("/passes/{pass_id:str}", responses=_GONE, summary="One pass")
async def get_pass(web: WebParts, pass_id: FromPath[str]) -> PassWithReads:
    """Give one pass with its reads."""
    found = await passes.get(web.database, pass_id)
    if found is None:
        raise NotFoundException
    return PassWithReads(_pass_shape(found[0]), [read_shape(stored) for stored in found[1]])


def _pass_shape(one: StoredPass) -> Pass:
    return Pass(
        one.id,
        one.portal,
        one.direction,
        one.began_at,
        one.ended_at,
        one.plate,
        one.trailer,
        list(one.containers),
        one.arrival,
        one.read_count,
    )
