"""How the disk fills, looked at once a minute at most: counting a month of reads takes a moment."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import structlog

from alpr.domain import utc_now
from alpr.store import usage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from alpr.store.database import Database
    from alpr.store.retention import Limits
    from alpr.store.usage import Usage

_log = structlog.get_logger(__name__)
_FRESH: Final = 60.0


class UsageMeter:
    """Measures when asked, and remembers for a minute."""

    def __init__(
        self, database: Database, images: Path, clock: Callable[[], float], limits: Callable[[], Limits]
    ) -> None:
        self._database = database
        self._images = images
        self._clock = clock
        self._limits = limits
        self._known: tuple[float, Usage | None] | None = None
        self._lock = asyncio.Lock()

    async def look(self) -> Usage | None:
        """Return how the disk fills; None when the disk does not say."""
        async with self._lock:
            if self._known is None or self._clock() - self._known[0] >= _FRESH:
                self._known = self._clock(), await self._measure()
            return self._known[1]

    async def _measure(self) -> Usage | None:
        try:
            return await usage.measure(self._database, self._images, utc_now(), self._limits())
        except OSError as error:
            _log.warning("the disk does not say how full it is", error=str(error))
            return None
