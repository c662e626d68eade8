"""Browsers that want to be told: where their push service is, and the keys that only they can decrypt with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select

from alpr.store import schema
from alpr.store.database import Database

MOST = 20
"""Devices of one account."""
_TABLE = schema.push_subscriptions


@dataclass(frozen=True, slots=True)
class Subscription:
    """One browser of one account (Push API, `PushSubscription`); keys as base64url without padding."""

    id: int
    user_name: str
    endpoint: str
    p256dh: str
    auth: str
    agent: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class NewSubscription:
    """What a browser gives when somebody lets it be told."""

    endpoint: str
    p256dh: str
    auth: str
    agent: str


async def add(db: Database, user_name: str, new: NewSubscription, now: datetime) -> bool:
    """Keep a subscription for an account, in place of whoever used this browser before; False when it has too many."""
    users = schema.users
    async with db.write() as connection:
        await connection.execute(delete(_TABLE).where(_TABLE.c.endpoint == new.endpoint))
        found = await connection.execute(select(users.c.id).where(users.c.name == user_name))
        user_id = found.scalar_one()
        count = select(func.count()).select_from(_TABLE).where(_TABLE.c.user_id == user_id)
        if (await connection.execute(count)).scalar_one() >= MOST:
            return False
        await connection.execute(
            insert(_TABLE).values(
                user_id=user_id,
                endpoint=new.endpoint,
                p256dh=new.p256dh,
                auth=new.auth,
                agent=new.agent,
                created_at=now,
            )
        )
    return True


async def everyone(db: Database, user_name: str | None = None) -> tuple[Subscription, ...]:
    """Return the subscriptions of all active accounts, or of one, oldest first."""
    users = schema.users
    statement = select(_TABLE, users.c.name).join(users, users.c.id == _TABLE.c.user_id).order_by(_TABLE.c.id)
    statement = statement.where(users.c.active)
    if user_name is not None:
        statement = statement.where(users.c.name == user_name)
    async with db.read() as connection:
        rows = await connection.execute(statement)
        return tuple(
            Subscription(row.id, row.name, row.endpoint, row.p256dh, row.auth, row.agent, row.created_at)
            for row in rows
        )


async def remove(db: Database, endpoint: str) -> bool:
    """Forget a subscription that its push service does not know any more; return whether it was there."""
    async with db.write() as connection:
        return (await connection.execute(delete(_TABLE).where(_TABLE.c.endpoint == endpoint))).rowcount > 0


async def remove_own(db: Database, user_name: str, subscription_id: int | None, endpoint: str = "") -> int:
    """Forget one subscription of an account, by its number or its endpoint; return how many were there."""
    users = schema.users
    own = select(users.c.id).where(users.c.name == user_name).scalar_subquery()
    chosen = _TABLE.c.id == subscription_id if subscription_id is not None else _TABLE.c.endpoint == endpoint
    async with db.write() as connection:
        return (await connection.execute(delete(_TABLE).where(_TABLE.c.user_id == own, chosen))).rowcount
