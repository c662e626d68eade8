"""`/factory/events`: tells pages that the figures have changed, at most once a second (HTML standard, 9.2)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any, Final

from litestar import get
from litestar.exceptions import ServiceUnavailableException
from litestar.response import ServerSentEvent
from litestar.response.sse import ServerSentEventMessage as Message

from alpr.bus import ActivityCommitted
from alpr.web.access import PageRequest, find_account
from alpr.web.context import Web, WebParts

_HEARTBEAT: Final = 15.0
_PAUSE: Final = 1.0
_RETRY_MS: Final = 2000


@get("/factory/events")
async def stream_activity(request: PageRequest, web: WebParts) -> ServerSentEvent:
    """Say that there is something new until the session ends or the server stops; the page then asks for its part."""
    if web.streams.locked():
        raise ServiceUnavailableException("too many open event streams")
    return ServerSentEvent(_told(web, request.auth.token))


async def _told(web: Web, token: str) -> AsyncIterator[Message]:
    async with web.streams, web.bus.listen(ActivityCommitted) as queue:
        yield Message(data=None, comment="listening", retry=_RETRY_MS)
        while not web.stopping.is_set():
            news = await _next(queue, web.stopping)
            if web.stopping.is_set():
                return
            if await find_account(web, token) is None:
                yield Message(event="bye", data="the session has ended")
                return
            yield Message(event="activity", data="new") if news else Message(data=None, comment="still here")
            if news:
                await _rest(web.stopping)
                _drain(queue)


async def _next(queue: asyncio.Queue[ActivityCommitted], stopping: asyncio.Event) -> bool:
    """Wait for the next events; return False when the server stops or nothing came in time."""
    waits: list[asyncio.Future[Any]] = [asyncio.ensure_future(queue.get()), asyncio.ensure_future(stopping.wait())]
    try:
        await asyncio.wait(waits, timeout=_HEARTBEAT, return_when=asyncio.FIRST_COMPLETED)
        return waits[0].done()
    finally:
        for wait in waits:
            wait.cancel()
            with suppress(asyncio.CancelledError):
                await wait


async def _rest(stopping: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(_PAUSE):
            await stopping.wait()


def _drain(queue: asyncio.Queue[ActivityCommitted]) -> None:
    """Forget what came meanwhile but for one, which makes the next message."""
    while queue.qsize() > 1:
        queue.get_nowait()
