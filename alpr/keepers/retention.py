"""Keeps the store within its limits: what is too old goes, and the oldest pictures where the disk fills."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import structlog

from alpr.config import Store
from alpr.domain import utc_now
from alpr.errors import StoreError
from alpr.store import audit, retention
from alpr.store.database import Database
from alpr.store.images import Images
from alpr.store.retention import Limits
from alpr.store.usage import disk_space

_EVERY: Final = 600.0
_PAUSE: Final = 0.05
"""Seconds between two transactions: reads come first."""
_AT_ONCE: Final = timedelta(hours=1)
"""Of pictures, that go together when room is needed."""
_YOUNG: Final = timedelta(days=1)
"""Pictures younger than this never go for want of room: then something else has filled the disk."""
_RELIEF: Final = 0.02
"""Share of the disk that is freed beyond the limit, so that not every hour has to."""

_log = structlog.get_logger(__name__)


def limits_of(store: Store) -> Limits:
    """Return the limits of a `[store]` table."""
    pictures, reads = (timedelta(days=days) if days else None for days in (store.keep_pictures, store.keep_reads))
    return Limits(pictures, reads, store.make_room)


@dataclass(frozen=True, slots=True)
class Pruned:
    """What went, and why."""

    pictures: int = 0
    """Files."""
    for_room: int = 0
    """Of them, how many because the disk was too full."""
    reads: int = 0

    @property
    def words(self) -> str:
        """One line for the log of deeds; empty when nothing went."""
        if not self.pictures and not self.reads:
            return ""
        room = f" ({self.for_room} because the disk was full)" if self.for_room else ""
        return f"{self.reads} reads and {self.pictures} pictures removed{room}"


class Retention:
    """Takes the oldest out of a store, some at a time, while it is in use."""

    def __init__(
        self,
        db: Database,
        images: Images,
        limits: Callable[[], Limits],
        *,
        fullness: Callable[[Path], float] | None = None,
        pause: float = _PAUSE,
    ) -> None:
        self._db = db
        self._images = images
        self._limits = limits
        self._fullness = fullness or _fullness
        self._pause = pause

    async def run(self, every: float = _EVERY) -> None:
        """Prune again and again, until cancelled; a store that refuses is told and tried again."""
        failing = False
        while True:
            try:
                await self.prune(utc_now(), "retention")
                failing = False
            except StoreError as error:
                if not failing:
                    _log.warning("old pictures and reads not removed, trying again", error=str(error))
                failing = True
            await asyncio.sleep(every)

    async def prune(self, now: datetime, actor: str) -> Pruned:
        """Take out what the limits say now, noted under the name of `actor`; raise StoreError."""
        limits = self._limits()
        reads, pictures = (0, 0) if limits.reads is None else await self._forget_reads(now - limits.reads)
        if limits.pictures is not None:
            pictures += await self._forget_pictures(now - limits.pictures)
        for_room = await self._make_room(limits.disk, now - _YOUNG) if limits.disk else 0
        pruned = Pruned(pictures + for_room, for_room, reads)
        if pruned.words:
            _log.info("removed", reads=pruned.reads, pictures=pruned.pictures, for_room=pruned.for_room)
            await audit.record(self._db, audit.Entry(utc_now(), actor, "prune", "store", pruned.words))
        return pruned

    async def _forget_reads(self, before: datetime) -> tuple[int, int]:
        reads = pictures = 0
        while True:
            count, paths = await retention.forget_reads(self._db, before)
            if not count:
                await retention.forget_visits(self._db, before)
                return reads, pictures
            await self._delete(paths)
            reads, pictures = reads + count, pictures + len(paths)

    async def _forget_pictures(self, before: datetime) -> int:
        pictures = 0
        while (paths := await retention.forget_pictures(self._db, before)) is not None:
            await self._delete(paths)
            pictures += len(paths)
        return pictures

    async def _make_room(self, limit: float, newest: datetime) -> int:
        """Take the oldest pictures out hour by hour until the disk is less full than the limit."""
        removed = 0
        if await self._full() <= limit:
            return removed
        while await self._full() > limit - _RELIEF:
            oldest = await retention.oldest_picture(self._db)
            if oldest is None or oldest >= newest:
                _log.error("the disk is too full, and not with pictures that may go", limit=limit)
                break
            removed += await self._forget_pictures(min(newest, oldest + _AT_ONCE))
        return removed

    async def _full(self) -> float:
        return await asyncio.to_thread(self._fullness, self._db.path.parent)

    async def _delete(self, paths: list[str]) -> None:
        await asyncio.to_thread(self._images.delete, paths)
        await asyncio.to_thread(self._images.remove_empty_folders, paths)
        await asyncio.sleep(self._pause)


def _fullness(folder: Path) -> float:
    """Return how full the disk under the folder is, 0 to 1; raise StoreError."""
    try:
        total, free = disk_space(folder)
    except OSError as error:
        raise StoreError(f"disk under {folder}: {error.strerror}") from error
    return 1 - free / total
