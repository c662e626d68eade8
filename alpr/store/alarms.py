"""Alarms: raised once, over once, acknowledged by somebody. At most one of a key is open."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.access import Severity
from alpr.site.rules.alarms import Alarm, NewAlarm
from alpr.store import schema
from alpr.store.database import Database

_TABLE = schema.alarms
_OPEN = _TABLE.c.over_at.is_(None)
_UNSEEN = _TABLE.c.acknowledged_at.is_(None)


async def raise_alarm(connection: AsyncConnection, new: NewAlarm, now: datetime) -> bool:
    """Raise an alarm; False when one of its key is open or, of a read, was ever raised."""
    known = select(_TABLE.c.id).where(_TABLE.c.key == new.key)
    if new.read_id is None:
        known = known.where(_OPEN)
    if (await connection.execute(known.limit(1))).first() is not None:
        return False
    await connection.execute(
        insert(_TABLE).values(
            key=new.key,
            rule=new.rule,
            severity=new.severity.value,
            text=new.text,
            read_id=new.read_id,
            sound=new.sound,
            raised_at=now,
            acknowledged_by="",
            escalate_at=new.escalate_at,
        )
    )
    return True


async def end_alarm(connection: AsyncConnection, key: str, now: datetime) -> datetime | None:
    """Say that what an alarm is about is over; return when it was raised, None when none of the key is open."""
    found = select(_TABLE.c.id, _TABLE.c.raised_at).where(_TABLE.c.key == key, _OPEN)
    row = (await connection.execute(found)).one_or_none()
    if row is None:
        return None
    await connection.execute(update(_TABLE).where(_TABLE.c.id == row.id).values(over_at=now))
    raised_at: datetime = row.raised_at
    return raised_at


async def acknowledge(db: Database, alarm_id: int, by: str, now: datetime) -> Alarm | None:
    """Note who has seen the alarm, once; return it, None when there is none of this number."""
    async with db.write() as connection:
        seen = update(_TABLE).where(_TABLE.c.id == alarm_id, _UNSEEN)
        await connection.execute(seen.values(acknowledged_at=now, acknowledged_by=by))
        row = (await connection.execute(select(_TABLE).where(_TABLE.c.id == alarm_id))).one_or_none()
    return None if row is None else _alarm(row)


async def acknowledge_all(db: Database, last_id: int, by: str, now: datetime) -> int:
    """Note who has seen every alarm up to this one; return how many were new to them."""
    seen = update(_TABLE).where(_TABLE.c.id <= last_id, _UNSEEN).values(acknowledged_at=now, acknowledged_by=by)
    async with db.write() as connection:
        return (await connection.execute(seen)).rowcount


async def page(db: Database, *, before: int | None = None, limit: int = 50, waiting: bool = False) -> tuple[Alarm, ...]:
    """Return alarms, newest first; `waiting` leaves out those that somebody has seen."""
    statement = select(_TABLE).order_by(_TABLE.c.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(_TABLE.c.id < before)
    if waiting:
        statement = statement.where(_UNSEEN)
    async with db.read() as connection:
        return tuple(_alarm(row) for row in await connection.execute(statement))


async def count_waiting(db: Database) -> tuple[int, int]:
    """Return how many alarms nobody has acknowledged, and the number of the newest of them that sounds (or 0)."""
    statement = select(func.count(), func.max(_TABLE.c.id).filter(_TABLE.c.sound)).where(_UNSEEN)
    async with db.read() as connection:
        row = (await connection.execute(statement)).one()
    return row[0], row[1] or 0


async def open_states(db: Database) -> Mapping[str, datetime]:
    """Return the keys of the alarms about states that are not over, with when each was raised."""
    statement = select(_TABLE.c.key, _TABLE.c.raised_at).where(_OPEN, _TABLE.c.read_id.is_(None))
    async with db.read() as connection:
        return {row.key: row.raised_at for row in await connection.execute(statement)}


async def has_escalations(db: Database, now: datetime) -> bool:
    """Whether `take_escalations` would return any."""
    async with db.read() as connection:
        return (await connection.execute(select(_TABLE.c.id).where(*_late(now)).limit(1))).first() is not None


async def take_escalations(connection: AsyncConnection, now: datetime) -> tuple[Alarm, ...]:
    """Return the alarms that nobody acknowledged in time and that are not over, each once."""
    rows = (await connection.execute(select(_TABLE).where(*_late(now)).order_by(_TABLE.c.id))).all()
    if rows:
        late = update(_TABLE).where(_TABLE.c.id.in_([row.id for row in rows]))
        await connection.execute(late.values(escalated_at=now))
    return tuple(_alarm(row) for row in rows)


def _late(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return _TABLE.c.escalate_at <= now, _TABLE.c.escalated_at.is_(None), _UNSEEN, _OPEN


def _alarm(row: Row[Any]) -> Alarm:
    return Alarm(
        row.id,
        row.key,
        row.rule,
        Severity(row.severity),
        row.text,
        row.read_id,
        row.sound,
        row.raised_at,
        row.over_at,
        row.acknowledged_at,
        row.acknowledged_by,
        row.escalated_at,
    )
