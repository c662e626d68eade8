"""The watch over what cameras see: only live ones, each picture once, forgotten with the camera."""

from __future__ import annotations

import numpy as np

from alpr.camera.picture import ImagePicture
from alpr.domain import Frame, utc_now
from alpr.live import LiveView
from alpr.status import CameraState, Status, View
from alpr.watch.views import ViewWatch
from tests.vision.test_viewcheck import scene


class Place:
    """A camera whose pictures a test chooses."""

    def __init__(self) -> None:
        self.status, self.live, self.now = Status(), LiveView(), 0.0
        self.camera = self.status.camera("gate")
        self.camera.change(CameraState.LIVE)
        self.watch = ViewWatch(self.status, self.live, clock=lambda: self.now, patience=10)

    async def shows(self, grey: np.ndarray, times: int = 4) -> View:
        for _ in range(times):
            self.now += 5
            image = np.repeat(grey[:, :, None], 3, axis=2)
            self.live.publish(Frame("gate", 0, utc_now(), self.now, ImagePicture(image)))
            await self.watch.look()
        return self.camera.view


async def test_the_status_says_what_lasts_and_since_when():
    """Covered and clear again, with the time of the change."""
    place = Place()
    assert await place.shows(scene()) is View.CLEAR
    before = place.camera.view_since
    assert await place.shows(np.full((270, 480), 30, np.uint8)) is View.BLOCKED
    assert place.camera.view_since > before
    assert await place.shows(scene(), 1) is View.CLEAR


async def test_a_camera_that_is_lost_or_gone_is_not_judged():
    """Its last picture stays up and is looked at once; one that comes back begins anew."""
    place = Place()
    await place.shows(scene())
    place.camera.change(CameraState.RECONNECTING)
    assert await place.shows(np.full((270, 480), 30, np.uint8)) is View.CLEAR
    place.camera.change(CameraState.LIVE)
    place.now += 600
    for _ in range(5):
        await place.watch.look()
    assert place.camera.view is View.CLEAR
    del place.status.cameras["gate"]
    await place.watch.look()
    assert place.watch._checks == {}
