"""A dry run of rules over stored reads: fetched in stretches, judged beside the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from alpr.site.rules.dryrun import Tried, try_on, trying
from alpr.site.rules.firing import ReadyRule
from alpr.store.database import Database
from alpr.store.passages import STRETCH, stretches


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of the reads has been tried, 0 to 1, and what the rules would have done with it."""

    done: float
    tried: Sequence[Tried]


async def dry_run(
    db: Database, rules: Iterable[ReadyRule], since: datetime, until: datetime, size: int = STRETCH
) -> AsyncIterator[Progress]:
    """Try the rules on the reads from `since` until before `until`, oldest first, so many at a time.

    The last progress is the result.
    """
    tried = trying(rules)
    async for stretch in stretches(db, since, until, size):
        await asyncio.to_thread(try_on, tried, stretch.passages)
        yield Progress(stretch.done, tried)
    yield Progress(1.0, tried)
