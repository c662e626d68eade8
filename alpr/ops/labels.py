"""What persons said of reads as labelled pictures: a folder with `truth.csv`, for `alpr bench` and `alpr train`."""

from __future__ import annotations

import asyncio
import csv
import io
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from alpr.domain import Kind, Review
from alpr.errors import AlprError
from alpr.store import reads
from alpr.store.database import Database
from alpr.store.reads import Cursor, ReadQuery, StoredRead
from alpr.training.truth import TRUTH_FILE

_BATCH: Final = 200
_SAID: Final = (Review.CORRECTED, Review.CONFIRMED)
_COLUMNS: Final = ("file", "x", "y", "w", "h", "text", "machine_text", "machine_confidence", "review", "kind", "camera")


async def write_labels(database: Database, images: Path, query: ReadQuery, folder: Path) -> int:
    """Write frame and crop of every corrected or confirmed read with its text, and return how many.

    `DIR/` holds the frames with the plate's box, for `alpr bench`; `DIR/crops/` the crops, for `alpr train reader`.
    Raises AlprError.
    """
    rows: list[list[object]] = []
    crops: list[list[object]] = []
    try:
        await asyncio.to_thread((folder / "crops").mkdir, parents=True, exist_ok=True)
        async for stored in _reviewed(database, query):
            name = f"{stored.read.captured_at:%Y%m%d-%H%M%S}-{stored.read.id}.jpg"
            if await asyncio.to_thread(_copied, images / stored.evidence.frame_path, folder / name):
                rows.append([name, *_box(stored), *_told(stored)])
            # Of a vehicle that nobody could read, box and crop are the whole vehicle's.
            if not _is_located(stored):
                continue
            if await asyncio.to_thread(_copied, images / stored.evidence.crop_path, folder / "crops" / name):
                crops.append([name, "", "", "", "", *_told(stored)])
        await asyncio.to_thread((folder / TRUTH_FILE).write_text, _csv(rows), "utf-8")
        await asyncio.to_thread((folder / "crops" / TRUTH_FILE).write_text, _csv(crops), "utf-8")
    except OSError as error:
        raise AlprError(f"folder {folder}: {error.strerror}: name a folder that can be written") from error
    return len(rows)


async def _reviewed(database: Database, query: ReadQuery) -> AsyncIterator[StoredRead]:
    """Give the reads whose text a person vouches for, newest first."""
    for review in (query.review,) if query.review else _SAID:
        place = None
        while found := await reads.page(database, replace(query, review=review, before=place, limit=_BATCH)):
            for stored in found:
                if stored.read.text and stored.read.kind is not Kind.VEHICLE and stored.evidence.frame_path:
                    yield stored
            place = Cursor(found[-1].read.captured_at, found[-1].read.id)


def _copied(source: Path, target: Path) -> bool:
    """Copy a picture; one that has been deleted since is left out."""
    try:
        shutil.copyfile(source, target)
    except FileNotFoundError:
        return False
    return True


def _is_located(stored: StoredRead) -> bool:
    return bool(stored.machine is None or stored.machine.text)


def _box(stored: StoredRead) -> tuple[int | str, int | str, int | str, int | str]:
    box = stored.read.box
    if not _is_located(stored):
        return "", "", "", ""
    return round(box.x1), round(box.y1), round(box.width), round(box.height)


def _told(stored: StoredRead) -> tuple[str, ...]:
    machine, read = stored.machine or stored.read.reading, stored.read
    review = stored.review.value if stored.review else ""
    return read.text, machine.text, f"{machine.confidence:.4f}", review, read.kind.value, read.camera


def _csv(rows: list[list[object]]) -> str:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(rows)
    return written.getvalue()
