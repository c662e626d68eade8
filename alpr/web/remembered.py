"""What is costly to count and changes slowly: counted once in a while, however many look at it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

_T = TypeVar("_T")


class Remembered(Generic[_T]):
    """Answers by key, each as old as `keep` seconds at most; what is empty is asked for anew."""

    def __init__(self, clock: Callable[[], float], keep: float) -> None:
        self._clock, self._keep = clock, keep
        self._known: dict[Hashable, tuple[float, _T]] = {}
        self._asking = asyncio.Lock()

    async def get(self, key: Hashable, ask: Callable[[], Awaitable[_T]]) -> _T:
        """Return the answer of this key, asked for by one caller at a time."""
        async with self._asking:
            at, answer = self._known.get(key, (None, None))
            if answer and at is not None and self._clock() - at < self._keep:
                return answer
            asked = await ask()
            self._known[key] = self._clock(), asked
            return asked
