"""What the factory pages are narrowed to, as it stands in the address: days, worker, station, shift, order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from litestar.exceptions import ValidationException

from alpr.web.reads.filter_chips import Chip
from alpr.web.words.language import gettext as _
from alpr.web.words.language import later

WHENS: Final = {
    "hour": later("Last hour"),
    "": later("Today"),
    "yesterday": later("Yesterday"),
    "week": later("7 days"),
    "month": later("30 days"),
    "year": later("12 months"),
}
"""Presets; today is what an address without any means."""
_DAYS: Final = {"week": 7, "month": 30, "year": 365}
_LONGEST: Final = timedelta(days=366 * 3)
_MOST_TEXT: Final = 128


@dataclass(frozen=True, slots=True)
class FactoryFilter:
    """Which part of the factory and which days; empty means all of it, today."""

    when: str = ""
    begin: str = ""
    end: str = ""
    """Days of the site's calendar, `2026-06-18`, both included; they stand instead of `when`."""
    worker: str = ""
    station: str = ""
    shift: str = ""
    sort: str = ""
    """The column that a table is ordered by, with `-` before it: highest first."""

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """What is narrowed, as it stands in the address."""
        every = (
            ("when", self.when),
            ("from", self.begin),
            ("to", self.end),
            ("worker", self.worker),
            ("station", self.station),
            ("shift", self.shift),
            ("sort", self.sort),
        )
        return tuple(pair for pair in every if pair[1])

    @property
    def own_days(self) -> bool:
        """Whether days stand in the address instead of a preset."""
        return bool(self.begin or self.end)

    def url(self, path: str, **other: str) -> str:
        """Return the address of this on a page; `other` says what differs there."""
        query = urlencode(replace(self, **other).pairs)
        return f"{path}?{query}" if query else path


@dataclass(frozen=True, slots=True)
class Stretch:
    """A window of time: from `since` until before `until`, both UTC."""

    since: datetime
    until: datetime

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.until - self.since


def parse_factory(query: Mapping[str, str]) -> FactoryFilter:
    """Check what the query string says; raises ValidationException on what is unknown."""
    begin, end = _day(query.get("from", "")), _day(query.get("to", ""))
    when = "" if begin or end else query.get("when", "")
    if when not in WHENS:
        raise ValidationException("unknown when")
    if begin and end and begin > end:
        begin, end = end, begin
    names = {name: query.get(name, "").strip()[:_MOST_TEXT] for name in ("worker", "station", "shift", "sort")}
    return FactoryFilter(when, begin, end, **names)


def stretch(chosen: FactoryFilter, zone: ZoneInfo, now: datetime) -> Stretch:
    """Return the window, days being those of the site; it ends now at the latest, so that no future is planned time."""
    today = now.astimezone(zone).date()
    if chosen.own_days:
        first = date.fromisoformat(chosen.begin or chosen.end)
        last = date.fromisoformat(chosen.end) if chosen.end else today
        return _cut(_midnight(first, zone), _midnight(last, zone, 1), now)
    if chosen.when == "hour":
        return Stretch(now - timedelta(hours=1), now)
    if chosen.when == "yesterday":
        return Stretch(_midnight(today, zone, -1), _midnight(today, zone))
    return _cut(_midnight(today, zone, 1 - _DAYS.get(chosen.when, 1)), _midnight(today, zone, 1), now)


def _cut(since: datetime, until: datetime, now: datetime) -> Stretch:
    until = min(until, now)
    if until - since > _LONGEST:
        raise ValidationException("at most three years at once")
    return Stretch(min(since, until - timedelta(minutes=1)), until)


def when_chips(chosen: FactoryFilter, path: str) -> tuple[Chip, ...]:
    """Offer the presets, and the chosen days if there are any."""
    presets = tuple(
        Chip(_(words), chosen.url(path, when=value, begin="", end=""), not chosen.own_days and chosen.when == value)
        for value, words in WHENS.items()
    )
    return (
        (*presets, Chip(_days_words(chosen), chosen.url(path, begin="", end=""), chosen=True))
        if chosen.own_days
        else presets
    )


def name_chips(chosen: FactoryFilter, path: str, field: str, names: Iterable[tuple[str, str]]) -> tuple[Chip, ...]:
    """Offer each (key, name) of workers, stations or shifts; a chosen one takes itself away."""
    now = getattr(chosen, field)
    known = dict(names)
    if now:
        known.setdefault(now, now)
    return tuple(
        Chip(name, chosen.url(path, **{field: "" if key == now else key}), key == now) for key, name in known.items()
    )


def _days_words(chosen: FactoryFilter) -> str:
    if chosen.begin == chosen.end:
        return chosen.begin
    if not chosen.end:
        return _("from %(day)s") % {"day": chosen.begin}
    return f"{chosen.begin} – {chosen.end}" if chosen.begin else chosen.end  # noqa: RUF001  a range of days


def _day(text: str) -> str:
    if not text:
        return ""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise ValidationException("unknown day") from error


def _midnight(day: date, zone: ZoneInfo, later_days: int = 0) -> datetime:
    try:
        return datetime.combine(day + timedelta(days=later_days), time(), zone).astimezone(UTC)
    except OverflowError as error:
        raise ValidationException("unknown day") from error
