"""Lists that another process changed (`alpr list import` while the site runs) are announced like those of the pages."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from alpr.bus import Bus, ListsChanged
from alpr.errors import StoreError
from alpr.store import lists
from alpr.store.database import Database

_PAUSE: Final = 5.0
_log = structlog.get_logger(__name__)


async def watch_lists(db: Database, bus: Bus, *, pause: float = _PAUSE) -> None:
    """Publish `ListsChanged` within `pause` seconds of a change, whoever made it, until cancelled."""
    known = ""
    failing = False
    while True:
        try:
            now = await lists.fingerprint(db)
        except StoreError as error:
            if not failing:
                _log.warning("lists not looked at, trying again", error=str(error))
            failing = True
        else:
            if known and now != known:
                bus.publish(ListsChanged())
            known, failing = now, False
        await asyncio.sleep(pause)
