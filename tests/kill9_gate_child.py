"""The process that gets killed: two cameras whose every read is told, and a watchdog that tells of the box."""

from __future__ import annotations

import asyncio
import itertools
import os
from pathlib import Path

import cv2

from alpr.access import Severity
from alpr.bus import Bus, ReadCommitted
from alpr.config import Rule
from alpr.domain import Reading, Recording, State
from alpr.keepers.gate import Gatekeeper
from alpr.keepers.visits import VisitKeeper
from alpr.recorder import Recorder
from alpr.site.rules.book import FiledRule, Names, Rulebook
from alpr.site.rules.states import BoxState
from alpr.status import Status
from alpr.stay import StayLimits
from alpr.store.database import open_database
from alpr.store.images import Images
from tests.drawn_reads import make_capture, read_id

SIZE = {"width": 160, "height": 64}
RULES = (
    Rule(name="Every", tell=["office", "boss"], tag="seen", alarm="info"),
    Rule(name="Some", plates=["*7"], tell=["boss"], cooldown=600),
)


def run(data: Path, first: int, acknowledged: Path) -> None:
    """Let vehicles pass from number `first` on until killed; append a line for each commit."""
    cv2.setNumThreads(1)
    asyncio.run(_run(data, first, acknowledged))


async def _run(data: Path, first: int, acknowledged: Path) -> None:
    db, bus = await open_database(data), Bus(10_000)
    book = Rulebook(tuple(FiledRule(rule, 1) for rule in RULES), names=Names(targets=("office", "boss")))
    keeper = Gatekeeper(db, bus, Status(), book, visits=VisitKeeper(db, bus, StayLimits()))
    await keeper.load()
    recorder = Recorder(db, Images(data / "images"), bus, Status(), decide=keeper.decide, committed=keeper.committed)
    numbers = itertools.count(first)
    async with asyncio.TaskGroup() as tasks, bus.listen(ReadCommitted) as events:
        tasks.create_task(recorder.run())
        for camera in ("gate-in", "gate-out"):
            tasks.create_task(_drive(recorder, camera, numbers))
        tasks.create_task(_bark(keeper))
        descriptor = os.open(acknowledged, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        while True:
            event = await events.get()
            os.write(descriptor, f"{event.read.id}\n".encode())


async def _drive(recorder: Recorder, camera: str, numbers: itertools.count[int]) -> None:
    way = camera.removeprefix("gate-")
    while True:
        number = next(numbers)
        # Every plate comes twice, mostly in and out.
        about = {"camera": camera, "direction": way, "reading": Reading(f"AB{number // 2:05d}", 0.9)}
        for state in (State.PREVIEW, State.FINAL):
            capture = make_capture(number, state=state, id=read_id(number), **about, **SIZE)
            await recorder.record(Recording(camera, (capture,)))


async def _bark(keeper: Gatekeeper) -> None:
    """Let the disk fill and empty without end."""
    for turn in itertools.count():
        await keeper.box.tell(BoxState("disk", "", "the disk is full", Severity.CRITICAL, over=turn % 2 == 1))
        await asyncio.sleep(0.01)
