"""The slot between a live camera and the pipeline: the newest picture wins, what it replaces is counted."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from alpr.camera.pace import Thinning
from alpr.domain import Picture
from alpr.status import CameraStatus


@dataclass(frozen=True, slots=True)
class Arrival:
    """A picture, when it was captured (UTC), and when it arrived on the monotonic clock."""

    picture: Picture
    captured_at: datetime
    time: float


class Latest:
    """A slot for one picture: any thread puts, one coroutine takes.

    Pictures beyond `fps` are left out without being counted as dropped: nobody wanted them. The one
    that waits in the slot is always the newest there is.
    """

    def __init__(self, fps: float, status: CameraStatus, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.alive_at = float("-inf")
        """When the camera last gave a picture or said that nothing has changed, monotonic."""
        self._thinning = Thinning(fps)
        self._status = status
        self._clock = clock
        self._lock = threading.Lock()
        self._slot: Arrival | None = None
        self._closed = False
        self._wake = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def touch(self) -> None:
        """Note that the camera is alive although it has no new picture."""
        self.alive_at = self._clock()

    def put(self, picture: Picture, captured_at: datetime) -> None:
        """Offer a picture; never blocks."""
        with self._lock:
            now = self.alive_at = self._clock()
            wanted = self._thinning.admits(now)
            if self._slot is None and not wanted:
                return
            if self._slot is not None and wanted:
                self._status.frames_dropped += 1
            self._slot = Arrival(picture, captured_at, now)
        self._rouse()

    def close(self) -> None:
        """Let `take` return None once the slot is empty."""
        self._closed = True
        self._rouse()

    async def take(self) -> Arrival | None:
        """Wait for a picture and empty the slot; None after `close`."""
        self._loop = asyncio.get_running_loop()
        while True:
            with self._lock:
                self._wake.clear()
                arrival, self._slot = self._slot, None
            if arrival is not None or self._closed:
                return arrival
            await self._wake.wait()

    def _rouse(self) -> None:
        if self._loop is None or self._wake.is_set():
            return
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(self._wake.set)
