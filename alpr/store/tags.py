"""Tags that rules put on reads."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.store import schema
from alpr.store.database import Database

_TABLE = schema.tags


async def add(connection: AsyncConnection, read_id: str, tag: str, rule: str) -> None:
    """Put a tag on a read; the same tag twice is one."""
    same = select(_TABLE.c.tag).where(_TABLE.c.read_id == read_id, _TABLE.c.tag == tag)
    if (await connection.execute(same)).first() is None:
        await connection.execute(insert(_TABLE).values(read_id=read_id, tag=tag, rule=rule))


async def take_back(connection: AsyncConnection, read_id: str, rules: Collection[str]) -> None:
    """Take away the tags that these rules put on a read."""
    if rules:
        await connection.execute(delete(_TABLE).where(_TABLE.c.read_id == read_id, _TABLE.c.rule.in_(sorted(rules))))


async def of_read(db: Database, read_id: str) -> tuple[str, ...]:
    """Return the tags of a read."""
    statement = select(_TABLE.c.tag).where(_TABLE.c.read_id == read_id).order_by(_TABLE.c.tag)
    async with db.read() as connection:
        return tuple((await connection.execute(statement)).scalars())
