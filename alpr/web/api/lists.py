"""`/api/v1/lists`, `/api/v1/entries` and the hits of a read."""

import base64
import binascii
from http import HTTPStatus
from typing import Annotated, TypeAlias

from litestar import delete, get, post, put
from litestar.exceptions import NotFoundException, ValidationException
from litestar.params import FromPath, JSONBody, QueryParameter

from alpr.domain import utc_now
from alpr.site.lists.entryfields import EntryFaultsError, parse_entry
from alpr.store import entries, hits, lists, reads
from alpr.store.entries import EntryQuery
from alpr.store.users import Role
from alpr.web.api import parameters as given
from alpr.web.api.changing import may_change
from alpr.web.api.listshapes import (
    Entries,
    Entry,
    EntryFields,
    Hits,
    List,
    ListFields,
    Lists,
    entry_shape,
    hit_shape,
    list_shape,
)
from alpr.web.api.problems import document, wrong
from alpr.web.auth.access import PageRequest
from alpr.web.context import WebParts
from alpr.web.lists import deeds as listdeeds

_BAD = document(HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN)
_GONE = document(HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
_ADMIN = [may_change(Role.ADMIN)]
Words: TypeAlias = Annotated[str | None, QueryParameter(max_length=64, description="In plate, owner, company or note.")]


@get("/lists", responses=document(), summary="All lists")
async def list_lists(web: WebParts) -> Lists:
    """Give all lists by name."""
    return Lists([list_shape(one) for one in await lists.everyone(web.database, utc_now())])


@post("/lists", responses=_BAD, guards=_ADMIN, summary="Make a list")
async def make_list(request: PageRequest, web: WebParts, data: JSONBody[ListFields]) -> List:
    """Make a list; its name must be new. For admins."""
    try:
        made = await listdeeds.make_list(web, request.user.name, data.name, data.kind)
    except listdeeds.NameFaultError as error:
        raise wrong("name", str(error)) from error
    return list_shape(await listdeeds.known_list(web, made))


@put("/lists/{list_id:int}", responses=_GONE, guards=_ADMIN, summary="Change a list")
async def change_list(request: PageRequest, web: WebParts, list_id: FromPath[int], data: JSONBody[ListFields]) -> List:
    """Give a list another name and kind. For admins."""
    plates = await listdeeds.known_list(web, list_id)
    try:
        await listdeeds.change_list(web, request.user.name, plates, data.name, data.kind)
    except listdeeds.NameFaultError as error:
        raise wrong("name", str(error)) from error
    return list_shape(await listdeeds.known_list(web, list_id))


@delete("/lists/{list_id:int}", responses=_GONE, guards=_ADMIN, summary="Remove a list")
async def remove_list(request: PageRequest, web: WebParts, list_id: FromPath[int]) -> None:
    """Remove a list with its entries. For admins."""
    await listdeeds.remove_list(web, request.user.name, await listdeeds.known_list(web, list_id))


@get("/lists/{list_id:int}/entries", responses=_GONE, summary="The entries of a list")
async def list_entries(
    web: WebParts,
    list_id: FromPath[int],
    text: Words = None,
    cursor: given.Next = None,
    limit: given.Limit = 50,
) -> Entries:
    """Page through the entries of a list, by plate."""
    await listdeeds.known_list(web, list_id)
    query = EntryQuery(list_id=list_id, text=text, after=_parse_cursor(cursor), limit=limit + 1)
    found = await entries.page(web.database, query)
    shown = [entry_shape(stored) for stored in found[:limit]]
    last = found[limit - 1].entry if len(found) > limit else None
    return Entries(shown, _cursor(entries.folded(last.pattern), last.id) if last else None)


@post("/lists/{list_id:int}/entries", responses=_GONE, guards=_ADMIN, summary="Add an entry")
async def add_entry(request: PageRequest, web: WebParts, list_id: FromPath[int], data: JSONBody[EntryFields]) -> Entry:
    """Add an entry to a list, once for each plate. For admins."""
    plates = await listdeeds.known_list(web, list_id)
    try:
        entry = parse_entry(data.typed(), listdeeds.list_facts(web, plates))
        made = await listdeeds.add_entry(web, request.user.name, plates, entry)
    except EntryFaultsError as error:
        raise _refusal(error) from error
    return entry_shape(await listdeeds.known_entry(web, made))


@get("/entries/{entry_id:int}", responses=_GONE, summary="One entry")
async def get_entry(web: WebParts, entry_id: FromPath[int]) -> Entry:
    """Give one entry of a list."""
    return entry_shape(await listdeeds.known_entry(web, entry_id))


@put("/entries/{entry_id:int}", responses=_GONE, guards=_ADMIN, summary="Change an entry")
async def change_entry(
    request: PageRequest, web: WebParts, entry_id: FromPath[int], data: JSONBody[EntryFields]
) -> Entry:
    """Give an entry other values; fields that are left out are emptied. For admins."""
    stored = await listdeeds.known_entry(web, entry_id)
    plates = await listdeeds.known_list(web, stored.list_id)
    try:
        entry = parse_entry(data.typed(), listdeeds.list_facts(web, plates), entry_id)
        await listdeeds.change_entry(web, request.user.name, entry)
    except EntryFaultsError as error:
        raise _refusal(error) from error
    return entry_shape(await listdeeds.known_entry(web, entry_id))


@delete("/entries/{entry_id:int}", responses=_GONE, guards=_ADMIN, summary="Remove an entry")
async def remove_entry(request: PageRequest, web: WebParts, entry_id: FromPath[int]) -> None:
    """Remove an entry from its list. For admins."""
    stored = await listdeeds.known_entry(web, entry_id)
    await listdeeds.remove_entry(web, request.user.name, stored.entry)


@get("/reads/{read_id:str}/hits", responses=_GONE, summary="What the lists said of one read")
async def list_hits(web: WebParts, read_id: FromPath[str]) -> Hits:
    """Give the entries that fitted the read, as they were then, with the reason why each fits."""
    if await reads.get(web.database, read_id) is None:
        raise NotFoundException
    return Hits([hit_shape(hit) for hit in await hits.of_read(web.database, read_id)])


def _refusal(error: EntryFaultsError) -> ValidationException:
    told = [{"key": fault.field, "message": fault.words} for fault in error.faults]
    return ValidationException(str(error), extra=told)


def _cursor(pattern: str, entry_id: int) -> str:
    return base64.urlsafe_b64encode(f"{entry_id} {pattern}".encode()).decode().rstrip("=")


def _parse_cursor(text: str | None) -> tuple[str, int] | None:
    if text is None:
        return None
    try:
        number, _, pattern = (
            base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)).decode().partition(" ")
        )
        return pattern, int(number)
    except (ValueError, binascii.Error) as error:
        raise wrong("cursor", "is not one that this API gave: begin without it") from error
