"""SIGKILL at random moments while deliveries are written and sent: none is lost, and the order is kept."""

from __future__ import annotations

import asyncio
import random
import time
from itertools import pairwise

import pytest

from alpr.store.database import open_database
from tests.delivery import outbox_child
from tests.fakes import until

KILLS = 50
DOWN = range(20, 24)
"""Turns in which the receiver is down."""
NUMBERS_A_TURN = 10_000
LONGEST_LIFE = 0.3
"""Seconds after the first commit; every fifth child is killed before it comes to that."""


async def _first_commit(committed):
    before = committed.stat().st_size
    await until(lambda: committed.stat().st_size > before, within=30)


@pytest.mark.slow
async def test_kill_9_at_fifty_random_moments(tmp_path, preloaded, receiver):
    """Everything that was committed arrives, under its key, in its order; at most what was on its way comes twice."""
    data, committed = tmp_path / "data", tmp_path / "committed"
    await (await open_database(data)).close()
    committed.touch()
    chance = random.Random()
    for turn in range(KILLS):
        if turn == DOWN.start:
            await receiver.stop()
        if turn == DOWN.stop:
            await receiver.start()
        arguments = (data, receiver.port, 1 + turn * NUMBERS_A_TURN, committed)
        child = preloaded.Process(target=outbox_child.run, args=arguments)
        child.start()
        if turn % 5:
            await _first_commit(committed)
        await asyncio.to_thread(time.sleep, chance.uniform(0.0, LONGEST_LIFE))
        child.kill()
        await asyncio.to_thread(child.join)
        assert child.exitcode == -9, "the child ended by itself"
    await outbox_child.send_the_rest(data, receiver.port)
    acknowledged = {int(line) for line in committed.read_text().splitlines()}
    arrivals = receiver.arrivals()
    repeated = 0
    for target in outbox_child.TARGETS:
        came = [arrival for arrival in arrivals if arrival.path == f"/{target}"]
        numbers = [arrival.json["number"] for arrival in came]
        assert acknowledged <= set(numbers), "a committed delivery was lost"
        assert all(before <= after for before, after in pairwise(numbers)), "the order was not kept"
        assert len({arrival.key for arrival in came}) == len(set(numbers)), "a repetition came under another key"
        repeated += len(numbers) - len(set(numbers))
    assert len(acknowledged) > KILLS
    assert repeated <= KILLS * len(outbox_child.TARGETS)
    print(f"{KILLS} kills: {len(arrivals)} requests, {len(acknowledged)} commits, {repeated} came twice")  # noqa: T201
