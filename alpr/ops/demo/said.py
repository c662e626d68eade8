"""What the demo's guards said of the reads of the past days: texts corrected, confirmed and dismissed, and notes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.access import Decision
from alpr.bus import Bus
from alpr.correction import Corrector
from alpr.domain import Read, State
from alpr.keepers.visits import VisitKeeper
from alpr.site.lists.matching import Index
from alpr.store import hits, notes
from alpr.store.database import Database
from alpr.store.notes import Note

_GUARDS: Final = ("guard", "admin")
_NOTES: Final = (
    "Driver has a key to hall 3.",
    "Parks at bay 4; ring twice at the office.",
    "Left its load papers at the gate, will come back for them.",
    "Trailer light broken: told the driver.",
    "Visits the workshop every Tuesday.",
)
_WAITING: Final = timedelta(hours=20)
"""Reads of the last hours still wait to be looked at."""


class _Lists:
    """Judges corrected reads by the demo's lists; tells nobody."""

    def __init__(self, index: Index, keeper: VisitKeeper) -> None:
        self._index, self._keeper = index, keeper

    async def decide_again(self, connection: AsyncConnection, read: Read, now: datetime) -> Decision:  # noqa: ARG002
        """Say what the lists say of the new text."""
        decision = self._index.decide(read, read.captured_at)
        await hits.save(connection, read.id, decision)
        await self._keeper.put(connection, read)
        return decision

    async def take_lists(self) -> None:
        """Stay with the demo's lists: nobody changes them meanwhile."""

    async def withdraw(self, connection: AsyncConnection, read_id: str) -> None:
        """Forget what was said of a read that is none."""
        await hits.forget(connection, read_id)
        await self._keeper.drop(connection, read_id)

    def committed(self) -> None:
        """Tell nobody."""


async def say_of(
    database: Database, index: Index, keeper: VisitKeeper, passed: Sequence[tuple[Read, str]], now: datetime
) -> None:
    """Let guards look at reads of the past days, each given with what its plate says in truth."""
    random = Random(len(passed))  # noqa: S311 - chance, no secret
    at = now
    corrector = Corrector(database, Bus(), _Lists(index, keeper), lambda: at)
    old = [one for one in passed if now - one[0].last_seen > _WAITING]
    for read, truth in old:
        at = read.last_seen + timedelta(minutes=random.randint(2, 300))
        await _look_at(corrector, random, read, truth)
    for words in _NOTES:
        if old:
            read, truth = random.choice(old)
            note = Note(words, read.last_seen + timedelta(minutes=3), random.choice(_GUARDS), truth, read.id)
            await notes.add(database, note)


async def _look_at(corrector: Corrector, random: Random, read: Read, truth: str) -> None:
    """Do what a guard would do about a read, most of the time."""
    who, chance = random.choice(_GUARDS), random.random()
    if read.state is State.UNREAD:
        if chance < 0.6:  # noqa: PLR2004 - most can be read by a person
            await corrector.correct(read.id, truth, who)
        elif chance < 0.8:  # noqa: PLR2004
            await corrector.confirm(read.id, who)
    elif read.text != truth:
        await corrector.correct(read.id, truth, who)
    elif read.reading.confidence < 0.8:  # noqa: PLR2004 - those that the queue shows
        await corrector.confirm(read.id, who)
