"""Webhooks: one POST for each delivery, signed where a secret is set, with a key that tells repetitions."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import quote, unquote, urlsplit
from zoneinfo import ZoneInfo

import httpx

from alpr import __version__
from alpr.access import Json
from alpr.delivery.foreign import rekor_group, stream_result
from alpr.delivery.httpanswer import check_answer
from alpr.delivery.payloads import cloud_event, message_id, own_payload, with_picture
from alpr.delivery.signature import signed_headers
from alpr.domain import utc_now
from alpr.errors import ConfigError, DeliveryError
from alpr.store.deliveries import Delivery

_MOST_ANSWER: Final = 4096
_SHORTEST_SECRET: Final = 4


@dataclass(frozen=True, slots=True)
class Hook:
    """Where a webhook goes, and how."""

    name: str
    url: str
    secret: str = ""
    token: str = ""
    format: Literal["alpr", "rekor", "platerecognizer"] = "alpr"
    cloudevents: bool = False
    picture: Literal["auto", "base64", "multipart", "none"] = "auto"
    timeout: float = 10.0
    tls_verify: bool = True
    tls_ca: Path | None = None
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    """The site's time zone, for shapes that tell local time."""


class WebhookTarget:
    """Posts deliveries to one address; redirects are not followed, and every request is bounded in time and size."""

    def __init__(self, hook: Hook, clock: Callable[[], datetime] = utc_now) -> None:
        """Raise ConfigError when the file of authorities cannot be used."""
        self._hook = hook
        self._clock = clock
        self._subject = f"target {hook.name}"
        # One message at a time: a second connection would only let messages overtake each other.
        limits = httpx.Limits(max_connections=1)
        self._client = httpx.AsyncClient(verify=_trust(hook), timeout=hook.timeout, limits=limits)

    async def send(self, delivery: Delivery, picture: bytes | None) -> None:
        """Post the delivery; raise DeliveryError unless it was taken (2xx)."""
        # Pictures are decoded and encoded for it: not in the event loop.
        request = await asyncio.to_thread(self._request, delivery, picture)
        response, text = await self._answer(request)
        check_answer(self._subject, response, text)

    async def close(self) -> None:
        """Close the connection."""
        await self._client.aclose()

    async def _answer(self, request: httpx.Request) -> tuple[httpx.Response, str]:
        """Send a request; return the answer and the beginning of its text."""
        response = None
        beginning = bytearray()
        try:
            async with asyncio.timeout(self._hook.timeout):
                response = await self._client.send(request, stream=True)
                # As it comes, not unpacked: what counts is the status, whatever the rest may be.
                async for chunk in response.aiter_raw():
                    beginning += chunk
                    if len(beginning) >= _MOST_ANSWER:
                        break
        except (TimeoutError, httpx.HTTPError) as error:
            # The status says whether the message was taken; an answer that never ends changes nothing about it.
            if response is None:
                raise self._unanswered(error) from None
        finally:
            if response is not None:
                with suppress(httpx.HTTPError):
                    await response.aclose()
        assert response is not None
        return response, self._without_secrets(bytes(beginning).decode(errors="replace"))

    def _unanswered(self, error: Exception) -> DeliveryError:
        words = self._without_secrets(str(error) or type(error).__name__)
        if isinstance(error, TimeoutError | httpx.TimeoutException):
            return DeliveryError(f"{self._subject}: no answer within {self._hook.timeout:g} s: check the receiver")
        if isinstance(error, httpx.ProtocolError):
            return DeliveryError(f"{self._subject}: answers something that is no HTTP ({words}): check the url")
        if "CERTIFICATE_VERIFY_FAILED" in words:
            return DeliveryError(f"{self._subject}: its certificate is not trusted ({words}): see `tls_ca`")
        return DeliveryError(f"{self._subject}: cannot be reached ({words}): check the url and the network")

    def _without_secrets(self, text: str) -> str:
        address = urlsplit(self._hook.url)
        secrets = (self._hook.token, self._hook.secret, unquote(address.password or ""), address.password or "")
        for secret in secrets:
            if len(secret) >= _SHORTEST_SECRET:
                text = text.replace(secret, "***")
        return text

    def _request(self, delivery: Delivery, picture: bytes | None) -> httpx.Request:
        """Make the request with its headers: key, login, signature over the body as it goes out."""
        hook, identity = self._hook, message_id(delivery.key)
        files, payload = self._payload(delivery, picture, identity)
        if hook.cloudevents:
            payload = cloud_event(delivery, payload)
        text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
        kind = f"application/{'cloudevents+' if hook.cloudevents else ''}json"
        headers = {"Idempotency-Key": identity, "User-Agent": f"alpr/{__version__}"}
        if hook.token:
            headers["Authorization"] = f"Bearer {hook.token}"
        if files:
            part = "json" if hook.format == "platerecognizer" else "payload"
            parts = {part: (None, text, kind)} | files
            request = self._client.build_request("POST", hook.url, headers=headers, files=parts)
        else:
            headers["Content-Type"] = f"{kind}; charset=utf-8" if hook.cloudevents else kind
            request = self._client.build_request("POST", hook.url, headers=headers, content=text.encode())
        if hook.secret:
            request.headers.update(signed_headers(hook.secret, identity, self._clock(), request.read()))
        return request

    def _payload(
        self, delivery: Delivery, picture: bytes | None, identity: str
    ) -> tuple[dict[str, Any], dict[str, Json]]:
        """Return the files beside the JSON, and the JSON's object."""
        hook = self._hook
        jpeg = None if hook.picture == "none" else picture
        if hook.format == "alpr":
            payload = own_payload(delivery)
            if jpeg is not None and hook.picture != "multipart":
                return {}, with_picture(payload, jpeg)
            return _file("picture", jpeg, identity), payload
        read = delivery.facts.get("read")
        if not isinstance(read, Mapping):
            said = f"{self._subject}: the format `{hook.format}` tells of reads alone: take this target from the rule"
            raise DeliveryError(said, permanent=True)
        if hook.format == "rekor":
            return {}, rekor_group(read, str(delivery.facts.get("site") or ""), jpeg)
        return _file("upload", jpeg, identity), stream_result(read, _public(hook.url), hook.zone)


def _file(name: str, jpeg: bytes | None, identity: str) -> dict[str, Any]:
    return {} if jpeg is None else {name: (f"{identity}.jpg", jpeg, "image/jpeg")}


def _public(url: str) -> str:
    """Return the address without login and query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{quote(parts.path, safe='/%')}"


def _trust(hook: Hook) -> ssl.SSLContext | bool:
    if hook.tls_ca is None or not hook.tls_verify:
        return hook.tls_verify
    try:
        return ssl.create_default_context(cafile=str(hook.tls_ca))
    except OSError as error:  # SSLError is one
        raise ConfigError(f"target {hook.name}: `tls_ca` {hook.tls_ca} cannot be used: {error}") from None
