"""`/api/v1/yard`: what stands on the site, since when, and what it owes."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Annotated, TypeAlias

from litestar import get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, QueryParameter

from alpr.domain import compact, utc_now
from alpr.iso6346 import is_valid
from alpr.site.yard.demurrage import free_before
from alpr.stay import VisitState
from alpr.store import expected, yard
from alpr.store.yard import YardQuery
from alpr.web.api import parameters as given
from alpr.web.api.expected import Announcement, announcement_shape
from alpr.web.api.problems import document
from alpr.web.context import Web, WebParts
from alpr.web.yard.passes import place_text
from alpr.web.yard.view import stay_clock

_BAD = document(HTTPStatus.BAD_REQUEST)
_GONE = document(HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND)
Part: TypeAlias = Annotated[str | None, QueryParameter(max_length=64, description="Part of the code or plate.")]
Feet: TypeAlias = Annotated[
    int | None, QueryParameter(description="Containers this long alone: 20, 40, 45; 0 for all others.")
]


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay of a container; `owed` is in `currency`, days are those of the site's calendar."""

    id: str
    container: str
    size_type: str
    state: VisitState
    entered: datetime | None
    left: datetime | None
    days: int
    free_days_left: int
    last_free_day: date
    owed: Decimal
    currency: str
    overstays: bool
    truck: str
    trailer: str
    zone: str
    arrival: str
    pass_id: str | None


@dataclass(frozen=True, slots=True)
class Inventory:
    """A page of the containers on the site, the longest there first; `next` as for passes."""

    containers: list[Stay]
    next: str | None


@dataclass(frozen=True, slots=True)
class OfLength:
    """How many containers are so long; 0 feet: of another or unknown length."""

    feet: int
    containers: int


@dataclass(frozen=True, slots=True)
class YardTotals:
    """How many containers are on the site."""

    count: int
    by_feet: list[OfLength]
    over_free_time: int
    overstaying: int


@dataclass(frozen=True, slots=True)
class Container:
    """One container: its stays, the latest first, and when it was announced."""

    container: str
    valid: bool
    stays: list[Stay]
    announced: list[Announcement]


@get("/yard", responses=_BAD, summary="The containers on the site")
async def list_yard(
    *,
    web: WebParts,
    text: Part = None,
    feet: Feet = None,
    until: given.Until = None,
    cursor: given.Next = None,
    limit: given.Limit = 50,
) -> Inventory:
    """Page through what stands on the site, the longest there first; `until`: came in before."""
    now = utc_now()
    query = YardQuery(text, feet, given.zoned("until", until), given.place(cursor), limit + 1)
    found = await yard.inventory(web.database, query)
    last = found[limit - 1] if len(found) > limit else None
    shown = [_stay_shape(one, web, now) for one in found[:limit]]
    return Inventory(shown, place_text(last.began, last.id) if last else None)


@get("/yard/totals", responses=document(), summary="How many containers are on the site")
async def count_yard(web: WebParts) -> YardTotals:
    """Count the containers on the site by length, over free time, and standing too long."""
    now, tariff = utc_now(), web.tariff()
    found = await yard.totals(web.database, free_before(tariff, now, web.zone), now - tariff.overstay)
    by_feet = [OfLength(feet, count) for feet, count in found.by_feet.items()]
    return YardTotals(found.count, by_feet, found.over_free, found.overstaying)


@get("/yard/{code:str}", responses=_GONE, summary="One container")
async def get_container(web: WebParts, code: FromPath[str]) -> Container:
    """Give the stays of a container, its clock, and when it was announced."""
    container, now = compact(code), utc_now()
    stays = await yard.history(web.database, container)
    announced = await expected.history(web.database, container)
    if not stays and not announced:
        raise NotFoundException
    shown = [_stay_shape(one, web, now) for one in stays]
    return Container(container, is_valid(container), shown, [announcement_shape(one) for one in announced])


def _stay_shape(one: yard.Stay, web: Web, now: datetime) -> Stay:
    tariff = web.tariff()
    clock = stay_clock(one, tariff, web.zone, now)
    return Stay(
        id=one.id,
        container=one.container,
        size_type=one.size_type,
        state=one.state,
        entered=one.entered,
        left=one.left,
        days=clock.days,
        free_days_left=clock.free_left,
        last_free_day=clock.last_free_day,
        owed=clock.owed,
        currency=tariff.currency,
        overstays=clock.overstays,
        truck=one.truck,
        trailer=one.trailer,
        zone=one.zone,
        arrival=one.arrival,
        pass_id=one.pass_id or None,
    )
