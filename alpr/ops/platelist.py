"""`alpr list`: lists of plates shown, filled from CSV files and written to them; works while the site runs."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

from alpr.access import ListKind
from alpr.config import Config
from alpr.configfile import config_path, load_config
from alpr.domain import utc_now
from alpr.errors import AlprError
from alpr.site.lists.entryfields import ListFacts
from alpr.site.lists.file import ListFile, decode, parse_list, write_list
from alpr.store import audit, entries, lists
from alpr.store.database import Database, open_database
from alpr.store.lists import PlateList

_ACTOR = "command line"
_SHOWN_FAULTS = 50
_LONGEST_NAME = 64


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the deeds of `alpr list`."""
    deeds = parser.add_subparsers(dest="deed", required=True, metavar="DEED")
    deeds.add_parser("show", help="name all lists with their counts")
    adding = deeds.add_parser("import", help="add the rows of a CSV file; its first line names the columns")
    adding.add_argument("name", help="of the list; made when there is none and --kind says what it means")
    adding.add_argument("file", type=Path, metavar="FILE")
    adding.add_argument("--kind", choices=[kind.value for kind in ListKind], help="of a list that is to be made")
    writing = deeds.add_parser("export", help="write a list as CSV to standard output")
    writing.add_argument("name")


def list_command(args: argparse.Namespace) -> int:
    """Do the deed on the lists of the configured data folder."""
    config = load_config(config_path(args.config))

    async def done() -> str:
        database = await open_database(config.store.data, alone=False)
        try:
            return await _do(database, config, args)
        finally:
            await database.close()

    print(asyncio.run(done()), end="")
    return 0


async def _do(database: Database, config: Config, args: argparse.Namespace) -> str:
    if args.deed == "show":
        return _told(await lists.everyone(database, utc_now()))
    if args.deed == "import":
        return await _import(database, config, args)
    plates = await _known(database, args.name)
    found = await lists.load_entries(database, plates.id)
    await audit.record(database, audit.Entry(utc_now(), _ACTOR, "list export", plates.name, f"{len(found)} entries"))
    return write_list(found, ZoneInfo(config.site.timezone))


async def _import(database: Database, config: Config, args: argparse.Namespace) -> str:
    text = decode(_content(args.file))
    plates = await _made(database, args.name, args.kind) if args.kind else await _known(database, args.name)
    cameras = tuple(camera.name for camera in config.camera)
    facts = ListFacts(plates.name, plates.kind, ZoneInfo(config.site.timezone), cameras)
    file = parse_list(text, facts, await entries.patterns(database, plates.id))
    now = utc_now()
    added = await entries.add_all(database, plates.id, file.entries, _ACTOR, now)
    told = f"{added} added, {len(file.duplicates)} on it already, {len(file.faults)} faults"
    await audit.record(database, audit.Entry(now, _ACTOR, "list import", plates.name, told))
    _tell_faults(args.file, file)
    return f"list {plates.name}: {told}\n"


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise AlprError(f"file {path}: {error.strerror}: name a CSV file that can be read") from None


def _tell_faults(path: Path, file: ListFile) -> None:
    told = [*file.faults, *file.duplicates]
    for fault in told[:_SHOWN_FAULTS]:
        print(f"{path}:{fault.line}: {f'{fault.field}: ' if fault.field else ''}{fault.words}", file=sys.stderr)
    if len(told) > _SHOWN_FAULTS:
        print(f"{path}: and {len(told) - _SHOWN_FAULTS} more", file=sys.stderr)


async def _known(database: Database, name: str) -> PlateList:
    plates = await lists.find(database, name, utc_now())
    if plates is None:
        raise AlprError(f"list {name}: no such list: `alpr list show` names all, `--kind` makes one at import")
    return plates


async def _made(database: Database, name: str, kind: str) -> PlateList:
    if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        raise AlprError(f"list {name[:_LONGEST_NAME]!r}: a name has 1 to {_LONGEST_NAME} visible characters")
    now = utc_now()
    if await lists.create(database, name, ListKind(kind), _ACTOR, now) is not None:
        await audit.record(database, audit.Entry(now, _ACTOR, "list add", name.strip(), kind))
    plates = await _known(database, name)
    if plates.kind != kind:
        raise AlprError(f"list {plates.name}: is a list of kind {plates.kind}: leave --kind out, or take another name")
    return plates


def _told(known: tuple[PlateList, ...]) -> str:
    if not known:
        return "no lists: `alpr list import NAME FILE --kind allow` makes one\n"
    width = max(len(plates.name) for plates in known)
    lines = (f"{one.name:{width}}  {one.kind.value:5}  {one.entries:6,} entries, {one.expired:,} over" for one in known)
    return "\n".join(lines) + "\n"
