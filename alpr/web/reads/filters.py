"""The filters of the list of reads, as they stand in the address, and the chips that change them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlencode

from litestar.exceptions import ValidationException

from alpr.access import Verdict
from alpr.domain import Kind, Review, State
from alpr.store.reads import Cursor, ReadQuery
from alpr.web.reads.filter_words import KNOWN, SURE

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_MOST_TEXT = 32
_MOST_NAME = 64
MOST_PICKED = 1000


class Parameters(Protocol):
    """The parameters of an address."""

    def get(self, key: str, default: str, /) -> str:
        """Return the value of a name."""
        ...


class ManyParameters(Parameters, Protocol):
    """The parameters of an address, where a name may stand several times."""

    def getall(self, key: str, default: list[str], /) -> list[str]:
        """Return all values of a name."""
        ...


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
    """`no` for reads that are worth a second look, `low` for those that need one."""
    region: str = ""
    vehicle: str = ""
    colour: str = ""
    review: str = ""
    source: str = ""
    """The system that sent them."""
    ids: tuple[str, ...] = ()
    """Reads picked one by one; no other filter stands beside them."""

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
            ("region", self.region),
            ("vehicle", self.vehicle),
            ("colour", self.colour),
            ("review", self.review),
            ("source", self.source),
            *(("id", one) for one in self.ids),
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


def parse_filter(query: Parameters) -> ReadFilter:
    """Check what the query string says; raises ValidationException on a filter that is unknown."""
    said = {name: query.get(name, "") for name in KNOWN}
    for name, value in said.items():
        if value and value not in KNOWN[name]:
            raise ValidationException(f"unknown {name}")
    begin, end = _day(query.get("from", "")), _day(query.get("to", ""))
    return ReadFilter(
        q=" ".join(query.get("q", "").split())[:_MOST_TEXT],
        camera=query.get("camera", "")[:_MOST_NAME],
        begin=begin,
        end=end,
        region=query.get("region", "").strip().lower()[:_MOST_NAME],
        source=query.get("source", "")[:_MOST_NAME],
        when="" if begin or end else said["when"],
        direction=said["direction"],
        verdict=said["verdict"],
        state=said["state"],
        kind=said["kind"],
        sure=said["sure"],
        vehicle=said["vehicle"],
        colour=said["colour"],
        review=said["review"],
    )


def parse_picked(query: ManyParameters) -> ReadFilter:
    """Check what is to be exported: reads picked by `id`, else those of the filter; raises ValidationException."""
    picked = query.getall("id", [])
    if not picked:
        return parse_filter(query)
    if len(picked) > MOST_PICKED or any(len(one) > _MOST_NAME for one in picked):
        raise ValidationException("too many reads were picked")
    return ReadFilter(ids=tuple(picked))


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
        below=SURE[chosen.sure][0] if chosen.sure else None,
        region=chosen.region or None,
        vehicle_type=chosen.vehicle or None,
        vehicle_colour=chosen.colour or None,
        review=Review(chosen.review) if chosen.review else None,
        source=chosen.source or None,
        ids=chosen.ids,
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
    days = {"today": 0, "week": -6, "month": -29}.get(chosen.when)
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
