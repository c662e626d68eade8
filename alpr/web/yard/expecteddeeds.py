"""What can be done to the expected list, by pages and API alike: stored and noted in the audit log."""

from collections.abc import Mapping
from dataclasses import dataclass

from litestar.exceptions import NotFoundException

from alpr.domain import utc_now
from alpr.iso6346 import spaced
from alpr.site.yard.expectedfile import ExpectedFaultsError, ExpectedFile, FieldFault, parse_file, parse_row
from alpr.store import audit, expected
from alpr.store.expected import Listed
from alpr.web.context import Web

_NO_ID = 2**63
"""What SQLite cannot even ask for."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file."""

    added: int
    file: ExpectedFile


async def known_entry(web: Web, entry_id: int) -> Listed:
    """Return the announcement; raises NotFoundException."""
    found = await expected.get(web.database, entry_id) if entry_id < _NO_ID else None
    if found is None:
        raise NotFoundException
    return found


async def announce(web: Web, actor: str, typed: Mapping[str, str]) -> int:
    """Store one announcement and return its id; raises ExpectedFaultsError."""
    entry = parse_row(typed)
    now = utc_now()
    async with web.database.write() as connection:
        made = await expected.put(connection, entry, actor, now)
        if made is None:
            raise ExpectedFaultsError([FieldFault("container", "is announced for that day already")])
        await web.yard.announced(connection, [entry], now)
        await audit.add(connection, _said(actor, "expected add", f"{spaced(entry.container)}, {entry.due}"))
    return made


async def import_file(web: Web, actor: str, text: str) -> Imported:
    """Store what a CSV file announces; rows that cannot be taken are told in the result."""
    file = parse_file(text, await expected.known(web.database))
    now = utc_now()
    async with web.database.write() as connection:
        added = await expected.put_all(connection, file.entries, actor, now)
        await web.yard.announced(connection, file.entries, now)
        told = f"{added} added, {len(file.duplicates)} announced already, {len(file.faults)} faults"
        await audit.add(connection, _said(actor, "expected import", told))
    return Imported(added, file)


async def remove(web: Web, actor: str, listed: Listed) -> None:
    """Remove one announcement."""
    if await expected.remove(web.database, listed.entry.id):
        told = f"{spaced(listed.entry.container)}, {listed.entry.due}"
        await audit.record(web.database, _said(actor, "expected remove", told))


def _said(actor: str, deed: str, told: str) -> audit.Entry:
    return audit.Entry(utc_now(), actor, deed, "expected list", told)
