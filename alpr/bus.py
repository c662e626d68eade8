"""The in-process bus: what happened goes out to whoever listens for it (pages over SSE, gatekeeper, MQTT)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar, overload

from alpr.access import Decision
from alpr.domain import Read


@dataclass(frozen=True, slots=True)
class ReadCommitted:
    """A read was stored, or completed under the same id."""

    read: Read
    new: bool
    decision: Decision | None = None
    """What the lists say of it."""


@dataclass(frozen=True, slots=True)
class LateReads:
    """Reads of long ago were stored: news for programs that follow, none for people who watch the gate."""


@dataclass(frozen=True, slots=True)
class ListsChanged:
    """A list or an entry was made, changed or removed."""


@dataclass(frozen=True, slots=True)
class RulesChanged:
    """A rule was made, changed, switched or removed on the page."""


@dataclass(frozen=True, slots=True)
class AlarmsChanged:
    """An alarm was raised, is over, or was acknowledged."""


@dataclass(frozen=True, slots=True)
class VisitsChanged:
    """Visits were closed, opened or merged by hand, or given up; those that reads change are told with the reads."""


@dataclass(frozen=True, slots=True)
class DeliveriesChanged:
    """A delivery was written, sent, given up or tried anew."""


@dataclass(frozen=True, slots=True)
class ActivityCommitted:
    """Events of the factory floor were stored: of whom, where, and how many."""

    workers: frozenset[str]
    stations: frozenset[str]
    count: int


Event: TypeAlias = (
    ReadCommitted
    | LateReads
    | VisitsChanged
    | ListsChanged
    | RulesChanged
    | AlarmsChanged
    | DeliveriesChanged
    | ActivityCommitted
)

_A = TypeVar("_A", bound=Event)
_B = TypeVar("_B", bound=Event)


class Bus:
    """Fan-out to bounded queues; a listener that sleeps loses the oldest events, never blocks the writer."""

    def __init__(self, depth: int = 256) -> None:
        self._depth = depth
        self._queues: dict[asyncio.Queue[Any], tuple[type[Any], ...]] = {}

    def publish(self, event: Event) -> None:
        """Hand the event to every listener for its kind, now."""
        for queue, kinds in self._queues.items():
            if not isinstance(event, kinds):
                continue
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(event)

    @overload
    def listen(self, kind: type[_A], /) -> AbstractAsyncContextManager[asyncio.Queue[_A]]: ...
    @overload
    def listen(self, kind: type[_A], other: type[_B], /) -> AbstractAsyncContextManager[asyncio.Queue[_A | _B]]: ...
    @overload
    def listen(self, *kinds: type[Event]) -> AbstractAsyncContextManager[asyncio.Queue[Event]]: ...

    def listen(self, *kinds: type[Any]) -> AbstractAsyncContextManager[asyncio.Queue[Any]]:
        """Give a queue that receives every event of these kinds published while the context is open."""
        return self._listen(kinds)

    @asynccontextmanager
    async def _listen(self, kinds: tuple[type[Any], ...]) -> AsyncIterator[asyncio.Queue[Any]]:
        queue: asyncio.Queue[Any] = asyncio.Queue(self._depth)
        self._queues[queue] = kinds
        try:
            yield queue
        finally:
            del self._queues[queue]
