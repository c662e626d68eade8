"""Visits as rows of the database, there and back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.domain import Kind, canonical
from alpr.stay import Visit, VisitState
from alpr.store import schema

_T = schema.visits.c


@dataclass(frozen=True, slots=True)
class StoredVisit:
    """A visit as the store knows it."""

    visit: Visit
    came_camera: str
    """Where it came in; empty when nobody saw it."""
    went_camera: str
    last_camera: str
    """Where it was seen last."""
    zone: str
    """The named polygon that it was seen in last; empty without one."""
    by_hand: str = ""
    """Who closed, opened or merged it last; empty: nobody."""


async def of_ids(connection: AsyncConnection, ids: Collection[str]) -> dict[str, StoredVisit]:
    """Return these visits."""
    statement = select(schema.visits).where(_T.id.in_(list(ids)))
    return {row.id: stored_visit(row) for row in await connection.execute(statement)}


async def save(connection: AsyncConnection, visits: Sequence[StoredVisit]) -> None:
    """Store visits in the place of those of the same ids."""
    if not visits:
        return
    statement = upsert(schema.visits)
    changed = {column.name: statement.excluded[column.name] for column in schema.visits.c if column.name != "id"}
    rows = [_values(visit) for visit in visits]
    await connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changed), rows)


async def remove(connection: AsyncConnection, ids: Collection[str]) -> None:
    """Remove visits that are no more."""
    if ids:
        await connection.execute(delete(schema.visits).where(_T.id.in_(list(ids))))


def _values(stored: StoredVisit) -> dict[str, Any]:
    visit = stored.visit
    return {
        "id": visit.id,
        "kind": visit.kind.value,
        "text": visit.text,
        "canonical": canonical(visit.text),
        "state": visit.state.value,
        "began": visit.entered or visit.left or visit.last_seen,
        "entered": visit.entered,
        "left": visit.left,
        "last_seen": visit.last_seen,
        "reads": list(visit.reads),
        "confidence": float(visit.confidence),
        "turned_round": visit.turned_round,
        "came_camera": stored.came_camera,
        "went_camera": stored.went_camera,
        "last_camera": stored.last_camera,
        "zone": stored.zone,
        "by_hand": stored.by_hand,
    }


def stored_visit(row: Row[Any]) -> StoredVisit:
    """Return the visit of a row."""
    visit = Visit(
        id=row.id,
        kind=Kind(row.kind),
        text=row.text,
        state=VisitState(row.state),
        entered=row.entered,
        left=row.left,
        last_seen=row.last_seen,
        reads=tuple(row.reads),
        confidence=row.confidence,
        turned_round=row.turned_round,
    )
    return StoredVisit(visit, row.came_camera, row.went_camera, row.last_camera, row.zone, row.by_hand)
