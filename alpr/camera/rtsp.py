"""One connection to an RTSP camera: RTSP by aiortsp, depacketising ours, decoding in its own thread."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections.abc import AsyncIterator, Callable
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import urlsplit

from aiortsp.rtsp.errors import RTSPError

from alpr.camera.address import Address
from alpr.camera.decoder import Decoder
from alpr.camera.depacketiser import Depacketiser
from alpr.camera.digest import Authenticator
from alpr.camera.link import Deliver
from alpr.camera.nal import Codec
from alpr.camera.rtp import Reorder, RtpPacket
from alpr.camera.rtspconnection import Connection
from alpr.camera.rtspfaults import fault
from alpr.camera.rtspsession import Session
from alpr.camera.rtsptransport import TcpTransport, UdpTransport
from alpr.camera.sdp import VideoTrack
from alpr.domain import utc_now
from alpr.errors import CameraError
from alpr.status import CameraStatus
from alpr.urls import credentials_apart

OpenDecoder: TypeAlias = Callable[[Codec, Deliver], Decoder]
"""Starts a decoder of this codec, such as a `partial` of `alpr.camera.decoder.open_decoder`."""

_PORT: Final = 554
_TLS_PORT: Final = 322
_DECODER_END: Final = 0.5


class RtspLink:
    """One connection to one camera, by `rtsp://` or `rtsps://`.

    Credentials apart from the URL go before those in it. `timeout` bounds the connecting, each
    request, and the silence between two packets.
    """

    def __init__(
        self,
        address: Address,
        open_decoder: OpenDecoder,
        status: CameraStatus,
        *,
        transport: Literal["tcp", "udp"] = "tcp",
        timeout: float = 5.0,
    ) -> None:
        bare, username, password = credentials_apart(address.url)
        self._url = bare if urlsplit(bare).path else f"{bare}/"
        apart = address.username, address.password
        self._credentials = apart if any(apart) else (username or "", password or "")
        self._open_decoder = open_decoder
        self._status = status
        self._transport: Literal["tcp", "udp"] = transport
        self._tls_verify = address.tls_verify
        self._timeout = timeout
        self._subject = f"camera {status.name}"
        self._heard = 0.0

    async def run(self, deliver: Deliver) -> None:
        """Connect and deliver pictures until the link is lost; raises CameraError that says why."""
        try:
            async with self._connected() as connection:
                await self._stream(connection, deliver)
        except (RTSPError, OSError, TimeoutError) as error:
            raise CameraError(f"{self._subject}: {fault(error, self._transport, self._timeout)}") from error

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncIterator[Connection]:
        parts = urlsplit(self._url)
        secure = parts.scheme.lower() == "rtsps"
        # Loading the system's certificates takes milliseconds that the loop has not got.
        tls = await asyncio.to_thread(tls_context, verify=self._tls_verify) if secure else None
        port = parts.port or (_TLS_PORT if secure else _PORT)
        authenticator = Authenticator(*self._credentials)
        connection = Connection(parts.hostname or "", port, authenticator, timeout=self._timeout, tls=tls)
        try:
            await connection.prepare()
            yield connection
        finally:
            connection.abort()
            await connection.closed()

    async def _stream(self, connection: Connection, deliver: Deliver) -> None:
        session = Session(connection, self._url, self._subject)
        track = await session.describe()
        async with self._decoder(track, deliver) as decoder:
            take = self._receiver(track, decoder)
            wire = UdpTransport if self._transport == "udp" and connection.ssl is None else TcpTransport
            transport = wire(connection, take)
            await transport.prepare()
            try:
                await session.setup(track, transport)
                await session.play()
                await self._until_lost(connection, transport.ended, session, decoder)
            finally:
                await session.teardown()
                transport.close()

    @contextlib.asynccontextmanager
    async def _decoder(self, track: VideoTrack, deliver: Deliver) -> AsyncIterator[Decoder]:
        decoder = self._open_decoder(track.codec, deliver)
        try:
            yield decoder
        finally:
            decoder.close()
            done, _ = await asyncio.wait({asyncio.wrap_future(decoder.done)}, timeout=_DECODER_END)
            for future in done:
                future.exception()  # told already by whoever waited for it while the stream ran

    def _receiver(self, track: VideoTrack, decoder: Decoder) -> Callable[[RtpPacket], None]:
        depacketiser = Depacketiser(track.codec, track.parameters, don=track.don)
        reorder = Reorder() if self._transport == "udp" else None
        lost_before = self._status.packets_lost

        def take(packet: RtpPacket) -> None:
            self._heard = time.monotonic()
            if packet.payload_type != track.payload_type:
                return
            for ordered in reorder.push(packet, self._heard) if reorder else (packet,):
                for unit in depacketiser.push(ordered):
                    decoder.put(unit, utc_now())
            self._status.packets_lost = lost_before + depacketiser.lost

        return take

    async def _until_lost(
        self, connection: Connection, ended: asyncio.Future[None], session: Session, decoder: Decoder
    ) -> None:
        decoded = asyncio.wrap_future(decoder.done)
        keeper = asyncio.create_task(session.keep_alive())
        self._heard = time.monotonic()
        try:
            while (patience := self._heard + self._timeout - time.monotonic()) > 0:
                ends: set[asyncio.Future[Any]] = {connection.lost, ended, decoded}
                done, _ = await asyncio.wait(ends, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
                if decoded in done:
                    decoded.result()
                if done:
                    raise CameraError(f"{self._subject}: {_ending(connection)}: waiting for it to come back")
        finally:
            keeper.cancel()
            await asyncio.wait({keeper})
            if not keeper.cancelled():
                keeper.result()
        raise CameraError(f"{self._subject}: no packet for {self._timeout:g} s: {self._silence_advice()}")

    def _silence_advice(self) -> str:
        udp = self._transport == "udp"
        return 'if it never sent one, set `transport = "tcp"`' if udp else "check the camera and the network to it"


def tls_context(*, verify: bool) -> ssl.SSLContext:
    """Make the TLS settings: the certificate checked against the system's authorities, or not at all."""
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _ending(connection: Connection) -> str:
    if not connection.lost.done():
        return "it ended its stream"
    error = connection.lost.exception()
    return f"the connection was lost ({error})" if error else "it closed the connection"
