"""Lists and entries as the pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alpr.access import ListKind
from alpr.site.schedule import schedule_words
from alpr.web.verdict_view import LIST_VERDICTS
from alpr.web.view import Moment, counted, moment

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from alpr.access import Entry
    from alpr.site.contradictions import Contradiction
    from alpr.store.entries import StoredEntry
    from alpr.store.lists import PlateList

KIND_WORDS = {
    ListKind.ALLOW: "Allow list: may enter",
    ListKind.DENY: "Deny list: must not enter",
    ListKind.WATCH: "Watch list: tell somebody",
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
        kind_words=KIND_WORDS[plates.kind],
        value=LIST_VERDICTS[plates.kind].value,
        count="1 entry" if plates.entries == 1 else f"{plates.entries:,} entries",
        expired=f"{plates.expired:,} of them over" if plates.expired else "",
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
        ClashLine(one.words, one.alike, f"/entries/{one.denying.id}", f"/entries/{one.allowing.id}") for one in clashes
    ]


def _holds(entry: Entry, zone: ZoneInfo, now: datetime) -> Iterable[str]:
    if entry.valid_until is not None:
        until = moment(entry.valid_until, zone, now)
        yield f"over since {until.day}, {until.clock[:5]}" if entry.valid_until <= now else f"until {_clocked(until)}"
    if entry.valid_from is not None and entry.valid_from > now:
        yield f"from {_clocked(moment(entry.valid_from, zone, now))}"
    if entry.cameras:
        yield f"at {', '.join(sorted(entry.cameras))}"
    if entry.schedule:
        yield schedule_words(entry.schedule)


def _clocked(at: Moment) -> str:
    return f"{at.day}, {at.clock[:5]}"


def imported_words(added: int, duplicates: int, faults: int) -> str:
    """Say what became of a file."""
    parts = [f"{counted(added, 'plate')} added"]
    if duplicates:
        parts.append(f"{duplicates:,} on the list already")
    if faults:
        parts.append(f"{counted(faults, 'fault')} to look at")
    return ", ".join(parts)
