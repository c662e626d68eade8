"""Rules made on the page; those of the configuration have no row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from alpr.access import Json
from alpr.store import schema
from alpr.store.database import Database
from alpr.store.names import name_key

_TABLE = schema.rules


@dataclass(frozen=True, slots=True)
class StoredRule:
    """A rule as it was made; `definition` has the shape of a `[[rule]]` table."""

    id: int
    name: str
    enabled: bool
    definition: Mapping[str, Json]
    created_at: datetime
    created_by: str
    updated_at: datetime


async def every(db: Database) -> tuple[StoredRule, ...]:
    """Return all of them by name."""
    async with db.read() as connection:
        rows = await connection.execute(select(_TABLE).order_by(_TABLE.c.name_key))
        return tuple(_rule(row) for row in rows)


async def get(db: Database, rule_id: int) -> StoredRule | None:
    """Return one, or None."""
    async with db.read() as connection:
        row = (await connection.execute(select(_TABLE).where(_TABLE.c.id == rule_id))).one_or_none()
    return None if row is None else _rule(row)


async def create(db: Database, definition: Mapping[str, Json], by: str, now: datetime) -> int | None:
    """Add a rule and return its number; None when the name is taken."""
    values = _values(definition) | {"created_at": now, "created_by": by, "updated_at": now}
    try:
        async with db.write() as connection:
            made = await connection.execute(insert(_TABLE).values(**values))
    except IntegrityError:
        return None
    return int(made.inserted_primary_key[0]) if made.inserted_primary_key else None


async def change(db: Database, rule_id: int, definition: Mapping[str, Json], now: datetime) -> bool:
    """Put another definition in the rule's place; False when there is no such rule or the name is taken."""
    statement = update(_TABLE).where(_TABLE.c.id == rule_id).values(**_values(definition), updated_at=now)
    try:
        async with db.write() as connection:
            return (await connection.execute(statement)).rowcount > 0
    except IntegrityError:
        return False


async def remove(db: Database, rule_id: int) -> bool:
    """Delete a rule; False when there is none of this number."""
    async with db.write() as connection:
        return (await connection.execute(delete(_TABLE).where(_TABLE.c.id == rule_id))).rowcount > 0


def _values(definition: Mapping[str, Json]) -> dict[str, Any]:
    name = str(definition["name"])
    return {
        "name": name,
        "name_key": name_key(name),
        "enabled": bool(definition.get("enabled", True)),
        "definition": dict(definition),
    }


def _rule(row: Row[Any]) -> StoredRule:
    return StoredRule(row.id, row.name, row.enabled, row.definition, row.created_at, row.created_by, row.updated_at)
