"""Accounts, sessions and the audit log in the store."""

from __future__ import annotations

from datetime import timedelta

from alpr.store import audit, sessions, users
from alpr.store.sessions import NewSession
from alpr.store.users import Role
from tests.drawn_reads import NOON

HOUR = timedelta(hours=1)


async def test_the_life_of_an_account(db):
    """Made, found whatever the case, changed, listed, removed."""
    made = await users.create(db, "Zoë", "hash", Role.GUARD, NOON)
    assert (made.name, made.role, made.active, made.created_at) == ("Zoë", Role.GUARD, True, NOON)
    for name in ("zoë", "ZOË", " Zoe\u0308 "):
        assert await users.find(db, name) == made
        assert await users.create(db, name, "other", Role.ADMIN, NOON) is None
    await users.create(db, "anna'; --", "hash", Role.ADMIN, NOON)
    assert [user.name for user in await users.everyone(db)] == ["anna'; --", "Zoë"]
    assert await users.set_role(db, "zoë", Role.VIEWER)
    assert await users.set_password(db, "zoë", "new", end_sessions=False)
    found = await users.find(db, "zoë")
    assert (found.role, found.password_hash) == (Role.VIEWER, "new")
    assert await users.remove(db, "zoë")
    assert await users.find(db, "zoë") is None
    assert not await users.remove(db, "zoë")
    assert not await users.set_role(db, "zoë", Role.ADMIN)


async def test_a_session_lasts_until_it_ends(db):
    """It is found until its time is up, is replaced or removed; the token itself is not known to the store."""
    user = await users.create(db, "anna", "hash", Role.GUARD, NOON)
    await sessions.create(db, user.id, NewSession("one", NOON, NOON + HOUR, "::1", "browser"))
    found = await sessions.find(db, "one", NOON)
    assert (found.user_id, found.user_name, found.role, found.expires_at) == (user.id, "anna", Role.GUARD, NOON + HOUR)
    await sessions.touch(db, "one", NOON + HOUR / 2)
    assert (await sessions.find(db, "one", NOON)).seen_at == NOON + HOUR / 2
    assert await sessions.find(db, "one", NOON + HOUR) is None
    assert await sessions.find(db, "other", NOON) is None
    await sessions.create(db, user.id, NewSession("two", NOON, NOON + HOUR), replaces="one")
    assert await sessions.find(db, "one", NOON) is None
    await sessions.remove(db, "two")
    assert await sessions.find(db, "two", NOON) is None


async def test_a_closed_account_is_out_at_once(db):
    """Closing, removing, or another password end its sessions, and only its own."""
    for name in ("anna", "bert", "carl", "dora"):
        user = await users.create(db, name, "hash", Role.GUARD, NOON)
        await sessions.create(db, user.id, NewSession(name, NOON, NOON + HOUR))
    await users.set_active(db, "anna", active=False)
    await users.remove(db, "bert")
    await users.set_password(db, "carl", "new", end_sessions=True)
    assert [name for name in ("anna", "bert", "carl", "dora") if await sessions.find(db, name, NOON)] == ["dora"]
    await users.set_active(db, "anna", active=True)
    assert await sessions.find(db, "anna", NOON) is None


async def test_the_audit_log_is_read_newest_first(db):
    """Two deeds of one moment keep their order."""
    deeds = [audit.Entry(NOON, "anna", "login", "", "from ::1"), audit.Entry(NOON, "command line", "add", "x")]
    for deed in deeds:
        await audit.record(db, deed)
    assert await audit.latest(db) == tuple(reversed(deeds))
    assert await audit.latest(db, 1) == (deeds[1],)
