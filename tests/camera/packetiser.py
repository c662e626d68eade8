"""The other direction, written apart from the product: access units to RTP packets (RFC 6184, RFC 7798)."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence

from alpr.camera.nal import Codec
from alpr.camera.rtp import RtpPacket, parse_packet


def nals(unit: bytes) -> list[bytes]:
    """Split Annex B bytes at their start codes."""
    return [nal for nal in re.split(rb"\x00\x00\x00?\x01", unit) if nal]


def rtp(payload: bytes, sequence: int, timestamp: int = 0, *, marker: bool = False, source: int = 7) -> bytes:
    """Pack an RTP packet of payload type 96."""
    return struct.pack("!BBHII", 0x80, 96 | marker << 7, sequence & 0xFFFF, timestamp, source) + payload


def packet(payload: bytes, sequence: int, timestamp: int = 0, *, marker: bool = False, source: int = 7) -> RtpPacket:
    """Make a packet as the product sees it."""
    return parse_packet(rtp(payload, sequence, timestamp, marker=marker, source=source))


def h264_payloads(unit: bytes, limit: int) -> Iterator[bytes]:
    """Cut an H.264 access unit: what fits together as STAP-A, what is longer as FU-A."""
    small: list[bytes] = []
    for nal in nals(unit):
        if len(nal) <= limit // 4:
            small.append(nal)
            continue
        if small:
            yield b"\x78" + b"".join(struct.pack("!H", len(part)) + part for part in small)
            small = []
        if len(nal) <= limit:
            yield nal
            continue
        body = nal[1:]
        chunks = [body[at : at + limit] for at in range(0, len(body), limit)]
        for number, chunk in enumerate(chunks):
            flags = 0x80 * (number == 0) + 0x40 * (number == len(chunks) - 1)
            yield bytes([nal[0] & 0xE0 | 28, flags | nal[0] & 0x1F]) + chunk
    for nal in small:
        yield nal


def h265_payloads(unit: bytes, limit: int, *, don: bool = False) -> Iterator[bytes]:
    """Cut an H.265 access unit: what is short as one AP, the rest as FU; numbers in between with `don`."""
    order = b"\0\0" if don else b""
    short = [nal for nal in nals(unit) if len(nal) <= limit // 4]
    if short:
        step = b"\0" if don else b""
        yield bytes([48 << 1, 1]) + order + step.join(struct.pack("!H", len(nal)) + nal for nal in short)
    for nal in nals(unit):
        if len(nal) <= limit // 4:
            continue
        body = nal[2:]
        chunks = [body[at : at + limit] for at in range(0, len(body), limit)]
        if len(chunks) == 1:
            yield nal[:2] + order + body
            continue
        for number, chunk in enumerate(chunks):
            flags = 0x80 * (number == 0) + 0x40 * (number == len(chunks) - 1)
            head = bytes([nal[0] & 0x81 | 49 << 1, nal[1], flags | nal[0] >> 1 & 0x3F])
            yield head + (order if number == 0 else b"") + chunk


def packets(codec: Codec, units: Sequence[bytes], *, limit: int = 1400, don: bool = False) -> Iterator[RtpPacket]:
    """Send the access units at 25 a second; the sequence numbers wrap on the way."""
    sequence = 0xFFF0
    for number, unit in enumerate(units):
        payloads = list(h264_payloads(unit, limit) if codec is Codec.H264 else h265_payloads(unit, limit, don=don))
        for place, payload in enumerate(payloads):
            yield packet(payload, sequence, 3600 * number, marker=place == len(payloads) - 1)
            sequence += 1
