"""`/factory/events`: tells pages that the figures have changed, at most once a second (HTML standard, 9.2)."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

from litestar import get
from litestar.exceptions import ServiceUnavailableException
from litestar.response import ServerSentEvent
from litestar.response.sse import ServerSentEventMessage as Message

from alpr.bus import ActivityCommitted
from alpr.web.auth.access import PageRequest, find_account
from alpr.web.context import Web, WebParts
from alpr.web.reads.events import HEARTBEAT, RETRY_MS, next_event

_PAUSE: Final = 1.0


@get("/factory/events")
async def stream_activity(request: PageRequest, web: WebParts) -> ServerSentEvent:
    """Say that there is something new until the session ends or the server stops; the page then asks for its part."""
    if web.streams.locked():
        raise ServiceUnavailableException("too many open event streams")
    return ServerSentEvent(_told(web, request.auth.token))


async def _told(web: Web, token: str) -> AsyncIterator[Message]:
    async with web.streams, web.bus.listen(ActivityCommitted) as queue:
        stopping: asyncio.Future[Any] = asyncio.ensure_future(web.stopping.wait())
        try:
            yield Message(data=None, comment="listening", retry=RETRY_MS)
            while not stopping.done():
                news = await next_event(queue, stopping, HEARTBEAT)
                if stopping.done():
                    return
                if await find_account(web, token) is None:
                    yield Message(event="bye", data="the session has ended")
                    return
                yield Message(event="activity", data="new") if news else Message(data=None, comment="still here")
                if news:
                    await asyncio.wait({stopping}, timeout=_PAUSE)
                    _drain(queue)
        finally:
            stopping.cancel()


def _drain(queue: asyncio.Queue[ActivityCommitted]) -> None:
    """Forget what came meanwhile but for one, which makes the next message."""
    while queue.qsize() > 1:
        queue.get_nowait()
