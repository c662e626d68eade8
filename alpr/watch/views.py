"""Looks every few seconds whether each camera that is live still sees what it is there to see."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import structlog

from alpr.domain import Picture, utc_now
from alpr.live import LiveView
from alpr.status import CameraState, CameraStatus, Status, View
from alpr.vision.viewcheck import ViewCheck

_EVERY = 5.0
_log = structlog.get_logger(__name__)


class ViewWatch:
    """One check a camera; what it finds stands in the camera's status, for pages and alarms."""

    def __init__(
        self,
        status: Status,
        live: LiveView,
        *,
        clock: Callable[[], float] = time.monotonic,
        patience: float = 20.0,
    ) -> None:
        self._status, self._live, self._clock, self._patience = status, live, clock, patience
        self._checks: dict[str, ViewCheck] = {}
        self._looked: dict[str, int] = {}

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(_EVERY)

    async def look(self) -> None:
        """Look at every camera's newest picture once; a picture is looked at once only."""
        for name in self._checks.keys() - self._status.cameras.keys():
            del self._checks[name]
        for name, camera in list(self._status.cameras.items()):
            newest = self._live.latest(name)
            if camera.state is not CameraState.LIVE or newest is None or self._looked.get(name) == newest.number:
                continue
            self._looked[name] = newest.number
            check = self._checks.setdefault(name, ViewCheck(patience=self._patience))
            _note(camera, await asyncio.to_thread(_judge, check, newest.frame.picture, self._clock()))


def _judge(check: ViewCheck, picture: Picture, now: float) -> View:
    return check.look(picture.luma(), now)


def _note(camera: CameraStatus, view: View) -> None:
    if view is camera.view:
        return
    camera.view, camera.view_since = view, utc_now()
    if view is View.CLEAR:
        _log.info("view is clear again", camera=camera.name)
    else:
        _log.warning("view has changed", camera=camera.name, view=view.value)
