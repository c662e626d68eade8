"""Entries that contradict each other, looked for again only when a list has changed."""

from __future__ import annotations

import asyncio
from datetime import datetime

from alpr.site.lists.contradictions import Contradiction, contradictions
from alpr.store import lists
from alpr.store.database import Database


class Clashes:
    """The contradictions of all lists, remembered between two looks at the page."""

    def __init__(self) -> None:
        self._found: tuple[Contradiction, ...] = ()
        self._of = ""

    async def find(self, database: Database, now: datetime) -> tuple[Contradiction, ...]:
        """Return what contradicts now (aware) or later."""
        fingerprint = await lists.fingerprint(database)
        if fingerprint != self._of:
            every = await lists.load_entries(database)
            # Ten thousand entries take half a second.
            self._found = await asyncio.to_thread(contradictions, every, now)
            self._of = fingerprint
        return self._found
