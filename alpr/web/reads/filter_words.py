"""The words of the filters of reads, and what each filter may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from alpr.access import Verdict
from alpr.domain import Kind, Review, State
from alpr.web.words.language import later

if TYPE_CHECKING:
    from collections.abc import Collection

STATES: Final = {
    State.PREVIEW: (later("Passing now"), ""),
    State.FINAL: (later("Complete"), ""),
    State.UNREAD: (later("Unread"), "unread"),
    State.DISMISSED: (later("No plate"), "close"),
}
VERDICTS: Final = {
    Verdict.ALLOWED: later("Allowed"),
    Verdict.DENIED: later("Denied"),
    Verdict.WATCH: later("Watch"),
    Verdict.UNKNOWN: later("Unknown"),
    Verdict.UNREAD: later("Unread"),
}
TIMES: Final = {
    "hour": later("Last hour"),
    "today": later("Today"),
    "yesterday": later("Yesterday"),
    "week": later("7 days"),
    "month": later("30 days"),
}
DIRECTIONS: Final = {"in": later("In"), "out": later("Out")}
KINDS: Final = {
    Kind.PLATE: later("Plates"),
    Kind.CONTAINER: later("Containers"),
    Kind.VEHICLE: later("Vehicles without text"),
}
SURE: Final = {"no": (0.9, later("Unsure")), "low": (0.6, later("Very unsure"))}
"""Below 90 % a character is underlined and the read counts as unsure, below 60 % more so."""
VEHICLES: Final = {
    "car": later("Car"),
    "van": later("Van"),
    "truck": later("Truck"),
    "bus": later("Bus"),
    "motorcycle": later("Motorcycle"),
}
COLOURS: Final = {
    "white": later("White"),
    "silver": later("Silver"),
    "grey": later("Grey"),
    "black": later("Black"),
    "blue": later("Blue"),
    "red": later("Red"),
    "green": later("Green"),
    "yellow": later("Yellow"),
    "orange": later("Orange"),
    "brown": later("Brown"),
    "purple": later("Purple"),
}
REVIEWS: Final = {
    Review.CORRECTED: later("Corrected"),
    Review.CONFIRMED: later("Confirmed"),
    Review.WRONG: later("Said to be wrong"),
    Review.DISMISSED: later("No plate"),
}
KNOWN: Final[dict[str, Collection[str]]] = {
    "when": TIMES,
    "direction": DIRECTIONS,
    "verdict": set(Verdict),
    "state": set(State),
    "kind": set(Kind),
    "sure": SURE,
    "vehicle": VEHICLES,
    "colour": COLOURS,
    "review": set(Review),
}
