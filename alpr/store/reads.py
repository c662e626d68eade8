"""Reads with their looks: saved once per pass, paged newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.domain import (
    Box,
    Candidate,
    Character,
    Kind,
    Read,
    Reading,
    State,
    Vehicle,
    canonical,
)
from alpr.store import schema
from alpr.store.database import Database


@dataclass(frozen=True, slots=True)
class Evidence:
    """The stored pictures of a read; paths are relative to the folder of pictures."""

    frame_path: str
    frame_sha256: str
    frame_width: int
    frame_height: int
    crop_path: str
    crop_sha256: str


@dataclass(frozen=True, slots=True)
class StoredRead:
    """A read as the store knows it; `read.looks` is empty here, `looks()` fetches them."""

    read: Read
    look_count: int
    evidence: Evidence
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class StoredLook:
    """One look of a stored read, with its crop as a small JPEG."""

    ordinal: int
    time: float
    """Seconds of the source, as `Frame.time`."""
    box: Box
    text: str
    confidence: float
    quality: float
    kept: bool
    thumbnail: bytes | None


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last read of a page: the next page begins after it."""

    captured_at: datetime
    id: str


@dataclass(frozen=True, slots=True)
class ReadQuery:
    """Which reads to page through; what is None does not narrow."""

    camera: str | None = None
    kind: Kind | None = None
    state: State | None = None
    text: str | None = None
    """Part of the text, look-alikes forgiven; with `*` (any run) or `?` (one character) the whole text."""
    same: str | None = None
    """The whole text, look-alikes forgiven: a text without letters and digits is that of no read."""
    direction: str | None = None
    below: float | None = None
    """Only texts less sure than this, 0 to 1."""
    since: datetime | None = None
    until: datetime | None = None
    """Exclusive."""
    before: Cursor | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Saved:
    """What `save` did."""

    stored: bool
    """False when a preview came after its final: nothing was changed."""
    new: bool
    """Whether the id was not known before."""
    replaced: Evidence | None = None
    """The pictures that the row named until now."""


async def save(
    connection: AsyncConnection, read: Read, evidence: Evidence, thumbnails: Sequence[bytes | None], now: datetime
) -> Saved:
    """Store the read under its id, or complete the one that is there; a final never turns back into a preview.

    `thumbnails` has one JPEG, or None, for each of `read.looks`.
    """
    table = schema.reads
    known = (await connection.execute(select(table).where(table.c.id == read.id))).one_or_none()
    if known is not None and read.state is State.PREVIEW and known.state != State.PREVIEW:
        return Saved(stored=False, new=False)
    values = _row(read, evidence, now)
    if known is None:
        await connection.execute(insert(table).values(id=read.id, created_at=now, **values))
    else:
        await connection.execute(update(table).where(table.c.id == read.id).values(**values))
        await connection.execute(delete(schema.looks).where(schema.looks.c.read_id == read.id))
    if rows := _look_rows(read, thumbnails):
        await connection.execute(insert(schema.looks), rows)
    return Saved(stored=True, new=known is None, replaced=None if known is None else _evidence(known))


async def complete_previews(connection: AsyncConnection, now: datetime) -> int:
    """Make every preview final: the process that would have completed them is gone. Return how many."""
    table = schema.reads
    left_open = update(table).where(table.c.state == State.PREVIEW).values(state=State.FINAL, updated_at=now)
    return (await connection.execute(left_open)).rowcount


async def get(db: Database, read_id: str) -> StoredRead | None:
    """Return one read, or None."""
    async with db.read() as connection:
        row = (await connection.execute(select(schema.reads).where(schema.reads.c.id == read_id))).one_or_none()
    return None if row is None else _stored(row)


async def page(db: Database, query: ReadQuery) -> tuple[StoredRead, ...]:
    """Return at most `query.limit` reads, newest first."""
    table = schema.reads
    statement = select(table).where(*_conditions(query))
    if query.before is not None:
        place = tuple_(table.c.captured_at, table.c.id)
        statement = statement.where(place < (query.before.captured_at, query.before.id))
    statement = statement.order_by(table.c.captured_at.desc(), table.c.id.desc()).limit(query.limit)
    async with db.read() as connection:
        return tuple(_stored(row) for row in await connection.execute(statement))


async def after(db: Database, place: Cursor) -> StoredRead | None:
    """Return the read that came next after this one, or None for the newest."""
    table = schema.reads
    here = tuple_(table.c.captured_at, table.c.id) > (place.captured_at, place.id)
    statement = select(table).where(here).order_by(table.c.captured_at, table.c.id).limit(1)
    async with db.read() as connection:
        row = (await connection.execute(statement)).one_or_none()
    return None if row is None else _stored(row)


async def count(db: Database, query: ReadQuery) -> int:
    """Return how many reads the query finds; `before` and `limit` do not matter."""
    statement = select(func.count()).select_from(schema.reads).where(*_conditions(query))
    async with db.read() as connection:
        return (await connection.execute(statement)).scalar_one()


async def looks(db: Database, read_id: str) -> tuple[StoredLook, ...]:
    """Return the looks of a read in the order they were made."""
    table = schema.looks
    statement = select(table).where(table.c.read_id == read_id).order_by(table.c.ordinal)
    async with db.read() as connection:
        return tuple(
            StoredLook(
                row.ordinal, row.time, Box(*row.box), row.text, row.confidence, row.quality, row.kept, row.thumbnail
            )
            for row in await connection.execute(statement)
        )


async def evidence_between(db: Database, camera: str, since: datetime, until: datetime) -> tuple[Evidence, ...]:
    """Return the pictures of every read of the camera captured from `since` until before `until`."""
    columns = schema.reads.c
    statement = select(*(columns[field.name] for field in fields(Evidence))).where(
        columns.camera == camera, columns.captured_at >= since, columns.captured_at < until
    )
    async with db.read() as connection:
        return tuple(_evidence(row) for row in await connection.execute(statement))


def _conditions(query: ReadQuery) -> list[ColumnElement[bool]]:
    columns = schema.reads.c
    conditions: list[ColumnElement[bool]] = []
    if query.camera is not None:
        conditions.append(columns.camera == query.camera)
    if query.kind is not None:
        conditions.append(columns.kind == query.kind.value)
    if query.state is not None:
        conditions.append(columns.state == query.state.value)
    if query.text is not None:
        conditions.append(columns.canonical.like(_pattern(query.text)))
    if query.same is not None:
        conditions += [columns.canonical == canonical(query.same), columns.text != ""]
    if query.direction is not None:
        conditions.append(columns.direction == query.direction)
    if query.below is not None:
        conditions += [columns.confidence < query.below, columns.text != ""]
    if query.since is not None:
        conditions.append(columns.captured_at >= query.since)
    if query.until is not None:
        conditions.append(columns.captured_at < query.until)
    return conditions


def _pattern(text: str) -> str:
    """Return the LIKE pattern over canonical texts, which hold letters and digits only and so need no escape."""
    whole = "*" in text or "?" in text
    folded = "%".join("_".join(canonical(part) for part in run.split("?")) for run in text.split("*"))
    return folded if whole else f"%{folded}%"


def _row(read: Read, evidence: Evidence, now: datetime) -> dict[str, Any]:
    # Models hand over NumPy's numbers, which neither SQLite nor JSON takes.
    reading, vehicle = read.reading, read.vehicle
    return {
        "camera": read.camera,
        "kind": read.kind.value,
        "state": read.state.value,
        "text": reading.text,
        "canonical": canonical(reading.text),
        "confidence": float(reading.confidence),
        "characters": [[character.text, float(character.confidence)] for character in reading.characters],
        "candidates": [[candidate.text, float(candidate.confidence)] for candidate in reading.candidates],
        "reasons": list(reading.reasons),
        "region": reading.region,
        "box": _corners(read.box),
        "captured_at": read.captured_at,
        "frame_time": float(read.frame_time),
        "first_seen": read.first_seen,
        "last_seen": read.last_seen,
        "look_count": len(read.looks),
        "vehicle_type": vehicle.type if vehicle else None,
        "vehicle_colour": vehicle.colour if vehicle else None,
        "vehicle_confidence": float(vehicle.confidence) if vehicle else None,
        "vehicle_box": _corners(read.vehicle_box) if read.vehicle_box else None,
        "direction": read.direction,
        **asdict(evidence),
        "updated_at": now,
    }


def _look_rows(read: Read, thumbnails: Sequence[bytes | None]) -> list[dict[str, Any]]:
    return [
        {
            "read_id": read.id,
            "ordinal": ordinal,
            "time": float(look.time),
            "box": _corners(look.box),
            "text": look.text,
            "confidence": float(look.confidence),
            "quality": float(look.quality),
            "kept": bool(look.kept),
            "thumbnail": thumbnail,
        }
        for ordinal, (look, thumbnail) in enumerate(zip(read.looks, thumbnails, strict=True))
    ]


def _corners(box: Box) -> list[float]:
    return [float(box.x1), float(box.y1), float(box.x2), float(box.y2)]


def _evidence(row: Row[Any]) -> Evidence:
    return Evidence(row.frame_path, row.frame_sha256, row.frame_width, row.frame_height, row.crop_path, row.crop_sha256)


def _stored(row: Row[Any]) -> StoredRead:
    reading = Reading(
        text=row.text,
        confidence=row.confidence,
        characters=tuple(Character(*pair) for pair in row.characters),
        candidates=tuple(Candidate(*pair) for pair in row.candidates),
        region=row.region,
        reasons=tuple(row.reasons),
    )
    vehicle = None
    if row.vehicle_type is not None:
        vehicle = Vehicle(row.vehicle_type, row.vehicle_colour, row.vehicle_confidence)
    read = Read(
        id=row.id,
        camera=row.camera,
        kind=Kind(row.kind),
        state=State(row.state),
        reading=reading,
        box=Box(*row.box),
        captured_at=row.captured_at,
        frame_time=row.frame_time,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        vehicle=vehicle,
        vehicle_box=None if row.vehicle_box is None else Box(*row.vehicle_box),
        direction=row.direction,
    )
    return StoredRead(read, row.look_count, _evidence(row), row.created_at, row.updated_at)
