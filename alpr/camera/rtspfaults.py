"""Why an RTSP connection failed, in words: what happened and what to do."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from typing import Final, Literal

from aiortsp.rtsp.errors import RTSPConnectionError, RTSPError, RTSPResponseError, RTSPTimeoutError

_STATUS: Final[Mapping[int, str]] = {
    401: "check username and password",
    403: "allow this user to view the stream, on the camera",
    404: "check the path of its address",
    454: "the session timed out: if it goes on, check the network to the camera",
    453: "the network to it is too slow: choose a smaller stream",
    503: "it serves too many viewers: end others, or allow more on the camera",
}
_REDIRECTS: Final = range(300, 400)
_UNSUPPORTED_TRANSPORT: Final = 461


def fault(error: Exception, transport: Literal["tcp", "udp"], timeout: float) -> str:
    """Say what went wrong and what to do, in one line, without a subject."""
    if isinstance(error, RTSPResponseError):
        return _refusal(error, transport)
    if isinstance(error, RTSPTimeoutError):
        return f"{error.args[0]}: check that the camera is well, and the network to it"
    if isinstance(error, RTSPConnectionError):
        return f"the connection was lost ({error.args[0]}): check address, port and network"
    if isinstance(error, RTSPError):
        return f'speaks RTSP wrongly ({error.args[0] if error.args else "unknown"}): try `backend = "ffmpeg"`'
    if isinstance(error, TimeoutError):
        return f"no answer in {timeout:g} s: check its address and that it is switched on"
    if isinstance(error, ssl.SSLError):
        return _tls(error)
    return _unreachable(error)


def _refusal(error: RTSPResponseError, transport: Literal["tcp", "udp"]) -> str:
    status = error.response.status
    if status in _REDIRECTS:
        return (
            f"redirects ({status}) to {_printable(error.response.headers.get('location', 'nowhere'))}: use that address"
        )
    if status == _UNSUPPORTED_TRANSPORT:
        other = "udp" if transport == "tcp" else "tcp"
        return f'refuses {transport.upper()} ({status}): set `transport = "{other}"`'
    reason = _printable(error.response.status_msg) or "no reason given"
    return f"refused ({status}{'' if status in _STATUS else f' {reason}'}): {_STATUS.get(status, 'check the camera')}"


def _tls(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"its certificate is not trusted ({error.verify_message}): "
            "install one that is, or set `tls_verify = false` if you trust the network"
        )
    return f"no TLS ({error.reason or 'handshake failed'}): check the port, or use rtsp:// instead of rtsps://"


def _unreachable(error: Exception) -> str:
    if isinstance(error, ConnectionRefusedError) or "Connect call failed" in str(error):
        return "connection refused: check address and port, and that RTSP is switched on in the camera"
    if isinstance(error, socket.gaierror):
        return "host unknown: check its name, or use its IP address"
    if isinstance(error, ConnectionError):
        return "the connection was lost: check port and network"
    text = error.strerror if isinstance(error, OSError) else ""
    return f"cannot be reached ({text or type(error).__name__}): check address and network"


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)[:120]
