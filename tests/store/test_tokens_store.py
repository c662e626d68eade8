"""Tokens of the API in the store."""

from __future__ import annotations

from datetime import timedelta

from alpr.store import tokens
from alpr.store.tokens import NewToken
from alpr.store.users import Role
from tests.drawn_reads import NOON

HOUR = timedelta(hours=1)


async def test_the_life_of_a_token(db):
    """Made, found by its sum, used, revoked; a name is free again when its token is dead."""
    secret = tokens.new_secret()
    new = NewToken("ERP", tokens.digest(secret), Role.GUARD, NOON, "anna", NOON + HOUR)
    made = await tokens.create(db, new)
    assert (made.name, made.role, made.created_by, made.used_at) == ("ERP", Role.GUARD, "anna", None)
    assert await tokens.create(db, NewToken("erp", "other", Role.ADMIN, NOON, "anna")) is None
    assert await tokens.find(db, tokens.digest(secret), NOON) == made
    assert await tokens.find(db, secret, NOON) is None
    assert await tokens.find(db, tokens.digest(secret), NOON + HOUR) is None
    await tokens.touch(db, made.id, NOON)
    assert [token.used_at for token in await tokens.everyone(db)] == [NOON]
    assert await tokens.revoke(db, "Erp", NOON)
    assert not await tokens.revoke(db, "ERP", NOON)
    assert await tokens.find(db, tokens.digest(secret), NOON) is None
    assert await tokens.create(db, NewToken("erp", "third", Role.VIEWER, NOON, "anna", NOON + HOUR))
    assert await tokens.create(db, NewToken("erp", "fourth", Role.VIEWER, NOON + HOUR, "anna"))
    assert len(await tokens.everyone(db)) == 1
