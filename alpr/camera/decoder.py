"""Access units to pictures: a decoder for each camera, behind one interface."""

from __future__ import annotations

from concurrent.futures import Future
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

from alpr.camera.childdecode import ChildDecoder
from alpr.camera.decodeoutput import Output
from alpr.camera.decodethread import Gpu, ThreadDecoder
from alpr.camera.link import Deliver
from alpr.camera.nal import AccessUnit, Codec
from alpr.status import CameraStatus

Kind: TypeAlias = Literal["auto", "software", "cuda", "child"]


class Decoder(Protocol):
    """Takes access units, delivers pictures from a thread of its own."""

    @property
    def done(self) -> Future[None]:
        """Ends when the decoder has: with its error (CameraError when it cannot decode any more), or closed."""
        ...

    def put(self, unit: AccessUnit, captured_at: datetime) -> None:
        """Queue a unit, never waiting; without room everything up to the next key picture is dropped."""
        ...

    def close(self) -> None:
        """Ask the decoder to end, without waiting for it; `done` tells when it has."""
        ...


def open_decoder(
    kind: Kind,
    codec: Codec,
    deliver: Deliver,
    status: CameraStatus,
    *,
    command: str = "",
    max_fps: float | None = None,
) -> Decoder:
    """Start a decoder; `auto` is software, `cuda` falls back to software and says so in the log.

    `command` is of `child`, see `alpr.camera.childdecode`. At most `max_fps` pictures a second are
    delivered, though all are decoded. Raises CameraError when the child cannot be started.
    """
    output = Output(deliver, status, codec, max_fps)
    if kind == "child":
        return ChildDecoder(codec, output, command)
    if kind == "cuda":
        return ThreadDecoder(codec, output, Gpu(status.name))
    return ThreadDecoder(codec, output)
