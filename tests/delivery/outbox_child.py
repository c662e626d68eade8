"""The process that gets killed: it writes deliveries as fast as it can while its outbox sends them."""

from __future__ import annotations

import asyncio
import itertools
import os
from contextlib import suppress
from pathlib import Path

from alpr.access import Message
from alpr.delivery.lane import Pace
from alpr.delivery.outbox import Outbox
from alpr.delivery.webhook import Hook, WebhookTarget
from alpr.domain import utc_now
from alpr.store import deliveries
from alpr.store.database import open_database
from alpr.store.images import Images

TARGETS = ("yard", "erp")


def make_outbox(db, data: Path, port: int) -> Outbox:
    """Make the outbox of two webhooks at the receiver."""
    hooks = {name: WebhookTarget(Hook(name, f"http://127.0.0.1:{port}/{name}", timeout=2)) for name in TARGETS}
    return Outbox(db, Images(data / "images"), hooks, pace=Pace(first_pause=0.01, longest_pause=0.05))


def run(data: Path, port: int, first: int, committed: Path) -> None:
    """Write messages from number `first` on until killed; append a line for each commit."""
    asyncio.run(_run(data, port, first, committed))


async def _run(data: Path, port: int, first: int, committed: Path) -> None:
    db = await open_database(data)
    outbox = make_outbox(db, data, port)
    descriptor = os.open(committed, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(outbox.run())
        for number in itertools.count(first):
            async with db.write() as connection:
                for target in TARGETS:
                    message = Message(f"{number}/{target}", target, f"{number}", "", {"number": number})
                    await deliveries.add(connection, message, utc_now())
            os.write(descriptor, f"{number}\n".encode())
            outbox.wake()


async def send_the_rest(data: Path, port: int) -> None:
    """Send what still waits, as the next start does."""
    db = await open_database(data)
    outbox = make_outbox(db, data, port)
    running = asyncio.create_task(outbox.run())
    while await deliveries.waiting_targets(db):  # noqa: ASYNC110 - rows give no event
        await asyncio.sleep(0.02)
    await outbox.drain()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    await db.close()
