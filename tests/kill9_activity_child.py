"""The process that gets killed: cameras that send batches of activity events at full speed, late ones among them."""

from __future__ import annotations

import asyncio
import itertools
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from alpr.activity import FactoryPlan
from alpr.bus import Bus
from alpr.intake.activity import Fate, Intake
from alpr.site.factory.floor import Floor
from alpr.store.activitysums import roll
from alpr.store.database import Database, open_database

BEGIN = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
PLAN = FactoryPlan(ZoneInfo("Europe/Berlin"))
BATCH = 20
KINDS = ("working", "idle", "product_count", "absent")


def event(number: int) -> dict[str, object]:
    """Make event number so-and-so: its time goes to and fro, so that many come late."""
    at = BEGIN + timedelta(seconds=7 * (number ^ 37) % 400_000)
    return {
        "timestamp": at.isoformat(),
        "worker": f"W{number % 5}",
        "station": f"S{number % 3}",
        "type": KINDS[number % 4],
        "confidence": 0.9,
        "count": 1,
        "id": f"e{number}",
    }


def run(data: Path, first: int, acknowledged: Path) -> None:
    """Send events from number `first` on until killed; append the numbers that were acknowledged."""
    asyncio.run(_run(data, first, acknowledged))


async def _run(data: Path, first: int, acknowledged: Path) -> None:
    db = await open_database(data)
    intake = Intake(db, Bus(), Floor(PLAN))
    descriptor = os.open(acknowledged, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    numbers = itertools.count(first)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_roll(db))
        for _ in range(2):
            tasks.create_task(_send(intake, numbers, descriptor))


async def _send(intake: Intake, numbers: itertools.count[int], descriptor: int) -> None:
    while True:
        batch = [next(numbers) for _ in range(BATCH)]
        # Each batch begins with some that an earlier run may have sent already.
        sent = [*(max(1, number - 500) for number in batch[:4]), *batch]
        answers = await intake.take([event(number) for number in sent], "kill")
        kept = [number for number, one in zip(sent, answers, strict=True) if one.fate is not Fate.REFUSED]
        os.write(descriptor, "".join(f"{number}\n" for number in kept).encode())


async def _roll(db: Database) -> None:
    while True:
        await roll(db, PLAN, BEGIN + timedelta(days=30))
        await asyncio.sleep(0.002)
