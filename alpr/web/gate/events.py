"""`/gate/{name}/events`: what comes to a gate, as it is committed: the screen with it, and what the guard hears."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from litestar import get
from litestar.exceptions import ServiceUnavailableException
from litestar.params import FromPath, FromQuery
from litestar.response import ServerSentEvent
from litestar.response.sse import ServerSentEventMessage as Message

from alpr.bus import ReadCommitted
from alpr.domain import State
from alpr.store import hits, reads
from alpr.web.auth.access import PageRequest, find_account
from alpr.web.context import Web, WebParts
from alpr.web.gate.pages import known_gate, screen_html, screen_of
from alpr.web.gate.view import Gate, spoken_words
from alpr.web.reads.events import HEARTBEAT, RETRY_MS, next_event


@get("/gate/{name:str}/events")
async def stream_gate(
    request: PageRequest, web: WebParts, name: FromPath[str], kiosk: FromQuery[str] = ""
) -> ServerSentEvent:
    """Stream the reads of a gate until the session ends or the server stops."""
    gate = known_gate(web, name)
    if web.streams.locked():
        raise ServiceUnavailableException("too many open event streams")
    return ServerSentEvent(_events(web, request.auth.token, gate, kiosk=bool(kiosk)))


async def _events(web: Web, token: str, gate: Gate, *, kiosk: bool) -> AsyncIterator[Message]:
    async with web.streams, web.bus.listen(ReadCommitted) as queue:
        stopping: asyncio.Future[Any] = asyncio.ensure_future(web.stopping.wait())
        try:
            # A page that is older than the program loads itself anew.
            yield Message(event="hello", data=str(web.templates.globals["static"]), retry=RETRY_MS)
            while not stopping.done():
                event = await next_event(queue, stopping, HEARTBEAT)
                if stopping.done():
                    return
                account = await find_account(web, token)
                if account is None:
                    yield Message(event="bye", data="the session has ended")
                    return
                if event is None:
                    yield Message(data=None, comment="still here")
                elif event.read.camera in gate.cameras:
                    # The screen comes along: asking for it would take another way there and back.
                    screen = await screen_of(web, account, gate, kiosk=kiosk)
                    yield await _message(web, event, screen_html(web, screen, token))
        finally:
            stopping.cancel()


async def _message(web: Web, event: ReadCommitted, screen: str) -> Message:
    """Tell of a read: its verdict and the words for it, none for what a person has said is no vehicle."""
    stored = await reads.get(web.database, event.read.id)
    said = {"id": event.read.id, "verdict": "", "words": "", "screen": screen}
    if stored is not None and stored.read.state is not State.DISMISSED:
        words = spoken_words(stored, await hits.of_read(web.database, event.read.id))
        said |= {"verdict": stored.verdict.value if stored.verdict else "", "words": words}
    return Message(event="read", id=event.read.id, data=msgspec.json.encode(said).decode())
