"""The filters of the list of reads, as they stand in the address, and the chips that change them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from litestar.exceptions import ValidationException

from alpr.access import Verdict
from alpr.domain import Kind, State
from alpr.store.reads import Cursor, ReadQuery

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from zoneinfo import ZoneInfo

_MOST_TEXT = 32
_STATES = {State.PREVIEW: ("Passing now", ""), State.FINAL: ("Complete", ""), State.UNREAD: ("Unread", "unread")}
_STATES |= {State.DISMISSED: ("Dismissed", "close")}
_VERDICTS = {
    Verdict.ALLOWED: "Allowed",
    Verdict.DENIED: "Denied",
    Verdict.WATCH: "Watch",
    Verdict.UNKNOWN: "Unknown",
    Verdict.UNREAD: "Unread",
}
_FEW = range(2, 4)
"""So many cameras have a chip each; more stand in a menu."""
_TIMES = {"hour": "Last hour", "today": "Today", "yesterday": "Yesterday", "week": "7 days"}
_DIRECTIONS = {"in": "In", "out": "Out"}
_KINDS = {Kind.PLATE: "Plates", Kind.CONTAINER: "Containers", Kind.VEHICLE: "Vehicles without text"}
_UNSURE = 0.9
"""Below this a character is underlined and the read counts as unsure."""


@dataclass(frozen=True, slots=True)
class ReadFilter:
    """Which reads to show; empty means all."""

    q: str = ""
    when: str = ""
    """A preset, or nothing when `begin` and `end` say it."""
    begin: str = ""
    end: str = ""
    """Days of the site's calendar, `2026-06-18`, both included."""
    camera: str = ""
    direction: str = ""
    verdict: str = ""
    state: str = ""
    kind: str = ""
    sure: str = ""
    """`no` for reads that are worth a second look."""

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """What is narrowed, as it stands in the address."""
        every = (
            ("q", self.q),
            ("when", self.when),
            ("from", self.begin),
            ("to", self.end),
            ("camera", self.camera),
            ("direction", self.direction),
            ("verdict", self.verdict),
            ("state", self.state),
            ("kind", self.kind),
            ("sure", self.sure),
        )
        return tuple(pair for pair in every if pair[1])

    @property
    def others(self) -> tuple[tuple[str, str], ...]:
        """All but the text: what a search keeps."""
        return tuple(pair for pair in self.pairs if pair[0] != "q")

    @property
    def active(self) -> bool:
        """Whether anything is narrowed."""
        return bool(self.pairs)

    def url(self, path: str = "/reads", **extra: str) -> str:
        """Return the address of these reads: the same filters always give the same one."""
        query = urlencode([*self.pairs, *((key, value) for key, value in extra.items() if value)])
        return f"{path}?{query}" if query else path


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter above the list: a link that switches it."""

    words: str
    href: str
    chosen: bool
    icon: str = ""


def parse_filter(query: Mapping[str, str]) -> ReadFilter:
    """Check what the query string says; raises ValidationException on a filter that is unknown."""
    said = {name: query.get(name, "") for name in ("when", "direction", "verdict", "state", "kind", "sure")}
    known = {"when": _TIMES, "direction": _DIRECTIONS, "verdict": set(Verdict), "state": set(State)}
    known |= {"kind": set(Kind), "sure": {"no"}}
    for name, value in said.items():
        if value and value not in known[name]:
            raise ValidationException(f"unknown {name}")
    begin, end = _day(query.get("from", "")), _day(query.get("to", ""))
    return ReadFilter(
        q=" ".join(query.get("q", "").split())[:_MOST_TEXT],
        camera=query.get("camera", "")[:64],
        begin=begin,
        end=end,
        **{**said, "when": "" if begin or end else said["when"]},
    )


def _day(text: str) -> str:
    if not text:
        return ""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise ValidationException("unknown day") from error


def read_query(chosen: ReadFilter, before: Cursor | None, limit: int, zone: ZoneInfo, now: datetime) -> ReadQuery:
    """Ask the store for these reads."""
    since, until = _span(chosen, zone, now)
    return ReadQuery(
        camera=chosen.camera or None,
        kind=Kind(chosen.kind) if chosen.kind else None,
        state=State(chosen.state) if chosen.state else None,
        direction=chosen.direction or None,
        verdict=Verdict(chosen.verdict) if chosen.verdict else None,
        below=_UNSURE if chosen.sure else None,
        text=chosen.q or None,
        since=since,
        until=until,
        before=before,
        limit=limit,
    )


def _span(chosen: ReadFilter, zone: ZoneInfo, now: datetime) -> tuple[datetime | None, datetime | None]:
    """Return from when (included) until when (excluded) reads are wanted; days are those of the site."""
    today = now.astimezone(zone).date()
    if chosen.begin or chosen.end:
        first = date.fromisoformat(chosen.begin) if chosen.begin else None
        last = date.fromisoformat(chosen.end) if chosen.end else None
        return _midnight(first, zone), _midnight(last, zone, 1)
    if chosen.when == "hour":
        return now - timedelta(hours=1), None
    if chosen.when == "yesterday":
        return _midnight(today, zone, -1), _midnight(today, zone)
    days = {"today": 0, "week": -6}.get(chosen.when)
    return (None if days is None else _midnight(today, zone, days)), None


def _midnight(day: date | None, zone: ZoneInfo, later: int = 0) -> datetime | None:
    try:
        return None if day is None else datetime.combine(day + timedelta(days=later), time(), zone)
    except OverflowError as error:
        raise ValidationException("unknown day") from error


def parse_cursor(text: str) -> Cursor | None:
    """Read the place of a page from the address; raises ValidationException."""
    if not text:
        return None
    at, _, read_id = text.partition("_")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError as error:
        raise ValidationException("this page address is broken") from error
    if moment.tzinfo is None or not read_id:
        raise ValidationException("this page address is broken")
    return Cursor(moment, read_id)


def cursor_text(cursor: Cursor) -> str:
    """Write the place of a page for the address."""
    return f"{cursor.captured_at.isoformat()}_{cursor.id}"


def chips(chosen: ReadFilter, cameras: Collection[str]) -> list[list[Chip]]:
    """Offer the filters in groups: a chosen one takes itself away, another of its group takes its place."""
    like = [Chip(f"Like {chosen.q}", replace(chosen, q="").url(), chosen=True)] if chosen.q else []
    days = Chip(_day_words(chosen), replace(chosen, begin="", end="").url(), chosen=True)
    own_days = bool(chosen.begin or chosen.end)
    rare = {State.FINAL, State.DISMISSED}
    states = [state for state in State if state not in rare or chosen.state == state.value]
    # Unread has its chip among the states.
    verdicts = {one: words for one, words in _VERDICTS.items() if chosen.verdict == one or one is not Verdict.UNREAD}
    groups = [
        like,
        [days] if own_days else [_chip(chosen, "when", one, words) for one, words in _TIMES.items()],
        camera_chips(chosen, cameras if len(cameras) in _FEW else ()),
        [_chip(chosen, "direction", one, words, one) for one, words in _DIRECTIONS.items()],
        [_chip(chosen, "verdict", one.value, words, one.value) for one, words in verdicts.items()],
        [_chip(chosen, "state", state.value, *_STATES[state]) for state in states],
        [_chip(chosen, "sure", "no", "Unsure", "note")],
        [_chip(chosen, "kind", kind.value, words) for kind, words in _KINDS.items() if kind.value == chosen.kind],
    ]
    return [group for group in groups if group]


def camera_chips(chosen: ReadFilter, cameras: Iterable[str]) -> list[Chip]:
    """Offer every camera, and the chosen one though it is no more."""
    names = dict.fromkeys([*cameras, *filter(None, [chosen.camera])])
    return [_chip(chosen, "camera", name, name, "cameras") for name in names]


def _chip(chosen: ReadFilter, name: str, value: str, words: str, icon: str = "") -> Chip:
    on = getattr(chosen, name) == value
    return Chip(words, replace(chosen, **{name: "" if on else value}).url(), on, icon)


def has_camera_menu(cameras: Collection[str]) -> bool:
    """Whether there are more cameras than chips have room for."""
    return len(cameras) >= _FEW.stop


def _day_words(chosen: ReadFilter) -> str:
    if chosen.begin == chosen.end:
        return chosen.begin
    return " ".join(filter(None, ["from" * bool(chosen.begin), chosen.begin, "to" * bool(chosen.end), chosen.end]))
