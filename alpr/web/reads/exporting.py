"""Reads as files, for spreadsheets (CSV, RFC 4180) and programs (JSON Lines): the same for pages and commands."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from alpr.site.lists.file import guarded
from alpr.store import hits, reads
from alpr.store.database import Database
from alpr.store.hits import Hit
from alpr.store.reads import Cursor, ReadQuery, StoredRead
from alpr.web.api.shapes import read_shape

COLUMNS: Final = (
    "time",
    "camera",
    "direction",
    "kind",
    "text",
    "confidence",
    "verdict",
    "reason",
    "list",
    "owner",
    "company",
    "region",
    "vehicle_type",
    "vehicle_colour",
    "state",
    "review",
    "reviewed_by",
    "machine_text",
    "source",
    "first_seen",
    "last_seen",
    "id",
    "frame_sha256",
    "crop_sha256",
)
_BATCH: Final = 500
_BOM: Final = "\N{BYTE ORDER MARK}".encode()
"""By which spreadsheets know UTF-8."""


class Form(StrEnum):
    """How a file of reads is written."""

    CSV = "csv"
    JSONL = "jsonl"


MEDIA: Final = {Form.CSV: "text/csv; charset=utf-8", Form.JSONL: "application/jsonl; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Exported:
    """A read with what the lists said of it."""

    stored: StoredRead
    hits: Sequence[Hit]


async def export(
    db: Database, query: ReadQuery, form: Form, zone: ZoneInfo, progress: Callable[[int], None] = lambda _count: None
) -> AsyncIterator[bytes]:
    """Write every read of the query, newest first; `progress` is told how many more have been written."""
    if form is Form.CSV:
        yield _BOM + _csv([COLUMNS])
    async for batch in batches(db, query):
        if form is Form.CSV:
            yield _csv([_cells(one, zone) for one in batch])
        else:
            yield b"".join(msgspec.json.encode(read_shape(one.stored)) + b"\n" for one in batch)
        progress(len(batch))


async def batches(db: Database, query: ReadQuery, size: int = _BATCH) -> AsyncIterator[list[Exported]]:
    """Give the reads of the query a few hundred at a time, each with what the lists said; its `limit` is for all."""
    left, place = query.limit, query.before
    while left > 0:
        found = await reads.page(db, replace(query, before=place, limit=min(size, left)))
        if not found:
            return
        said = await hits.of_reads(db, [one.read.id for one in found])
        yield [Exported(one, said.get(one.read.id, ())) for one in found]
        last = found[-1].read
        left, place = left - len(found), Cursor(last.captured_at, last.id)


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows([guarded(cell) for cell in row] for row in rows)
    return written.getvalue().encode()


def _cells(one: Exported, zone: ZoneInfo) -> list[str]:
    """Return the cells of a row in the order of `COLUMNS`."""
    stored = one.stored
    read, vehicle = stored.read, stored.read.vehicle
    owner = next((hit for hit in one.hits if hit.applies), None)
    first, last = (at.astimezone(zone).isoformat(timespec="milliseconds") for at in (read.first_seen, read.last_seen))
    return [
        read.captured_at.astimezone(zone).isoformat(timespec="milliseconds"),
        read.camera,
        read.direction or "",
        read.kind.value,
        read.text,
        f"{read.reading.confidence:.4f}" if read.text else "",
        stored.verdict.value if stored.verdict else "",
        stored.verdict_reason,
        owner.list_name if owner else "",
        owner.owner if owner else "",
        owner.company if owner else "",
        read.reading.region or "",
        vehicle.type if vehicle else "",
        (vehicle.colour or "") if vehicle else "",
        read.state.value,
        stored.review.value if stored.review else "",
        stored.reviewed_by,
        stored.machine.text if stored.machine else "",
        read.source,
        first,
        last,
        read.id,
        stored.evidence.frame_sha256,
        stored.evidence.crop_sha256,
    ]
