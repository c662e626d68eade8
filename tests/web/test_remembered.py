"""What is remembered is asked for once in a while, by one at a time, and never while it is empty."""

from __future__ import annotations

import asyncio

from alpr.web.remembered import Remembered


async def test_asked_once_until_it_is_old():
    """Many who look at once cause one question; after the time the next one asks anew; keys are apart."""
    now, asked = [0.0], []

    async def ask():
        asked.append(now[0])
        await asyncio.sleep(0)
        return (len(asked),)

    memory = Remembered(lambda: now[0], 300.0)
    assert await asyncio.gather(*(memory.get(7, ask) for _ in range(5))) == [(1,)] * 5
    assert await memory.get(30, ask) == (2,)
    now[0] = 299.0
    assert await memory.get(7, ask) == (1,)
    now[0] = 300.0
    assert await memory.get(7, ask) == (3,)


async def test_nothing_is_not_remembered():
    """A young site that has nothing to show yet is looked at again at once."""
    answers = [(), ("first",)]

    async def ask():
        return answers.pop(0)

    memory = Remembered(lambda: 0.0, 300.0)
    assert await memory.get("", ask) == ()
    assert await memory.get("", ask) == ("first",)
