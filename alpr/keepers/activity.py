"""Keeps the sums of activity events up to date in the background, so that pages find them made."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Final

import structlog

from alpr.bus import ActivityCommitted, Bus
from alpr.domain import utc_now
from alpr.errors import StoreError
from alpr.site.factory.floor import Floor
from alpr.store.activitysums import newest_event, roll
from alpr.store.database import Database

_PAUSE: Final = 5.0
_BREATH: Final = 0.05
"""Seconds between two transactions, in which reads of the cameras are stored."""
_log = structlog.get_logger(__name__)


async def keep_sums(
    db: Database, bus: Bus, floor: Floor, *, pause: float = _PAUSE, clock: Callable[[], datetime] = utc_now
) -> None:
    """Add up what is new every `pause` seconds until cancelled; announce what another process has written."""
    seen: int | None = None
    failing = False
    async with bus.listen(ActivityCommitted) as heard:
        while True:
            try:
                await _roll_all(db, floor, clock)
                newest = await newest_event(db)
                floor.heard = floor.heard or newest > 0
                own = not heard.empty()
            except StoreError as error:
                if not failing:
                    _log.warning("activity is not added up, trying again", error=str(error))
                failing = True
            else:
                failing = False
                if seen is not None and newest != seen and not own:
                    bus.publish(ActivityCommitted(frozenset(), frozenset(), abs(newest - seen)))
                seen = newest
            while not heard.empty():
                heard.get_nowait()
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await heard.get()
                    # Whoever sends goes on sending: one walk for all of it.
                    await asyncio.sleep(pause)


async def _roll_all(db: Database, floor: Floor, clock: Callable[[], datetime]) -> None:
    left = True
    while left and floor.plan is not None:
        left = await roll(db, floor.plan, clock())
        await asyncio.sleep(_BREATH if left else 0)
