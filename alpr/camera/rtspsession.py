"""The requests of an RTSP session, in their order (RFC 2326): OPTIONS, DESCRIBE, SETUP, PLAY, … TEARDOWN.

In place of aiortsp's RTSPMediaSession, which refuses servers without a `Public` header, takes another
track's control URL for the video's, loses the brackets of IPv6 hosts and sends `Scale` with PLAY.
"""

from __future__ import annotations

import asyncio
import re
from typing import Final, Protocol

from aiortsp.rtsp.errors import RTSPError, RTSPResponseError

from alpr.camera.rtspconnection import Connection
from alpr.camera.sdp import VideoTrack, video_track
from alpr.errors import CameraError

_TEARDOWN_TIMEOUT: Final = 0.8
_DEFAULT_TIMEOUT: Final = 60
_MAX_INTERVAL: Final = 30.0
_TIMEOUT: Final = re.compile(r"timeout\s*=\s*(\d{1,6})", re.IGNORECASE)


class Negotiable(Protocol):
    """The part of a transport that SETUP needs."""

    def on_transport_request(self, headers: dict[str, str]) -> None:
        """Add the Transport header."""

    def on_transport_response(self, headers: dict[str, str]) -> None:
        """Take what the server chose."""


class Session:
    """One session of one video track."""

    def __init__(self, connection: Connection, url: str, subject: str) -> None:
        self._connection = connection
        self._url = url
        self._subject = subject
        self._id = ""
        self._methods: frozenset[str] = frozenset()
        self.keep_alive_interval = _DEFAULT_TIMEOUT / 2

    async def describe(self) -> VideoTrack:
        """Ask what the camera sends; raises CameraError when there is no video that can be decoded."""
        try:
            options = await self._connection.send_request("OPTIONS", self._url)
            self._methods = frozenset(method.strip().upper() for method in options.headers.get("public", "").split(","))
        except RTSPResponseError as error:
            if error.response.status in {401, 403, 404}:
                raise  # the others concern OPTIONS alone, which nobody needs
        response = await self._connection.send_request("DESCRIBE", self._url, {"Accept": "application/sdp"})
        base = response.headers.get("content-base") or response.headers.get("content-location") or ""
        if not base.lower().startswith(("rtsp://", "rtsps://")):
            base = self._url
        return video_track(response.content, base, self._subject)

    async def setup(self, track: VideoTrack, transport: Negotiable) -> None:
        """Agree on the transport of the track; raises CameraError when the camera gives no session."""
        headers: dict[str, str] = {}
        transport.on_transport_request(headers)
        response = await self._connection.send_request("SETUP", track.setup_url, headers)
        identifier, _, options = response.headers.get("session", "").partition(";")
        if not identifier.strip():
            raise CameraError(f'{self._subject}: opens no RTSP session: try `backend = "ffmpeg"`')
        self._id = identifier.strip()
        self._url = track.play_url
        match = _TIMEOUT.search(options)
        seconds = int(match[1]) if match else _DEFAULT_TIMEOUT
        self.keep_alive_interval = min(max(1.0, seconds / 2), _MAX_INTERVAL)
        transport.on_transport_response(response.headers)

    async def play(self) -> None:
        """Let the stream begin."""
        await self._send("PLAY", {"Range": "npt=0.000-"})

    async def keep_alive(self) -> None:
        """Keep the session from timing out, for ever; a camera that answers with a fault still counts it.

        Raises RTSPConnectionError when the connection is gone.
        """
        method = "GET_PARAMETER" if "GET_PARAMETER" in self._methods else "OPTIONS"
        while self._connection.running:
            await asyncio.sleep(self.keep_alive_interval)
            try:
                await self._send(method)
            except RTSPError:
                continue  # whether the stream lives is seen by its packets

    async def teardown(self) -> None:
        """End the session, not waiting for a camera that hangs."""
        if not self._id or not self._connection.running:
            return
        try:
            async with asyncio.timeout(_TEARDOWN_TIMEOUT):
                await self._send("TEARDOWN")
        except (RTSPError, TimeoutError):
            return  # the camera ends it by itself later

    async def _send(self, method: str, headers: dict[str, str] | None = None) -> None:
        await self._connection.send_request(method, self._url, {"Session": self._id, **(headers or {})})
