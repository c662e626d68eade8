"""Coded pictures of H.264 and H.265: NAL units, and the access units that they form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

START_CODE: Final = b"\0\0\0\1"

_H264_IDR: Final = 5
_H264_LATER_PARTITIONS: Final = frozenset({3, 4})
_H264_SEI: Final = 6
_H264_PARAMETERS: Final = frozenset({7, 8, 13})  # SPS, PPS, SPS extension
_H265_PARAMETERS: Final = frozenset({32, 33, 34})  # VPS, SPS, PPS
_RECOVERY_POINT: Final = 6  # SEI payload type, ITU-T H.264 annex D.1.8
_H265_LAST_VCL: Final = 31


class Codec(StrEnum):
    """What a camera's video is coded in."""

    H264 = "h264"
    H265 = "h265"


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One coded picture as Annex B bytes, with the parameter sets before it when it is a key picture."""

    data: bytes
    timestamp: int
    """RTP timestamp: 90,000 a second, wraps at 2^32."""
    key: bool
    """Whether decoding can begin here."""
    corrupt: bool
    """Whether packets of it, or of a picture before it, were lost."""


def nal_type(codec: Codec, nal: bytes) -> int:
    """Return `nal_unit_type` of a NAL unit without start code (H.264 7.3.1, H.265 7.3.1.2)."""
    return nal[0] & 0x1F if codec is Codec.H264 else nal[0] >> 1 & 0x3F


def is_picture(codec: Codec, nal: bytes) -> bool:
    """Whether the NAL unit carries a part of the picture itself (VCL)."""
    kind = nal_type(codec, nal)
    return 1 <= kind <= _H264_IDR if codec is Codec.H264 else kind <= _H265_LAST_VCL


def begins_picture(codec: Codec, nal: bytes) -> bool:
    """Whether a NAL unit of a picture is its first: `first_mb_in_slice` is 0, `first_slice_segment_in_pic_flag` set."""
    if codec is Codec.H265:
        return bool(nal[2] & 0x80) if len(nal) > 2 else False  # noqa: PLR2004 - behind the two bytes of header
    if nal_type(codec, nal) in _H264_LATER_PARTITIONS:
        return False
    return bool(nal[1] & 0x80) if len(nal) > 1 else False


def is_key(codec: Codec, nal: bytes) -> bool:
    """Whether decoding can begin at the picture of this NAL unit: IDR or recovery point, IRAP in H.265.

    The recovery point matters for cameras with gradual refresh, which never send an IDR again.
    """
    kind = nal_type(codec, nal)
    if codec is Codec.H265:
        return 16 <= kind <= 23  # noqa: PLR2004 - IRAP, H.265 table 7-1
    return kind == _H264_IDR or (kind == _H264_SEI and nal[1:2] == bytes([_RECOVERY_POINT]))


def is_parameter_set(codec: Codec, nal: bytes) -> bool:
    """Whether the NAL unit is a parameter set, without which nothing can be decoded."""
    return nal_type(codec, nal) in (_H264_PARAMETERS if codec is Codec.H264 else _H265_PARAMETERS)


def is_sequence_parameters(codec: Codec, nal: bytes) -> bool:
    """Whether the NAL unit is a sequence parameter set."""
    return nal_type(codec, nal) == (7 if codec is Codec.H264 else 33)


def annex_b(nals: Iterable[bytes]) -> bytes:
    """Join NAL units, each behind a start code (annex B of both standards)."""
    return b"".join(part for nal in nals for part in (START_CODE, nal))
