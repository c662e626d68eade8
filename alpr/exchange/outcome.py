"""What became of each item that was sent."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from alpr.exchange.told import Fault


class Fate(StrEnum):
    """What became of an item."""

    ACCEPTED = "accepted"
    COMPLETED = "completed"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one item, and why."""

    fate: Fate
    read_id: str | None = None
    external_id: str = ""
    faults: tuple[Fault, ...] = ()
    """Why it was refused; of one that was taken, what was put right in it."""
    why: str = ""
