"""A small RTSP server (RFC 2326) for the demo's cameras: RTP travels in the same connection, H.264 as in RFC 6184."""

from __future__ import annotations

import asyncio
import re
import struct
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

_PACKET: Final = 8000
_BACKLOG: Final = 2_000_000
_START_CODE: Final = re.compile(rb"\x00\x00\x00?\x01")
_SDP: Final = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=demo\r\nt=0 0\r\na=control:*\r\nm=video 0 RTP/AVP 96\r\n"
    "a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\na=control:video\r\n"
)


@dataclass(eq=False, slots=True)
class Viewer:
    """One connection that is sent the stream."""

    writer: asyncio.StreamWriter

    def send(self, data: bytes) -> None:
        """Send unless the other side has stopped reading."""
        if self.writer.transport.get_write_buffer_size() < _BACKLOG:
            self.writer.write(data)


@dataclass(slots=True)
class Stream:
    """What one camera sends, to whoever watches; not `alive`, it takes no connection."""

    alive: bool = True
    viewers: set[Viewer] = field(default_factory=set)
    _sequence: int = 0
    _timestamp: int = 0

    def send(self, unit: bytes, ticks: int) -> None:
        """Send one access unit that lasts `ticks` of a 90 kHz clock."""
        payloads = list(packets(unit)) if self.viewers else []
        blocks = []
        for number, payload in enumerate(payloads):
            marker = 0x80 if number == len(payloads) - 1 else 0
            header = struct.pack("!BBHII", 0x80, 96 | marker, self._sequence, self._timestamp, 0x0A1B2C3D)
            self._sequence = (self._sequence + 1) & 0xFFFF
            blocks.append(struct.pack("!BBH", 0x24, 0, len(header) + len(payload)) + header + payload)
        self._timestamp = (self._timestamp + ticks) & 0xFFFFFFFF
        data = b"".join(blocks)
        for viewer in self.viewers:
            viewer.send(data)

    def cut(self) -> None:
        """Cut everybody off, as a camera without power does."""
        for viewer in self.viewers:
            viewer.writer.transport.abort()
        self.viewers.clear()


def packets(unit: bytes) -> Iterator[bytes]:
    """Cut an H.264 access unit into RTP payloads: single units and FU-A (RFC 6184, sections 5.6 and 5.8)."""
    for nal in _START_CODE.split(unit):
        if not nal:
            continue
        if len(nal) <= _PACKET:
            yield nal
            continue
        chunks = range(1, len(nal), _PACKET)
        for at in chunks:
            flags = (0x80 if at == 1 else 0) | (0x40 if at == chunks[-1] else 0)
            yield bytes((nal[0] & 0xE0 | 28, flags | nal[0] & 0x1F)) + nal[at : at + _PACKET]


@asynccontextmanager
async def serving(streams: Mapping[str, Stream]) -> AsyncIterator[int]:
    """Serve the streams on a free port of this machine alone; give the port."""

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _converse(streams, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, ValueError):
            pass  # whoever watched has left, or never spoke RTSP
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for stream in streams.values():
            stream.cut()
        with suppress(TimeoutError):
            await asyncio.wait_for(server.wait_closed(), 1)


async def _converse(streams: Mapping[str, Stream], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the requests of one connection until it ends."""
    viewer, watched = Viewer(writer), None
    try:
        while (request := await _request(reader)) is not None:
            method, url, headers = request
            name = url.rstrip("/").removesuffix("/video").rpartition("/")[2]
            stream = streams.get(name)
            if stream is not None and not stream.alive:
                return
            status, more, body = _answer(method, url, headers, known=stream is not None)
            lines = [f"RTSP/1.0 {status}", f"CSeq: {headers.get('cseq', '0')}", *more, f"Content-Length: {len(body)}"]
            writer.write("\r\n".join([*lines, "", body]).encode())
            if method == "PLAY" and stream is not None:
                watched = stream
                stream.viewers.add(viewer)
            if method == "TEARDOWN":
                await writer.drain()
                return
    finally:
        if watched is not None:
            watched.viewers.discard(viewer)


def _answer(method: str, url: str, headers: Mapping[str, str], *, known: bool) -> tuple[str, list[str], str]:
    """Return status, headers and body of the answer to a request."""
    if method == "OPTIONS":
        return "200 OK", ["Public: OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN"], ""
    if not known:
        return "404 Not Found", [], ""
    if method == "DESCRIBE":
        return "200 OK", ["Content-Type: application/sdp", f"Content-Base: {url.rstrip('/')}/"], _SDP
    if method == "SETUP":
        if "interleaved" not in headers.get("transport", ""):
            return "461 Unsupported Transport", [], ""
        return "200 OK", ["Transport: RTP/AVP/TCP;unicast;interleaved=0-1", "Session: 1;timeout=60"], ""
    return "200 OK", ["Session: 1"], ""


async def _request(reader: asyncio.StreamReader) -> tuple[str, str, dict[str, str]] | None:
    """Read the next request; RTCP between them is skipped. None at the end."""
    while (first := await reader.read(1)) == b"$":
        head = await reader.readexactly(3)
        await reader.readexactly(int.from_bytes(head[1:], "big"))
    if not first:
        return None
    text = (first + await reader.readuntil(b"\r\n\r\n")).decode("utf-8", "replace")
    line, *rest = text.strip().split("\r\n")
    method, url, _ = line.split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (part.partition(":") for part in rest)}
    if length := int(headers.get("content-length", "0")):
        await reader.readexactly(length)
    return method, url, headers
