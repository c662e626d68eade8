"""Passes as the pages show them: a row of the list, and one pass with everything that was seen of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from alpr.domain import Kind
from alpr.iso6346 import size_type_words, spaced
from alpr.web.reads.view import ReadRow, read_row
from alpr.web.view import Moment, day_words, moment
from alpr.web.words.language import gettext as _
from alpr.web.yard.arrival_view import ArrivalBadge, arrival_badge

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from alpr.store.expected import Listed
    from alpr.store.passes import StoredPass
    from alpr.store.reads import StoredRead


@dataclass(frozen=True, slots=True)
class Code:
    """A container as it stands on a page."""

    text: str
    """Spaced, as on the container."""
    href: str
    size: str = ""
    arrival: ArrivalBadge | None = None


@dataclass(frozen=True, slots=True)
class PassRow:
    """A pass in the list."""

    href: str
    label: str
    when: Moment
    portal: str
    direction: str
    plate: str
    trailer: str
    codes: tuple[Code, ...]
    reads: int
    arrival: ArrivalBadge | None


@dataclass(frozen=True, slots=True)
class Shot:
    """One read of a pass with its picture."""

    row: ReadRow
    frame: str
    width: int
    height: int
    after: str
    """How long after the first one."""


@dataclass(frozen=True, slots=True)
class PassDetail:
    """One pass."""

    row: PassRow
    seconds: str
    shots: tuple[Shot, ...]
    announced: tuple[AnnouncedLine, ...]


@dataclass(frozen=True, slots=True)
class AnnouncedLine:
    """What was announced of a container of this pass."""

    code: Code
    due: str
    truck: str
    reference: str
    note: str


def pass_row(one: StoredPass, zone: ZoneInfo, now: datetime) -> PassRow:
    """Show a pass as a row of the list."""
    when = moment(one.began_at, zone, now)
    named = one.plate or next(iter(map(spaced, one.containers)), "") or one.trailer or _("unread")
    return PassRow(
        href=f"/passes/{one.id}",
        label=_("Pass of %(what)s at %(time)s") % {"what": named, "time": when.clock},
        when=when,
        portal=one.portal,
        direction=one.direction,
        plate=one.plate,
        trailer=one.trailer,
        codes=tuple(Code(spaced(code), f"/yard/{code}") for code in one.containers),
        reads=one.read_count,
        arrival=arrival_badge(one.arrival),
    )


def pass_detail(
    one: StoredPass, reads: Sequence[StoredRead], announced: Sequence[Listed], zone: ZoneInfo, now: datetime
) -> PassDetail:
    """Show everything that was seen of a pass, and what was announced of it."""
    row = pass_row(one, zone, now)
    return PassDetail(
        row=replace(row, codes=_codes(one, reads)),
        seconds=f"{(one.ended_at - one.began_at).total_seconds():.1f} s",
        shots=tuple(_shot(stored, one.began_at, zone, now) for stored in reads),
        announced=tuple(announced_line(listed) for listed in announced),
    )


def announced_line(listed: Listed) -> AnnouncedLine:
    """Show an announcement."""
    entry = listed.entry
    code = Code(spaced(entry.container), f"/yard/{entry.container}", arrival=arrival_badge(listed.arrival))
    return AnnouncedLine(code, day_words(entry.due), entry.truck, entry.reference, entry.note)


def _codes(one: StoredPass, reads: Sequence[StoredRead]) -> tuple[Code, ...]:
    sizes = {stored.read.text: stored.read.reading.size_type for stored in reads if stored.read.reading.size_type}
    arrivals = {stored.read.text: stored.arrival for stored in reads if stored.read.kind is Kind.CONTAINER}
    return tuple(
        Code(
            spaced(code),
            f"/yard/{code}",
            size_type_words(sizes.get(code, "")),
            arrival_badge(arrivals.get(code, "")),
        )
        for code in one.containers
    )


def _shot(stored: StoredRead, began: datetime, zone: ZoneInfo, now: datetime) -> Shot:
    evidence = stored.evidence
    row = read_row(stored, zone, now)
    frame = f"{row.href}/frame.jpg?v={evidence.frame_sha256[:8]}" if evidence.frame_path else ""
    after = (stored.read.captured_at - began).total_seconds()
    return Shot(row, frame, evidence.frame_width, evidence.frame_height, f"+{after:.1f} s")
