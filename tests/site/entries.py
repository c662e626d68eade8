"""Reads and entries for the tests of the site's logic."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from alpr.access import Entry, ListKind
from alpr.domain import Box, Candidate, Character, Kind, Read, Reading, State

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 6, 17, 10, 0, tzinfo=UTC)
"""A Wednesday, noon in Berlin."""
_LISTS = {ListKind.ALLOW: "Staff", ListKind.DENY: "Banned", ListKind.WATCH: "Wanted"}


def entry(pattern: str, kind: ListKind = ListKind.ALLOW, number: int = 1, **changes) -> Entry:
    """Make an entry on the list of its kind: Staff, Banned or Wanted."""
    return Entry(id=number, list_name=_LISTS[kind], list_kind=kind, pattern=pattern, **changes)


def seen(text: str, confidence: float = 0.97, sure: float = 0.99, **doubts: float) -> Reading:
    """Make a reading; `doubts` are runners-up with their probability."""
    candidates = tuple(Candidate(other, share) for other, share in doubts.items())
    return Reading(text, confidence, tuple(Character(sign, sure) for sign in text), candidates)


def read_of(reading: Reading, **changes) -> Read:
    """Make the final read of a reading, at `gate-in`."""
    state = State.FINAL if reading.text else State.UNREAD
    values = {"id": "r1", "camera": "gate-in", "kind": Kind.PLATE, "state": state, "reading": reading}
    times = dict.fromkeys(("captured_at", "first_seen", "last_seen"), NOON)
    return Read(**{**values, **times, "box": Box(0, 0, 9, 9), "frame_time": 0.0, **changes})
