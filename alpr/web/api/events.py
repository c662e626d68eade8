"""`/api/v1/events`: what happens, for programs, over server-sent events (HTML standard, 9.2).

Reads come from the store in the order of their changes, so that none is lost by whoever sleeps or comes back: the id of
an event is the number of the change, and `Last-Event-ID` goes on after it. The others tell what is so now.
"""

import asyncio
from collections.abc import AsyncIterator, Hashable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, Any, Final, TypeAlias

from litestar import get
from litestar.exceptions import ServiceUnavailableException
from litestar.openapi import ResponseSpec
from litestar.params import HeaderParameter, QueryParameter
from litestar.response import ServerSentEvent
from litestar.response.sse import ServerSentEventMessage as Message
from litestar.serialization import encode_json

from alpr.bus import AlarmsChanged, DeliveriesChanged, LateReads, ReadCommitted, VisitsChanged
from alpr.store import alarms, changes, deliveries, hits, visits
from alpr.store.changes import Change
from alpr.store.users import Role
from alpr.web.api.deliveries import delivery_shape
from alpr.web.api.listshapes import hit_shape
from alpr.web.api.problems import document, wrong
from alpr.web.api.rules import alarm_shape
from alpr.web.api.shapes import read_shape
from alpr.web.auth.access import PageRequest, Ticket, find_account
from alpr.web.auth.bearer import still_valid
from alpr.web.context import Web, WebParts
from alpr.web.reads.events import HEARTBEAT, RETRY_MS, next_event

_KINDS: Final = ("read", "hit", "visit", "alarm", "delivery")
_AT_ONCE: Final = 200
_WATCHED: Final = 200
Types: TypeAlias = Annotated[
    str,
    QueryParameter(
        max_length=64,
        pattern=r"^([a-z]+(,[a-z]+)*)?$",
        description=f"Of {', '.join(f'`{kind}`' for kind in _KINDS)}, with commas between; left out, all.",
    ),
]
LastId: TypeAlias = Annotated[
    str | None, HeaderParameter(name="Last-Event-ID", description="`id` of the last event that was received.")
]
_STREAM = ResponseSpec(
    str, generate_examples=False, media_type="text/event-stream", description="Events until the token ends."
)


@dataclass(slots=True)
class _Listener:
    """What one program has been told."""

    web: Web
    kinds: frozenset[str]
    after: int
    alarms: dict[int, Hashable] = field(default_factory=dict)
    deliveries: dict[int, Hashable] = field(default_factory=dict)


@get(
    "/events",
    responses={**document(HTTPStatus.BAD_REQUEST, HTTPStatus.SERVICE_UNAVAILABLE), HTTPStatus.OK.value: _STREAM},
    summary="What happens, as it happens",
)
async def stream_events(
    request: PageRequest, web: WebParts, types: Types = "", last_event_id: LastId = None
) -> ServerSentEvent:
    """Stream reads, hits, visits, alarms and deliveries (these for admins) as JSON until the token ends.

    With `Last-Event-ID` all reads that were stored or changed since then come first.
    """
    if web.streams.locked():
        raise ServiceUnavailableException("Too many open event streams: close one.")
    listener = _Listener(web, _chosen(types, request.user.role), await _begin(web, last_event_id))
    return ServerSentEvent(_events(request, listener))


def _chosen(types: str, role: Role) -> frozenset[str]:
    kinds = [one for one in types.split(",") if one] or _KINDS
    for kind in kinds:
        if kind not in _KINDS:
            raise wrong("types", f"`{kind}` is none of {', '.join(_KINDS)}")
    return frozenset(kinds) - (set() if role is Role.ADMIN else {"delivery"})


async def _begin(web: Web, last_id: str | None) -> int:
    newest = await changes.last(web.database)
    if not last_id:
        return newest
    if not (last_id.isascii() and last_id.isdigit()) or len(last_id) > len(str(1 << 62)):
        raise wrong("Last-Event-ID", "is not one that this API gave: begin without it")
    return min(int(last_id), newest)


async def _events(request: PageRequest, listener: _Listener) -> AsyncIterator[Message]:
    web, kinds = listener.web, (ReadCommitted, LateReads, AlarmsChanged, DeliveriesChanged, VisitsChanged)
    async with web.streams, web.bus.listen(*kinds) as queue:
        stopping: asyncio.Future[Any] = asyncio.ensure_future(web.stopping.wait())
        try:
            yield Message(data=None, comment="listening", retry=RETRY_MS)
            await _alarms(listener)
            await _deliveries(listener)
            while not stopping.done():
                async for message in _reads(listener):
                    yield message
                event = await next_event(queue, stopping, HEARTBEAT)
                if stopping.done():
                    return
                if not await _may_listen(request, web):
                    yield Message(event="bye", data="the token or session has ended")
                    return
                for message in await _others(listener, event):
                    yield message
        finally:
            stopping.cancel()


async def _may_listen(request: PageRequest, web: Web) -> bool:
    ticket: Ticket | None = request.auth  # a program has none
    if ticket is not None:
        return await find_account(web, ticket.token) is not None
    return await still_valid(web, request.headers.get("authorization", ""))


async def _reads(listener: _Listener) -> AsyncIterator[Message]:
    """Give every read that changed since the last look, and what lists and visits say of it."""
    while found := await changes.after(listener.web.database, listener.after, _AT_ONCE):
        for change in found:
            for message in await _of_read(listener, change):
                yield message
            listener.after = change.number


async def _of_read(listener: _Listener, change: Change) -> list[Message]:
    web, read = listener.web, change.stored.read
    messages = []
    if "hit" in listener.kinds:
        fitting = await hits.of_read(web.database, read.id)
        messages += [_message("hit", {"read": read.id, "hit": hit_shape(hit)}) for hit in fitting]
    if "visit" in listener.kinds and (visit := await visits.of_read(web.database, read.id)) is not None:
        messages.append(_message("visit", {"read": read.id, "visit": visit.visit}))
    # The number comes with the last event of a read: whoever goes on after it has had all of it.
    if "read" in listener.kinds:
        messages.append(_message("read", read_shape(change.stored), change.number))
    elif messages:
        messages[-1].id = str(change.number)
    return messages


async def _others(listener: _Listener, event: object) -> Sequence[Message]:
    if isinstance(event, AlarmsChanged):
        return await _alarms(listener)
    if isinstance(event, DeliveriesChanged):
        return await _deliveries(listener)
    return [Message(data=None, comment="still here")] if event is None else []


async def _alarms(listener: _Listener) -> list[Message]:
    """Give the alarms that are not as they were."""
    if "alarm" not in listener.kinds:
        return []
    found = {one.id: one for one in await alarms.page(listener.web.database, limit=_WATCHED)}
    before, listener.alarms = listener.alarms, dict(found)
    return [_message("alarm", alarm_shape(one)) for key, one in sorted(found.items()) if before.get(key) != one]


async def _deliveries(listener: _Listener) -> list[Message]:
    """Give the deliveries that are not in the state that they were in."""
    if "delivery" not in listener.kinds:
        return []
    found = await deliveries.page(listener.web.database, limit=_WATCHED)
    before, listener.deliveries = listener.deliveries, {one.id: (one.state, one.attempts) for one in found}
    changed = [one for one in reversed(found) if before.get(one.id) != (one.state, one.attempts)]
    return [_message("delivery", delivery_shape(one)) for one in changed]


def _message(event: str, body: object, number: int | None = None) -> Message:
    return Message(event=event, id=None if number is None else str(number), data=encode_json(body).decode())
