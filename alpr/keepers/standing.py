"""Who stands at a gate while the lists change: judged anew, so that the guard's screen turns at once.

The log of who was let in stays as it was: a read that was allowed is left alone, and so is one that no list knows any
more. What a read was before stands in the audit log.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.access import MAY_STAND, Decision, Verdict
from alpr.domain import Read, State
from alpr.store import audit, reads
from alpr.store.database import Database
from alpr.store.reads import ReadQuery, StoredRead

LISTS: Final = "lists"
"""Who is said to have judged anew when a change of the lists did."""
_MOST: Final = 100
_TELLING: Final = (Verdict.ALLOWED, Verdict.DENIED, Verdict.WATCH)


class Judge(Protocol):
    """Who may enter: the gatekeeper."""

    async def decide_again(self, connection: AsyncConnection, read: Read, now: datetime) -> Decision:
        """Judge a read anew inside a transaction."""
        ...


async def standing(db: Database, now: datetime) -> list[StoredRead]:
    """Return the newest read of each camera that is of a vehicle which may still stand there."""
    newest: dict[str, StoredRead] = {}
    for one in await reads.page(db, ReadQuery(since=now - MAY_STAND, limit=_MOST)):
        if one.read.state is not State.DISMISSED:
            newest.setdefault(one.read.camera, one)
    return list(newest.values())


def turns(stored: StoredRead, decision: Decision) -> bool:
    """Whether the lists know somebody now who was not let in."""
    return (
        stored.verdict is not Verdict.ALLOWED
        and decision.verdict in _TELLING
        and decision.verdict is not stored.verdict
    )


async def judged_anew(
    connection: AsyncConnection, judge: Judge, read_id: str, who: str, now: datetime
) -> tuple[StoredRead, Decision]:
    """Judge a read anew as it stands inside a transaction, note what it was before, and return both."""
    (stored,) = await reads.of_ids(connection, [read_id])
    decision = await judge.decide_again(connection, stored.read, now)
    before = stored.verdict.value if stored.verdict else "not judged"
    if (before, stored.verdict_reason) != (decision.verdict.value, decision.reason):
        words = f"{before} ({stored.verdict_reason}) to {decision.verdict.value} ({decision.reason})"
        await audit.add(connection, audit.Entry(now, who, "read judged again", stored.read.id, words))
        await reads.renumber(connection, stored.read.id, now)
    return stored, decision
