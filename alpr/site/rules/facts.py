"""A read and what the lists say of it in the product's own JSON shape, as rules send it out."""

from __future__ import annotations

from alpr.access import Decision, Json, Match
from alpr.domain import Box, Candidate, Character, Read


def read_facts(read: Read, decision: Decision) -> dict[str, Json]:
    """Return the read as the API shows it, without pictures, with verdict and matches."""
    reading = read.reading
    return {
        "id": read.id,
        "camera": read.camera,
        "kind": read.kind.value,
        "state": read.state.value,
        "text": read.text,
        "confidence": round(float(reading.confidence), 4),
        "characters": [_sure(one) for one in reading.characters],
        "candidates": [_sure(one) for one in reading.candidates],
        "region": reading.region,
        "reasons": list(reading.reasons),
        "direction": read.direction,
        "source": read.source or None,
        "box": _corners(read.box),
        "captured_at": read.captured_at.isoformat(),
        "first_seen": read.first_seen.isoformat(),
        "last_seen": read.last_seen.isoformat(),
        "vehicle": _vehicle(read),
        "verdict": decision.verdict.value,
        "reason": decision.reason,
        "opens": decision.opens,
        "matches": [_match(match) for match in decision.matches],
    }


def _vehicle(read: Read) -> Json:
    if read.vehicle is None:
        return None
    return {
        "type": read.vehicle.type,
        "colour": read.vehicle.colour,
        "confidence": round(float(read.vehicle.confidence), 4),
        "box": _corners(read.vehicle_box) if read.vehicle_box else None,
    }


def _match(match: Match) -> dict[str, Json]:
    entry = match.entry
    return {
        "list": entry.list_name,
        "kind": entry.list_kind.value,
        "pattern": entry.pattern,
        "owner": entry.owner,
        "company": entry.company,
        "note": entry.note,
        "match": match.kind.value,
        "probability": round(float(match.probability), 4),
        "reason": match.reason,
        "applies": match.applies,
    }


def _sure(one: Character | Candidate) -> Json:
    return {"text": one.text, "confidence": round(float(one.confidence), 4)}


def _corners(box: Box) -> list[Json]:
    return [float(box.x1), float(box.y1), float(box.x2), float(box.y2)]
