"""A live camera: one link at a time, a watchdog over it, and a ladder of waits between two links."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog

from alpr.camera.latest import Latest
from alpr.camera.link import Link
from alpr.domain import Frame, Picture
from alpr.errors import CameraError
from alpr.status import CameraState, CameraStatus

_log = structlog.get_logger(__name__)

# The longest wait, jitter included, leaves 2.8 s of the ten within which a returned camera must be back.
LADDER: Final = (0.5, 1.0, 2.0, 4.0, 6.0)
_JITTER: Final = 0.2


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a live camera may take for what, in seconds."""

    stall: float
    """Without a picture (or a sign that nothing changed) after the first one."""
    first_picture: float = 10.0
    """Until the first picture of a link; at least `stall`."""
    ladder: tuple[float, ...] = LADDER
    """Between two links; the last one for all later ones."""
    steady: float = 5.0
    """With pictures, until a loss begins at the foot of the ladder again."""
    closing: float = 2.5
    """For a cancelled link to end."""


@dataclass(slots=True)
class _Session:
    """One run of the link."""

    opened: float
    first: float | None = None
    closed: bool = False


@dataclass(frozen=True, slots=True)
class _Loss:
    state: CameraState
    error: str


class LiveSource:
    """A camera whose newest frame wins: it heals for ever, never raises on a fault of the camera.

    With `ends`, a link that returns (a file played once) ends the source. Closing the generator of
    `frames` (or cancelling its consumer) closes the link. Of the status it writes the state, the
    error, reconnects, `last_frame_at` and the size of the picture; the links write the rest.
    """

    live = True

    def __init__(
        self,
        link: Link,
        latest: Latest,
        status: CameraStatus,
        patience: Patience,
        *,
        ends: bool = False,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.name = status.name
        self._link = link
        self._latest = latest
        self._status = status
        self._patience = patience
        self._ends = ends
        self._clock = clock
        self._chance = chance
        self._lost_at: float | None = None

    async def frames(self) -> AsyncGenerator[Frame, None]:
        """Yield the newest frame whenever one is due; `time` is seconds since this call."""
        started = self._clock()
        keeper = asyncio.create_task(self._keep_linked(), name=f"camera {self.name}")
        keeper.add_done_callback(lambda _: self._latest.close())
        number = 0
        try:
            while (arrival := await self._latest.take()) is not None:
                yield Frame(self.name, number, arrival.captured_at, arrival.time - started, arrival.picture)
                number += 1
            await keeper
        finally:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)

    async def _keep_linked(self) -> None:
        rung = 0
        while True:
            session = _Session(self._clock())
            loss = await self._run(session)
            if loss is None:
                self._status.change(CameraState.ENDED)
                return
            steady = session.first is not None and self._clock() - session.first >= self._patience.steady
            rung = 0 if steady else rung
            wait = self._patience.ladder[min(rung, len(self._patience.ladder) - 1)]
            rung += 1
            await asyncio.sleep(wait * (1 - _JITTER + 2 * _JITTER * self._chance()))

    async def _run(self, session: _Session) -> _Loss | None:
        """Run the link until it ends, fails or gives no picture for too long; None at a proper end."""
        loop = asyncio.get_running_loop()

        def deliver(picture: Picture, captured_at: datetime) -> None:
            if session.closed:
                return  # a thread left behind by a link that was given up
            self._status.last_frame_at = captured_at
            self._status.width, self._status.height = picture.width, picture.height
            self._latest.put(picture, captured_at)
            if session.first is None:
                session.first = self._clock()
                loop.call_soon_threadsafe(self._tell_back)

        link = asyncio.create_task(self._link.run(deliver), name=f"link {self.name}")
        try:
            loss = await self._watch(link, session) or self._outcome(link)
            if loss:
                self._tell_lost(loss)  # before the closing, which a frozen camera makes long
            return loss
        finally:
            session.closed = True
            link.cancel()
            await asyncio.wait({link}, timeout=self._patience.closing)
            if link.done() and not link.cancelled():
                link.exception()  # seen: it would be reported as forgotten

    async def _watch(self, link: asyncio.Task[None], session: _Session) -> _Loss | None:
        """Wait until the link is done, or return what to say of its silence."""
        while not link.done():
            seen = self._latest.alive_at > session.opened
            since = self._latest.alive_at if seen else session.opened
            limit = self._patience.stall if seen else max(self._patience.stall, self._patience.first_picture)
            quiet = self._clock() - since
            if quiet >= limit:
                what = "no picture" if seen else "connected, but no first picture"
                advice = "connecting anew; if it stays so, check the camera and its network"
                return _Loss(CameraState.STALLED, f"camera {self.name}: {what} for {limit:g} s: {advice}")
            # Looked at once a stall time at least: the limit changes with the first picture.
            await asyncio.wait({link}, timeout=min(limit - quiet, self._patience.stall))
        return None

    def _outcome(self, link: asyncio.Task[None]) -> _Loss | None:
        try:
            link.result()
        except CameraError as error:
            return _Loss(CameraState.RECONNECTING, str(error))
        if self._ends:
            return None
        return _Loss(CameraState.RECONNECTING, f"camera {self.name}: closed the stream: connecting anew")

    def _tell_lost(self, loss: _Loss) -> None:
        self._status.change(loss.state, loss.error)
        if self._lost_at is None:
            self._lost_at = self._clock()
            _log.warning("camera_lost", camera=self.name, error=loss.error)

    def _tell_back(self) -> None:
        self._status.change(CameraState.LIVE)
        if self._lost_at is None:
            _log.info("camera_live", camera=self.name)
            return
        self._status.reconnects += 1
        _log.info("camera_back", camera=self.name, seconds=round(self._clock() - self._lost_at, 1))
        self._lost_at = None
