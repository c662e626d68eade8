"""What all decoders do with their frames: count them, thin them out, deliver them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime

import av

from alpr.camera.link import Deliver
from alpr.camera.nal import Codec
from alpr.camera.pace import Thinning
from alpr.camera.picture import VideoPicture
from alpr.status import CameraStatus


class Output:
    """Counts decoded frames and delivers those that are due."""

    def __init__(self, deliver: Deliver, status: CameraStatus, codec: Codec, max_fps: float | None = None) -> None:
        self.status = status
        self._deliver = deliver
        self._thinning = Thinning(max_fps) if max_fps else None
        status.codec = codec.value

    def take(self, frame: av.VideoFrame, captured_at: datetime) -> None:
        """Count a frame, and deliver it unless another one was delivered too shortly before."""
        status = self.status
        status.frames_decoded += 1
        status.width, status.height = frame.width, frame.height
        if self._thinning is None or self._thinning.admits(captured_at.timestamp()):
            self._deliver(VideoPicture(frame), captured_at)

    def fail(self) -> None:
        """Count a unit or frame that could not be decoded."""
        self.status.decode_errors += 1


def run_to(done: Future[None], work: Callable[[], None]) -> None:
    """Run a thread's work and put its end, good or bad, into `done`."""
    done.set_running_or_notify_cancel()  # from here on nobody who waits for it can cancel it
    try:
        work()
    except BaseException as error:  # noqa: BLE001 - whatever it is, whoever waits for `done` has to see it
        done.set_exception(error)
    else:
        done.set_result(None)
