"""What can be done to lists and entries, by pages and API alike: stored, noted in the audit log, announced."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from litestar.exceptions import NotFoundException

from alpr.access import Entry, ListKind
from alpr.bus import ListsChanged
from alpr.domain import utc_now
from alpr.site.lists.entryfields import FIELDS, EntryFaultsError, FieldFault, ListFacts, entry_fields
from alpr.site.lists.file import ListFile, parse_list
from alpr.store import audit, entries, lists
from alpr.store.entries import StoredEntry
from alpr.store.lists import PlateList
from alpr.web.context import Web

LONGEST_NAME = 64
_NO_ID = 2**63
"""What SQLite cannot even ask for."""


class NameFaultError(ValueError):
    """Why a list cannot have this name."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file."""

    added: int
    file: ListFile


def list_facts(web: Web, plates: PlateList) -> ListFacts:
    """Return what an entry of this list is checked against."""
    return ListFacts(plates.name, plates.kind, web.zone, tuple(web.status.cameras))


async def known_list(web: Web, list_id: int) -> PlateList:
    """Return the list; raises NotFoundException."""
    found = await lists.get(web.database, list_id, utc_now()) if list_id < _NO_ID else None
    if found is None:
        raise NotFoundException
    return found


async def known_entry(web: Web, entry_id: int) -> StoredEntry:
    """Return the entry; raises NotFoundException."""
    found = await entries.get(web.database, entry_id) if entry_id < _NO_ID else None
    if found is None:
        raise NotFoundException
    return found


async def make_list(web: Web, actor: str, name: str, kind: ListKind) -> int:
    """Make a list and return its id; raises NameFaultError."""
    checked = _name(name)
    made = await lists.create(web.database, checked, kind, actor, utc_now())
    if made is None:
        raise NameFaultError(f"there is a list called {checked} already")
    await _done(web, actor, "list add", checked, kind.value)
    return made


async def change_list(web: Web, actor: str, plates: PlateList, name: str, kind: ListKind) -> None:
    """Give a list another name and kind; raises NameFaultError, NotFoundException when it is gone."""
    checked = _name(name)
    changed = await lists.change(web.database, plates.id, checked, kind)
    if changed is None:
        raise NameFaultError(f"there is another list called {checked} already")
    if not changed:
        raise NotFoundException
    await _done(web, actor, "list change", plates.name, f"now {checked}, {kind.value}")


async def remove_list(web: Web, actor: str, plates: PlateList) -> None:
    """Delete a list with its entries."""
    if await lists.remove(web.database, plates.id):
        await _done(web, actor, "list remove", plates.name, f"{plates.entries} entries with it")


async def add_entry(web: Web, actor: str, plates: PlateList, entry: Entry) -> int:
    """Add an entry and return its id; raises EntryFaultsError when its plate is on the list already."""
    made = await entries.add(web.database, plates.id, entry, actor, utc_now())
    if made is None:
        raise _taken(plates.name)
    await _done(web, actor, "entry add", f"{plates.name}: {entry.pattern}", _told(entry))
    return made


async def change_entry(web: Web, actor: str, entry: Entry) -> None:
    """Give the entry of this id other values; raises EntryFaultsError, NotFoundException when it is gone."""
    changed = await entries.change(web.database, entry, utc_now())
    if changed is None:
        raise _taken(entry.list_name)
    if not changed:
        raise NotFoundException
    await _done(web, actor, "entry change", f"{entry.list_name}: {entry.pattern}", _told(entry))


async def remove_entry(web: Web, actor: str, entry: Entry) -> None:
    """Delete an entry."""
    if await entries.remove(web.database, entry.id):
        await _done(web, actor, "entry remove", f"{entry.list_name}: {entry.pattern}", _told(entry))


async def import_entries(web: Web, actor: str, plates: PlateList, text: str) -> Imported:
    """Add what a CSV file holds; rows that cannot be taken are told in the result."""
    file = parse_list(text, list_facts(web, plates), await entries.patterns(web.database, plates.id))
    added = await entries.add_all(web.database, plates.id, file.entries, actor, utc_now())
    told = f"{added} added, {len(file.duplicates)} on it already, {len(file.faults)} faults"
    await _done(web, actor, "list import", plates.name, told)
    return Imported(added, file)


async def export_entries(web: Web, actor: str, plates: PlateList) -> Sequence[Entry]:
    """Return all entries of a list, on the record: they name people."""
    found = await lists.load_entries(web.database, plates.id)
    await audit.record(web.database, audit.Entry(utc_now(), actor, "list export", plates.name, f"{len(found)} entries"))
    return found


def _name(typed: str) -> str:
    name = " ".join(typed.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise NameFaultError(f"a list's name has 1 to {LONGEST_NAME} visible characters")
    return name


def _taken(list_name: str) -> EntryFaultsError:
    return EntryFaultsError((FieldFault("plate", f"is on {list_name} already: change that entry, or remove it first"),))


def _told(entry: Entry) -> str:
    """Say of an entry what the audit log should still know when it is gone."""
    fields = entry_fields(entry, ZoneInfo("UTC"))
    return ", ".join(f"{name} {fields[name]}" for name in FIELDS[1:] if fields[name])


async def _done(web: Web, actor: str, action: str, subject: str, detail: str) -> None:
    await audit.record(web.database, audit.Entry(utc_now(), actor, action, subject, detail))
    web.bus.publish(ListsChanged())
