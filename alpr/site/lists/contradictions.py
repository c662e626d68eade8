"""Entries of different lists that one vehicle can fit, found before it comes to the gate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from alpr.access import Entry, ListKind
from alpr.domain import fold
from alpr.site.lists.patterns import Patterns, glob, meet
from alpr.site.schedule import overlap


@dataclass(frozen=True, slots=True)
class Contradiction:
    """An entry that denies and one that allows, and a vehicle that fits both."""

    denying: Entry
    allowing: Entry
    alike: bool
    """Whether the texts only look alike: a camera may take one for the other."""

    @property
    def words(self) -> str:
        """Say what it means at the gate."""
        denied, allowed = self.denying, self.allowing
        if self.alike:
            return f"{denied.pattern} of {denied.list_name} and {allowed.pattern} of {allowed.list_name} look alike"
        texts = allowed.pattern if denied.pattern == allowed.pattern else f"{allowed.pattern} as {denied.pattern}"
        return f"{allowed.list_name} allows {texts}, {denied.list_name} denies it: deny beats allow"


def contradictions(entries: Iterable[Entry], now: datetime, most: int = 100) -> tuple[Contradiction, ...]:
    """Return at most so many pairs that contradict each other now (aware) or later; look-alikes come last."""
    living = [entry for entry in entries if entry.valid_until is None or entry.valid_until > now]
    return tuple(sorted(islice(_pairs(living), most), key=lambda pair: pair.alike))


def _pairs(entries: list[Entry]) -> Iterator[Contradiction]:
    # Watching is told beside every other verdict: only what is denied and allowed at once can surprise.
    denying = Patterns(entry for entry in entries if entry.list_kind is ListKind.DENY)
    for entry in entries:
        if entry.list_kind is ListKind.ALLOW:
            typed = glob(entry.pattern)
            for known in denying.meeting(fold(typed)):
                if _meet(entry, known.entry):
                    yield Contradiction(known.entry, entry, alike=not meet(typed, known.typed))


def _meet(one: Entry, other: Entry) -> bool:
    """Whether both hold at some gate at some time."""
    if one.cameras and other.cameras and not one.cameras & other.cameras:
        return False
    ends = [entry.valid_until for entry in (one, other) if entry.valid_until is not None]
    begins = [entry.valid_from for entry in (one, other) if entry.valid_from is not None]
    if ends and begins and min(ends) <= max(begins):
        return False
    return overlap(one.schedule, other.schedule)
