"""How fast the disk fills: reads a day, bytes a read, and what is left."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import BigInteger, func, select, type_coerce

from alpr.store import schema
from alpr.store.database import Database
from alpr.store.retention import Limits

DAYS: Final = 30
_SAMPLE: Final = 40
_RECENT: Final = 7
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_US: Final = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Usage:
    """The disk under the data folder, and how our reads fill it."""

    total: int
    """Bytes."""
    free: int
    """Bytes that this user may still write."""
    reads: int
    reads_by_day: tuple[int, ...]
    """Of the last `DAYS` days of 24 hours, the oldest first."""
    bytes_per_read: float
    limits: Limits = field(default_factory=Limits)

    @property
    def used(self) -> float:
        """Share of the disk that is not free, 0 to 1."""
        return 1 - self.free / self.total if self.total else 1.0

    @property
    def bytes_per_day(self) -> float:
        """What the reads of the last week took a day; days before the first read do not count."""
        week = self.reads_by_day[-_RECENT:]
        begun = next((index for index, count in enumerate(week) if count), len(week))
        return self.bytes_per_read * sum(week) / max(1, len(week) - begun)

    @property
    def days_left(self) -> float | None:
        """Days until the disk is full if it goes on like this; None when nothing comes in."""
        return self.days_until(1.0)

    def days_until(self, share: float) -> float | None:
        """Return the days until so much of the disk is used if it goes on like this, 0 when it is; None for never."""
        left = max(0.0, share * self.total - (self.total - self.free))
        return left / self.bytes_per_day if self.bytes_per_day else None


async def measure(db: Database, images: Path, now: datetime, limits: Limits) -> Usage:
    """Count reads and look at the disk and at the newest pictures; raise StoreError, or OSError of the disk."""
    begin = now - timedelta(days=DAYS)
    columns, start = schema.reads.c, (begin - _EPOCH) // timedelta(microseconds=1)
    async with db.read() as connection:
        total = (await connection.execute(select(func.count()).select_from(schema.reads))).scalar_one()
        # From the index alone: a month may hold a million reads.
        day = (type_coerce(columns.captured_at, BigInteger) - start) // _DAY_US
        by_day = select(day, func.count()).where(columns.captured_at >= begin).group_by(day)
        counts = {row[0]: row[1] for row in await connection.execute(by_day)}
        ours = select(columns.frame_path, columns.crop_path).where(columns.source.is_(None))
        newest = ours.order_by(columns.captured_at.desc()).limit(_SAMPLE)
        sample = [(row.frame_path, row.crop_path) for row in await connection.execute(newest)]
    size = await asyncio.to_thread(_size_of_one, images, sample, db.path, total)
    disk = await asyncio.to_thread(disk_space, images)
    return Usage(disk[0], disk[1], total, tuple(counts.get(day, 0) for day in range(DAYS)), size, limits)


def _size_of_one(images: Path, sample: Sequence[tuple[str, str]], database: Path, reads: int) -> float:
    """Return the mean bytes of a read: its pictures, as far as they are there, and its share of the database."""
    if not sample:
        return 0.0
    pictures = sum(_file_size(images / path) for row in sample for path in row)
    return pictures / len(sample) + _file_size(database) / reads


def _file_size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def disk_space(folder: Path) -> tuple[int, int]:
    """Return the bytes of the disk that the folder is or will be on, all and free; raise OSError."""
    while not folder.exists():
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    return usage.total, usage.free
