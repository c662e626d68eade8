"""`Authorization: Bearer` (RFC 6750): a token's way into the API, and what somebody who guesses gets."""

from __future__ import annotations

from datetime import timedelta

import structlog
from litestar.exceptions import NotAuthorizedException, TooManyRequestsException

from alpr.domain import utc_now
from alpr.store import audit, tokens
from alpr.store.tokens import Token
from alpr.web.context import Web
from alpr.web.limits import neighbourhood, wait_words

_log = structlog.get_logger(__name__)
_USED_EVERY = timedelta(minutes=1)


async def find_token(web: Web, header: str, address: str) -> Token:
    """Return the token of an `Authorization` header.

    Raises NotAuthorizedException, and TooManyRequestsException once an address has sent too many that are not valid;
    a valid one is let through all the same, for it may share its address with whoever guesses.
    """
    scheme, _, secret = header.strip().partition(" ")
    if scheme.casefold() != "bearer":
        raise NotAuthorizedException("Authorization: this API takes `Bearer` and a token.")
    now = utc_now()
    token = await tokens.find(web.database, tokens.digest(secret.strip()), now)
    if token is None:
        await _refuse(web, address)
        raise NotAuthorizedException("Authorization: this token is not valid, or no longer: ask your admin for one.")
    if token.used_at is None or now - token.used_at > _USED_EVERY:
        await tokens.touch(web.database, token.id, now)
    return token


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
