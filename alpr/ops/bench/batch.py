"""How fast `alpr batch` reads a folder of stills, and that being killed in the middle costs it nothing.

Run as `python -m alpr.ops.bench.batch DIR`: the pictures of a folder, again and again under new names until there are
enough. Each number of workers reads a part of them; then a batch reads all and is killed on its way (`kill -9`).
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

from alpr.domain import utc_now
from alpr.errors import AlprError, ConfigError
from alpr.ops.batch import find_stills
from alpr.store import batches, reads
from alpr.store.database import open_database
from alpr.store.readqueries import ReadQuery

_LOOK_EVERY: Final = 0.5
_NAME: Final = "measured"

Start: TypeAlias = Callable[[], Awaitable[asyncio.subprocess.Process]]
"""Starts a process that reads a folder into a store."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What stands in the store: pictures that were processed, reads that they are said to have, and reads kept."""

    processed: int = 0
    told: int = 0
    stored: int = 0


@dataclass(frozen=True, slots=True)
class Folders:
    """Where a batch reads from, and what its site keeps."""

    pictures: Path
    site: Path

    @property
    def data(self) -> Path:
        """The site's data folder."""
        return self.site / "data"

    async def start(self, workers: int) -> asyncio.subprocess.Process:
        """Start `alpr batch` in a process of its own."""
        self.site.mkdir(parents=True, exist_ok=True)
        config = self.site / "alpr.toml"
        config.write_text(f'[store]\ndata = "{self.data.as_posix()}"\n')
        command = ("-m", "alpr.cli", "batch", str(self.pictures), "--workers", str(workers), "--name", _NAME)
        return await asyncio.create_subprocess_exec(sys.executable, *command, "--config", str(config))


def fill(pictures: Path, folder: Path, count: int) -> None:
    """Copy pictures into a folder under new names, again and again. Raises ConfigError when there are none."""
    sources = [pictures / still.path for still in find_stills(pictures)]
    if not sources:
        raise ConfigError(f"{pictures}: has no pictures: name a folder with stills")
    folder.mkdir(parents=True)
    for number in range(count):
        source = sources[number % len(sources)]
        shutil.copyfile(source, folder / f"{number:06}{source.suffix}")


async def counted(data: Path) -> Counted:
    """Count what the store has by now."""
    database = await open_database(data, alone=False)
    try:
        found = await batches.everyone(database, utc_now())
        stored = await reads.count(database, ReadQuery())
    finally:
        await database.close()
    return Counted(found[0].processed, found[0].reads, stored) if found else Counted()


async def killed(start: Start, data: Path, count: int, kills: int) -> Counted:
    """Read all, killed after even parts of the way; return what stands in the store at the end."""
    await (await open_database(data)).close()
    for number in range(1, kills + 1):
        process = await start()
        while process.returncode is None:
            await asyncio.sleep(_LOOK_EVERY)
            if (await counted(data)).processed >= number * count // (kills + 1):
                process.kill()
                break
        await process.wait()
    await (await start()).wait()
    return await counted(data)


async def measure(pictures: Path, scratch: Path, count: int, part: int, kills: int) -> bool:
    """Measure and tell; return whether no picture was lost or read twice."""
    fill(pictures, scratch / "part", part)
    for workers in (1, 2):
        await (await Folders(scratch / "part", scratch / f"site-{workers}").start(workers)).wait()
    fill(pictures, scratch / "all", count)
    folders = Folders(scratch / "all", scratch / "site")
    end = await killed(partial(folders.start, 2), folders.data, count, kills)
    print(f"{count} pictures, killed {kills} times: {end.processed} processed once, {count - end.processed} lost")
    print(f"{end.told} reads of them by the ledger, {end.stored} in the store")
    return end.processed == count and end.told == end.stored


def main() -> None:
    """Measure as the command line says; exit code 1 when a picture was lost or read twice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder with stills of any kind")
    parser.add_argument("--pictures", type=int, default=10_000, help="stills of the batch that is killed (10000)")
    parser.add_argument("--part", type=int, default=400, help="stills that each number of workers reads (400)")
    parser.add_argument("--kills", type=int, default=5)
    args = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory() as scratch:
            whole = asyncio.run(measure(args.folder, Path(scratch), args.pictures, args.part, args.kills))
    except AlprError as error:
        sys.exit(f"bench: {error}")
    sys.exit(0 if whole else 1)


if __name__ == "__main__":
    main()
