"""That rules fired: once for a key, however often it is tried; what cooldown and rate limits count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.site.rules.firing import History, hour_before
from alpr.store import schema
from alpr.store.database import Database

_TABLE = schema.firings


@dataclass(frozen=True, slots=True)
class Firing:
    """A rule that fired; `held_back` says why it told nobody, if so."""

    key: str
    rule: str
    subject: str
    read_id: str | None
    held_back: str = ""


@dataclass(frozen=True, slots=True)
class Count:
    """How often a rule fired, and how often it was held back."""

    fired: int
    held_back: int
    last_at: datetime | None


async def known(connection: AsyncConnection, key: str) -> bool:
    """Whether the rule has fired under this key already."""
    return (await connection.execute(select(_TABLE.c.id).where(_TABLE.c.key == key))).first() is not None


async def add(connection: AsyncConnection, firing: Firing, now: datetime) -> None:
    """Note that a rule fired."""
    await connection.execute(
        insert(_TABLE).values(
            key=firing.key,
            rule=firing.rule,
            subject=firing.subject,
            read_id=firing.read_id,
            fired_at=now,
            held_back=firing.held_back,
        )
    )


async def history(connection: AsyncConnection, rule: str, subject: str, now: datetime) -> History:
    """Return what the rule has done lately, held back or not does not count."""
    told = (_TABLE.c.rule == rule, _TABLE.c.held_back == "")
    last = select(func.max(_TABLE.c.fired_at)).where(*told, _TABLE.c.subject == subject)
    lately = select(func.count()).where(*told, _TABLE.c.fired_at > hour_before(now))
    return History(
        (await connection.execute(last)).scalar_one_or_none(), (await connection.execute(lately)).scalar_one()
    )


async def open_states(db: Database) -> frozenset[str]:
    """Return the keys of the states that rules have told of and that were not over then."""
    statement = select(_TABLE.c.key).where(_TABLE.c.read_id.is_(None)).order_by(_TABLE.c.id)
    found: set[str] = set()
    async with db.read() as connection:
        for key in (await connection.execute(statement)).scalars():
            about, _, when = key.rpartition("@")
            (found.discard if when.endswith("/over") else found.add)(about)
    return frozenset(found)


async def counts(db: Database, since: datetime) -> Mapping[str, Count]:
    """Return how often each rule fired since then."""
    told = func.count().filter(_TABLE.c.held_back == "")
    statement = (
        select(_TABLE.c.rule, told, func.count(), func.max(_TABLE.c.fired_at))
        .where(_TABLE.c.fired_at >= since)
        .group_by(_TABLE.c.rule)
    )
    async with db.read() as connection:
        rows = (await connection.execute(statement)).all()
    return {rule: Count(fired, every - fired, last) for rule, fired, every, last in rows}


async def forget(connection: AsyncConnection, before: datetime) -> int:
    """Delete firings that no cooldown, rate limit or repetition can ask for any more; return how many."""
    return (await connection.execute(delete(_TABLE).where(_TABLE.c.fired_at < before))).rowcount
