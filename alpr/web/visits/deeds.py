"""What guards do to visits, by pages and API alike: decided, noted in the audit log, announced."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from litestar.exceptions import HTTPException, NotFoundException

from alpr.bus import VisitsChanged
from alpr.domain import utc_now
from alpr.site.visits.decisions import Deed
from alpr.stay import VisitState
from alpr.store import audit, visitdecisions, visits
from alpr.store.visitdecisions import StoredDecision
from alpr.store.visits import StoredVisit
from alpr.web.context import Web
from alpr.web.words.language import later

_CONFLICT: Final = 409
_SLACK: Final = timedelta(minutes=1)
"""Clocks of browsers may be this far ahead."""
_IDS: Final = 2**63
ENDED: Final = (VisitState.CLOSED, VisitState.MISSED_IN)

ALREADY_LEFT: Final = later("This visit has ended already.")
STILL_OPEN: Final = later("This visit is open.")
NEVER_CAME: Final = later("Nobody saw it come in, so it cannot be inside.")
TOO_EARLY: Final = later("It was seen after that time.")
FUTURE: Final = later("That time is still to come.")
SAME: Final = later("Both are the same visit.")
GONE: Final = later("Somebody has taken that back already.")


async def known_visit(web: Web, read_id: str) -> StoredVisit:
    """Return the visit of any of its reads; raises NotFoundException."""
    found = await visits.of_read(web.database, read_id)
    if found is None:
        raise NotFoundException
    return found


async def close(web: Web, by: str, visit: StoredVisit, left: datetime | None = None) -> StoredVisit:
    """Say when somebody left unseen, now if not told; raises HTTPException (409) with the reason in words."""
    now = utc_now()
    at = left or now
    if visit.visit.state in ENDED:
        raise _conflict(ALREADY_LEFT)
    if at > now + _SLACK:
        raise _conflict(FUTURE)
    if at < visit.visit.last_seen:
        raise _conflict(TOO_EARLY)
    return await _decide(web, by, visit, Deed.CLOSE, at)


async def reopen(web: Web, by: str, visit: StoredVisit) -> StoredVisit:
    """Say that somebody is inside, whatever was thought; raises HTTPException (409)."""
    if visit.visit.state is VisitState.OPEN:
        raise _conflict(STILL_OPEN)
    if visit.visit.entered is None:
        raise _conflict(NEVER_CAME)
    return await _decide(web, by, visit, Deed.REOPEN, utc_now())


async def merge(web: Web, by: str, visit: StoredVisit, other: StoredVisit) -> StoredVisit:
    """Say that two visits were one; raises HTTPException (409)."""
    if visit.visit.id == other.visit.id:
        raise _conflict(SAME)
    return await _decide(web, by, visit, Deed.MERGE, utc_now(), other)


async def undo(web: Web, by: str, decision_id: int) -> str:
    """Take a deed back; return a read of the visit that it was about. Raises HTTPException (409)."""
    now = utc_now()
    async with web.database.write() as connection:
        reads = await visitdecisions.undo(connection, decision_id, by, now) if decision_id < _IDS else ()
        if not reads:
            raise _conflict(GONE)
        await web.visits.look_again(connection, reads)
        await audit.add(connection, audit.Entry(now, by, "visit undo", reads[0], f"decision {decision_id}"))
    web.bus.publish(VisitsChanged())
    return reads[0]


async def _decide(
    web: Web, by: str, visit: StoredVisit, deed: Deed, at: datetime, other: StoredVisit | None = None
) -> StoredVisit:
    now, read = utc_now(), visit.visit.reads[-1]
    partner = other.visit.reads[-1] if other else None
    row = StoredDecision(0, deed, read, partner, at, by, now, None, "")
    words = f"{visit.visit.text} and {other.visit.text}" if other else f"{visit.visit.text} at {at.isoformat()}"
    async with web.database.write() as connection:
        await visitdecisions.add(connection, row)
        await web.visits.look_again(connection, [one for one in (read, partner) if one is not None])
        await audit.add(connection, audit.Entry(now, by, f"visit {deed.value}", read, words))
    web.bus.publish(VisitsChanged())
    return await known_visit(web, read)


def _conflict(words: str) -> HTTPException:
    return HTTPException(words, status_code=_CONFLICT)
