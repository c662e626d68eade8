"""`alpr export`: reads as CSV or JSON Lines, or what persons corrected as labelled pictures; also of a running site."""

from __future__ import annotations

import argparse
import asyncio
import sys
from contextlib import ExitStack
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

from alpr.access import Verdict
from alpr.config import Config
from alpr.configfile import config_path, load_config
from alpr.domain import Kind, Review, State, utc_now
from alpr.errors import AlprError
from alpr.ops.labels import write_labels
from alpr.store import audit
from alpr.store.database import Database, open_database
from alpr.store.reads import ReadQuery
from alpr.web.reads.exporting import Form, export

_ACTOR = "command line"
_ALL = 2**62
_TOLD_EVERY = 5000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what narrows the reads, and what becomes of them."""
    parser.add_argument("--form", choices=[one.value for one in Form], default=Form.CSV.value)
    parser.add_argument("--output", type=Path, metavar="FILE", help="default: standard output")
    parser.add_argument(
        "--labels", type=Path, metavar="DIR", help="write the pictures of reviewed reads and truth.csv instead"
    )
    parser.add_argument("--text", help="part of the text; with * and ? all of it; look-alikes are forgiven")
    parser.add_argument("--since", type=_day, metavar="DAY", help="such as 2026-06-18, by the clock of the site")
    parser.add_argument("--until", type=_day, metavar="DAY", help="included")
    parser.add_argument("--camera")
    parser.add_argument("--kind", choices=[one.value for one in Kind])
    parser.add_argument("--state", choices=[one.value for one in State])
    parser.add_argument("--verdict", choices=[one.value for one in Verdict])
    parser.add_argument("--direction", choices=["in", "out"])
    parser.add_argument("--review", choices=[one.value for one in Review])


def export_command(args: argparse.Namespace) -> int:
    """Write the reads, or the labelled pictures, of the configured data folder."""
    config = load_config(config_path(args.config))
    return asyncio.run(_export(config, args))


async def _export(config: Config, args: argparse.Namespace) -> int:
    database = await open_database(config.store.data, alone=False)
    try:
        query = _query(args, ZoneInfo(config.site.timezone))
        if args.labels is not None:
            count = await write_labels(database, config.store.data / "images", query, args.labels)
            print(f"{args.labels}: {count} labelled pictures", file=sys.stderr)
            told = f"{count} labels"
        else:
            told = f"{await _write(database, query, config, args)} reads"
        await audit.record(database, audit.Entry(utc_now(), _ACTOR, "reads export", args.form, told))
    finally:
        await database.close()
    return 0


async def _write(database: Database, query: ReadQuery, config: Config, args: argparse.Namespace) -> int:
    done = 0

    def progress(count: int) -> None:
        nonlocal done
        if (done + count) // _TOLD_EVERY > done // _TOLD_EVERY:
            print(f"{done + count:,} reads", file=sys.stderr)
        done += count

    with ExitStack() as open_files:
        target = _target(args.output, open_files)
        async for part in export(database, query, Form(args.form), ZoneInfo(config.site.timezone), progress):
            target.write(part)
    return done


def _target(path: Path | None, open_files: ExitStack) -> BinaryIO:
    if path is None:
        return sys.stdout.buffer
    try:
        return open_files.enter_context(path.open("wb"))
    except OSError as error:
        raise AlprError(f"file {path}: {error.strerror}: name a file that can be written") from None


def _query(args: argparse.Namespace, zone: ZoneInfo) -> ReadQuery:
    return ReadQuery(
        text=args.text,
        camera=args.camera,
        kind=Kind(args.kind) if args.kind else None,
        state=State(args.state) if args.state else None,
        verdict=Verdict(args.verdict) if args.verdict else None,
        direction=args.direction,
        review=Review(args.review) if args.review else None,
        since=_midnight(args.since, zone),
        until=_midnight(args.until and args.until + timedelta(days=1), zone),
        limit=_ALL,
    )


def _midnight(day: date | None, zone: ZoneInfo) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), zone)


def _day(text: str) -> date:
    return date.fromisoformat(text)
