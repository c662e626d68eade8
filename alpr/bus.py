"""The in-process bus: committed reads go out to whoever listens (pages over SSE, later deliveries)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from alpr.domain import Read


@dataclass(frozen=True, slots=True)
class ReadCommitted:
    """A read was stored, or completed under the same id."""

    read: Read
    new: bool


class Bus:
    """Fan-out to bounded queues; a listener that sleeps loses the oldest events, never blocks the writer."""

    def __init__(self, depth: int = 256) -> None:
        self._depth = depth
        self._queues: set[asyncio.Queue[ReadCommitted]] = set()

    def publish(self, event: ReadCommitted) -> None:
        """Hand the event to every listener, now."""
        for queue in self._queues:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(event)

    @asynccontextmanager
    async def listen(self) -> AsyncIterator[asyncio.Queue[ReadCommitted]]:
        """Give a queue that receives every event published while the context is open."""
        queue: asyncio.Queue[ReadCommitted] = asyncio.Queue(self._depth)
        self._queues.add(queue)
        try:
            yield queue
        finally:
            self._queues.discard(queue)
