"""MJPEG, HLS and RTSP through FFmpeg: one thread that opens, demuxes and decodes.

FFmpeg's calls cannot be interrupted from outside, only by their own timeout. A cancelled link leaves
its thread behind for that long at most; the container is closed in the thread that opened it.
`tls_verify` holds for the address itself: FFmpeg never verifies the host of a playlist's segments.
"""

from __future__ import annotations

import errno
import ssl
import time
from collections.abc import Callable
from threading import Event
from typing import Final

import av
import av.error

from alpr.camera.address import Address
from alpr.camera.faults import http_fault, network_fault, silence_fault
from alpr.camera.link import Deliver
from alpr.camera.pace import Pacing
from alpr.camera.picture import VideoPicture
from alpr.camera.thread import in_thread
from alpr.domain import utc_now
from alpr.errors import CameraError
from alpr.status import CameraStatus
from alpr.urls import scheme_of

# Without these the opening takes about a second and each picture waits for the next.
_LOW_LATENCY: Final = {"fflags": "nobuffer", "flags": "low_delay", "analyzeduration": "0", "probesize": "32768"}
# A playlist must not make us read files of this machine.
_PROTOCOLS: Final = "rtsp,rtsps,rtp,srtp,http,https,httpproxy,tcp,udp,tls,crypto,data"
# These come as fast as the network carries them; all others as the camera films.
_UNPACED: Final = frozenset({"hls", "dash", "mov", "mp4", "matroska", "webm", "avi", "flv"})
_NO_VIDEO: Final = "tty"  # FFmpeg takes a text page for ANSI art
_LATENCY_SCHEMES: Final = frozenset({"rtsp", "rtsps"})
_HTTP_CODES: Final[tuple[tuple[type[av.error.FFmpegError], int], ...]] = (
    (av.error.HTTPBadRequestError, 400),
    (av.error.HTTPUnauthorizedError, 401),
    (av.error.HTTPForbiddenError, 403),
    (av.error.HTTPNotFoundError, 404),
    (av.error.HTTPServerError, 500),
)


class FfmpegLink:
    """A connection through FFmpeg; `segmented` says that the stream is a playlist (HLS).

    `timeout` bounds the opening and each read, in seconds.
    """

    def __init__(
        self,
        address: Address,
        status: CameraStatus,
        *,
        segmented: bool = False,
        transport: str = "tcp",
        timeout: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._address = address
        self._status = status
        self._subject = f"camera {status.name}"
        self._segmented = segmented
        self._transport = transport
        self._timeout = timeout
        self._clock = clock

    async def run(self, deliver: Deliver) -> None:
        """Deliver pictures until the stream ends or fails; raise CameraError either way."""

        def play(stop: Event) -> None:
            asked_at = self._clock()
            try:
                container = self._opened()
            except (av.error.FFmpegError, OSError) as error:
                silent = self._clock() - asked_at >= self._timeout  # over RTSP a timeout ends as "invalid data"
                fault = silence_fault(self._timeout) if silent else self._open_fault(error)
                raise CameraError(f"{self._subject}: {fault}") from None
            try:
                with container:
                    self._play(container, deliver, stop)
            except (av.error.FFmpegError, OSError) as error:
                raise CameraError(f"{self._subject}: {self._read_fault(error)}") from None

        await in_thread(play, f"ffmpeg {self._status.name}")
        raise CameraError(f"{self._subject}: closed the stream: connecting anew")

    def _opened(self) -> av.container.InputContainer:
        timeouts = (self._timeout, self._timeout)
        return av.open(self._address.with_credentials, options=self._options(), timeout=timeouts)

    def _play(self, container: av.container.InputContainer, deliver: Deliver, stop: Event) -> None:
        if not container.streams.video or container.format.name == _NO_VIDEO:
            raise CameraError(f"{self._subject}: sends no video: check the url")
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1  # more threads burn more and gain little
        self._status.codec = stream.codec_context.name
        pacing = Pacing() if _UNPACED.intersection(container.format.name.split(",")) else None
        for packet in container.demux(stream):
            for frame in self._decoded(packet):
                wait = pacing.wait(frame.time, self._clock()) if pacing and frame.time is not None else 0.0
                if stop.wait(wait):
                    return
                deliver(VideoPicture(frame), utc_now())
            if stop.is_set():
                return

    def _decoded(self, packet: av.Packet[av.VideoStream]) -> list[av.VideoFrame]:
        try:
            frames = packet.decode()
        except av.error.FFmpegError:
            self._status.decode_errors += 1
            return []
        self._status.frames_decoded += len(frames)
        return frames

    def _options(self) -> dict[str, str]:
        options = {"protocol_whitelist": _PROTOCOLS}
        if not self._segmented:
            options |= _LOW_LATENCY
        if scheme_of(self._address.url) in _LATENCY_SCHEMES:
            options["rtsp_transport"] = self._transport
        if self._secure:
            options |= (
                {"tls_verify": "1", "ca_file": _authorities()} if self._address.tls_verify else {"tls_verify": "0"}
            )
        return options

    def _open_fault(self, error: av.error.FFmpegError | OSError) -> str:
        # Never str(error): it carries the address with its password.
        for kind, code in _HTTP_CODES:
            if isinstance(error, kind):
                return http_fault(code)
        if isinstance(error, (av.error.ExitError, TimeoutError)):
            return silence_fault(self._timeout)
        if isinstance(error, av.error.InvalidDataError):
            return "sends no video that FFmpeg knows: check the url"
        if isinstance(error, av.error.EOFError):
            return "closed the stream before the first picture: check the url"
        if error.errno == errno.EIO and self._secure and self._address.tls_verify:
            return "no TLS connection: if the certificate is the camera's own, set `tls_verify = false`"
        return network_fault(error.strerror or "")

    def _read_fault(self, error: av.error.FFmpegError | OSError) -> str:
        if isinstance(error, (av.error.ExitError, TimeoutError)):
            return f"sent nothing for {self._timeout:g} s: check the camera and the network to it"
        return f"the connection broke ({error.strerror}): connecting anew"

    @property
    def _secure(self) -> bool:
        return scheme_of(self._address.url) in {"https", "rtsps"}


def _authorities() -> str:
    """Return the file of trusted certificates, or "" where the system has none."""
    return ssl.get_default_verify_paths().cafile or ""
