"""`Authorization: Bearer` (RFC 6750): a token's way into the API, and what somebody who guesses gets.

Cameras know passwords rather than tokens: `Authorization: Basic` (RFC 7617) takes the token as the password, whatever
the user name. Some know neither: where reads are sent, the address may end in `?access_token=` (RFC 6750, section 2.3),
for tokens alone that may only send, because addresses stand in logs.
"""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any, Final

import structlog
from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException, TooManyRequestsException

from alpr.domain import utc_now
from alpr.store import audit, tokens
from alpr.store.tokens import Token
from alpr.store.users import Role
from alpr.web.auth.limits import neighbourhood, wait_words
from alpr.web.context import Web

_log = structlog.get_logger(__name__)
IN_ADDRESS: Final = "address"
_SENT_TO: Final = frozenset({"/api/v1/reads"})
_USED_EVERY = timedelta(minutes=1)


async def find_token(web: Web, header: str, address: str) -> Token:
    """Return the token of an `Authorization` header.

    Raises NotAuthorizedException, and TooManyRequestsException once an address has sent too many that are not valid;
    a valid one is let through all the same, for it may share its address with whoever guesses.
    """
    scheme, secret = _parts(header)
    if not scheme:
        raise NotAuthorizedException("Authorization: this API takes `Bearer` and a token.")
    now = utc_now()
    token = await tokens.find(web.database, tokens.digest(secret), now)
    if token is None:
        await _refuse(web, address)
        raise NotAuthorizedException("Authorization: this token is not valid, or no longer: ask your admin for one.")
    if scheme == IN_ADDRESS and token.role is not Role.SENDER:
        raise NotAuthorizedException("access_token: in an address only a token with the role sender is taken.")
    if token.used_at is None or now - token.used_at > _USED_EVERY:
        await tokens.touch(web.database, token.id, now)
    return token


def given_in_address(connection: ASGIConnection[Any, Any, Any, Any]) -> str | None:
    """Return the token that stands in the address where reads are sent, as a header would hold it."""
    if connection.scope["path"] not in _SENT_TO or connection.scope.get("method") != "POST":
        return None
    secret = connection.query_params.get("access_token", "")
    return f"{IN_ADDRESS} {secret}" if secret else None


async def still_valid(web: Web, header: str) -> bool:
    """Whether the token of a header that was taken before is valid yet: a stream outlives its first question."""
    return await tokens.find(web.database, tokens.digest(_parts(header)[1]), utc_now()) is not None


def _parts(header: str) -> tuple[str, str]:
    """Return how the token of a header is given, empty when in no way of ours, and the token."""
    scheme, _, secret = header.strip().partition(" ")
    scheme = scheme.casefold()
    if scheme == "basic":
        return scheme, _password(secret.strip())
    return (scheme if scheme in {"bearer", IN_ADDRESS} else ""), secret.strip()


def _password(secret: str) -> str:
    """Return the password of `Basic`; of what is none, nothing, which is no token."""
    try:
        return base64.b64decode(secret, validate=True).decode().partition(":")[2]
    except ValueError:
        return ""


async def _refuse(web: Web, address: str) -> None:
    """Count a wrong token and note it; once there were too many, neither database nor log hears of more."""
    place = neighbourhood(address)
    wait = web.bad_tokens.begin(place, f"token {place}")
    if wait > 0:
        raise TooManyRequestsException(
            f"Too many wrong tokens: wait {wait_words(wait)}.", headers={"Retry-After": str(int(wait) + 1)}
        )
    _log.warning("token refused", address=address)
    await audit.record(web.database, audit.Entry(utc_now(), "unknown", "token refused", detail=address))
