"""Visits kept up to date read by read: a change recomputes only the reads that may be of the same vehicle."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from alpr.site.visits.pairing import aged, began, settle
from alpr.site.visits.sightings import Sightings
from alpr.stay import Sighting, StayLimits, Visit


@dataclass(frozen=True, slots=True)
class Change:
    """What a read has changed: visits that are no more as they were, and what stands in their place."""

    gone: tuple[Visit, ...] = ()
    new: tuple[Visit, ...] = ()


class VisitBook:
    """The visits of a window; the same as `pair` finds, whatever the order in which reads come and are taken back."""

    def __init__(self, limits: StayLimits) -> None:
        self._limits = limits
        self._sightings = Sightings(limits.missed_after)
        self._visits: dict[str, Visit] = {}
        """By the first read of each."""
        self._visit_of: dict[str, str] = {}
        """The visit that each read belongs to."""

    def put(self, one: Sighting) -> Change:
        """Take up a read; of two versions of one read the final, then the surer one counts."""
        near = self._near(one.id)
        return self._settle(near | {one.id}) if self._sightings.put(one) else Change()

    def drop(self, read: str) -> Change:
        """Take a read back."""
        near = self._near(read)
        self._sightings.drop(read)
        return self._settle(near)

    def correct(self, one: Sighting) -> Change:
        """Put a corrected read in the place of what was read, however sure that was."""
        near = self._near(one.id)
        self._sightings.drop(one.id)
        self._sightings.put(one)
        return self._settle(near | {one.id})

    def visits(self, now: datetime) -> tuple[Visit, ...]:
        """Return all visits by their beginning, as of now."""
        return tuple(aged(visit, self._limits, now) for visit in sorted(self._visits.values(), key=began))

    def _near(self, read: str) -> set[str]:
        return self._sightings.around(read) if read in self._sightings else set()

    def _settle(self, reads: set[str]) -> Change:
        """Find the visits of these reads, and of those near them, anew."""
        groups = list(self._sightings.groups(reads))
        reads = reads.union(*({seen.sighting.id for seen in group} for group in groups))
        before = {self._visit_of.pop(read) for read in reads if read in self._visit_of}
        gone = {visit.id: visit for visit in map(self._visits.pop, before)}
        new = {visit.id: visit for group in groups for visit in settle(group, self._limits)}
        for visit in new.values():
            self._visits[visit.id] = visit
            self._visit_of.update(dict.fromkeys(visit.reads, visit.id))
        return Change(
            tuple(sorted((visit for visit in gone.values() if new.get(visit.id) != visit), key=began)),
            tuple(sorted((visit for visit in new.values() if gone.get(visit.id) != visit), key=began)),
        )
