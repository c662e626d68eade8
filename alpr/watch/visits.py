"""Looks who is inside, for the rules that are about it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from alpr.domain import canonical
from alpr.site.rules.passage import Passage
from alpr.site.rules.states import Measure, Watch
from alpr.site.visits.dryrun import PastGuest
from alpr.site.visits.states import HAPPENINGS, Guest, count_measures, gone_measures, guest_measures
from alpr.stay import Room, VisitState
from alpr.store import hits, visits
from alpr.store.database import Database
from alpr.store.visits import StoredVisit, VisitCursor, VisitQuery

_MOST: Final = 5000


class VisitWatch:
    """Measures who is inside; rules without such a happening cost nothing."""

    def __init__(self, db: Database, room: Callable[[], Room]) -> None:
        self._db = db
        self._room = room

    async def measures(self, watches: Collection[Watch], open_keys: Collection[str], now: datetime) -> list[Measure]:
        """Return what the watches are about, and the end of what has ended; raises StoreError."""
        wanted = [watch for watch in watches if watch.on in HAPPENINGS]
        found: list[Measure] = []
        if any(watch.on != "occupancy" for watch in wanted):
            here = await self._guests()
            found += guest_measures(here, self._room(), now)
            found += gone_measures(open_keys, [guest.text for guest in here])
        if any(watch.on == "occupancy" for watch in wanted):
            counted = await visits.occupancy(self._db)
            subjects = {subject for watch in wanted if watch.on == "occupancy" for subject in watch.cameras}
            found += count_measures(counted.site, counted.lists, counted.zones, sorted(subjects))
        return found

    async def _guests(self) -> list[Guest]:
        inside = await visits.inside(self._db, VisitQuery(limit=_MOST))
        known = await hits.of_reads(self._db, [one.visit.reads[0] for one in inside])
        return [guest for one in inside if (guest := _guest(one, known.get(one.visit.reads[0], ()))) is not None]


async def past_guests(db: Database, since: datetime, until: datetime, now: datetime) -> list[PastGuest]:
    """Return who came in from `since` until before `until`, in the order of time; for a dry run of rules."""
    found: list[PastGuest] = []
    query = VisitQuery(since=since, until=until, limit=_MOST)
    while rows := await visits.page(db, query):
        known = await hits.of_reads(db, [one.visit.reads[0] for one in rows])
        for one in rows:
            guest = _guest(one, known.get(one.visit.reads[0], ()))
            if guest is not None and guest.entered >= since:
                left = one.visit.left or (now if one.visit.state is VisitState.OPEN else one.visit.last_seen)
                found.append(PastGuest(one.visit.reads[0], guest.entered, left, guest.passage))
        last = rows[-1].visit
        query = replace(query, before=VisitCursor(last.entered or last.left or last.last_seen, last.id))
    return sorted(found, key=lambda guest: (guest.entered, guest.read))


def _guest(one: StoredVisit, its_hits: Iterable[hits.Hit]) -> Guest | None:
    visit = one.visit
    if visit.entered is None:
        return None
    passage = Passage(
        at=visit.entered,
        camera=one.came_camera,
        kind=visit.kind.value,
        verdict="",
        lists=frozenset(hit.list_name for hit in its_hits if hit.applies),
        text=canonical(visit.text),
        confidence=visit.confidence,
        zone=one.zone,
    )
    return Guest(visit.text, visit.entered, passage)
