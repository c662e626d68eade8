"""What the lists said of a read, kept as it was then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Row, bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.access import Decision, ListKind, Match, MatchKind
from alpr.store import schema
from alpr.store.database import Database


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that fitted a read; the entry itself may have changed or gone since."""

    entry_id: int
    list_name: str
    list_kind: ListKind
    pattern: str
    owner: str
    company: str
    note: str
    kind: MatchKind
    probability: float
    reason: str
    applies: bool
    """Whether the entry held at that time and gate."""


async def save(connection: AsyncConnection, read_id: str, decision: Decision) -> None:
    """Store what the lists say of a read, in the read's own transaction, in place of what they said before."""
    table = schema.hits
    await connection.execute(delete(table).where(table.c.read_id == read_id))
    if rows := [_values(read_id, ordinal, match) for ordinal, match in enumerate(decision.matches)]:
        place = select(schema.reads.c.place).where(schema.reads.c.id == read_id).scalar_subquery()
        await connection.execute(insert(table).values(place=place), rows)
    said = {"verdict": decision.verdict.value, "verdict_reason": decision.reason}
    await connection.execute(update(schema.reads).where(schema.reads.c.id == read_id).values(**said))


async def forget(connection: AsyncConnection, read_id: str) -> None:
    """Take back what the lists said of a read that was none."""
    await connection.execute(delete(schema.hits).where(schema.hits.c.read_id == read_id))
    said = {"verdict": "", "verdict_reason": ""}
    await connection.execute(update(schema.reads).where(schema.reads.c.id == read_id).values(**said))


async def save_all(connection: AsyncConnection, decided: Sequence[tuple[str, Decision]]) -> None:
    """Store what the lists say of many reads, as `save` does of one."""
    if not decided:
        return
    table = schema.hits
    of: BindParameter[str] = bindparam("of")
    await connection.execute(delete(table).where(table.c.read_id.in_([read_id for read_id, _ in decided])))
    rows = [_values(read_id, ordinal, match) for read_id, one in decided for ordinal, match in enumerate(one.matches)]
    if rows:
        place = select(schema.reads.c.place).where(schema.reads.c.id == of).scalar_subquery()
        await connection.execute(insert(table).values(place=place), [row | {"of": row["read_id"]} for row in rows])
    said = [{"of": read_id, "said": one.verdict.value, "why": one.reason} for read_id, one in decided]
    change = update(schema.reads).where(schema.reads.c.id == of)
    await connection.execute(change.values(verdict=bindparam("said"), verdict_reason=bindparam("why")), said)


async def of_read(db: Database, read_id: str) -> tuple[Hit, ...]:
    """Return the hits of a read, the one that decided first."""
    return (await of_reads(db, [read_id])).get(read_id, ())


async def of_reads(db: Database, read_ids: Sequence[str]) -> dict[str, tuple[Hit, ...]]:
    """Return the hits of each of these reads that has some."""
    table = schema.hits
    statement = select(table).where(table.c.read_id.in_(read_ids)).order_by(table.c.read_id, table.c.ordinal)
    found: dict[str, tuple[Hit, ...]] = {}
    async with db.read() as connection:
        for row in await connection.execute(statement):
            found[row.read_id] = (*found.get(row.read_id, ()), hit_of(row))
    return found


def _values(read_id: str, ordinal: int, match: Match) -> dict[str, Any]:
    entry = match.entry
    return {
        "read_id": read_id,
        "ordinal": ordinal,
        "entry_id": entry.id,
        "list_name": entry.list_name,
        "list_kind": entry.list_kind.value,
        "pattern": entry.pattern,
        "owner": entry.owner,
        "company": entry.company,
        "note": entry.note,
        "match": match.kind.value,
        # Models hand over NumPy's numbers, which SQLite does not take.
        "probability": float(match.probability),
        "reason": match.reason,
        "applies": match.applies,
    }


def hit_of(row: Row[Any]) -> Hit:
    """Return the hit of a row."""
    return Hit(
        entry_id=row.entry_id,
        list_name=row.list_name,
        list_kind=ListKind(row.list_kind),
        pattern=row.pattern,
        owner=row.owner,
        company=row.company,
        note=row.note,
        kind=MatchKind(row.match),
        probability=row.probability,
        reason=row.reason,
        applies=row.applies,
    )
