"""The process that gets killed: a batch that reads a folder of drawn stills as fast as it can."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

from alpr.config import Config, Store
from alpr.domain import Capture, Frame, still_read_id
from alpr.gate import keepers
from alpr.ops.batch import Batch, Progress, run_batch
from alpr.store.database import open_database
from tests.drawn_reads import make_capture


class DrawnReader:
    """Reads the number that stands in each still's name; the same still gives the same ids again."""

    async def still(self, frame: Frame) -> list[Capture]:
        """Return one read, or nothing for every tenth picture."""
        number = int(Path(frame.still.path).stem)
        if number % 10 == 0:
            return []
        capture = make_capture(number, width=160, height=64, camera=frame.camera)
        return [replace(capture, read=replace(capture.read, id=still_read_id(frame.camera, frame.still, 0)))]


def config_for(data: Path) -> Config:
    """Return a configuration whose data lie there."""
    return Config(store=Store(data=data))


async def read_all(folder: Path, data: Path, **how) -> Progress:
    """Read the folder once."""
    database = await open_database(data)
    batch = Batch("archive", folder, **{"workers": 2, "back_off": (0.01, 0.01), **how})
    try:
        return await run_batch(batch, database, DrawnReader(), config_for(data), keepers)
    finally:
        await database.close()


if __name__ == "__main__":
    asyncio.run(read_all(Path(sys.argv[1]), Path(sys.argv[2])))
