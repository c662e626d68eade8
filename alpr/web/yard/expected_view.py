"""The expected list as its page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alpr.web.view import Moment, moment
from alpr.web.words.language import gettext as _
from alpr.web.words.language import ngettext, number
from alpr.web.words.said import in_language
from alpr.web.yard.arrival_view import ArrivalBadge
from alpr.web.yard.passes_view import Code, announced_line

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from alpr.store.expected import Listed


@dataclass(frozen=True, slots=True)
class ExpectedForm:
    """What the browser sends of an announcement."""

    container: str = ""
    truck: str = ""
    date: str = ""
    reference: str = ""
    note: str = ""
    csrf: str = ""


@dataclass(frozen=True, slots=True)
class ExpectedRow:
    """An announcement in the list."""

    id: int
    code: Code
    due: str
    today: bool
    late: bool
    """Its day is over, and it has not come."""
    truck: str
    reference: str
    note: str
    arrival: ArrivalBadge | None
    arrived: Moment | None
    afterwards: bool
    """Announced when it stood there already."""
    pass_href: str
    by: str


def expected_row(listed: Listed, zone: ZoneInfo, now: datetime) -> ExpectedRow:
    """Show an announcement with what became of it."""
    entry, line = listed.entry, announced_line(listed)
    today = now.astimezone(zone).date()
    return ExpectedRow(
        id=entry.id,
        code=line.code,
        due=line.due,
        today=entry.due == today,
        late=entry.due < today and not entry.arrived_with,
        truck=line.truck,
        reference=line.reference,
        note=line.note,
        arrival=line.code.arrival,
        arrived=moment(entry.arrived_at, zone, now) if entry.arrived_at else None,
        afterwards=entry.arrived_at is not None and listed.created_at > entry.arrived_at,
        pass_href=f"/passes/{entry.arrived_with}" if entry.arrived_with else "",
        by=listed.created_by,
    )


def said_of_field(words: str) -> str:
    """Say what is wrong with a field, what was typed before the colon, in the language of the page."""
    typed, colon, rest = words.partition(": ")
    return f"{typed}: {in_language(rest)}" if colon else in_language(words)


def announced_words(added: int, duplicates: int, faults: int) -> str:
    """Say what became of a file."""
    parts = [ngettext("%(n)s container announced", "%(n)s containers announced", added) % {"n": number(added)}]
    if duplicates:
        parts.append(_("%(n)s announced already") % {"n": number(duplicates)})
    if faults:
        parts.append(ngettext("%(n)s fault to look at", "%(n)s faults to look at", faults) % {"n": number(faults)})
    return ", ".join(parts)
