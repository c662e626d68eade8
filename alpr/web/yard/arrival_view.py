"""How a container stands to the expected list, as the pages show it: in ink and shape, never in verdict colours."""

from __future__ import annotations

from dataclasses import dataclass

from alpr.site.yard.arrivals import Arrival
from alpr.web.words.language import gettext as _
from alpr.web.words.language import later

_WORDS = {
    Arrival.EXPECTED: (later("Expected"), later("Announced for this day and truck.")),
    Arrival.OTHER_DAY: (later("Another day"), later("Announced, but for another day.")),
    Arrival.UNEXPECTED: (later("Unexpected"), later("Nobody has announced this container.")),
    Arrival.WRONG_TRUCK: (later("Wrong truck"), later("Announced with another truck.")),
}


@dataclass(frozen=True, slots=True)
class ArrivalBadge:
    """The word, the sentence behind it, and whether somebody must look."""

    value: str
    word: str
    reason: str
    needs: bool


def arrival_badge(arrival: str) -> ArrivalBadge | None:
    """Show an `Arrival`; None when nothing is to be said."""
    if not arrival:
        return None
    one = Arrival(arrival)
    word, reason = _WORDS[one]
    return ArrivalBadge(one.value, _(word), _(reason), needs=one is not Arrival.EXPECTED)
