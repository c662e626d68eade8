"""Fakes that several tests share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def until(condition: Callable[[], bool], within: float = 5.0) -> None:
    """Wait for a condition that gives no event, looking every 5 ms."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110 - counters and threads of libraries give no event
            await asyncio.sleep(0.005)
