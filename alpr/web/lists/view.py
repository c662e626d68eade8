"""Lists and entries as the pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alpr.access import ListKind
from alpr.site.schedule import schedule_words
from alpr.web.verdict_view import LIST_VERDICTS
from alpr.web.view import Moment, counted, moment
from alpr.web.words.language import gettext as _
from alpr.web.words.language import later, ngettext, number
from alpr.web.words.said import in_language

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from alpr.access import Entry
    from alpr.site.lists.contradictions import Contradiction
    from alpr.store.entries import StoredEntry
    from alpr.store.lists import PlateList

KIND_WORDS = {
    ListKind.ALLOW: later("Allow list: may enter"),
    ListKind.DENY: later("Deny list: must not enter"),
    ListKind.WATCH: later("Watch list: tell somebody"),
}


@dataclass(frozen=True, slots=True)
class ListCard:
    """A list among the others."""

    id: int
    href: str
    name: str
    kind: str
    kind_words: str
    value: str
    """The verdict that the list stands for."""
    count: str
    expired: str


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry in its list."""

    id: int
    href: str
    plate: str
    owner: str
    company: str
    note: str
    holds: tuple[str, ...]
    over: bool
    inexact: bool


@dataclass(frozen=True, slots=True)
class ClashLine:
    """Two entries that contradict each other."""

    words: str
    alike: bool
    denying: str
    allowing: str


def list_card(plates: PlateList) -> ListCard:
    """Show a list with its counts."""
    return ListCard(
        id=plates.id,
        href=f"/lists/{plates.id}",
        name=plates.name,
        kind=plates.kind.value,
        kind_words=_(KIND_WORDS[plates.kind]),
        value=LIST_VERDICTS[plates.kind].value,
        count=ngettext("%(n)s entry", "%(n)s entries", plates.entries) % {"n": number(plates.entries)},
        expired=_("%(n)s of them over") % {"n": number(plates.expired)} if plates.expired else "",
    )


def entry_row(stored: StoredEntry, zone: ZoneInfo, now: datetime) -> EntryRow:
    """Show an entry with when and where it holds."""
    entry = stored.entry
    return EntryRow(
        id=entry.id,
        href=f"/entries/{entry.id}",
        plate=entry.pattern,
        owner=entry.owner,
        company=entry.company,
        note=entry.note,
        holds=tuple(_holds(entry, zone, now)),
        over=entry.valid_until is not None and entry.valid_until <= now,
        inexact=entry.opens_inexact,
    )


def clash_lines(clashes: Iterable[Contradiction]) -> list[ClashLine]:
    """Show entries that contradict each other, each with the way to it."""
    return [
        ClashLine(in_language(one.words), one.alike, f"/entries/{one.denying.id}", f"/entries/{one.allowing.id}")
        for one in clashes
    ]


def _holds(entry: Entry, zone: ZoneInfo, now: datetime) -> Iterable[str]:
    if entry.valid_until is not None:
        until = moment(entry.valid_until, zone, now)
        words = _("over since %(time)s") if entry.valid_until <= now else _("until %(time)s")
        yield words % {"time": _clocked(until)}
    if entry.valid_from is not None and entry.valid_from > now:
        yield _("from %(time)s") % {"time": _clocked(moment(entry.valid_from, zone, now))}
    if entry.cameras:
        yield _("at %(cameras)s") % {"cameras": ", ".join(sorted(entry.cameras))}
    if entry.schedule:
        yield schedule_words(entry.schedule)


def _clocked(at: Moment) -> str:
    return f"{at.day}, {at.clock[:5]}"


def imported_words(added: int, duplicates: int, faults: int) -> str:
    """Say what became of a file."""
    parts = [_("%(plates)s added") % {"plates": counted(added, "plate")}]
    if duplicates:
        parts.append(_("%(n)s on the list already") % {"n": number(duplicates)})
    if faults:
        parts.append(_("%(faults)s to look at") % {"faults": counted(faults, "fault")})
    return ", ".join(parts)
