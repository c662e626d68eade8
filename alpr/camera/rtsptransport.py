"""How RTP comes in: between the RTSP messages (TCP), or on a pair of ports of its own (UDP).

aiortsp's transports with their faults worked round: unknown RTCP types no longer close the connection,
the server chooses the channels, packets go straight on instead of into an unbounded queue, and UDP
speaks IPv6 and listens to the camera alone.
"""

from __future__ import annotations

import asyncio
import errno
import re
import socket
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from aiortsp.rtcp.parser import RTCP
from aiortsp.transport.base import RTPTransport
from aiortsp.transport.tcp import TCPTransport

from alpr.camera.rtp import RtpPacket, known_reports, parse_packet
from alpr.camera.rtspconnection import QUIET, Connection
from alpr.camera.rtspmessage import Interleaved

Receive: TypeAlias = Callable[[RtpPacket], None]

_RECEIVE_BUFFER: Final = 4 * 1024 * 1024
_PORT_TRIES: Final = 20
_EMPTY_RTP: Final = bytes([0x80]) + bytes(11)
_EMPTY_REPORT: Final = bytes([0x80, 201, 0, 1]) + bytes(4)
_CHANNELS: Final = re.compile(r"interleaved\s*=\s*(\d{1,3})(?:\s*-\s*(\d{1,3}))?")
_SERVER_PORTS: Final = re.compile(r"server_port\s*=\s*(\d{1,5})(?:\s*-\s*(\d{1,5}))?")


def transport_field(header: str, pattern: re.Pattern[str]) -> tuple[int, int] | None:
    """Return a pair of numbers of a Transport header (RFC 2326, section 12.39), the second defaulting to the next."""
    match = pattern.search(header.lower())
    if not match:
        return None
    first = int(match[1])
    return first, int(match[2]) if match[2] else first + 1


class TcpTransport(TCPTransport):  # type: ignore[misc]  # aiortsp has no types
    """RTP interleaved with the RTSP messages."""

    def __init__(self, connection: Connection, receive: Receive) -> None:
        # Its watchdog runs on the wall clock, which jumps at boot: 0 switches it off.
        super().__init__(connection, timeout=0, logger=QUIET)
        self.rtp_idx: int | None = None
        self.rtcp_idx: int | None = None
        self.ended = asyncio.get_running_loop().create_future()
        self._receive = receive

    def handle_rtp_bin(self, binary: Interleaved) -> None:
        """Take an RTP packet."""
        take_packet(self, self._receive, binary.data)

    def handle_rtcp_bin(self, binary: Interleaved) -> None:
        """Take an RTCP packet."""
        take_report(self, binary.data)

    def on_transport_response(self, headers: Mapping[str, str]) -> None:
        """Use the channels that the server chose; one that says none uses those that were asked for."""
        channels = transport_field(headers.get("transport", ""), _CHANNELS)
        if channels and channels != (self.rtp_idx, self.rtcp_idx):
            handlers = self.connection.binary_handlers
            handlers.clear()
            self.rtp_idx, self.rtcp_idx = channels
            handlers[self.rtp_idx], handlers[self.rtcp_idx] = self.handle_rtp_bin, self.handle_rtcp_bin


class UdpTransport(RTPTransport):  # type: ignore[misc]  # aiortsp has no types
    """RTP and RTCP on two neighbouring UDP ports, the first one even (RFC 3550, section 11)."""

    def __init__(self, connection: Connection, receive: Receive) -> None:
        super().__init__(connection, timeout=0, logger=QUIET)
        self.ended = asyncio.get_running_loop().create_future()
        self._receive = receive
        self._sockets: tuple[asyncio.DatagramTransport, ...] = ()
        self._ports = (0, 0)
        self._report_to: tuple[str, int] | None = None

    @property
    def running(self) -> bool:
        """Whether the ports are open."""
        return bool(self._sockets)

    async def prepare(self) -> None:
        """Open the ports."""
        family = socket.AF_INET6 if ":" in self.connection.peer[0] else socket.AF_INET
        rtp, rtcp = port_pair(family)
        self._ports = rtp.getsockname()[1], rtcp.getsockname()[1]
        loop = asyncio.get_running_loop()
        camera = self.connection.peer[0]
        takers = (lambda data: take_packet(self, self._receive, data)), (lambda data: take_report(self, data))
        for port, take in zip((rtp, rtcp), takers, strict=True):
            transport, _ = await loop.create_datagram_endpoint(lambda take=take: _Port(camera, take), sock=port)  # type: ignore[misc]
            self._sockets += (transport,)

    def on_transport_request(self, headers: dict[str, str]) -> None:
        """Tell the camera our ports."""
        headers["Transport"] = f"RTP/AVP;unicast;client_port={self._ports[0]}-{self._ports[1]}"

    def on_transport_response(self, headers: Mapping[str, str]) -> None:
        """Send a first packet to the camera's ports, which opens the way through a firewall in between."""
        ports = transport_field(headers.get("transport", ""), _SERVER_PORTS)
        if not ports:
            return
        camera = self.connection.peer[0]
        self._report_to = (camera, ports[1])
        for transport, data, port in zip(self._sockets, (_EMPTY_RTP, _EMPTY_REPORT), ports, strict=True):
            if 0 < port < 2**16:
                transport.sendto(data, (camera, port))

    async def send_rtcp_report(self, rtcp: Any) -> None:
        """Send a receiver report, without which some cameras end the stream."""
        if self._report_to and self._sockets:
            self._sockets[1].sendto(bytes(rtcp), self._report_to)

    def close(self, error: Exception | None = None) -> None:
        """Close the ports and end the reports."""
        super().close(error)
        for transport in self._sockets:
            transport.abort()
        self._sockets = ()


class _Port(asyncio.DatagramProtocol):
    """One of the ports: takes datagrams of the camera, ignores all others."""

    def __init__(self, camera: str, take: Callable[[bytes], None]) -> None:
        self._camera = camera
        self._take = take

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        if addr[0] == self._camera:
            self._take(data)


def take_packet(transport: Any, receive: Receive, data: bytes) -> None:
    """Parse an RTP packet, count it for the receiver reports, and hand it on; what is no RTP is ignored."""
    try:
        packet = parse_packet(data)
    except ValueError:
        return
    stats = transport.stats
    if stats.base_seq is None:
        stats.init_seq(packet.sequence)
    stats.update_seq(packet.sequence)
    stats.update_jitter(packet.timestamp)
    receive(packet)


def take_report(transport: Any, data: bytes) -> None:
    """Take the RTCP packets that aiortsp knows; BYE ends the transport."""
    known, says_bye = known_reports(data)
    if says_bye and not transport.ended.done():
        transport.ended.set_result(None)
    if not known:
        return
    try:
        reports = RTCP.unpack(known)
    except Exception:  # noqa: BLE001 - its parser raises any class on damaged reports, and none of them matters
        return
    transport.stats.handle_rtcp(reports)
    if transport._rtcp_loop is None:  # noqa: SLF001 - as aiortsp's own handle_rtcp_data starts it
        transport._rtcp_loop = asyncio.ensure_future(transport.rtcp_loop())  # noqa: SLF001


def port_pair(family: socket.AddressFamily) -> tuple[socket.socket, socket.socket]:
    """Bind two neighbouring UDP ports, the first one even; raises OSError when the system has none."""
    for _ in range(_PORT_TRIES):
        rtp = _bound(family, 0)
        port = rtp.getsockname()[1] if rtp else 1
        rtcp = _bound(family, port + 1) if rtp and port % 2 == 0 else None
        if rtp and rtcp:
            return rtp, rtcp
        if rtp:
            rtp.close()
    raise OSError(errno.EADDRINUSE, "no two neighbouring UDP ports are free")


def _bound(family: socket.AddressFamily, port: int) -> socket.socket | None:
    opened = socket.socket(family, socket.SOCK_DGRAM)
    try:
        opened.setblocking(False)  # noqa: FBT003 - the socket module's signature
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        opened.bind(("", port))
    except OSError:
        opened.close()
        return None
    return opened
