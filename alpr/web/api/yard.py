"""`/api/v1/passes`, `/api/v1/yard` and `/api/v1/expected`: what passed together, what stands here, what is to come."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Annotated, TypeAlias

from litestar import delete, get, post
from litestar.exceptions import NotFoundException, ValidationException
from litestar.params import FromPath, JSONBody, QueryParameter

from alpr.domain import compact, utc_now
from alpr.iso6346 import is_valid
from alpr.site.arrivals import Arrival
from alpr.site.demurrage import free_before
from alpr.site.expectedfile import ExpectedFaultsError
from alpr.stay import VisitState
from alpr.store import expected, passes, yard
from alpr.store.expected import ExpectedQuery, Listed
from alpr.store.passes import PassQuery, StoredPass
from alpr.store.users import Role
from alpr.store.yard import YardQuery
from alpr.web import expecteddeeds
from alpr.web.access import PageRequest
from alpr.web.api import parameters as given
from alpr.web.api.changing import may_change
from alpr.web.api.problems import document, wrong
from alpr.web.api.shapes import Read, read_shape
from alpr.web.context import Web, WebParts
from alpr.web.passes import parse_place, place_text
from alpr.web.yard_view import stay_clock

_BAD = document(HTTPStatus.BAD_REQUEST)
_GONE = document(HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND)
_CHANGE = document(HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN)
_REMOVE = document(HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
_GUARD = [may_change(Role.GUARD)]
Portal: TypeAlias = Annotated[str | None, QueryParameter(max_length=64, description="Passes of this portal alone.")]
Carrying: TypeAlias = Annotated[bool, QueryParameter(description="Only passes with a container.")]
OfArrival: TypeAlias = Annotated[Arrival | None, QueryParameter(description="Only passes that arrived so.")]
Part: TypeAlias = Annotated[str | None, QueryParameter(max_length=64, description="Part of the code or plate.")]
Feet: TypeAlias = Annotated[
    int | None, QueryParameter(description="Containers this long alone: 20, 40, 45; 0 for all others.")
]
Waits: TypeAlias = Annotated[bool | None, QueryParameter(description="Only those that wait, or that have come.")]


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
class Announcement:
    """A container that is announced for a day, and what became of it."""

    id: int
    container: str
    date: date
    truck: str
    reference: str
    note: str
    arrival: str
    arrived_at: datetime | None
    pass_id: str | None


@dataclass(frozen=True, slots=True)
class Container:
    """One container: its stays, the latest first, and when it was announced."""

    container: str
    valid: bool
    stays: list[Stay]
    announced: list[Announcement]


@dataclass(frozen=True, slots=True)
class Announcements:
    """A page of announcements, by their day; `next` as for passes."""

    announced: list[Announcement]
    next: str | None


@dataclass(frozen=True, slots=True)
class AnnouncementFields:
    """What is announced; `date` is a day of the site's calendar, an empty `truck` means any."""

    container: str
    date: str
    truck: str = ""
    reference: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Several:
    """Announcements to be taken together."""

    announced: list[AnnouncementFields]


@dataclass(frozen=True, slots=True)
class RowFault:
    """Why one of them was not taken; `row` counts from 0."""

    row: int
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of them."""

    added: int
    faults: list[RowFault]


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
        before=_place(cursor),
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
    query = YardQuery(text, feet, given.zoned("until", until), _place(cursor), limit + 1)
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
    return Container(container, is_valid(container), shown, [_announcement(one) for one in announced])


@get("/expected", responses=_BAD, summary="What is announced")
async def list_expected(
    *,
    web: WebParts,
    text: Part = None,
    waiting: Waits = None,
    since: given.Since = None,
    cursor: given.Next = None,
    limit: given.Limit = 50,
) -> Announcements:
    """Page through the announcements, by their day."""
    begin = given.zoned("since", since)
    query = ExpectedQuery(
        text=text,
        state=None if waiting is None else "waiting" if waiting else "arrived",
        since=begin.astimezone(web.zone).date() if begin else None,
        after=_day_place(cursor),
        limit=limit + 1,
    )
    found = await expected.page(web.database, query)
    last = found[limit - 1].entry if len(found) > limit else None
    shown = [_announcement(one) for one in found[:limit]]
    return Announcements(shown, f"{last.due} {last.id}" if last else None)


@post("/expected", responses=_CHANGE, guards=_GUARD, summary="Announce a container")
async def announce(request: PageRequest, web: WebParts, data: JSONBody[AnnouncementFields]) -> Announcement:
    """Announce a container for a day. For guards."""
    try:
        made = await expecteddeeds.announce(web, request.user.name, _typed(data))
    except ExpectedFaultsError as error:
        raise ValidationException(extra=[{"key": one.field, "message": one.words} for one in error.faults]) from error
    return _announcement(await expecteddeeds.known_entry(web, made))


@post("/expected/several", responses=_CHANGE, guards=_GUARD, summary="Announce several containers")
async def announce_several(request: PageRequest, web: WebParts, data: JSONBody[Several]) -> Taken:
    """Announce many containers at once; those that cannot be taken are told, the rest is stored. For guards."""
    added, faults = 0, []
    for row, fields in enumerate(data.announced[: given.MOST]):
        try:
            await expecteddeeds.announce(web, request.user.name, _typed(fields))
            added += 1
        except ExpectedFaultsError as error:
            faults += [RowFault(row, one.field, one.words) for one in error.faults]
    if len(data.announced) > given.MOST:
        raise wrong("announced", f"holds more than {given.MOST}: send the rest in another request")
    return Taken(added, faults)


@delete("/expected/{entry_id:int}", responses=_REMOVE, guards=_GUARD, summary="Remove an announcement")
async def remove_expected(request: PageRequest, web: WebParts, entry_id: FromPath[int]) -> None:
    """Remove an announcement. For guards."""
    await expecteddeeds.remove(web, request.user.name, await expecteddeeds.known_entry(web, entry_id))


def _typed(data: AnnouncementFields) -> dict[str, str]:
    return {"container": data.container, "date": data.date, "truck": data.truck} | {
        "reference": data.reference,
        "note": data.note,
    }


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


def _announcement(listed: Listed) -> Announcement:
    entry = listed.entry
    return Announcement(
        entry.id,
        entry.container,
        entry.due,
        entry.truck,
        entry.reference,
        entry.note,
        listed.arrival,
        entry.arrived_at,
        entry.arrived_with or None,
    )


def _place(cursor: str | None) -> tuple[datetime, str] | None:
    try:
        return parse_place(cursor or "")
    except ValidationException as error:
        raise wrong("cursor", "is not one that this API gave: begin without it") from error


def _day_place(cursor: str | None) -> tuple[str, int] | None:
    if not cursor:
        return None
    due, _, number = cursor.partition(" ")
    if not number.isdecimal() or len(number) > 18:  # noqa: PLR2004  digits that SQLite takes
        raise wrong("cursor", "is not one that this API gave: begin without it")
    return due, int(number)
