"""RTP payloads of H.264 (RFC 6184) and H.265 (RFC 7798) to access units. Pure and bounded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from alpr.camera.nal import (
    AccessUnit,
    Codec,
    annex_b,
    begins_picture,
    is_key,
    is_parameter_set,
    is_picture,
    is_sequence_parameters,
)
from alpr.camera.rtp import RtpPacket, distance, is_late

MAX_BYTES: Final = 8 * 1024 * 1024
"""No camera's picture is larger; a stream that never ends one is dropped here."""
MAX_NALS: Final = 2000

_STAP_A, _STAP_B, _FU_A, _FU_B = 24, 25, 28, 29
_H264_RESERVED: Final = frozenset({0, 30, 31})
_AP, _FU, _PACI = 48, 49, 50
_DON: Final = 2  # bytes of a decoding order number


@dataclass(frozen=True, slots=True)
class Piece:
    """A NAL unit, or a part of one; the first part begins with the NAL header put together again."""

    data: bytes
    first: bool = True
    last: bool = True


def h264_pieces(payload: bytes) -> list[Piece]:
    """Take an H.264 payload apart (RFC 6184, section 5.2); raise ValueError when cut short or an MTAP.

    Single NAL unit, STAP-A, STAP-B, FU-A and FU-B; decoding order numbers are skipped, reserved types ignored.
    """
    if not payload:
        raise ValueError("empty payload")
    kind = payload[0] & 0x1F
    if 1 <= kind < _STAP_A:
        return [Piece(payload)]
    if kind in {_STAP_A, _STAP_B}:
        return _aggregated(payload[1 if kind == _STAP_A else 1 + _DON :])
    if kind in {_FU_A, _FU_B}:
        if len(payload) < 2:  # noqa: PLR2004 - FU indicator and header
            raise ValueError("fragment cut short")
        header = bytes([payload[0] & 0xE0 | payload[1] & 0x1F])
        body = payload[2 + (_DON if kind == _FU_B else 0) :]
        return _fragment(payload[1], header, body)
    if kind in _H264_RESERVED:
        return []
    raise ValueError(f"payload structure {kind} is not supported")


def h265_pieces(payload: bytes, *, don: bool = False) -> list[Piece]:
    """Take an H.265 payload apart (RFC 7798, section 4.4); raise ValueError when cut short or PACI.

    `don` says that decoding order numbers are there (`sprop-max-don-diff` above 0); they are skipped.
    """
    if len(payload) < 3:  # noqa: PLR2004 - a NAL header takes two bytes
        raise ValueError("payload cut short")
    skipped = _DON if don else 0
    kind = payload[0] >> 1 & 0x3F
    if kind < _AP:
        if len(payload) <= 2 + skipped:
            raise ValueError("payload cut short")
        return [Piece(payload[:2] + payload[2 + skipped :] if don else payload)]
    if kind == _AP:
        return _aggregated(payload[2 + skipped :], between=1 if don else 0)
    if kind == _FU:
        header = bytes([payload[0] & 0x81 | (payload[2] & 0x3F) << 1, payload[1]])
        starts = bool(payload[2] & 0x80)
        return _fragment(payload[2], header, payload[3 + (skipped if starts else 0) :])
    if kind > _PACI:
        return []
    raise ValueError(f"payload structure {kind} is not supported")


def _aggregated(body: bytes, between: int = 0) -> list[Piece]:
    pieces = []
    at = 0
    while at < len(body):
        size = int.from_bytes(body[at : at + 2], "big")
        nal = body[at + 2 : at + 2 + size]
        if not nal or len(nal) < size:
            raise ValueError("aggregation packet cut short")
        pieces.append(Piece(nal))
        at += 2 + size + between
    if not pieces:
        raise ValueError("aggregation packet without a NAL unit")
    return pieces


def _fragment(flags: int, header: bytes, body: bytes) -> list[Piece]:
    if not body:
        raise ValueError("fragment cut short")
    first, last = bool(flags & 0x80), bool(flags & 0x40)
    return [Piece(header + body if first else body, first, last)]


class Depacketiser:
    """Puts packets in order together to access units; never raises on what a camera sends."""

    def __init__(self, codec: Codec, parameters: Iterable[bytes] = (), *, don: bool = False) -> None:
        self.lost = 0
        """Packets that never came."""
        self._codec = codec
        self._don = don
        self._parameters: Sequence[bytes] = tuple(parameters)
        self._nals: list[bytes] = []
        self._parts: list[bytes] | None = None
        self._size = 0
        self._bad = False
        self._has_picture = False
        self._expected: int | None = None
        self._source = 0
        self._timestamp = 0

    def push(self, packet: RtpPacket) -> list[AccessUnit]:
        """Take the next packet; return the access units that it completes: none, one or two."""
        if self._expected is not None and packet.source == self._source and is_late(packet.sequence, self._expected):
            return []
        gap = self._gap(packet)
        units = []
        if packet.timestamp != self._timestamp:
            # Its marker was lost, or the camera never sets one.
            units += self._finish(broken=gap and bool(self._nals or self._parts))
            self._timestamp = packet.timestamp
        # After a gap nobody knows whose packets are missing, so this picture is suspect as well.
        self._bad = self._bad or gap
        self._add(packet.payload)
        if packet.marker:
            units += self._finish()
        return units

    def _gap(self, packet: RtpPacket) -> bool:
        expected, self._expected = self._expected, packet.sequence + 1 & 0xFFFF
        source, self._source = self._source, packet.source
        if expected is None:
            self._timestamp = packet.timestamp
            return False
        if packet.source != source:
            return True
        missing = distance(packet.sequence, expected)
        self.lost += max(0, missing)
        return missing != 0

    def _add(self, payload: bytes) -> None:
        if not payload:
            return  # some send empty packets to keep the way open
        try:
            pieces = h264_pieces(payload) if self._codec is Codec.H264 else h265_pieces(payload, don=self._don)
        except ValueError:
            self._bad = True
            return
        for piece in pieces:
            self._size += len(piece.data)
            if self._size > MAX_BYTES or len(self._nals) >= MAX_NALS:
                self._drop()
                return
            self._take(piece)

    def _take(self, piece: Piece) -> None:
        if piece.first:
            self._bad = self._bad or self._parts is not None  # the fragment before never ended
            self._parts = []
        if self._parts is None:  # its beginning was lost
            self._bad = True
            return
        self._parts.append(piece.data)
        if piece.last:
            nal, self._parts = b"".join(self._parts), None
            self._nals.append(nal)
            if not self._has_picture and is_picture(self._codec, nal):
                self._has_picture = True
                self._bad = self._bad or not begins_picture(self._codec, nal)  # we came in the middle of it

    def _drop(self) -> None:
        self._nals.clear()
        self._parts = None
        self._bad = True

    def _finish(self, *, broken: bool = False) -> list[AccessUnit]:
        self._bad = self._bad or broken or self._parts is not None
        self._parts = None
        # Some cameras end parameter sets like a picture of their own: those belong to the next one.
        if not self._has_picture and not self._bad:
            return []
        nals, self._nals, self._size = self._nals, [], 0
        bad, self._bad, self._has_picture = self._bad, False, False
        key = any(is_key(self._codec, nal) for nal in nals)
        return [AccessUnit(annex_b(self._with_parameters(nals, key=key)), self._timestamp, key, bad)]

    def _with_parameters(self, nals: list[bytes], *, key: bool) -> Sequence[bytes]:
        if any(is_sequence_parameters(self._codec, nal) for nal in nals):
            self._parameters = [nal for nal in nals if is_parameter_set(self._codec, nal)]
            return nals
        return [*self._parameters, *nals] if key else nals
