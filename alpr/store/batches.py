"""Batches and watched folders: how far each is, what failed and why, and what is to be tried again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, func, insert, select, update

from alpr.store import schema
from alpr.store.database import Database

RECENT: Final = timedelta(minutes=10)
"""What the present speed is measured over."""
_PROCESSED: Final = "processed"
_FAILED: Final = "failed"


@dataclass(frozen=True, slots=True)
class Batch:
    """A folder that is or was read as a whole, or one that a camera watches (`folder` is empty then)."""

    camera: str
    processed: int = 0
    reads: int = 0
    waiting: int = 0
    """Failed, and to be tried again."""
    failed: int = 0
    """Failed for good."""
    recently: int = 0
    """Processed within `RECENT`."""
    last_at: datetime | None = None
    folder: str = ""
    pictures: int = 0
    workers: int = 0
    started_at: datetime | None = None
    updated_at: datetime | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FailedStill:
    """A picture that could not be read."""

    path: str
    error: str
    attempts: int
    at: datetime
    retry_at: datetime | None
    """None: for good."""


async def begin(db: Database, camera: str, folder: str, pictures: int, workers: int, now: datetime) -> None:
    """Note that a batch begins, or goes on."""
    table = schema.batches
    values = {"folder": folder, "pictures": pictures, "workers": workers, "updated_at": now, "finished_at": None}
    async with db.write() as connection:
        known = await connection.execute(update(table).where(table.c.camera == camera).values(**values))
        if not known.rowcount:
            await connection.execute(insert(table).values(camera=camera, started_at=now, **values))


async def touch(db: Database, camera: str, now: datetime, *, finished: bool = False) -> None:
    """Note that a batch is still at work, or done."""
    table = schema.batches
    values: dict[str, Any] = {"updated_at": now, "finished_at": now if finished else None}
    async with db.write() as connection:
        await connection.execute(update(table).where(table.c.camera == camera).values(**values))


async def everyone(db: Database, now: datetime) -> tuple[Batch, ...]:
    """Return all batches and watched folders, the one that worked last first."""
    stills, found = schema.stills.c, dict[str, Batch]()
    for_good = and_(stills.status == _FAILED, stills.retry_at.is_(None))
    counted = select(
        stills.camera,
        func.count().filter(stills.status == _PROCESSED).label("processed"),
        func.sum(stills.reads).label("reads"),
        func.count().filter(for_good).label("failed"),
        func.count().filter(stills.status == _FAILED, stills.retry_at.is_not(None)).label("waiting"),
        func.max(stills.finished_at).label("last_at"),
    ).group_by(stills.camera)
    lately = (
        select(stills.camera, func.count().label("n"))
        .where(stills.finished_at >= now - RECENT, stills.status == _PROCESSED)
        .group_by(stills.camera)
    )
    async with db.read() as connection:
        for row in await connection.execute(select(schema.batches)):
            found[row.camera] = Batch(
                row.camera,
                folder=row.folder,
                pictures=row.pictures,
                workers=row.workers,
                started_at=row.started_at,
                updated_at=row.updated_at,
                finished_at=row.finished_at,
            )
        for row in await connection.execute(counted):
            known = found.get(row.camera, Batch(row.camera))
            found[row.camera] = replace(
                known,
                processed=row.processed,
                reads=row.reads,
                failed=row.failed,
                waiting=row.waiting,
                last_at=row.last_at,
            )
        for row in await connection.execute(lately):
            found[row.camera] = replace(found[row.camera], recently=row.n)
    return tuple(sorted(found.values(), key=_newest, reverse=True))


async def failures(db: Database, camera: str, limit: int = 200) -> tuple[FailedStill, ...]:
    """Return what failed in a folder, the latest first."""
    stills = schema.stills.c
    statement = (
        select(schema.stills)
        .where(stills.camera == camera, stills.status == _FAILED)
        .order_by(stills.finished_at.desc(), stills.path)
        .limit(limit)
    )
    async with db.read() as connection:
        return tuple(
            FailedStill(row.path, row.error, row.attempts, row.finished_at, row.retry_at)
            for row in await connection.execute(statement)
        )


async def retry(db: Database, camera: str, now: datetime, path: str | None = None) -> int:
    """Let a picture that failed, or all of a folder, be tried again now; return how many."""
    stills = schema.stills.c
    statement = update(schema.stills).where(stills.camera == camera, stills.status == _FAILED)
    if path is not None:
        statement = statement.where(stills.path == path)
    async with db.write() as connection:
        return (await connection.execute(statement.values(attempts=0, retry_at=now))).rowcount


def _newest(one: Batch) -> tuple[float, str]:
    times = [at.timestamp() for at in (one.last_at, one.updated_at) if at]
    return max(times, default=0.0), one.camera
