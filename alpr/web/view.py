"""Values as the pages show them: times in the site's zone, plates with their doubts, percents."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from babel.dates import format_date

from alpr.domain import Kind
from alpr.web.words.language import forms, ngettext, number, spoken
from alpr.web.words.language import gettext as _

if TYPE_CHECKING:
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from babel import Locale

    from alpr.domain import Reading

_DOUBT = 0.90
_LOW = 0.60
_JUST_NOW = 45.0
_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0

PAINTS = {
    "white": "#dfe2e3",
    "silver": "#b5bcc2",
    "grey": "#70787e",
    "gray": "#70787e",
    "black": "#23272b",
    "blue": "#3d5a80",
    "red": "#8b3a35",
    "green": "#3f6b4a",
    "yellow": "#d3ad3c",
    "orange": "#c06f2c",
    "brown": "#6f5138",
    "beige": "#cdbb98",
    "purple": "#6a4a7d",
    "teal": "#2f6d74",
}
"""How a vehicle's colour is dotted."""

NOUNS = {
    "attempt": forms("%(n)s attempt", "%(n)s attempts"),
    "camera": forms("%(n)s camera", "%(n)s cameras"),
    "day": forms("%(n)s day", "%(n)s days"),
    "decoding error": forms("%(n)s decoding error", "%(n)s decoding errors"),
    "fault": forms("%(n)s fault", "%(n)s faults"),
    "look": forms("%(n)s look", "%(n)s looks"),
    "message": forms("%(n)s message", "%(n)s messages"),
    "month": forms("%(n)s month", "%(n)s months"),
    "packet": forms("%(n)s packet", "%(n)s packets"),
    "plate": forms("%(n)s plate", "%(n)s plates"),
    "read": forms("%(n)s read", "%(n)s reads"),
    "time": forms("%(n)s time", "%(n)s times"),
}
"""What is counted on the pages."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A time in the site's zone."""

    iso: str
    clock: str
    """`12:04:28`"""
    precise: str
    """`12:04:28.640`"""
    day: str
    """`18 June 2026`"""
    exact: str
    """All of it, with the zone."""
    ago: str
    """`3 min ago`"""
    today: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """One character of a plate; `doubt` is empty, `some` (below 90 %) or `low` (below 60 %)."""

    text: str
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Plate:
    """A text in plate type."""

    marks: tuple[Mark, ...]
    region: str = ""
    code: bool = False

    @property
    def unread(self) -> bool:
        """Whether there is no text to show."""
        return not self.marks

    @property
    def text(self) -> str:
        """The characters in a row."""
        return "".join([mark.text for mark in self.marks])

    @property
    def doubtful(self) -> bool:
        """Whether any character is marked as in doubt."""
        return any([mark.doubt for mark in self.marks])  # noqa: C419  seven characters: a list is faster


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of a list of facts."""

    name: str
    words: str


def moment(at: datetime, zone: ZoneInfo, now: datetime) -> Moment:
    """Show `at` (aware) in the site's zone and beside `now`."""
    local = at.astimezone(zone)
    elapsed = max(0.0, (now - at).total_seconds())
    # Twice as fast as strftime, and a page shows hundreds of times.
    clock = f"{local.hour:02d}:{local.minute:02d}:{local.second:02d}"
    day = _day_words(local.date(), spoken().locale)
    return Moment(
        iso=at.isoformat(timespec="milliseconds"),
        clock=clock,
        precise=f"{clock}.{local.microsecond // 1000:03d}",
        day=day,
        exact=f"{day}, {clock} {local.tzname() or ''}".rstrip(),
        ago=_("just now") if elapsed < _JUST_NOW else _("%(span)s ago") % {"span": span(elapsed)},
        today=local.date() == _day_of(now, zone),
    )


@lru_cache(maxsize=16)
def _day_of(now: datetime, zone: ZoneInfo) -> date:
    return now.astimezone(zone).date()


def day_words(day: date) -> str:
    """Say a day in the language of the page: `21 November 2026`."""
    return _day_words(day, spoken().locale)


@lru_cache(maxsize=256)
def _day_words(day: date, locale: Locale) -> str:
    return format_date(day, "long", locale)


def span(seconds: float) -> str:
    """Say a length of time in its largest unit: `3 min`, `2 h`, `4 d`."""
    if seconds < _HOUR:
        return _("%(n)s min") % {"n": max(1, round(seconds / _MINUTE))}
    if seconds < _DAY:
        return _("%(n)s h") % {"n": round(seconds / _HOUR)}
    return _("%(n)s d") % {"n": round(seconds / _DAY)}


def percent(fraction: float) -> int:
    """Round down, so that 99.9 % never reads as certain."""
    return int(max(0.0, min(1.0, fraction)) * 100 + 1e-9)


def doubt(confidence: float) -> str:
    """Name the underline of a character this sure."""
    if confidence < _LOW:
        return "low"
    return "some" if confidence < _DOUBT else ""


def plate(reading: Reading, kind: Kind) -> Plate:
    """Show a reading; doubts are shown only where every character has its own figure."""
    told = "".join(character.text for character in reading.characters) == reading.text
    if told:
        marks = tuple(Mark(one.text, doubt(one.confidence)) for one in reading.characters)
    else:
        marks = tuple(Mark(text, doubt(reading.confidence)) for text in reading.text)
    region = (reading.region or "").upper()
    return Plate(marks, region=region if len(region) == 2 else "", code=kind is Kind.CONTAINER)  # noqa: PLR2004  ISO 3166


def sureness(reading: Reading) -> int | None:
    """Return the percent to show: never surer than the least sure character; `None` when unread."""
    if not reading.text:
        return None
    return percent(min([reading.confidence, *(one.confidence for one in reading.characters)]))


def counted(count: int, noun: str) -> str:
    """Say a number with its noun, one of `NOUNS`: `1 look`, `1,204 reads`."""
    one, many = NOUNS[noun]
    return ngettext(one, many, count) % {"n": number(count)}


def sentence(words: str) -> str:
    """Make a sentence of a reason or an error: first letter upper case, one line."""
    line = " ".join(words.replace("_", " ").split())
    return line[:1].upper() + line[1:]
