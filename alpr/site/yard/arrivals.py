"""Whether a container that comes in was announced, and whether it comes with the truck and on the day announced."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from alpr.domain import canonical, compact

AGAIN = timedelta(hours=12)
"""A container that is seen coming in again within this is still the one that was announced."""


class Arrival(StrEnum):
    """How a container that comes in stands to the expected list."""

    EXPECTED = "expected"
    OTHER_DAY = "other day"
    UNEXPECTED = "unexpected"
    WRONG_TRUCK = "wrong truck"


_WORST = (Arrival.WRONG_TRUCK, Arrival.UNEXPECTED, Arrival.OTHER_DAY, Arrival.EXPECTED)


@dataclass(frozen=True, slots=True)
class Expected:
    """One announced container."""

    container: str
    """Compact, eleven characters."""
    due: date
    """By the site's clock."""
    truck: str = ""
    """As typed; empty: any truck."""
    reference: str = ""
    """Of the booking or order."""
    note: str = ""
    id: int = 0
    arrived_with: str = ""
    """The pass that brought it."""
    arrived_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Arriving:
    """A container that comes in."""

    container: str
    at: datetime
    day: date
    """By the site's clock."""
    pass_id: str
    plates: tuple[str, ...]
    """Of its pass; none while none was read."""


def judge_arrival(
    one: Arriving, announced: Sequence[Expected], tolerance: timedelta
) -> tuple[Arrival, Expected | None]:
    """Return how the container stands to the list, and the entry that it fits; `announced` are those of its code."""
    free = [entry for entry in announced if _is_free(entry, one)]
    if not free:
        return Arrival.UNEXPECTED, None
    own = [entry for entry in free if entry.arrived_with == one.pass_id]
    best = min(own or free, key=lambda entry: (abs(entry.due - one.day), not _fits(entry, one.plates), entry.id))
    if one.plates and not _fits(best, one.plates):
        return Arrival.WRONG_TRUCK, best
    return (Arrival.EXPECTED if abs(best.due - one.day) <= tolerance else Arrival.OTHER_DAY), best


def worst(arrivals: Iterable[Arrival]) -> Arrival | None:
    """Return what the guard must see first."""
    return min(arrivals, key=_WORST.index, default=None)


def _is_free(entry: Expected, one: Arriving) -> bool:
    """Whether the entry still waits, or has waited for this very container."""
    if not entry.arrived_with or entry.arrived_with == one.pass_id:
        return True
    return entry.arrived_at is not None and abs(one.at - entry.arrived_at) <= AGAIN


def _fits(entry: Expected, plates: Sequence[str]) -> bool:
    wanted = canonical(entry.truck)
    return not wanted or any(_is_like(wanted, canonical(plate)) for plate in plates)


def _is_like(wanted: str, read: str) -> bool:
    """Whether a plate is the announced one: announcements are typed by hand, with or without what separates."""
    return wanted == read or (len(wanted) == len(read) and sum(a != b for a, b in zip(wanted, read, strict=True)) == 1)


def code_of(text: str) -> str:
    """Return a container code as it is compared."""
    return compact(text)
