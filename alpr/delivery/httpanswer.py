"""What an HTTP answer means for a delivery: taken, again later, or never."""

from __future__ import annotations

from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

import httpx

from alpr.domain import utc_now
from alpr.errors import DeliveryError

_TEMPORARY: Final = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
_SHOWN: Final = 120
_ADVICE: Final = {
    HTTPStatus.UNAUTHORIZED: "check `token`, `secret` and the login in the url",
    HTTPStatus.FORBIDDEN: "check `token`, `secret` and the login in the url",
    HTTPStatus.NOT_FOUND: "check the url",
    HTTPStatus.METHOD_NOT_ALLOWED: "check the url: it takes no POST",
    HTTPStatus.GONE: "the url is no longer in use",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: 'leave the picture out (`picture = "none"`), or let it take more',
}


def check_answer(subject: str, response: httpx.Response, text: str) -> None:
    """Return when the receiver has taken the message; else raise DeliveryError in words (RFC 9110, section 15)."""
    status = response.status_code
    if response.is_success:
        return
    if response.has_redirect_location:
        # Following it would send the message, and what signs in, to where nobody told us to.
        location = response.headers["Location"]
        raise DeliveryError(f"{subject}: redirects ({status}) to {location}: write that as the url", permanent=True)
    said = f" and says {text!r}" if (text := " ".join(text.split())[:_SHOWN]) else ""
    advice = f": {_ADVICE[HTTPStatus(status)]}" if status in _ADVICE else ""
    permanent = not response.is_server_error and status not in _TEMPORARY
    asked = None if permanent else retry_after(response.headers.get("Retry-After", ""), utc_now())
    raise DeliveryError(f"{subject}: answers {status}{said}{advice}", permanent=permanent, retry_after=asked)


def retry_after(value: str, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for (RFC 9110, section 10.2.3), None when it says nothing."""
    if value.strip().isdecimal():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - now).total_seconds())
    except (ValueError, TypeError):  # no date, or one without a zone
        return None
