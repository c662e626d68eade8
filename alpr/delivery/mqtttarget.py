"""The broker as a target of rules: `mqtt`."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Final

from alpr.delivery.mqtt import MqttLink
from alpr.store.deliveries import Delivery

_LINK_WAIT: Final = 60.0


class MqttTarget:
    """Publishes a rule's message as JSON under `<prefix>/rule/<rule>`, its picture below that."""

    def __init__(self, link: MqttLink) -> None:
        self._link = link

    async def send(self, delivery: Delivery, picture: bytes | None) -> None:
        """Publish the picture, then the message; raises DeliveryError.

        While there is no link it waits a while: so that what has queued up leaves as soon as the broker is back.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(_LINK_WAIT):
                await self._link.up.wait()
        topic = self._link.topics.of_rule(delivery.rule)
        if picture is not None:
            await self._link.publish(f"{topic}/picture", picture)
        message = {"key": delivery.key, "subject": delivery.subject, "body": delivery.body, **delivery.facts}
        await self._link.publish(topic, json.dumps(message, ensure_ascii=False))

    async def close(self) -> None:
        """Leave the link to its owner."""
