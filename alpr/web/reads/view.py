"""Reads as the pages show them: a row of a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alpr.domain import State
from alpr.store.search import match_reason
from alpr.web.reads.review_view import review_words
from alpr.web.verdict_view import Badge, badge
from alpr.web.view import PAINTS, Moment, Plate, moment, plate, sureness
from alpr.web.words.language import gettext as _
from alpr.web.words.language import later
from alpr.web.words.said import in_language
from alpr.web.yard.arrival_view import ArrivalBadge, arrival_badge

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from alpr.domain import Vehicle
    from alpr.store.reads import StoredRead

DIRECTIONS = {"in": later("in"), "out": later("out")}
VEHICLE_WORDS = (
    later("car"),
    later("van"),
    later("truck"),
    later("bus"),
    later("motorcycle"),
    later("white"),
    later("silver"),
    later("grey"),
    later("black"),
    later("blue"),
    later("red"),
    later("green"),
    later("yellow"),
    later("orange"),
    later("brown"),
    later("purple"),
)
"""What the models call vehicles and their paint: here to be translated."""
_STATES = {
    State.PREVIEW: later("passing now"),
    State.FINAL: later("complete"),
    State.UNREAD: later("unread"),
    State.DISMISSED: later("no plate"),
}


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A read in the list."""

    id: str
    href: str
    crop: str
    label: str
    plate: Plate
    state: str
    state_words: str
    when: Moment
    place: str
    direction: str
    vehicle: str
    colour: str
    percent: int | None
    why: str = ""
    """Why a search found it."""
    badge: Badge | None = None
    """What the lists said; None for a read from before there were lists."""
    review: str = ""
    """What a person said of it: `confirmed`, `corrected`, `dismissed` or `wrong`."""
    review_words: str = ""
    arrival: ArrivalBadge | None = None
    """How a container that came in stands to the expected list."""
    source: str = ""
    """The system that sent it; empty when a camera of ours saw it."""
    pass_href: str = ""
    """The pass that it belongs to."""


def read_row(stored: StoredRead, zone: ZoneInfo, now: datetime, searched: str = "") -> ReadRow:
    """Show a read as a row of the list; one that was `searched` for says why it fits."""
    read = stored.read
    shown = plate(read.reading, read.kind)
    when = moment(read.captured_at, zone, now)
    vehicle = read.vehicle
    return ReadRow(
        id=read.id,
        href=f"/reads/{read.id}",
        crop=f"/reads/{read.id}/crop.jpg?v={stored.evidence.crop_sha256[:8]}" if stored.evidence.crop_path else "",
        label=_("%(text)s at %(time)s") % {"text": shown.text or _("Unread vehicle"), "time": when.clock},
        plate=shown,
        state=read.state.value,
        state_words=_(_STATES[read.state]),
        when=when,
        place=f"{read.camera}, {_(DIRECTIONS[read.direction])}" if read.direction else read.camera,
        direction=read.direction or "",
        vehicle=vehicle_words(vehicle) if vehicle else "",
        colour=PAINTS.get((vehicle.colour or "").lower(), "") if vehicle else "",
        percent=sureness(read.reading),
        why=in_language(match_reason(searched, read.text)) if searched else "",
        badge=badge(stored.verdict, stored.verdict_reason) if stored.verdict else None,
        review=stored.review.value if stored.review else "",
        review_words=review_words(stored.review) if stored.review else "",
        arrival=arrival_badge(stored.arrival),
        source=read.source,
        pass_href=f"/passes/{stored.pass_id}" if stored.pass_id else "",
    )


def vehicle_words(vehicle: Vehicle) -> str:
    """Say what a vehicle is: `white car`."""
    if not vehicle.colour:
        return _(vehicle.type)
    return _("%(colour)s %(type)s") % {"colour": _(vehicle.colour), "type": _(vehicle.type)}
