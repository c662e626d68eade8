"""What people decided about visits: each deed is a row of its own, which recomputing the visits respects."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.site.visits.decisions import Deed
from alpr.store import schema
from alpr.store.database import Database

_T = schema.visit_decisions.c


@dataclass(frozen=True, slots=True)
class StoredDecision:
    """A deed, and whether it was taken back."""

    id: int
    deed: Deed
    read_id: str
    other_read_id: str | None
    at: datetime
    made_by: str
    made_at: datetime
    undone_at: datetime | None
    undone_by: str


async def add(connection: AsyncConnection, decision: StoredDecision) -> int:
    """Write a deed down; its id is made here."""
    values = {
        "deed": decision.deed.value,
        "read_id": decision.read_id,
        "other_read_id": decision.other_read_id,
        "at": decision.at,
        "made_by": decision.made_by,
        "made_at": decision.made_at,
    }
    result = await connection.execute(insert(schema.visit_decisions).values(**values).returning(_T.id))
    made: int = result.scalar_one()
    return made


async def undo(connection: AsyncConnection, decision_id: int, by: str, now: datetime) -> tuple[str, ...]:
    """Take a deed back; return the reads that it was about, none when it does not hold."""
    table = schema.visit_decisions
    still = update(table).where(_T.id == decision_id, _T.undone_at.is_(None)).values(undone_at=now, undone_by=by)
    row = (await connection.execute(still.returning(_T.read_id, _T.other_read_id))).one_or_none()
    return () if row is None else tuple(read for read in row if read is not None)


async def about(db: Database, read_ids: Collection[str]) -> tuple[StoredDecision, ...]:
    """Return every deed about these reads, newest first."""
    names = list(read_ids)
    statement = (
        select(schema.visit_decisions)
        .where(or_(_T.read_id.in_(names), _T.other_read_id.in_(names)))
        .order_by(_T.id.desc())
    )
    async with db.read() as connection:
        return tuple(
            StoredDecision(
                row.id,
                Deed(row.deed),
                row.read_id,
                row.other_read_id,
                row.at,
                row.made_by,
                row.made_at,
                row.undone_at,
                row.undone_by,
            )
            for row in await connection.execute(statement)
        )
