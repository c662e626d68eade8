"""The process that gets killed: two senders whose batches share transactions, some reads with a picture, many twice."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from pathlib import Path

from alpr.bus import Bus
from alpr.config import Rule
from alpr.domain import utc_now
from alpr.exchange.admission import Station, Terms
from alpr.exchange.told import Image, Told
from alpr.intake.reads import Intake, IntakeSettings
from alpr.keepers.gate import Gatekeeper
from alpr.keepers.visits import VisitKeeper
from alpr.site.rules.book import FiledRule, Names, Rulebook
from alpr.status import Status
from alpr.stay import StayLimits
from alpr.store.database import Database, open_database
from alpr.store.images import Images
from tests import foreign_payloads

RULES = (Rule(name="Every", tell=["office"], tag="seen"),)
SOURCE = "deck"
BATCH = 12


def told(number: int) -> Told:
    """Make the n-th event; every plate comes twice, every third event has a picture."""
    return Told(
        camera=("deck",),
        at=utc_now() - timedelta(minutes=1, milliseconds=number % 1000),
        text=f"AB{number // 2:05d}",
        confidence=0.9,
        external_id=str(number),
        direction="out" if number % 2 else "in",
        frame=None if number % 3 else Image("frame", foreign_payloads.jpeg()),
    )


async def at_work(data: Path) -> tuple[Database, Intake]:
    """Build an intake over a data folder; `run` is the caller's."""
    db, bus = await open_database(data), Bus(10_000)
    book = Rulebook(tuple(FiledRule(rule, 1) for rule in RULES), names=Names(targets=("office",)))
    keeper = Gatekeeper(db, bus, Status(), book, visits=VisitKeeper(db, bus, StayLimits()))
    await keeper.load()
    settings = IntakeSettings(terms=Terms(stations={("", "deck"): Station("deck")}))
    images = Images(data / "images")
    return db, Intake(db, images, bus, judge=keeper.decide_all, committed=keeper.committed, settings=settings)


def run(data: Path, first: int, acknowledged: Path) -> None:
    """Send events from number `first` on until killed; append a line for each that was answered."""
    asyncio.run(_run(data, first, acknowledged))


async def _run(data: Path, first: int, acknowledged: Path) -> None:
    _, intake = await at_work(data)
    descriptor = os.open(acknowledged, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(intake.run())
        for start in (first, first + BATCH // 2):  # they overlap: much of each is the other's as well
            tasks.create_task(_send(intake, start, descriptor))


async def _send(intake: Intake, number: int, descriptor: int) -> None:
    while True:
        outcomes = await intake.take([told(one) for one in range(number, number + BATCH)], SOURCE)
        os.write(descriptor, "".join(f"{one.read_id}\n" for one in outcomes).encode())
        number += BATCH
