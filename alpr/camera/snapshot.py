"""A camera that gives one picture for each HTTP request: asked again and again."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import httpx

from alpr.camera.address import Address
from alpr.camera.faults import http_fault, network_fault, silence_fault
from alpr.camera.link import Deliver
from alpr.camera.still import decode_still
from alpr.domain import utc_now
from alpr.errors import CameraError
from alpr.httplogin import ChallengedAuth
from alpr.status import CameraStatus

MAX_BYTES: Final = 32 * 1024 * 1024
_REDIRECTS: Final = 5
_BAD_IN_A_ROW: Final = 3  # then the fault is not that one picture's
_SOONEST_RETRY: Final = 1.0


@dataclass(slots=True)
class _Seen:
    """What the last picture was, so that it is not taken twice."""

    etag: str = ""
    modified: str = ""
    digest: bytes = b""

    def headers(self) -> dict[str, str]:
        """Ask for a picture only if it is another one (RFC 9110, section 13.1)."""
        asked = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in asked.items() if value}


class SnapshotLink:
    """Polls a still every `poll` seconds; an unchanged one (304, or the same bytes) calls `unchanged`.

    `unchanged` tells the watchdog that the camera is alive although it gives no new picture.
    """

    def __init__(
        self,
        address: Address,
        status: CameraStatus,
        *,
        poll: float,
        timeout: float,
        unchanged: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._address = address
        self._status = status
        self._subject = f"camera {status.name}"
        self._poll = poll
        self._timeout = timeout
        self._unchanged = unchanged
        self._clock = clock
        self._max_bytes = max_bytes
        self._tls = ssl.create_default_context() if address.tls_verify else False

    async def run(self, deliver: Deliver) -> None:
        """Poll until a request fails; raise CameraError that says how."""
        seen = _Seen()
        bad = 0
        async with self._client() as client:
            while True:
                asked_at = self._clock()
                try:
                    await self._poll_once(client, seen, deliver)
                    bad = 0
                except _BadPictureError as error:
                    bad += 1
                    self._status.decode_errors += 1
                    if bad >= _BAD_IN_A_ROW:
                        raise CameraError(str(error)) from None
                wait = min(self._poll, _SOONEST_RETRY) if bad else self._poll
                await asyncio.sleep(max(0.0, asked_at + wait - self._clock()))

    def _client(self) -> httpx.AsyncClient:
        address, subject = self._address, self._subject
        auth = (
            ChallengedAuth(address.username, address.password, lambda said: CameraError(f"{subject}: {said}"))
            if address.username or address.password
            else None
        )
        return httpx.AsyncClient(
            auth=auth,
            verify=self._tls,
            timeout=self._timeout,
            trust_env=False,  # a camera is in this network: a proxy is for the others
            headers={"Accept": "image/*", "Accept-Encoding": "identity"},
        )

    async def _poll_once(self, client: httpx.AsyncClient, seen: _Seen, deliver: Deliver) -> None:
        body = await self._fetch(client, seen)
        captured_at = utc_now()
        digest = hashlib.sha256(body).digest() if body is not None else seen.digest
        if digest == seen.digest:
            self._unchanged()
            return
        try:
            decoded = await asyncio.to_thread(decode_still, body or b"", self._subject)
        except CameraError as error:
            seen.etag = seen.modified = ""  # a cut picture must not count as had
            raise _BadPictureError(str(error)) from None
        seen.digest = digest
        self._status.codec = "still"
        self._status.frames_decoded += 1
        deliver(decoded.picture, captured_at)

    async def _fetch(self, client: httpx.AsyncClient, seen: _Seen) -> bytes | None:
        """Return the body of the picture, None when it has not changed."""
        url = httpx.URL(self._address.url)
        try:
            for _ in range(_REDIRECTS + 1):
                async with client.stream("GET", url, headers=seen.headers()) as response:
                    if response.next_request is None:
                        return await self._body(response, seen)
                    url = self._redirected(url, response.next_request.url)
        except httpx.TimeoutException:
            raise CameraError(f"{self._subject}: {silence_fault(self._timeout)}") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise CameraError(f"{self._subject}: {network_fault(str(error))}") from None
        raise CameraError(f"{self._subject}: redirects in a circle: check the url")

    async def _body(self, response: httpx.Response, seen: _Seen) -> bytes | None:
        if response.status_code == HTTPStatus.NOT_MODIFIED and seen.digest:
            return None
        if response.status_code != HTTPStatus.OK:
            raise CameraError(f"{self._subject}: {http_fault(response.status_code)}")
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > self._max_bytes:
                raise CameraError(f"{self._subject}: sends more than {self._max_bytes >> 20} MiB: is the url a video?")
        seen.etag = response.headers.get("ETag", "")
        seen.modified = response.headers.get("Last-Modified", "")
        return bytes(body)

    def _redirected(self, url: httpx.URL, target: httpx.URL) -> httpx.URL:
        # The password goes along, so it stays with the host that it was given for, and behind TLS.
        if target.host != url.host or (url.scheme == "https" and target.scheme != "https"):
            raise CameraError(f"{self._subject}: redirects to {target.scheme}://{target.host}: write that as the url")
        return target


class _BadPictureError(Exception):
    """The fault of one picture, not of the connection."""
