"""The sweep at start: pictures that a crash left without a row go, rows without a picture are told."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import structlog

from alpr.errors import StoreError
from alpr.store import reads
from alpr.store.database import Database
from alpr.store.images import CameraDay, Images

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep found."""

    removed: int
    missing: int
    """Pictures that rows name and that are not there: somebody deleted them."""
    complete: bool = True
    """Whether it came to its end; otherwise the next start has to look again."""


async def sweep(db: Database, images: Images) -> Swept:
    """Put the folders that changed since the last sweep in order; nothing else may write pictures meanwhile.

    A disk that refuses is told in the log: the pages can still be shown, and the next start tries again.
    """
    removed, missing, complete = 0, 0, False
    try:
        for place in await asyncio.to_thread(images.unswept):
            litter, gone = await asyncio.to_thread(images.sweep, place, await _named(db, place))
            removed, missing = removed + litter, missing + len(gone)
            if gone:
                _log.error("pictures missing", camera=place.camera, count=len(gone), first=min(gone))
        await asyncio.to_thread(images.mark_swept)
        complete = True
    except StoreError as error:
        _log.error("sweep of pictures given up", error=str(error))
    if removed:
        _log.info("left-over pictures removed", count=removed)
    return Swept(removed, missing, complete)


async def _named(db: Database, place: CameraDay) -> frozenset[str]:
    rows = await reads.evidence_between(db, place.camera, place.day, place.day + timedelta(days=1))
    return frozenset(path for evidence in rows for path in (evidence.frame_path, evidence.crop_path) if path)
