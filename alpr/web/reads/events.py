"""`/events`: reads as they are committed, as rows of the list, over server-sent events (HTML standard, 9.2)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeVar

from litestar import get
from litestar.exceptions import ServiceUnavailableException
from litestar.response import ServerSentEvent
from litestar.response.sse import ServerSentEventMessage as Message

from alpr.bus import Event, ReadCommitted
from alpr.domain import utc_now
from alpr.store import reads
from alpr.store.reads import StoredRead
from alpr.web.auth.access import PageRequest, find_account
from alpr.web.context import Web, WebParts
from alpr.web.reads.filters import ReadFilter, parse_filter, read_query
from alpr.web.reads.view import read_row

HEARTBEAT = 15.0
RETRY_MS = 2000

_E = TypeVar("_E", bound=Event)


@get("/events")
async def stream_events(request: PageRequest, web: WebParts) -> ServerSentEvent:
    """Stream the reads that the filter lets through until the session ends or the server stops."""
    if web.streams.locked():
        raise ServiceUnavailableException("too many open event streams")
    return ServerSentEvent(_events(web, request.auth.token, parse_filter(request.query_params)))


async def _events(web: Web, token: str, chosen: ReadFilter) -> AsyncIterator[Message]:
    async with web.streams, web.bus.listen(ReadCommitted) as queue:
        stopping: asyncio.Future[Any] = asyncio.ensure_future(web.stopping.wait())
        try:
            yield Message(data=None, comment="listening", retry=RETRY_MS)
            while not stopping.done():
                event = await next_event(queue, stopping, HEARTBEAT)
                if stopping.done():
                    return
                if await find_account(web, token) is None:
                    yield Message(event="bye", data="the session has ended")
                    return
                yield await _message(web, chosen, event) if event else Message(data=None, comment="still here")
        finally:
            stopping.cancel()


async def next_event(queue: asyncio.Queue[_E], stopping: asyncio.Future[Any], patience: float) -> _E | None:
    """Wait for the next event; return None when the server stops or nothing came in time."""
    getting: asyncio.Future[Any] = asyncio.ensure_future(queue.get())
    try:
        await asyncio.wait({getting, stopping}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        return getting.result() if getting.done() else None
    finally:
        getting.cancel()
        with suppress(asyncio.CancelledError):
            await getting


async def _message(web: Web, chosen: ReadFilter, event: ReadCommitted) -> Message:
    """Make a `read` of what the filter lets through, an `update` of what only a row on the page may still need."""
    stored = await _matching(web, chosen, event)
    name = "read"
    if stored is None and not event.new:
        stored, name = await reads.get(web.database, event.read.id), "update"
    if stored is None:
        return Message(data=None, comment="another read")
    row = read_row(stored, web.zone, utc_now(), chosen.q)
    html = web.templates.get_template("_row.html").render(row=row)
    return Message(event=name, id=stored.read.id, data=html)


async def _matching(web: Web, chosen: ReadFilter, event: ReadCommitted) -> StoredRead | None:
    """Return the read as stored when it is one that the filter lets through."""
    query = replace(read_query(chosen, None, 1, web.zone, utc_now()), id=event.read.id)
    return next(iter(await reads.page(web.database, query)), None)
