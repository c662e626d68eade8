"""What all decoders do with their frames: count them, thin them out, deliver them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime, timedelta

import av

from alpr.camera.link import Deliver
from alpr.camera.nal import Codec
from alpr.camera.picture import VideoPicture
from alpr.status import CameraStatus


class Output:
    """Counts decoded frames and delivers those that are due."""

    def __init__(self, deliver: Deliver, status: CameraStatus, codec: Codec, max_fps: float | None = None) -> None:
        self.status = status
        self._deliver = deliver
        self._pace = Pace(max_fps)
        status.codec = codec.value

    def take(self, frame: av.VideoFrame, captured_at: datetime) -> None:
        """Count a frame, and deliver it unless another one was delivered too shortly before."""
        status = self.status
        status.frames_decoded += 1
        status.width, status.height = frame.width, frame.height
        if self._pace.is_due(captured_at):
            self._deliver(VideoPicture(frame), captured_at)

    def fail(self) -> None:
        """Count a unit or frame that could not be decoded."""
        self.status.decode_errors += 1


class Pace:
    """Says which pictures to deliver so that `fps` are, on average; None lets all pass."""

    def __init__(self, fps: float | None) -> None:
        self._interval = timedelta(seconds=1 / fps) if fps else None
        self._due: datetime | None = None

    def is_due(self, at: datetime) -> bool:
        """Whether the picture of this time is to be delivered; asked once for each, in order."""
        if self._interval is None:
            return True
        if self._due is None or abs(at - self._due) > 2 * self._interval:  # the first, a pause, or a set clock
            self._due = at
        if at < self._due:
            return False
        # From when it was due, not from now: 25 a second thinned to 10 would become 8 otherwise.
        self._due += self._interval
        return True


def run_to(done: Future[None], work: Callable[[], None]) -> None:
    """Run a thread's work and put its end, good or bad, into `done`."""
    done.set_running_or_notify_cancel()  # from here on nobody who waits for it can cancel it
    try:
        work()
    except BaseException as error:  # noqa: BLE001 - whatever it is, whoever waits for `done` has to see it
        done.set_exception(error)
    else:
        done.set_result(None)
