"""The demo's cameras: an RTSP server (RFC 2326, RTP in the same connection) that knows what it plays."""

from __future__ import annotations

import asyncio
import json
import re
import struct
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

from alpr.domain import utc_now
from alpr.ops.democast import CAMERAS, LIGHT_NAMES, Act, cast
from alpr.ops.demostudio import RATE, clip, fade_clip, idle_clip

_STEP: Final = float(1 / RATE)
_TICKS: Final = round(90_000 / RATE)
_PACKET: Final = 8000
_BACKLOG: Final = 2_000_000
_PHASES: Final[Mapping[str, float]] = {"day": 60.0, "dusk": 35.0, "night": 45.0}
_PAUSES: Final[Mapping[str, tuple[int, int]]] = {"gate-in": (2, 4), "gate-out": (2, 4), "yard": (14, 18)}
"""How many idle clips of two seconds follow a pass."""
_START_CODE: Final = re.compile(rb"\x00\x00\x00?\x01")
_SDP: Final = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=demo\r\nt=0 0\r\na=control:*\r\nm=video 0 RTP/AVP 96\r\n"
    "a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\na=control:video\r\n"
)


@dataclass(frozen=True, slots=True)
class Played:
    """One pass as it was shown: the truth that reads are held against."""

    camera: str
    text: str
    kind: str
    readable: bool
    start: datetime
    """When its plate came into the picture."""
    end: datetime
    """When nothing of it was left."""


@dataclass(slots=True)
class Channel:
    """One camera: who watches it, and what it has shown."""

    name: str
    clips: Path
    acts: Mapping[str, list[Act]]
    random: Random
    alive: bool = True
    played: list[Played] = field(default_factory=list)
    viewers: set[_Viewer] = field(default_factory=set)
    _next: dict[str, int] = field(default_factory=dict)
    _sequence: int = 0
    _timestamp: int = 0

    def next_act(self, light: str) -> Act | None:
        """Return the pass that comes next in this light, None while it is not drawn yet."""
        acts = self.acts[light]
        number = self._next.get(light, 0)
        if not acts or not clip(self.clips, acts[number % len(acts)]).exists():
            return None
        self._next[light] = number + 1
        return acts[number % len(acts)]

    async def play(self, path: Path, pace: _Pace) -> None:
        """Send a clip, frame by frame in real time."""
        units = await asyncio.to_thread(load_clip, path)
        for unit in units:
            await pace.wait()
            if self.viewers:
                self._send(unit)
            self._timestamp = (self._timestamp + _TICKS) & 0xFFFFFFFF

    def _send(self, unit: bytes) -> None:
        payloads = list(packets(unit))
        blocks = []
        for number, payload in enumerate(payloads):
            marker = 0x80 if number == len(payloads) - 1 else 0
            header = struct.pack("!BBHII", 0x80, 96 | marker, self._sequence, self._timestamp, 0x0A1B2C3D)
            self._sequence = (self._sequence + 1) & 0xFFFF
            blocks.append(struct.pack("!BBH", 0x24, 0, len(header) + len(payload)) + header + payload)
        data = b"".join(blocks)
        for viewer in list(self.viewers):
            viewer.send(data)

    def close(self) -> None:
        """Cut everybody off, as a camera without power does."""
        for viewer in list(self.viewers):
            viewer.writer.transport.abort()
        self.viewers.clear()


@dataclass(eq=False, slots=True)
class _Viewer:
    writer: asyncio.StreamWriter

    def send(self, data: bytes) -> None:
        """Send unless the other side has stopped reading."""
        if self.writer.transport.get_write_buffer_size() < _BACKLOG:
            self.writer.write(data)


class _Pace:
    """Waits for the time of each next frame; what came late is made up for, but not more than a second."""

    def __init__(self) -> None:
        self._due = asyncio.get_running_loop().time()

    async def wait(self) -> None:
        """Wait until the next frame is due."""
        now = asyncio.get_running_loop().time()
        self._due = max(self._due + _STEP, now - 1.0)
        await asyncio.sleep(max(0.0, self._due - now))


def load_clip(path: Path) -> list[bytes]:
    """Return the frames of a clip, each as its H.264 units with start codes."""
    data = path.read_bytes()
    units, at = [], 0
    for size in json.loads(path.with_suffix(".json").read_text()):
        units.append(data[at : at + size])
        at += size
    return units


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


def make_channels(clips: Path, seed: int = 1) -> dict[str, Channel]:
    """Make the demo's cameras, by name."""
    acts = cast()
    return {
        name: Channel(
            name,
            clips,
            {light: [act for act in acts if (act.camera, act.light) == (name, light)] for light in LIGHT_NAMES},
            Random(f"{seed} {name}"),  # noqa: S311 - chance, no secret
        )
        for name in CAMERAS
    }


def light_at(seconds: float) -> str:
    """Return the light so many seconds after the start: day, dusk and night take turns in two minutes and a half."""
    rest = seconds % sum(_PHASES.values())
    for light, length in _PHASES.items():
        if rest < length:
            return light
        rest -= length
    return LIGHT_NAMES[0]


async def run_channel(channel: Channel) -> None:
    """Play passes for ever, those of the light that it is, with pauses between."""
    loop = asyncio.get_running_loop()
    begin, light, pause, pace = loop.time(), LIGHT_NAMES[0], 1, _Pace()
    while True:
        idle = idle_clip(channel.clips, channel.name, light)
        if not idle.exists():
            await asyncio.sleep(0.2)
            continue
        wanted = light_at(loop.time() - begin)
        following = LIGHT_NAMES[(LIGHT_NAMES.index(light) + 1) % len(LIGHT_NAMES)]
        fade = fade_clip(channel.clips, channel.name, light, following)
        if wanted != light and fade.exists() and idle_clip(channel.clips, channel.name, following).exists():
            await channel.play(fade, pace)
            light = following
        elif pause > 0 or (act := channel.next_act(light)) is None:
            pause -= 1
            await channel.play(idle, pace)
        else:
            await _play_act(channel, act, pace)
            pause = channel.random.randint(*_PAUSES[channel.name])


async def _play_act(channel: Channel, act: Act, pace: _Pace) -> None:
    path = clip(channel.clips, act)
    truth = json.loads(path.with_suffix(".truth.json").read_text())
    begin, alive = utc_now(), channel.alive and bool(channel.viewers)
    await channel.play(path, pace)
    if alive and channel.alive and channel.viewers:
        start = begin + timedelta(seconds=truth["start"])
        channel.played.append(Played(channel.name, truth["text"], truth["kind"], truth["readable"], start, utc_now()))


async def run_dying(channel: Channel, *, every: float = 120.0, gone: float = 20.0) -> None:
    """Let a camera go away now and then: cut connections, refuse new ones, come back."""
    while True:
        await asyncio.sleep(every - gone)
        channel.alive = False
        channel.close()
        await asyncio.sleep(gone)
        channel.alive = True


@asynccontextmanager
async def serving(channels: Mapping[str, Channel]) -> AsyncIterator[int]:
    """Serve the channels on a free port of this machine alone; give the port."""

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _converse(channels, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, ValueError):
            pass  # whoever watched has left, or never spoke RTSP
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for channel in channels.values():
            channel.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(server.wait_closed(), 1)


async def _converse(
    channels: Mapping[str, Channel], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Answer the requests of one connection until it ends."""
    viewer, watched = _Viewer(writer), None
    try:
        while (request := await _request(reader)) is not None:
            method, url, headers = request
            name = url.rstrip("/").removesuffix("/video").rpartition("/")[2]
            channel = channels.get(name)
            if channel is not None and not channel.alive:
                return
            status, more, body = _answer(method, url, headers, known=channel is not None)
            lines = [f"RTSP/1.0 {status}", f"CSeq: {headers.get('cseq', '0')}", *more, f"Content-Length: {len(body)}"]
            writer.write("\r\n".join([*lines, "", body]).encode())
            if method == "PLAY" and channel is not None:
                watched = channel
                channel.viewers.add(viewer)
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
