"""`alpr prune`: old pictures and reads removed now, as `[store]` says or by days; works while the site runs."""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from alpr.configfile import config_path, load_config
from alpr.domain import utc_now
from alpr.keepers.retention import Retention, limits_of
from alpr.store import retention
from alpr.store.database import Database, open_database
from alpr.store.images import Images
from alpr.store.retention import Limits

_ACTOR = "command line"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `alpr prune`."""
    parser.add_argument("--pictures", type=_days, metavar="DAYS", help="remove pictures older than this")
    parser.add_argument("--reads", type=_days, metavar="DAYS", help="remove reads older than this, with their visits")
    parser.add_argument("--dry-run", action="store_true", help="remove nothing, tell what would go by age")


def prune_command(args: argparse.Namespace) -> int:
    """Prune the configured data folder once."""
    config = load_config(config_path(args.config))
    limits = _limits(limits_of(config.store), args)

    async def done() -> str:
        database = await open_database(config.store.data, alone=False)
        try:
            if args.dry_run:
                return await _foretold(database, limits, utc_now())
            images = Images(config.store.data / "images")
            pruned = await Retention(database, images, lambda: limits).prune(utc_now(), _ACTOR)
            return pruned.words or "nothing to remove"
        finally:
            await database.close()

    print(asyncio.run(done()))
    return 0


def _limits(configured: Limits, args: argparse.Namespace) -> Limits:
    """Return what was asked for; where nothing was, the configured limits."""
    if args.pictures is None and args.reads is None:
        return configured
    return replace(configured, pictures=args.pictures, reads=args.reads, disk=0.0)


async def _foretold(database: Database, limits: Limits, now: datetime) -> str:
    before = {"pictures": limits.pictures, "reads": limits.reads}
    pictured, reads = await retention.count(
        database, **{name: now - age if age else None for name, age in before.items()}
    )
    return f"{reads} reads would be removed, and the pictures of {pictured}"


def _days(text: str) -> timedelta:
    days = int(text)
    if not 1 <= days <= 36_500:  # noqa: PLR2004 - a hundred years
        raise argparse.ArgumentTypeError(f"{text}: give days, 1 to 36500")
    return timedelta(days=days)
