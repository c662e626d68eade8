"""Messages on their way out: a row from the moment that something happened until the target has taken it.

Rows of one target leave in the order of their ids. A row is `waiting` until it is `sent` or `dead`, so a process that
is killed between sending and noting it sends it again, under the same key.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, Select, and_, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.access import Json, Message
from alpr.store import schema
from alpr.store.database import Database

_TABLE = schema.deliveries


class DeliveryState(StrEnum):
    """How far a delivery has come."""

    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"
    """Given up: refused for good, too old, or its target is gone."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message to one target, and what became of it."""

    id: int
    key: str
    """What a receiver can tell a repetition by."""
    target: str
    rule: str
    read_id: str | None
    subject: str
    body: str
    facts: Mapping[str, Json]
    with_picture: bool
    state: DeliveryState
    attempts: int
    error: str
    """Why the last attempt failed, empty when none has."""
    created_at: datetime
    due_at: datetime
    """Before this it is not tried again."""
    expires_at: datetime | None
    """After this nobody wants to be told any more."""
    retried_at: datetime | None
    """When a person had it tried anew."""
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Backlog:
    """What has not reached one target."""

    waiting: int
    dead: int
    oldest: datetime | None
    """Since when the first of the waiting ones waits."""
    error: str = ""
    """Why that one has not arrived yet; empty when it was not tried."""


async def add(connection: AsyncConnection, message: Message, now: datetime) -> bool:
    """Write a message to be sent, in the caller's transaction; False when its key is known already."""
    known = select(_TABLE.c.id).where(_TABLE.c.key == message.key)
    if (await connection.execute(known)).first() is not None:
        return False
    values = {
        "key": message.key,
        "target": message.target,
        "rule": message.rule,
        "read_id": message.read_id,
        "subject": message.subject,
        "body": message.body,
        "facts": dict(message.facts),
        "with_picture": message.with_picture,
        "expires_at": message.expires_at,
    }
    state = {"state": DeliveryState.WAITING.value, "attempts": 0, "error": "", "created_at": now, "due_at": now}
    await connection.execute(insert(_TABLE).values(**values, **state))
    return True


async def waiting_targets(db: Database) -> frozenset[str]:
    """Return the targets that something waits for."""
    async with db.read() as connection:
        return frozenset((await connection.execute(select(_TABLE.c.target).where(_waiting()).distinct())).scalars())


async def queue(db: Database, target: str, limit: int) -> tuple[Delivery, ...]:
    """Return the first deliveries that wait for a target, in their order."""
    statement = select(_TABLE).where(_waiting(), _TABLE.c.target == target).order_by(_TABLE.c.id).limit(limit)
    return await _fetch(db, statement)


async def finish(db: Database, delivery_id: int, now: datetime) -> None:
    """Note that the target has taken the delivery."""
    values = {"state": DeliveryState.SENT.value, "error": "", "finished_at": now}
    await _change(db, _TABLE.c.id == delivery_id, values | {"attempts": _TABLE.c.attempts + 1})


async def fail(db: Database, delivery_id: int, error: str, due_at: datetime) -> None:
    """Note an attempt that failed, and when the next one is due."""
    values = {"error": error, "due_at": due_at, "attempts": _TABLE.c.attempts + 1}
    await _change(db, and_(_TABLE.c.id == delivery_id, _waiting()), values)


async def give_up(db: Database, delivery_id: int, error: str, now: datetime, *, attempted: bool = True) -> bool:
    """Make a waiting delivery a dead letter; return whether it still waited."""
    values = {"state": DeliveryState.DEAD.value, "error": error, "finished_at": now}
    tried = {"attempts": _TABLE.c.attempts + attempted}
    return await _change(db, and_(_TABLE.c.id == delivery_id, _waiting()), values | tried) > 0


async def give_up_target(db: Database, target: str, error: str, now: datetime) -> int:
    """Make everything that waits for a target dead letters; return how many."""
    values = {"state": DeliveryState.DEAD.value, "error": error, "finished_at": now}
    return await _change(db, and_(_TABLE.c.target == target, _waiting()), values)


async def retry(db: Database, now: datetime, *, delivery_id: int | None = None, target: str = "") -> int:
    """Let dead letters wait again, with their keys; return how many.

    One of them, those of one target, or all. What has expired stays dead: an order to open a barrier must not be
    carried out when the car has long gone.
    """
    chosen = [_TABLE.c.state == DeliveryState.DEAD.value, or_(_TABLE.c.expires_at.is_(None), _TABLE.c.expires_at > now)]
    if delivery_id is not None:
        chosen.append(_TABLE.c.id == delivery_id)
    if target:
        chosen.append(_TABLE.c.target == target)
    values = {"state": DeliveryState.WAITING.value, "due_at": now, "retried_at": now, "finished_at": None}
    return await _change(db, and_(*chosen), values)


async def hurry(db: Database, target: str, now: datetime) -> int:
    """Let what waits for a target be tried now instead of after a pause; return how many waited."""
    return await _change(db, and_(_TABLE.c.target == target, _waiting(), _TABLE.c.due_at > now), {"due_at": now})


async def remove_old(db: Database, before: datetime, limit: int = 1000) -> int:
    """Delete deliveries that were sent or given up before this moment, some at a time; return how many."""
    old = select(_TABLE.c.id).where(_TABLE.c.created_at < before, _TABLE.c.finished_at < before).limit(limit)
    async with db.write() as connection:
        return (await connection.execute(delete(_TABLE).where(_TABLE.c.id.in_(old)))).rowcount


async def get(db: Database, delivery_id: int) -> Delivery | None:
    """Return one delivery, or None."""
    found = await _fetch(db, select(_TABLE).where(_TABLE.c.id == delivery_id))
    return found[0] if found else None


async def page(
    db: Database,
    *,
    state: DeliveryState | None = None,
    target: str = "",
    before: int | None = None,
    limit: int = 50,
) -> tuple[Delivery, ...]:
    """Return deliveries, newest first; `before` continues after the one with this id."""
    statement = select(_TABLE).order_by(_TABLE.c.id.desc()).limit(limit)
    if state is not None:
        statement = statement.where(_TABLE.c.state == state.value)
    if target:
        statement = statement.where(_TABLE.c.target == target)
    if before is not None:
        statement = statement.where(_TABLE.c.id < before)
    return await _fetch(db, statement)


async def of_read(db: Database, read_id: str) -> tuple[Delivery, ...]:
    """Return what was told of a read, in the order of telling."""
    return await _fetch(db, select(_TABLE).where(_TABLE.c.read_id == read_id).order_by(_TABLE.c.id))


async def backlogs(db: Database) -> dict[str, Backlog]:
    """Return what has not arrived, for each target that misses something."""
    counted = (
        select(_TABLE.c.target, _TABLE.c.state, func.count().label("number"), func.min(_TABLE.c.id).label("first"))
        .where(_TABLE.c.state.in_([DeliveryState.WAITING.value, DeliveryState.DEAD.value]))
        .group_by(_TABLE.c.state, _TABLE.c.target)
        .subquery()
    )
    statement = select(counted, _TABLE.c.created_at, _TABLE.c.error).join(_TABLE, _TABLE.c.id == counted.c.first)
    found: dict[str, Backlog] = {}
    async with db.read() as connection:
        for row in await connection.execute(statement):
            so_far = found.get(row.target, Backlog(0, 0, None))
            if row.state == DeliveryState.DEAD.value:
                found[row.target] = Backlog(so_far.waiting, row.number, so_far.oldest, so_far.error)
            else:
                found[row.target] = Backlog(row.number, so_far.dead, row.created_at, row.error)
    return found


async def last_sent(db: Database, targets: Collection[str]) -> dict[str, Delivery]:
    """Return the newest delivery that each of the targets has taken."""
    found: dict[str, Delivery] = {}
    for target in targets:
        for delivery in await page(db, state=DeliveryState.SENT, target=target, limit=1):
            found[target] = delivery
    return found


def _waiting() -> Any:
    return _TABLE.c.state == DeliveryState.WAITING.value


async def _change(db: Database, chosen: Any, values: Mapping[str, Any]) -> int:
    async with db.write() as connection:
        return (await connection.execute(update(_TABLE).where(chosen).values(values))).rowcount


async def _fetch(db: Database, statement: Select[Any]) -> tuple[Delivery, ...]:
    async with db.read() as connection:
        return tuple(_delivery(row) for row in await connection.execute(statement))


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        key=row.key,
        target=row.target,
        rule=row.rule,
        read_id=row.read_id,
        subject=row.subject,
        body=row.body,
        facts=row.facts,
        with_picture=row.with_picture,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        error=row.error,
        created_at=row.created_at,
        due_at=row.due_at,
        expires_at=row.expires_at,
        retried_at=row.retried_at,
        finished_at=row.finished_at,
    )
