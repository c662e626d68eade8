"""The video track in an RTSP server's session description (SDP, RFC 8866; RTSP use: RFC 2326 appendix C)."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from alpr.camera.nal import Codec
from alpr.errors import CameraError

_CODECS: Final[Mapping[str, Codec]] = {"H264": Codec.H264, "H265": Codec.H265, "HEVC": Codec.H265}
_STATIC: Final[Mapping[str, str]] = {"26": "JPEG", "31": "H261", "32": "MPEG", "33": "MP2T", "34": "H263"}
"""Payload types that need no rtpmap (RFC 3551, table 5)."""
_MAX_PAYLOAD_TYPE: Final = 127


@dataclass(frozen=True, slots=True)
class VideoTrack:
    """The one video track that is asked for."""

    codec: Codec
    payload_type: int
    setup_url: str
    play_url: str
    parameters: tuple[bytes, ...] = ()
    """Parameter sets as NAL units without start code."""
    don: bool = False
    """Whether H.265 payloads carry decoding order numbers."""


@dataclass(slots=True)
class _Section:
    """The session (no kind) or one `m=` line, with its attributes in order."""

    kind: str = ""
    profile: str = ""
    formats: tuple[str, ...] = ()
    attributes: list[tuple[str, str]] = field(default_factory=list)

    def first(self, name: str) -> str:
        return next((value for key, value in self.attributes if key == name), "")

    def by_format(self, name: str) -> dict[str, str]:
        """Return the values of `a=name:<format> <value>` by format."""
        pairs = (value.partition(" ") for key, value in self.attributes if key == name)
        return {number: rest.strip() for number, _, rest in pairs}


def video_track(text: str, base: str, subject: str) -> VideoTrack:
    """Find the first H.264 or H.265 track; `base` is the Content-Base or the request's URL.

    Raises CameraError, begun by `subject`, when there is no video, or none that can be decoded.
    """
    sections = list(_sections(text))
    videos = [section for section in sections if section.kind == "video"]
    if not videos:
        raise CameraError(f"{subject}: sends no video: check the path of its address")
    session = sections[0].first("control")
    play_url = session if _is_absolute(session) else base
    for section in videos:
        for number in section.formats:
            codec = _CODECS.get(_encoding(section, number))
            if codec and number.isdecimal() and int(number) <= _MAX_PAYLOAD_TYPE:
                _check_profile(section, subject)
                setup_url = control_url(play_url, section.first("control"))
                return _track(section, number, codec, setup_url, play_url)
    names = ", ".join(dict.fromkeys(_encoding(section, number) for section in videos for number in section.formats))
    raise CameraError(f"{subject}: sends {_printable(names)}: set its stream to H.264 or H.265")


def control_url(base: str, control: str) -> str:
    """Join a control attribute to its base, the way that cameras mean it: appended, behind any query."""
    if not control or control == "*":
        return base
    return control if _is_absolute(control) else f"{base.rstrip('/')}/{control.lstrip('/')}"


def _sections(text: str) -> Iterator[_Section]:
    section = _Section()
    for line in text.splitlines():
        key, _, value = line.strip().partition("=")
        if key == "m":
            yield section
            kind, _, rest = value.partition(" ")
            _port, profile, *formats = [*rest.split(), "", ""]
            section = _Section(kind.lower(), profile, tuple(filter(None, formats)))
        elif key == "a":
            name, _, content = value.partition(":")
            section.attributes.append((name.strip().lower(), content.strip()))
    yield section


def _encoding(section: _Section, number: str) -> str:
    return section.by_format("rtpmap").get(number, _STATIC.get(number, number)).partition("/")[0].upper()


def _check_profile(section: _Section, subject: str) -> None:
    if "SAVP" in section.profile.upper():
        raise CameraError(f"{subject}: encrypts its stream (SRTP): switch that off, or use rtsps:// with plain RTP")


def _track(section: _Section, number: str, codec: Codec, setup_url: str, play_url: str) -> VideoTrack:
    options = _options(section.by_format("fmtp").get(number, ""))
    names = ("sprop-parameter-sets",) if codec is Codec.H264 else ("sprop-vps", "sprop-sps", "sprop-pps")
    coded = (part for name in names for part in options.get(name, "").split(","))
    parameters = tuple(nal for part in coded if (nal := _decoded(part)))
    don = options.get("sprop-max-don-diff", "0").strip("0") != ""
    return VideoTrack(codec, int(number), setup_url, play_url, parameters, don)


def _options(text: str) -> dict[str, str]:
    # A flag without `=` is allowed and must not cost the other options.
    pairs = (option.partition("=") for option in text.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _decoded(text: str) -> bytes:
    try:
        return b64decode(text.strip() + "=" * (-len(text.strip()) % 4))
    except (binascii.Error, ValueError):
        return b""  # the stream itself carries them too, as a rule


def _is_absolute(url: str) -> bool:
    return url.lower().startswith(("rtsp://", "rtsps://"))


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)[:80] or "an unknown codec"
