"""What persons said and wrote of a read, as the pages show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alpr.domain import Review
from alpr.web.view import Moment, moment, sureness
from alpr.web.words.language import gettext as _
from alpr.web.words.language import later

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from alpr.store.corrections import Deed
    from alpr.store.notes import Note
    from alpr.store.reads import StoredRead

_WORDS = {
    Review.CONFIRMED: later("confirmed"),
    Review.CORRECTED: later("corrected"),
    Review.DISMISSED: later("no plate"),
    Review.WRONG: later("said to be wrong"),
}


FAULTS = (
    later("it has no letter and no digit: type what stands on the plate"),
    later("it is too long: 16 letters and digits at most"),
    later("there is nothing to undo"),
)
"""Why something cannot be said, behind the colon of a `CorrectionError`: here to be translated."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a person last said of a read."""

    value: str
    words: str
    by: str
    when: Moment
    machine: str
    """What the machine had read, when that is another text."""
    machine_percent: int | None


@dataclass(frozen=True, slots=True)
class DeedLine:
    """One line of a read's history."""

    words: str
    by: str
    when: Moment
    why: str
    undone: str
    """Who undid it."""


@dataclass(frozen=True, slots=True)
class NoteLine:
    """A note, with the read that it was made of."""

    id: int
    note: str
    by: str
    when: Moment
    href: str


def review_words(review: Review) -> str:
    """Return what a person said in a word or two."""
    return _(_WORDS[review])


def said_of(stored: StoredRead, zone: ZoneInfo, now: datetime) -> Said | None:
    """Show what a person said of a read; None when nobody has."""
    if stored.review is None or stored.reviewed_at is None:
        return None
    machine = stored.machine if stored.machine and stored.machine.text != stored.read.text else None
    return Said(
        value=stored.review.value,
        words=review_words(stored.review),
        by=stored.reviewed_by,
        when=moment(stored.reviewed_at, zone, now),
        machine=(machine.text or _("nothing")) if machine else "",
        machine_percent=sureness(machine) if machine else None,
    )


def deed_lines(deeds: Iterable[Deed], zone: ZoneInfo, now: datetime) -> tuple[DeedLine, ...]:
    """Show the history of a read, newest first."""
    lines = (DeedLine(_told(one), one.by, moment(one.at, zone, now), one.why, one.undone_by) for one in deeds)
    return tuple(reversed(tuple(lines)))


def note_lines(notes: Iterable[Note], zone: ZoneInfo, now: datetime) -> tuple[NoteLine, ...]:
    """Show notes."""
    return tuple(
        NoteLine(one.id, one.note, one.by, moment(one.at, zone, now), f"/reads/{one.read_id}" if one.read_id else "")
        for one in notes
    )


def _told(deed: Deed) -> str:
    if deed.review is Review.CORRECTED:
        before = deed.text_before or _("unread")
        return _("%(before)s corrected to %(after)s") % {"before": before, "after": deed.text_after}
    text = deed.text_before or _("Unread vehicle")
    return f"{text}: {review_words(deed.review)}"
