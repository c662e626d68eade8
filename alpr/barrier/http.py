"""Relays and inputs that are asked over HTTP."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Final

import httpx

from alpr.errors import DeliveryError
from alpr.httplogin import ChallengedAuth

_MOST_ANSWER: Final = 64 * 1024


class HttpDevice:
    """One device with its login; every request is bounded in time and size, and follows no redirect."""

    def __init__(self, subject: str, username: str, password: str, *, timeout: float, tls_verify: bool) -> None:
        self._subject = subject
        login = ChallengedAuth(username, password, lambda said: DeliveryError(f"{subject}: {said}", permanent=True))
        auth = login if username or password else None
        # The device stands beside us: a proxy of the environment has nothing to do with it.
        self._client = httpx.AsyncClient(auth=auth, timeout=timeout, verify=tls_verify, trust_env=False)
        self._timeout = timeout

    async def ask(self, method: str, url: str, body: str = "") -> str:
        """Send one request and return the answer's text; raises DeliveryError for all but success."""
        headers = {"Content-Type": "application/json"} if body.lstrip().startswith(("{", "[")) else {}
        try:
            response = await self._client.request(method, url, content=body.encode(), headers=headers)
        except httpx.TimeoutException:
            raise DeliveryError(
                f"{self._subject}: no answer within {self._timeout:g} s: check address, cable and power"
            ) from None
        except httpx.HTTPError as error:
            words = str(error) or type(error).__name__
            raise DeliveryError(f"{self._subject}: cannot be reached ({words}): check address and power") from None
        if not response.is_success:
            raise DeliveryError(f"{self._subject}: {_refusal(response)}")
        return response.text[:_MOST_ANSWER]

    async def disconnect(self) -> None:
        """Close the connections."""
        await self._client.aclose()


class HttpRelay:
    """A relay that is switched by requests; without a release address it lets go by itself."""

    def __init__(self, device: HttpDevice, method: str, on: tuple[str, str], off: tuple[str, str]) -> None:
        """Take the address and the body that close the contact, and those that let it go."""
        self._device, self._method, self._on, self._off = device, method, on, off

    async def close_contact(self) -> None:
        """Ask the device to close the contact."""
        await self._device.ask(self._method, *self._on)

    async def release(self) -> None:
        """Ask the device to let go, if it needs to be asked."""
        if self._off[0]:
            await self._device.ask(self._method, *self._off)

    async def disconnect(self) -> None:
        """Close the connections."""
        await self._device.disconnect()


class HttpInput:
    """An input that is read by a GET: the answer's text, or one value of its JSON."""

    def __init__(self, subject: str, device: HttpDevice, url: str, key: str, free: str) -> None:
        """Take what the value is when the way is free; `key` is a path such as `inputs.0.state`."""
        self._subject, self._device, self._url, self._key, self._free = subject, device, url, key, free

    async def is_free(self) -> bool:
        """Ask the device now."""
        text = await self._device.ask("GET", self._url)
        said = self._found(text) if self._key else text.strip()
        return said.casefold() == self._free.casefold()

    async def disconnect(self) -> None:
        """Close the connections."""
        await self._device.disconnect()

    def _found(self, text: str) -> str:
        try:
            value = json.loads(text)
            for part in self._key.split("."):
                value = value[int(part)] if isinstance(value, list) else value[part]
        except (ValueError, LookupError, TypeError, RecursionError):
            raise DeliveryError(f"{self._subject}: its answer holds no `{self._key}`: check `key`") from None
        return value if isinstance(value, str) else json.dumps(value)


def _refusal(response: httpx.Response) -> str:
    status = response.status_code
    if status == HTTPStatus.UNAUTHORIZED:
        return "refused (401): check username and password"
    if response.is_redirect:
        return f"redirects ({status}) to {response.headers.get('Location', 'nowhere')}: write that as the url"
    return f"answered {status}: check the url"
