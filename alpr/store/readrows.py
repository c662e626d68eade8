"""Reads and looks as rows of the database, there and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row

from alpr.access import Verdict
from alpr.domain import Box, Candidate, Character, CheckDigit, Kind, Read, Reading, Review, State, Vehicle, canonical

READING: Final = (
    "kind",
    "state",
    "text",
    "confidence",
    "characters",
    "candidates",
    "region",
    "reasons",
    "size_type",
    "check_digit",
)
"""The columns of what was read; those that a person's word replaces."""


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
    verdict: Verdict | None = None
    """What the lists said; None for a read from before there were lists."""
    verdict_reason: str = ""
    review: Review | None = None
    """What a person said of it."""
    reviewed_at: datetime | None = None
    reviewed_by: str = ""
    machine: Reading | None = None
    """What the machine had read, when a person has said something."""
    pass_id: str = ""
    """The pass that it belongs to."""
    arrival: str = ""
    """An `Arrival`: how a container, or what a truck brought in, stands to the expected list."""


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


def row_values(read: Read, evidence: Evidence, now: datetime) -> dict[str, Any]:
    """Return the columns of a read, without its id, place and time of making."""
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
        "size_type": reading.size_type,
        "check_digit": reading.check_digit.value if reading.check_digit else None,
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
        "zone": read.zone,
        "source": read.source or None,
        "external_id": read.external_id or None,
        "detector": read.detector or None,
        "reader": read.reader or None,
        **asdict(evidence),
        "updated_at": now,
    }


def look_values(read: Read, thumbnails: Sequence[bytes | None]) -> list[dict[str, Any]]:
    """Return one row for each look."""
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


def stored_look(row: Row[Any]) -> StoredLook:
    """Return the look of a row."""
    return StoredLook(
        row.ordinal, row.time, Box(*row.box), row.text, row.confidence, row.quality, row.kept, row.thumbnail
    )


def _corners(box: Box) -> list[float]:
    return [float(box.x1), float(box.y1), float(box.x2), float(box.y2)]


def evidence_of(row: Row[Any]) -> Evidence:
    """Return the pictures that a row names."""
    return Evidence(row.frame_path, row.frame_sha256, row.frame_width, row.frame_height, row.crop_path, row.crop_sha256)


def stored_read(row: Row[Any]) -> StoredRead:
    """Return the read of a row."""
    reading = reading_of({name: getattr(row, name) for name in READING})
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
        zone=row.zone,
        source=row.source or "",
        external_id=row.external_id or "",
        detector=row.detector or "",
        reader=row.reader or "",
    )
    return StoredRead(
        read,
        row.look_count,
        evidence_of(row),
        row.created_at,
        row.updated_at,
        Verdict(row.verdict) if row.verdict else None,
        row.verdict_reason,
        Review(row.review) if row.review else None,
        row.reviewed_at,
        row.reviewed_by or "",
        reading_of(row.machine) if row.machine else None,
        row.pass_id or "",
        row.arrival or "",
    )


def reading_of(said: Mapping[str, Any]) -> Reading:
    """Return the reading of a row, or of the columns that a person's correction has put away."""
    return Reading(
        text=said["text"],
        confidence=said["confidence"],
        characters=tuple(Character(*pair) for pair in said["characters"]),
        candidates=tuple(Candidate(*pair) for pair in said["candidates"]),
        region=said["region"],
        reasons=tuple(said["reasons"]),
        size_type=said["size_type"],
        check_digit=CheckDigit(said["check_digit"]) if said["check_digit"] else None,
    )
