"""The process that gets killed: three cameras that record at full speed and note what was committed."""

from __future__ import annotations

import asyncio
import itertools
import os
from dataclasses import replace
from pathlib import Path

import cv2

from alpr.bus import Bus, ReadCommitted
from alpr.domain import Recording, State, Still, still_read_id
from alpr.recorder import Recorder
from alpr.status import Status
from alpr.store.database import open_database
from alpr.store.images import Images
from alpr.store.stills import StillLedger
from tests.drawn_reads import make_capture, read_id

FOLDER = "folder"
STILLS = range(60_000, 65_000)
SIZE = {"width": 160, "height": 64}


def still(number: int) -> Still:
    """Name the still that shows this number."""
    return Still(f"/in/{number}.jpg", number, number)


def run(data: Path, first: int, acknowledged: Path) -> None:
    """Record passes from number `first` on until killed; append a line for each commit."""
    cv2.setNumThreads(1)
    asyncio.run(_run(data, first, acknowledged))


async def _run(data: Path, first: int, acknowledged: Path) -> None:
    db, bus = await open_database(data), Bus(10_000)
    recorder = Recorder(db, Images(data / "images"), bus, Status())
    numbers = itertools.count(first)
    async with asyncio.TaskGroup() as tasks, bus.listen(ReadCommitted) as events:
        tasks.create_task(recorder.run())
        for camera in ("gate-in", "gate-out"):
            tasks.create_task(_drive(recorder, camera, numbers))
        tasks.create_task(_walk(recorder, StillLedger(db, FOLDER)))
        descriptor = os.open(acknowledged, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        while True:
            event = await events.get()
            os.write(descriptor, f"{event.read.id} {event.read.state} {event.read.text}\n".encode())


async def _drive(recorder: Recorder, camera: str, numbers: itertools.count[int]) -> None:
    """Let vehicles pass: each a preview, then a final from a later frame under the same id."""
    while True:
        number = next(numbers)
        for state, shown in ((State.PREVIEW, next(numbers)), (State.FINAL, number)):
            capture = make_capture(shown, camera=camera, state=state, id=read_id(number), **SIZE)
            await recorder.record(Recording(camera, (capture,)))


async def _walk(recorder: Recorder, ledger: StillLedger) -> None:
    """Read the stills of a folder that are not known yet."""
    known = await ledger.known([still(number) for number in STILLS])
    for number in STILLS:
        if still(number) not in known:
            capture = make_capture(number, camera=FOLDER, **SIZE)
            read = replace(capture.read, id=still_read_id(FOLDER, still(number), 0))
            await recorder.record(Recording(FOLDER, (replace(capture, read=read),), still(number)))
