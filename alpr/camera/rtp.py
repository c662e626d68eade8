"""RTP packets (RFC 3550) and their order. Pure: bytes in, values out."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

_HEADER: Final = struct.Struct("!BBHII")
_VERSION: Final = 2
_LATE: Final = 100  # MAX_MISORDER of RFC 3550, appendix A.1
_KNOWN_REPORTS: Final = range(200, 205)
_BYE: Final = 203


@dataclass(frozen=True, slots=True)
class RtpPacket:
    """One RTP packet without header extension and padding."""

    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    source: int
    """SSRC: another one means that the camera began anew."""
    payload: bytes


def parse_packet(data: bytes) -> RtpPacket:
    """Parse an RTP packet (RFC 3550, section 5.1); raise ValueError when it is none or cut short."""
    if len(data) < _HEADER.size:
        raise ValueError("shorter than an RTP header")
    flags, kind, sequence, timestamp, source = _HEADER.unpack_from(data)
    if flags >> 6 != _VERSION:
        raise ValueError("not RTP version 2")
    start = _HEADER.size + 4 * (flags & 0x0F)
    if flags & 0x10:
        if len(data) < start + 4:
            raise ValueError("header extension cut short")
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4], "big")
    end = len(data)
    if flags & 0x20:
        if not data[-1]:
            raise ValueError("padding of no length")
        end -= data[-1]
    if end < start:
        raise ValueError("header, extension and padding exceed the packet")
    return RtpPacket(kind & 0x7F, kind >= 0x80, sequence, timestamp, source, data[start:end])  # noqa: PLR2004 - M bit


def distance(later: int, earlier: int) -> int:
    """Return how far one sequence number is ahead of another, -32768 to 32767, across the wrap at 2^16."""
    return (later - earlier + 0x8000 & 0xFFFF) - 0x8000


def is_late(sequence: int, expected: int) -> bool:
    """Whether the packet comes after its turn; one further back is of a camera that counts anew."""
    return -_LATE <= distance(sequence, expected) < 0


class Reorder:
    """A jitter buffer: gives packets in sequence, and gives up on a hole after `depth` packets or `patience`.

    Holds `depth` packets at most, whatever arrives.
    """

    def __init__(self, depth: int = 64, patience: float = 0.1) -> None:
        self._depth = depth
        self._patience = patience
        self._held: dict[int, RtpPacket] = {}
        self._expected: int | None = None
        self._source: int | None = None
        self._waiting_since = 0.0

    def push(self, packet: RtpPacket, now: float) -> list[RtpPacket]:
        """Take a packet at monotonic time `now`; return those whose turn it is, perhaps none."""
        if self._expected is None:
            self._expected = packet.sequence
        elif is_late(packet.sequence, self._expected):
            return []
        elif self._is_restart(packet):
            released = self._in_order()
            self._held.clear()
            self._source, self._expected = packet.source, packet.sequence + 1 & 0xFFFF
            return [*released, packet]
        self._source = packet.source
        if not self._held:
            self._waiting_since = now
        self._held[packet.sequence] = packet
        return self._release(now)

    def _is_restart(self, packet: RtpPacket) -> bool:
        ahead = distance(packet.sequence, self._expected or 0)
        return packet.source != self._source or not 0 <= ahead < 16 * self._depth

    def _in_order(self) -> list[RtpPacket]:
        first = self._expected or 0
        return [self._held[sequence] for sequence in sorted(self._held, key=lambda s: distance(s, first))]

    def _release(self, now: float) -> list[RtpPacket]:
        released = self._run()
        if released:
            self._waiting_since = now
        if self._held and (now - self._waiting_since > self._patience or len(self._held) >= self._depth):
            self._expected = self._in_order()[0].sequence
            self._waiting_since = now
            released += self._run()
        return released

    def _run(self) -> list[RtpPacket]:
        run = []
        expected = self._expected or 0
        while packet := self._held.pop(expected, None):
            run.append(packet)
            expected = expected + 1 & 0xFFFF
        self._expected = expected
        return run


def known_reports(data: bytes) -> tuple[bytes, bool]:
    """Return the RTCP packets of types 200 to 204 in a compound packet, and whether one of them is BYE.

    Others (XR 207, feedback 205 and 206) and whatever is cut short are left out (RFC 3550, section 6).
    """
    known = []
    says_bye = False
    while len(data) >= 4 and data[0] >> 6 == _VERSION:  # noqa: PLR2004 - RTCP's common header
        size = 4 + 4 * int.from_bytes(data[2:4], "big")
        if size > len(data):
            break
        if data[1] in _KNOWN_REPORTS:
            known.append(data[:size])
            says_bye = says_bye or data[1] == _BYE
        data = data[size:]
    return b"".join(known), says_bye
