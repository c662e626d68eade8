"""Whether a sender's clock is off: ahead is certain at once, behind only when nothing ever arrives in time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

STREAK: Final = 20
"""Arrivals in a row that all come late: then it is the clock, or a line that always takes that long."""


@dataclass(frozen=True, slots=True)
class SourceClock:
    """What is known of one sender's clock, in microseconds."""

    skew: int = 0
    """Above 0 it is ahead of ours, below 0 behind; 0 while nothing is known to be wrong."""
    late: int = 0
    """Arrivals in a row that came late."""
    least_delay: int = 0
    """Of these."""


def heard(clock: SourceClock, newest_at: int, received_at: int, tolerance: int) -> SourceClock:
    """Return what is known after an arrival whose newest event has the time `newest_at`."""
    delay = received_at - newest_at
    if delay < -tolerance:
        return SourceClock(skew=-delay)
    if delay <= tolerance:
        return SourceClock()
    late = clock.late + 1
    least = min(delay, clock.least_delay) if clock.late else delay
    behind = late >= STREAK or clock.skew < 0
    return SourceClock(-least if behind else 0, min(late, STREAK), least)
