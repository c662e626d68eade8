"""Reads as visits see them: found by the texts that they can bear, with the visit that each belongs to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, delete, func, insert, or_, select, union, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.domain import Candidate, Character, Kind, Reading, State, Vehicle
from alpr.site.likeness import hypotheses
from alpr.site.visits.decisions import Decision, Deed
from alpr.site.visits.sightings import Seen
from alpr.stay import Sighting, Way
from alpr.store import schema
from alpr.store.database import Database

_READ, _SEEN, _KEY = schema.reads.c, schema.sightings.c, schema.sighting_keys.c


@dataclass(frozen=True, slots=True)
class StoredSighting:
    """A sighting, and what is known of it besides."""

    seen: Seen
    visit: str | None
    zone: str


def _columns() -> Select[Any]:
    return select(
        _READ.id,
        _READ.captured_at,
        _READ.camera,
        _READ.direction,
        _READ.kind,
        _READ.state,
        _READ.text,
        _READ.confidence,
        _READ.characters,
        _READ.candidates,
        _READ.vehicle_type,
        _READ.vehicle_colour,
        _READ.vehicle_confidence,
        _READ.zone,
        _SEEN.visit_id,
    ).join_from(schema.sightings, schema.reads, _READ.id == _SEEN.read_id)


async def near(
    connection: AsyncConnection, kind: Kind, keys: Iterable[str], since: datetime, until: datetime
) -> dict[str, StoredSighting]:
    """Return the sightings that can bear one of these folded texts, from `since` until `until`, both included."""
    names = sorted(keys)
    first = select(_SEEN.read_id).where(
        _SEEN.kind == kind.value, _SEEN.folded.in_(names), _SEEN.at.between(since, until)
    )
    second = select(_KEY.read_id).where(_KEY.kind == kind.value, _KEY.folded.in_(names), _KEY.at.between(since, until))
    statement = _columns().where(_SEEN.read_id.in_(union(first, second)), ~_SEEN.dismissed)
    return {row.id: _stored(row) for row in await connection.execute(statement)}


async def of_ids(connection: AsyncConnection, ids: Collection[str]) -> dict[str, StoredSighting]:
    """Return those of these reads that take part in visits."""
    statement = _columns().where(_SEEN.read_id.in_(list(ids)), ~_SEEN.dismissed)
    return {row.id: _stored(row) for row in await connection.execute(statement)}


async def as_taken_up(connection: AsyncConnection, ids: Collection[str]) -> dict[str, StoredSighting]:
    """Return these reads as they were when visits took them up; what they say now may be another thing."""
    statement = select(schema.sightings).where(_SEEN.read_id.in_(list(ids)), ~_SEEN.dismissed)
    rows = (await connection.execute(statement)).all()
    if not rows:
        return {}
    others: dict[str, list[str]] = {}
    keys = select(_KEY.read_id, _KEY.folded).where(_KEY.read_id.in_([row.read_id for row in rows]))
    for read, folded in await connection.execute(keys):
        others.setdefault(read, []).append(folded)
    return {row.read_id: _taken(row, others.get(row.read_id, ())) for row in rows}


async def earliest(connection: AsyncConnection, kind: Kind, keys: Iterable[str]) -> datetime | None:
    """Return when one of these folded texts was first read."""
    names = sorted(keys)
    first = select(func.min(_SEEN.at)).where(_SEEN.kind == kind.value, _SEEN.folded.in_(names))
    second = select(func.min(_KEY.at)).where(_KEY.kind == kind.value, _KEY.folded.in_(names))
    found = [(await connection.execute(one)).scalar_one() for one in (first, second)]
    return min((at for at in found if at is not None), default=None)


async def save(connection: AsyncConnection, seen: Sequence[Seen], known: Collection[str]) -> None:
    """Take sightings up, in place of what was `known` of the same reads; their visits are not touched."""
    if not seen:
        return
    rows = [_row(one) for one in seen]
    statement = upsert(schema.sightings)
    changed = {name: statement.excluded[name] for name in ("kind", "text", "folded", "way", "at", "dismissed")}
    await connection.execute(statement.on_conflict_do_update(index_elements=["read_id"], set_=changed), rows)
    if known:
        await connection.execute(delete(schema.sighting_keys).where(_KEY.read_id.in_(list(known))))
    if keys := [key for one in seen for key in _keys(one)]:
        await connection.execute(insert(schema.sighting_keys), keys)


async def dismiss(connection: AsyncConnection, reads: Iterable[tuple[str, datetime, Kind]]) -> None:
    """Note of reads that they take no part in visits."""
    nothing = {"text": "", "folded": "", "way": "", "dismissed": True, "visit_id": None}
    rows = [{"read_id": read, "kind": kind.value, "at": at, **nothing} for read, at, kind in reads]
    if not rows:
        return
    statement = upsert(schema.sightings)
    changed = {name: statement.excluded[name] for name in ("folded", "dismissed", "visit_id")}
    await connection.execute(statement.on_conflict_do_update(index_elements=["read_id"], set_=changed), rows)
    await connection.execute(delete(schema.sighting_keys).where(_KEY.read_id.in_([row["read_id"] for row in rows])))


async def move(connection: AsyncConnection, visit_of: Mapping[str, str | None]) -> None:
    """Write down which visit each of these reads belongs to."""
    if visit_of:
        statement = (
            update(schema.sightings).where(_SEEN.read_id == bindparam("read")).values(visit_id=bindparam("visit"))
        )
        await connection.execute(statement, [{"read": read, "visit": visit} for read, visit in visit_of.items()])


async def decisions_about(connection: AsyncConnection, ids: Collection[str]) -> list[Decision]:
    """Return the decisions that hold and name one of these reads, oldest first."""
    table, names = schema.visit_decisions, list(ids)
    statement = (
        select(table)
        .where(table.c.undone_at.is_(None), or_(table.c.read_id.in_(names), table.c.other_read_id.in_(names)))
        .order_by(table.c.id)
    )
    return [
        Decision(row.id, Deed(row.deed), row.read_id, row.other_read_id, row.at, row.made_by)
        for row in await connection.execute(statement)
    ]


async def unknown_reads(db: Database, limit: int, beyond: int) -> tuple[list[str], int]:
    """Return reads with a text that visits do not know yet, after the place `beyond`, and the place of the last."""
    statement = (
        select(_READ.id, _READ.place)
        .outerjoin(schema.sightings, _SEEN.read_id == _READ.id)
        .where(_READ.place > beyond, _SEEN.read_id.is_(None), _READ.text != "", _READ.state.in_(("final", "preview")))
        .order_by(_READ.place)
        .limit(limit)
    )
    async with db.read() as connection:
        rows = (await connection.execute(statement)).all()
    return [row.id for row in rows], rows[-1].place if rows else beyond


def _stored(row: Row[Any]) -> StoredSighting:
    reading = Reading(
        row.text,
        row.confidence,
        tuple(Character(*pair) for pair in row.characters),
        tuple(Candidate(*pair) for pair in row.candidates),
    )
    vehicle = None
    if row.vehicle_type is not None:
        vehicle = Vehicle(row.vehicle_type, row.vehicle_colour, row.vehicle_confidence)
    way = Way(row.direction) if row.direction else Way.PASSING
    final = row.state == State.FINAL.value
    one = Sighting(row.id, row.captured_at, row.camera, way, Kind(row.kind), reading, vehicle, final)
    return StoredSighting(Seen(one, hypotheses(reading)), row.visit_id, row.zone or "")


def _taken(row: Row[Any], others: Iterable[str]) -> StoredSighting:
    (first,) = hypotheses(Reading(row.text, 1.0))
    texts = (first, *(replace(first, text=folded, folded=folded, read=False) for folded in others))
    one = Sighting(row.read_id, row.at, "", Way(row.way), Kind(row.kind), Reading(row.text, 1.0))
    return StoredSighting(Seen(one, texts), row.visit_id, "")


def _row(seen: Seen) -> dict[str, Any]:
    one = seen.sighting
    return {
        "read_id": one.id,
        "kind": one.kind.value,
        "text": seen.text,
        "folded": seen.texts[0].folded,
        "way": one.way.value,
        "at": one.at,
        "dismissed": False,
    }


def _keys(seen: Seen) -> list[dict[str, Any]]:
    one, first = seen.sighting, seen.texts[0].folded
    others = {text.folded for text in seen.texts[1:]} - {first}
    return [{"read_id": one.id, "folded": folded, "kind": one.kind.value, "at": one.at} for folded in sorted(others)]
