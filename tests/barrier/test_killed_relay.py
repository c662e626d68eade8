"""A process that is killed in the middle of a pulse: the next start lets the relay go."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from alpr.barrier.gates import Barrier, Barriers, Habits
from alpr.barrier.modbus import CoilRelay, Function, Modbus
from tests.barrier.test_modbus import at, module

__all__ = ["module"]

_CHILD = """
import asyncio, sys
from alpr.barrier.gates import Barrier, Habits, Order
from alpr.barrier.modbus import CoilRelay, Module

async def note(*_): ...

async def main():
    relay = CoilRelay(Module("barrier main", "127.0.0.1", int(sys.argv[1]), 7, 2.0), 3, None)
    await Barrier("main", relay, None, Habits(pulse=30.0), note).open(Order("anna", "by hand"))

asyncio.run(main())
"""


async def test_the_next_start_releases_what_a_kill_left_closed(module):
    """The coil that was on when the process died is off after the start, before any order."""
    root = Path(__file__).parents[2]
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", _CHILD, str(module.port), cwd=root)
    async with asyncio.timeout(20):
        while (5, 3, 1) not in module.written:  # noqa: ASYNC110  another process writes it
            await asyncio.sleep(0.02)
    child.kill()
    await child.wait()
    looking = Modbus(at(module.port))
    assert await looking.read_bit(Function.READ_COILS, 3)

    async def note(*_details) -> None:
        raise AssertionError

    barriers = Barriers()
    await barriers.replace({"main": Barrier("main", CoilRelay(at(module.port), 3, None), None, Habits(), note)})
    assert not await looking.read_bit(Function.READ_COILS, 3)
    await looking.disconnect()
    await barriers.close()
