"""HTTP authentication as RTSP uses it: Basic (RFC 7617) and Digest (RFC 7616, and 2617 and 2069 before it)."""

from __future__ import annotations

import hashlib
import re
import secrets
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.request import parse_http_list

_HASHES: Final[Mapping[str, str]] = {
    "SHA-256": "sha256",
    "SHA-256-SESS": "sha256",
    "MD5": "md5",
    "MD5-SESS": "md5",
}
"""By algorithm in upper case, the best first."""
_BEST_FIRST: Final = tuple(_HASHES)
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9-]*)(?:\s+(.*))?", re.DOTALL)
_STALE_RETRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Challenge:
    """One challenge of a 401 answer."""

    scheme: str
    realm: str = ""
    nonce: str = ""
    algorithm: str = ""
    """As the server wrote it; empty when it did not, which means MD5."""
    qop: str = ""
    """`auth` when the server offers it, else empty (RFC 2069)."""
    opaque: str | None = None
    stale: bool = False


def parse_challenges(header: str) -> list[Challenge]:
    """Take a WWW-Authenticate header apart, which may hold several challenges (RFC 9110, section 11.6.1)."""
    found: list[tuple[str, dict[str, str]]] = []
    for item in parse_http_list(header):
        name, equals, value = item.partition("=")
        match = _SCHEME.fullmatch(name.strip())
        if match and (match[2] or not equals):
            found.append((match[1].lower(), {}))
            name = match[2] or ""
        if found and equals:
            found[-1][1][name.strip().lower()] = _unquoted(value.strip())
    return [_challenge(scheme, fields) for scheme, fields in found]


def choose(challenges: list[Challenge]) -> Challenge | None:
    """Pick the strongest challenge that can be answered: Digest by SHA-256, by MD5, then Basic."""
    digests = [challenge for challenge in challenges if challenge.scheme == "digest" and challenge.nonce]
    known = [challenge for challenge in digests if _algorithm(challenge) in _HASHES]
    if known:
        return min(known, key=lambda challenge: _BEST_FIRST.index(_algorithm(challenge)))
    return next((challenge for challenge in challenges if challenge.scheme == "basic"), None)


def basic_header(username: str, password: str) -> str:
    """Return the Authorization header for Basic."""
    return "Basic " + b64encode(f"{username}:{password}".encode()).decode("ascii")


def digest_header(
    challenge: Challenge, credentials: tuple[str, str], method: str, uri: str, count: int, cnonce: str
) -> str:
    """Return the Authorization header for Digest (RFC 7616, section 3.4).

    `count` is how often the nonce has been used, this time included; `cnonce` is the client's nonce.
    """
    username, password = credentials
    times = f"{count:08x}"
    secret = _hashed(challenge, f"{username}:{challenge.realm}:{password}")
    if _algorithm(challenge).endswith("-SESS"):
        secret = _hashed(challenge, f"{secret}:{challenge.nonce}:{cnonce}")
    action = _hashed(challenge, f"{method}:{uri}")
    use = f"{times}:{cnonce}:{challenge.qop}:" if challenge.qop else ""
    fields = [
        f"username={_quoted(username)}",
        f"realm={_quoted(challenge.realm)}",
        f"nonce={_quoted(challenge.nonce)}",
        f"uri={_quoted(uri)}",
        f'response="{_hashed(challenge, f"{secret}:{challenge.nonce}:{use}{action}")}"',
    ]
    if challenge.algorithm:
        fields.append(f"algorithm={challenge.algorithm}")
    if challenge.opaque is not None:
        fields.append(f"opaque={_quoted(challenge.opaque)}")
    if challenge.qop:
        fields += [f"qop={challenge.qop}", f"nc={times}"]
    if challenge.qop or _algorithm(challenge).endswith("-SESS"):
        fields.append(f'cnonce="{cnonce}"')
    return "Digest " + ", ".join(fields)


class Authenticator:
    """Answers the challenges of one connection; has the three methods that aiortsp asks of its `_auth`."""

    def __init__(self, username: str, password: str) -> None:
        self._credentials = (username, password)
        self._challenge: Challenge | None = None
        self._count = 0
        self._refusals = 0

    @property
    def challenge(self) -> Challenge | None:
        """What is being answered; None while the server has not asked, or nothing that can be answered."""
        return self._challenge

    def make_auth(self, method: str, url: str, headers: dict[str, str]) -> None:
        """Add the Authorization header, once the server has asked for one."""
        if self._challenge is None:
            return
        if self._challenge.scheme == "basic":
            headers["Authorization"] = basic_header(*self._credentials)
            return
        self._count += 1
        cnonce = secrets.token_hex(8)
        headers["Authorization"] = digest_header(self._challenge, self._credentials, method, url, self._count, cnonce)

    def handle_401(self, headers: Mapping[str, str]) -> bool:
        """Take the challenge of a refusal; return whether another try makes sense."""
        challenge = choose(parse_challenges(headers.get("www-authenticate", "")))
        if challenge is None or not self._credentials[0]:
            return False
        self._challenge, self._count = challenge, 0
        self._refusals += 1
        return self._refusals <= (_STALE_RETRIES if challenge.stale else 1)

    def handle_ok(self, _headers: Mapping[str, str]) -> None:
        """Note that the last answer was accepted: a later refusal is of an old nonce, worth another try."""
        self._refusals = 0


def _challenge(scheme: str, fields: Mapping[str, str]) -> Challenge:
    offered = {quality.strip().lower() for quality in fields.get("qop", "").split(",")}
    return Challenge(
        scheme=scheme,
        realm=fields.get("realm", ""),
        nonce=fields.get("nonce", ""),
        algorithm=fields.get("algorithm", ""),
        qop="auth" if "auth" in offered else "",
        opaque=fields.get("opaque"),
        stale=fields.get("stale", "").lower() == "true",
    )


def _algorithm(challenge: Challenge) -> str:
    return challenge.algorithm.upper() or "MD5"


def _hashed(challenge: Challenge, text: str) -> str:
    return hashlib.new(_HASHES[_algorithm(challenge)], text.encode(), usedforsecurity=False).hexdigest()


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _unquoted(text: str) -> str:
    # parse_http_list has taken the backslashes out already.
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
