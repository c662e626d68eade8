"""What a person says of a read: text set, confirmed, no plate at all, wrong; and the same undone.

Each is one transaction: the read with its search terms, what the lists say of it, its visit, the history and the audit
log change together or not at all. The machine's own reading is put away, never lost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.access import MAY_STAND, Decision
from alpr.bus import Bus, ReadCommitted
from alpr.domain import Kind, Read, Review, State, compact, utc_now
from alpr.errors import CorrectionError
from alpr.iso6346 import is_valid
from alpr.keepers.standing import judged_anew
from alpr.store import audit, corrections
from alpr.store.corrections import Change
from alpr.store.database import Database
from alpr.store.reads import StoredRead, get
from alpr.store.reviewed import corrected

LONGEST_TEXT: Final = 16
_LONGEST_REASON: Final = 200


class Judge(Protocol):
    """Who may enter, asked again: the gatekeeper."""

    async def decide_again(self, connection: AsyncConnection, read: Read, now: datetime) -> Decision:
        """Judge a read anew inside the transaction that changes it."""
        ...

    async def take_lists(self) -> None:
        """Take up the lists as they are stored now."""
        ...

    async def withdraw(self, connection: AsyncConnection, read_id: str) -> None:
        """Forget what was made of a read that is none."""
        ...

    def committed(self) -> None:
        """Say what has changed, once the transaction is through."""
        ...


class Corrector:
    """Writes down what persons say of reads; every deed raises CorrectionError and StoreError."""

    def __init__(self, db: Database, bus: Bus, judge: Judge, clock: Callable[[], datetime] = utc_now) -> None:
        self._db = db
        self._bus = bus
        self._judge = judge
        self._clock = clock

    async def correct(self, read_id: str, text: str, who: str) -> StoredRead:
        """Set the text of a read; the text that it has already is confirmed."""
        wanted = checked_text(text)
        known = await get(self._db, read_id)
        if known is not None and known.read.text == wanted and known.read.state is not State.DISMISSED:
            return await self.confirm(read_id, who)
        return await self._do(
            read_id, Review.CORRECTED, lambda row: corrected(row, wanted, _kind(wanted, Kind(row.kind))), who
        )

    async def confirm(self, read_id: str, who: str) -> StoredRead:
        """Say that the text of a read is right, or that an unread vehicle cannot be read by a person either."""
        return await self._do(read_id, Review.CONFIRMED, lambda _row: {}, who)

    async def doubt(self, read_id: str, who: str) -> StoredRead:
        """Say that the text of a read is wrong, without knowing the right one."""
        return await self._do(read_id, Review.WRONG, lambda _row: {}, who)

    async def dismiss(self, read_id: str, who: str, why: str = "") -> StoredRead:
        """Say that a read is of no plate, code or vehicle: it leaves every list, count, history and visit."""
        return await self._do(
            read_id, Review.DISMISSED, lambda _row: {"state": State.DISMISSED.value}, who, why.strip()[:_LONGEST_REASON]
        )

    async def judge_again(self, read_id: str, who: str) -> StoredRead | None:
        """Ask the lists anew, because somebody changed them for this vehicle; return its read, None when it is gone."""
        now = self._clock()
        known = await get(self._db, read_id)
        if known is None or known.read.state is State.DISMISSED or now - known.read.last_seen >= MAY_STAND:
            return None
        await self._judge.take_lists()
        async with self._db.write() as connection:
            judged, decision = await judged_anew(connection, self._judge, read_id, who, now)
        return await self._told(judged, decision)

    async def undo(self, read_id: str, who: str) -> StoredRead:
        """Take back what was last said of a read."""
        now = self._clock()
        async with self._db.write() as connection:
            before, after = await corrections.take_back(connection, read_id, who, now)
            words = f"{before.review or ''}: {before.read.text} is {after.read.text} again"
            await audit.add(connection, audit.Entry(now, who, "read undone", read_id, words))
            decision = await self._judge_anew(connection, before, after, now)
        return await self._told(after, decision)

    async def _do(self, read_id: str, review: Review, change: Change, who: str, why: str = "") -> StoredRead:
        now = self._clock()
        async with self._db.write() as connection:
            before, after = await corrections.write(connection, read_id, review, change, why=why, by=who, now=now)
            words = f"{before.read.text or 'unread'} to {after.read.text}" if review is Review.CORRECTED else why
            entry = audit.Entry(now, who, f"read {review.value}", read_id, words or before.read.text)
            await audit.add(connection, entry)
            decision = await self._judge_anew(connection, before, after, now)
        return await self._told(after, decision)

    async def _judge_anew(
        self, connection: AsyncConnection, before: StoredRead, after: StoredRead, now: datetime
    ) -> Decision | None:
        """Judge what has become of a read: nothing is asked anew when a person agreed with what was there."""
        if after.read.state is State.DISMISSED:
            await self._judge.withdraw(connection, after.read.id)
            return None
        if (before.read.reading, before.read.state, before.read.kind) == (
            after.read.reading,
            after.read.state,
            after.read.kind,
        ):
            return None
        return await self._judge.decide_again(connection, after.read, now)

    async def _told(self, after: StoredRead, decision: Decision | None) -> StoredRead:
        self._judge.committed()
        self._bus.publish(ReadCommitted(replace(after.read), new=False, decision=decision))
        return await get(self._db, after.read.id) or after


def checked_text(text: str) -> str:
    """Return a typed text as reads have it, letters and digits in capitals; raises CorrectionError."""
    wanted = compact(text)
    if not wanted:
        raise CorrectionError("text: it has no letter and no digit: type what stands on the plate")
    if len(wanted) > LONGEST_TEXT:
        raise CorrectionError("text: it is too long: 16 letters and digits at most")
    return wanted


def _kind(text: str, before: Kind) -> Kind:
    """Return what a text is of: only a container code has a check digit that agrees."""
    return Kind.CONTAINER if is_valid(text) else Kind.PLATE if before is Kind.VEHICLE else before
