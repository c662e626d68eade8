"""`alpr activity`: events of the factory floor out of files, or made up; works while the site runs."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from alpr.bus import Bus
from alpr.config import Config
from alpr.configfile import config_path, load_config
from alpr.domain import utc_now
from alpr.errors import AlprError, ConfigError
from alpr.intake.activity import Answer, Fate, Intake
from alpr.ops.demo.factory import SOURCE
from alpr.ops.demo.floor import AT_ONCE, load_floor, remove_floor
from alpr.site.factory.file import is_csv, read_csv, read_json
from alpr.site.factory.floor import Floor, write_floor
from alpr.store import audit
from alpr.store.database import Database, open_database

_ACTOR: Final = "command line"
_SHOWN_FAULTS: Final = 50
_SOURCE: Final = "import"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the deeds of `alpr activity`."""
    deeds = parser.add_subparsers(dest="deed", required=True, metavar="DEED")
    importing = deeds.add_parser("import", help="add the events of a file: CSV, JSON Lines or a JSON array")
    importing.add_argument("file", type=Path, metavar="FILE", help="`-`: standard input")
    importing.add_argument("--source", default=_SOURCE, help="under which name they are kept (default: import)")
    demo = deeds.add_parser("demo", help="two days of a made-up floor, to see the pages filled, and away again")
    demo.add_argument("what", choices=("load", "remove"))


def activity_command(args: argparse.Namespace) -> int:
    """Do the deed on the events of the configured data folder; returns 1 when some were refused."""
    config = load_config(config_path(args.config))
    floor = Floor()
    write_floor(floor, config.factory, ZoneInfo(config.site.timezone))
    if floor.plan is None:
        raise ConfigError("factory: is switched off: set `enabled = true` in [factory]")
    return asyncio.run(_done(args, config, floor))


async def _done(args: argparse.Namespace, config: Config, floor: Floor) -> int:
    database = await open_database(config.store.data, alone=False)
    try:
        if args.deed == "demo":
            return await _demo(database, floor, args.what)
        return await _import(database, floor, args.file, args.source)
    finally:
        await database.close()


async def _import(database: Database, floor: Floor, path: Path, source: str) -> int:
    content = _content(path)
    items = read_csv(content) if is_csv(path.name, content) else read_json(content)
    answers = await Intake(database, Bus(), floor).take(items, source, clocked=False)
    counts = {fate: sum(one.fate is fate for one in answers) for fate in Fate}
    told = ", ".join(f"{count:,} {fate.value}" for fate, count in counts.items())
    await audit.record(database, audit.Entry(utc_now(), _ACTOR, "activity import", source, told))
    _tell_faults(path, [one for one in answers if one.fate is Fate.REFUSED])
    print(f"activity {source}: {told}")
    return 1 if counts[Fate.REFUSED] else 0


async def _demo(database: Database, floor: Floor, what: str) -> int:
    """Load or remove the made-up floor; nothing that a camera told is touched."""
    assert floor.plan is not None
    now = utc_now()
    if what == "load":
        count = await load_floor(database, floor.plan, now, batch=AT_ONCE)
    else:
        count = await remove_floor(database, floor.plan)
    told = f"{count:,} made-up events {'added' if what == 'load' else 'removed'}"
    await audit.record(database, audit.Entry(now, _ACTOR, f"activity demo {what}", SOURCE, told))
    print(f"activity demo: {told}")
    return 0


def _content(path: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == Path("-") else path.read_bytes()
    except OSError as error:
        raise AlprError(f"file {path}: {error.strerror}: name a file that can be read") from None


def _tell_faults(path: Path, refused: Sequence[Answer]) -> None:
    for one in refused[:_SHOWN_FAULTS]:
        print(f"{path}:{one.position}: {f'{one.field}: ' if one.field else ''}{one.reason}", file=sys.stderr)
    if len(refused) > _SHOWN_FAULTS:
        print(f"{path}: and {len(refused) - _SHOWN_FAULTS:,} more", file=sys.stderr)
