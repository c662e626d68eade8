"""Sightings for the tests of visits, and what visits look like in a table."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from alpr.domain import Kind, Vehicle
from alpr.site.visits.pairing import pair
from alpr.stay import Sighting, StayLimits, Visit, Way
from tests.site.entries import seen

MORNING = datetime(2026, 6, 17, 6, 0, tzinfo=UTC)
LIMITS = StayLimits()
CAR = Vehicle("car", "red", 0.9)
_WAYS = {"in": Way.IN, "out": Way.OUT, "by": Way.PASSING}


def after(minutes: float) -> datetime:
    """Return a time that many minutes after the morning began."""
    return MORNING + timedelta(minutes=minutes)


def sighted(minutes: float, way: str, text: str, **changes) -> Sighting:
    """Make a sighting of a text read surely; its id tells it apart: `in@0`."""
    values = {"id": f"{way}@{minutes:g}", "camera": f"gate-{way}", "kind": Kind.PLATE, "vehicle": CAR}
    reading = changes.pop("reading", None) or seen(text)
    return Sighting(**{**values, "at": after(minutes), "way": _WAYS[way], "reading": reading, **changes})


def paired(sightings: Iterable[Sighting], now: float = 24 * 60) -> tuple[Visit, ...]:
    """Pair as of that many minutes after the morning began."""
    return pair(sightings, LIMITS, after(now))


def told(visits: Iterable[Visit]) -> list[str]:
    """Write each visit as its state and its reads: `closed in@0 out@60`."""
    return [" ".join((visit.state.value, *visit.reads)) for visit in visits]
