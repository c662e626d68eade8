"""Web Push (RFC 8030): notifications on the phones and desktops whose owners asked for them."""

from __future__ import annotations

import asyncio
import hashlib
import json
import ssl
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

import httpx
import structlog

from alpr.access import Json
from alpr.delivery.pushcrypt import MOST, encrypt, parse_receiver
from alpr.delivery.vapid import Vapid, base64url
from alpr.domain import utc_now
from alpr.errors import DeliveryError, StoreError
from alpr.store import subscriptions
from alpr.store.database import Database
from alpr.store.deliveries import Delivery
from alpr.store.subscriptions import Subscription
from alpr.urls import push_endpoint_fault

_LIVES: Final = timedelta(hours=1)
"""For how long a push service keeps a message for a phone that is off, where the message does not say."""
_TIMEOUT: Final = 10.0
_REMEMBERED: Final = 256
"""Deliveries of which it is known who has had them already, until all have."""
_TRIES: Final = 4
"""Attempts after which those who could be told have waited long enough for the others: the next message is due."""
_BODY_CHARACTERS: Final = 1000
_log = structlog.get_logger(__name__)


class PushTarget:
    """Everybody who subscribed, as one target: `push`."""

    def __init__(
        self,
        database: Database,
        vapid: Vapid,
        services: tuple[str, ...],
        *,
        verify: ssl.SSLContext | bool = True,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """Take the hosts that may be told: an endpoint comes from a browser and could be anything."""
        self._database, self._vapid, self._services, self._clock = database, vapid, services, clock
        self._client = httpx.AsyncClient(timeout=_TIMEOUT, verify=verify)
        self._told: OrderedDict[str, set[str]] = OrderedDict()

    async def send(self, delivery: Delivery, picture: bytes | None) -> None:  # noqa: ARG002  4 kB hold no picture
        """Tell every subscribed browser once; raises DeliveryError while one of them could not be told."""
        told = self._told.setdefault(delivery.key, set())
        try:
            every = await subscriptions.everyone(self._database)
        except StoreError as error:
            raise DeliveryError(f"push: the subscriptions cannot be looked up: {error}") from None
        waiting = [one for one in every if one.endpoint not in told]
        results = await asyncio.gather(*(self._tell(one, delivery) for one in waiting), return_exceptions=True)
        failures = []
        for one, result in zip(waiting, results, strict=True):
            if result is None:
                told.add(one.endpoint)
            elif isinstance(result, DeliveryError):
                failures.append(result)
            else:
                raise result
        # What no push service will ever take fails for nobody else, and is not tried again.
        lasting = [failure for failure in failures if not failure.permanent]
        if lasting and (not told or delivery.attempts < _TRIES):
            self._forget_oldest()
            raise max(lasting, key=lambda failure: failure.retry_after or 0.0)
        if lasting:
            _log.warning("push not delivered to some", devices=len(lasting), error=str(lasting[0]))
        del self._told[delivery.key]
        if failures and not told:
            raise failures[0]

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _tell(self, subscription: Subscription, delivery: Delivery) -> None:
        if fault := push_endpoint_fault(subscription.endpoint, self._services):
            raise DeliveryError(f"push: {subscription.user_name}: the address {fault}", permanent=True)
        try:
            body = encrypt(_payload(delivery), parse_receiver(subscription.p256dh, subscription.auth))
            response = await self._client.post(
                subscription.endpoint, content=body, headers=self._headers(subscription, delivery)
            )
        except ValueError as error:
            raise DeliveryError(f"push: {subscription.user_name}: {error}", permanent=True) from None
        except httpx.HTTPError as error:
            host = urlsplit(subscription.endpoint).hostname
            words = str(error) or type(error).__name__
            raise DeliveryError(f"push: {host} cannot be reached ({words}): check the internet access") from None
        await self._judge(subscription, response)

    def _headers(self, subscription: Subscription, delivery: Delivery) -> dict[str, str]:
        parts, now = urlsplit(subscription.endpoint), self._clock()
        lives = delivery.expires_at - now if delivery.expires_at is not None else _LIVES
        critical = delivery.facts.get("severity") == "critical"
        return {
            "Authorization": self._vapid.authorization(f"{parts.scheme}://{parts.netloc}", now),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(max(0, int(lives.total_seconds()))),
            "Urgency": "high" if critical or delivery.facts.get("event") == "read" else "normal",
            # One that is told again replaces the one that still waits (RFC 8030, section 5.4).
            "Topic": base64url(hashlib.sha256(delivery.key.encode()).digest()[:24]),
        }

    async def _judge(self, subscription: Subscription, response: httpx.Response) -> None:
        status, subject = response.status_code, f"push: {urlsplit(subscription.endpoint).hostname}"
        if response.is_success:
            return
        if status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
            with suppress(StoreError):  # the next message finds it out again
                await subscriptions.remove(self._database, subscription.endpoint)
            _log.info("push subscription has ended", account=subscription.user_name)
            return
        if status == HTTPStatus.TOO_MANY_REQUESTS or response.is_server_error:
            asked = response.headers.get("Retry-After", "")
            wait = float(asked) if asked.isascii() and asked.isdigit() else None
            raise DeliveryError(f"{subject} answered {status}: trying again", retry_after=wait)
        if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            hint = "does not accept our key: set `contact` in [push], or let the device subscribe anew"
            raise DeliveryError(f"{subject} {hint} ({status})", permanent=True)
        raise DeliveryError(f"{subject} answered {status}", permanent=True)

    def _forget_oldest(self) -> None:
        while len(self._told) > _REMEMBERED:
            self._told.popitem(last=False)


def _payload(delivery: Delivery) -> bytes:
    """Return the message as the service worker takes it, cut where it would not fit."""
    href = f"/reads/{delivery.read_id}" if delivery.read_id else "/alarms"
    message: dict[str, Json] = {"title": delivery.subject, "url": href, "tag": delivery.key[:200], "body": ""}
    for length in (_BODY_CHARACTERS, 300, 0):
        message["body"] = delivery.body[:length]
        content = json.dumps(message, ensure_ascii=False).encode()
        if len(content) <= MOST:
            return content
    message["title"] = delivery.subject[:300]
    return json.dumps(message, ensure_ascii=False).encode()
