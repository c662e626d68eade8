"""Logging in to a device over HTTP, as it asks for it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from http import HTTPStatus

import httpx


class ChallengedAuth(httpx.Auth):
    """Answers as the device asks: digest (RFC 7616) where it is offered, else basic (RFC 7617)."""

    def __init__(self, username: str, password: str, fault: Callable[[str], Exception]) -> None:
        """Take the login, and what makes the error of a sentence."""
        self._username, self._password = username, password
        self._fault = fault
        self._chosen: httpx.Auth | None = None

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send the request, and again with credentials once it is known which."""
        if self._chosen is None:
            response = yield request
            if response.status_code != HTTPStatus.UNAUTHORIZED:
                return
            offered = [value.lower() for value in response.headers.get_list("WWW-Authenticate")]
            digest = any(value.startswith("digest ") for value in offered)
            scheme = httpx.DigestAuth if digest else httpx.BasicAuth
            self._chosen = scheme(self._username, self._password)
        try:
            yield from self._chosen.auth_flow(request)
        except (KeyError, ValueError, NotImplementedError):  # how httpx meets a challenge that it does not know
            advice = "set the device to basic, or to digest with MD5 or SHA-256"
            raise self._fault(f"asks for a kind of login that is unknown here: {advice}") from None
