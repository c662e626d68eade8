"""RTSP messages out of a byte stream (RFC 2326): responses, the server's requests, interleaved packets. Pure.

Takes the place of aiortsp's parser, which gives a connection up over a status line without a reason, a
header that is not UTF-8, RTSP/2.0, or a segment that ends behind the first letter of a message, and
which has no limit. The messages carry the attributes that aiortsp reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final, TypeAlias

MAX_HEADER: Final = 64 * 1024
MAX_BODY: Final = 1024 * 1024

_DOLLAR: Final = ord("$")
_HEADER_END: Final = re.compile(rb"\r?\n\r?\n")
_STATUS: Final = re.compile(r"RTSP/\d\.\d\s+(\d{3})\s*(.*)")
_REQUEST: Final = re.compile(r"([A-Z_]{3,20})\s+(\S+)\s+RTSP/\d\.\d\s*")
_START: Final = re.compile(rb"[A-Z_]{3,20}[ /][^\r\n]*\r?\n|\$[\0-\x0f]")
"""Where a message can begin again behind bytes that are none."""


@dataclass(frozen=True, slots=True)
class Response:
    """The answer to a request of ours."""

    type: ClassVar[str] = "response"
    status: int
    status_msg: str
    headers: dict[str, str]
    """Names in lower case; repeated ones joined by commas (RFC 9110, section 5.3)."""
    data: bytes
    cseq: int

    @property
    def content(self) -> str:
        """The body as text."""
        return self.data.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Request:
    """A request of the server's."""

    type: ClassVar[str] = "request"
    method: str
    headers: dict[str, str]
    cseq: int


@dataclass(frozen=True, slots=True)
class Interleaved:
    """An RTP or RTCP packet between the messages (RFC 2326, section 10.12)."""

    type: ClassVar[str] = "binary"
    id: int
    data: bytes


Message: TypeAlias = Response | Request | Interleaved


class MessageParser:
    """Cuts the stream into messages; holds at most one unfinished message."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def parse(self, data: bytes) -> Iterator[Message]:
        """Take the next bytes; give the messages that they complete.

        Raises ValueError when the other side does not speak RTSP or a message exceeds its limit.
        """
        self._buffer += data
        at = 0
        try:
            while at < len(self._buffer):
                message, end = self._next(at)
                if end == at:
                    break
                at = end
                if message:
                    yield message
        finally:
            del self._buffer[:at]

    def _next(self, at: int) -> tuple[Message | None, int]:
        """Return the message that begins at `at` and where it ends; `at` again when it is not complete."""
        buffer = self._buffer
        if buffer[at] == _DOLLAR:
            return self._interleaved(at)
        if buffer[at] in b"\r\n":
            return None, at + 1
        complete_line = buffer.find(b"\n", at) >= 0
        if not complete_line or not _START.match(buffer, at):
            return None, self._behind_garbage(at, complete_line=complete_line)
        end = _HEADER_END.search(buffer, at)
        if end is None:
            if len(buffer) - at > MAX_HEADER:
                raise ValueError("a header without end")
            return None, at
        return self._text(at, end.start(), end.end())

    def _interleaved(self, at: int) -> tuple[Message | None, int]:
        buffer = self._buffer
        start = at + 4
        end = start + int.from_bytes(buffer[at + 2 : start], "big")
        if len(buffer) < start or len(buffer) < end:
            return None, at
        return Interleaved(buffer[at + 1], bytes(buffer[start:end])), end

    def _behind_garbage(self, at: int, *, complete_line: bool) -> int:
        if not complete_line and len(self._buffer) - at <= MAX_HEADER:
            return at
        match = _START.search(self._buffer, at + 1)
        return match.start() if match else len(self._buffer)

    def _text(self, at: int, header_end: int, body: int) -> tuple[Message | None, int]:
        first, *lines = self._buffer[at:header_end].decode("utf-8", "replace").splitlines()
        headers = _headers(lines)
        end = body + _length(headers)
        if end > len(self._buffer):
            return None, at
        cseq = _number(headers.get("cseq", ""), -1)
        if status := _STATUS.fullmatch(first):
            data = bytes(self._buffer[body:end])
            return Response(int(status[1]), status[2].strip(), headers, data, cseq), end
        if request := _REQUEST.fullmatch(first):
            return Request(request[1], headers, cseq), end
        if first.startswith("HTTP/"):
            raise ValueError("it speaks HTTP, not RTSP")
        return None, self._behind_garbage(at, complete_line=True)


def _headers(lines: list[str]) -> dict[str, str]:
    headers: dict[str, str] = {}
    name = ""
    for line in lines:
        key, colon, value = line.partition(":")
        if line[:1] in {" ", "\t"} and name:  # folded
            headers[name] = f"{headers[name]} {line.strip()}"
        elif colon:
            name = key.strip().lower()
            headers[name] = f"{headers[name]}, {value.strip()}" if name in headers else value.strip()
    return headers


def _length(headers: dict[str, str]) -> int:
    length = _number(headers.get("content-length", ""), 0)
    if length > MAX_BODY:
        raise ValueError("a body above 1 MiB")
    return length


def _number(text: str, otherwise: int) -> int:
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else otherwise  # noqa: PLR2004 - 32 bits
