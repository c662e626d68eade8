"""Camera addresses: which are possible, their credentials apart, and what of them may be shown."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from difflib import get_close_matches
from urllib.parse import unquote, urlsplit

NETWORK_SCHEMES = (
    "rtsp",
    "rtsps",
    "http",
    "https",
    "snapshot+http",
    "snapshot+https",
    "mjpeg+http",
    "mjpeg+https",
    "hls+http",
    "hls+https",
)
PATH_SCHEMES = ("file", "folder")

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_BARE_ADDRESS = re.compile(r"\d{1,3}(\.\d{1,3}){3}(:\d+)?(/|$)")
_HOST_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?")
_MAX_PORT = 65535
_ENCODE = "write its special characters percent-encoded (`@` is %40, `/` is %2F, `#` is %23) or use `password`"

# Greedy up to the last `@`, so that a raw `@` inside the password hides with it; `host:554/a@b` is
# told apart by the port.
_USERINFO = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://[^\s:/?#@]*):(?!\d{1,5}(?:[/?#]|$))[^\s\"'<>]*@")
_QUERY_SECRET = re.compile(r"([?&][a-z_]*(?:pass|pwd|loginpas|token|secret|auth)[a-z_]*=)[^&\s\"'#]+", re.IGNORECASE)
_HEADER_SECRET = re.compile(r"((?:proxy-)?authorization['\"]?\s*[:=]\s*['\"]?)[^\r\n'\"]+", re.IGNORECASE)


def redacted(text: str) -> str:
    """Return the text with the passwords of all URLs and Authorization headers in it replaced by `***`."""
    text = _USERINFO.sub(r"\1:***@", text)
    text = _QUERY_SECRET.sub(r"\1***", text)
    return _HEADER_SECRET.sub(r"\1***", text)


def scheme_of(url: str) -> str:
    """Return the scheme in lower case; empty for a plain path."""
    match = _SCHEME.match(url)
    return match[1].lower() if match else ""


def credentials_apart(url: str) -> tuple[str, str | None, str | None]:
    """Split `scheme://user:password@host/…` into the URL without them, the user name and the password.

    Both are percent-decoded (RFC 3986, section 3.2.1); a part that is not there is None.
    """
    if scheme_of(url) in PATH_SCHEMES or "://" not in url:
        return url, None, None
    head, rest = url.split("://", 1)
    authority, tail = _authority(rest)
    userinfo, at, host = authority.rpartition("@")
    if not at:
        return url, None, None
    username, colon, password = userinfo.partition(":")
    return f"{head}://{host}{tail}", unquote(username), unquote(password) if colon else None


def url_fault(url: str) -> str | None:
    """Say what is wrong with a camera's URL and what to do, never showing a password; None when it is possible."""
    if not url.strip():
        return "is empty: give the camera's address, such as `rtsp://192.168.1.20/stream1`, or a path"
    if any(ord(char) < ord(" ") for char in url):
        return "holds a line break or a control character"
    scheme = scheme_of(url)
    if not scheme:
        return f"has no scheme: write `rtsp://{url}`" if _BARE_ADDRESS.match(url) else None
    if scheme not in NETWORK_SCHEMES + PATH_SCHEMES:
        return _unknown_scheme(scheme)
    if scheme in PATH_SCHEMES:
        return None if path_of(url) else f"has no path: write `{scheme}:///srv/pictures`"
    if not url.lower().startswith(f"{scheme}://"):
        return f"needs two slashes: write `{scheme}://` and then the host"
    if any(char.isspace() for char in url):
        return "holds a space: write it as %20"
    return _authority_fault(url.split("://", 1)[1])


def web_fault(url: str) -> str | None:
    """Say what is wrong with the HTTP address of another device or service; None when it is possible."""
    if scheme_of(url) not in {"http", "https"}:
        return "must begin with `http://` or `https://`"
    if credentials_apart(url)[1] is not None:
        return "holds a user name: write it as `username` and `password`"
    return url_fault(url)


def push_endpoint_fault(url: str, services: Iterable[str]) -> str | None:
    """Say why a browser's address for notifications is refused; None when it is at one of these hosts or below it."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "is none"
    if parts.scheme != "https" or not host or "@" in parts.netloc:
        return "is not https"
    if not any(host == service or host.endswith(f".{service}") for service in services):
        return f"is at `{host[:80]}`, which is none of the `services` in [push]"
    return None


def path_of(url: str) -> str:
    """Return the path of a `file:` or `folder:` URL or of a plain path; `//` after the scheme is optional."""
    scheme = scheme_of(url)
    if scheme not in PATH_SCHEMES:
        return url
    return url[len(scheme) + 1 :].removeprefix("//")


def _authority(rest: str) -> tuple[str, str]:
    end = next((i for i, char in enumerate(rest) if char in "/?#"), len(rest))
    return rest[:end], rest[end:]


def _unknown_scheme(scheme: str) -> str:
    close = get_close_matches(scheme, NETWORK_SCHEMES + PATH_SCHEMES, 1, 0.7)
    hint = f"did you mean `{close[0]}`?" if close else f"known are {', '.join(NETWORK_SCHEMES + PATH_SCHEMES)}"
    return f"has the unknown scheme `{scheme}`, {hint}"


def _authority_fault(rest: str) -> str | None:
    authority, tail = _authority(rest)
    if "@" not in authority and "@" in tail and ":" in authority and not authority.rpartition(":")[2].isdigit():
        return f"cannot be split: if the password stands in it, {_ENCODE}"
    address = authority.rpartition("@")[2]
    host, port = _host_and_port(address)
    if not host:
        return "has no host: write the camera's address after `://`"
    if port and not (port.isascii() and port.isdigit() and 1 <= int(port) <= _MAX_PORT):
        return f"has the port `{port}`: a port is a number from 1 to {_MAX_PORT}"
    return _host_fault(host)


def _host_and_port(address: str) -> tuple[str, str]:
    if address.startswith("["):
        host, _, rest = address.partition("]")
        return f"{host}]" if len(host) > 1 else "", rest.removeprefix(":")
    host, _, port = address.partition(":")
    return host, port


def _host_fault(host: str) -> str | None:
    if host.startswith("["):
        try:
            ipaddress.IPv6Address(host.strip("[]"))
        except ValueError:
            return f"has the host `{host}`, which is no IPv6 address"
        return None
    if re.fullmatch(r"[\d.]+", host):
        try:
            ipaddress.IPv4Address(host)
        except ValueError:
            return f"has the host `{host}`, which is no IP address (four numbers from 0 to 255)"
        return None
    if host.isascii() and not _HOST_NAME.fullmatch(host):
        return f"has the host `{host}`, which is no name of a machine"
    return None
