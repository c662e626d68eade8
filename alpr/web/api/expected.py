"""`/api/v1/expected`: the containers that are announced."""

from dataclasses import dataclass
from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, TypeAlias

from litestar import delete, get, post
from litestar.exceptions import ValidationException
from litestar.params import FromPath, JSONBody, QueryParameter

from alpr.site.yard.expectedfile import ExpectedFaultsError
from alpr.store import expected
from alpr.store.expected import ExpectedQuery, Listed
from alpr.store.users import Role
from alpr.web.api import parameters as given
from alpr.web.api.changing import may_change
from alpr.web.api.problems import document, wrong
from alpr.web.auth.access import PageRequest
from alpr.web.context import WebParts
from alpr.web.yard import expecteddeeds

_BAD = document(HTTPStatus.BAD_REQUEST)
_CHANGE = document(HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN)
_REMOVE = document(HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
_GUARD = [may_change(Role.GUARD)]
Part: TypeAlias = Annotated[str | None, QueryParameter(max_length=64, description="Part of the code or plate.")]
Waits: TypeAlias = Annotated[bool | None, QueryParameter(description="Only those that wait, or that have come.")]


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
    shown = [announcement_shape(one) for one in found[:limit]]
    return Announcements(shown, f"{last.due} {last.id}" if last else None)


@post("/expected", responses=_CHANGE, guards=_GUARD, summary="Announce a container")
async def announce(request: PageRequest, web: WebParts, data: JSONBody[AnnouncementFields]) -> Announcement:
    """Announce a container for a day. For guards."""
    try:
        made = await expecteddeeds.announce(web, request.user.name, _typed(data))
    except ExpectedFaultsError as error:
        raise ValidationException(extra=[{"key": one.field, "message": one.words} for one in error.faults]) from error
    return announcement_shape(await expecteddeeds.known_entry(web, made))


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


def announcement_shape(listed: Listed) -> Announcement:
    """Say an announcement as the API does."""
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


def _day_place(cursor: str | None) -> tuple[str, int] | None:
    if not cursor:
        return None
    due, _, number = cursor.partition(" ")
    if not number.isdecimal() or len(number) > 18:  # noqa: PLR2004  digits that SQLite takes
        raise wrong("cursor", "is not one that this API gave: begin without it")
    return due, int(number)
