"""Live pictures compressed at most a few times a second per camera, however many people watch, and never for nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from alpr.web.live.drawing import draw_jpeg

if TYPE_CHECKING:
    from alpr.live import LiveView

WIDEST: Final = 960
"""Pixels across that a live picture is sent with at most."""
_MOST_FPS: Final = 6.0


@dataclass(frozen=True, slots=True)
class LiveJpeg:
    """A drawn live picture as it is sent."""

    number: int
    content: bytes
    made_at: float


class LivePictures:
    """Draws what somebody asks for, once for all who ask."""

    def __init__(self, view: LiveView, clock: Callable[[], float], *, fps: float = _MOST_FPS) -> None:
        self._view = view
        self._clock = clock
        self._pause = 1 / fps
        self._made: dict[str, LiveJpeg] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self.encoded = 0
        """How many pictures were compressed."""

    async def picture(self, camera: str) -> LiveJpeg | None:
        """Return the camera's newest picture, or one that is just old enough to be sent again; None before its first.

        Call it for cameras that exist: each name asked for is kept.
        """
        async with self._locks.setdefault(camera, asyncio.Lock()):
            live, known = self._view.watch(camera), self._made.get(camera)
            if live is None:
                return None
            now = self._clock()
            if known is not None and (known.number == live.number or now - known.made_at < self._pause):
                return known
            self.encoded += 1
            content = await asyncio.to_thread(draw_jpeg, live, WIDEST)
            made = self._made[camera] = LiveJpeg(live.number, content, now)
            return made
