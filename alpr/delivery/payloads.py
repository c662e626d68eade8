"""What a webhook sends: our own JSON, or the shapes that receivers of other products understand."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from alpr.access import Json
from alpr.store.deliveries import Delivery

_KEYS: Final = uuid5(NAMESPACE_URL, "https://alpr.invalid/deliveries")


def message_id(key: str) -> str:
    """Return a key as a UUID: the same for the same key, and safe in a header whatever a rule is called."""
    return str(uuid5(_KEYS, key))


def own_payload(delivery: Delivery) -> dict[str, Json]:
    """Return the event in our own shape: the API's read, and why it is told."""
    told: dict[str, Json] = {
        "id": message_id(delivery.key),
        "key": delivery.key,
        "target": delivery.target,
        "title": delivery.subject,
        "text": delivery.body,
    }
    return told | dict(delivery.facts)


def with_picture(payload: Mapping[str, Json], jpeg: bytes) -> dict[str, Json]:
    """Put a picture into our own shape."""
    return {**payload, "picture": {"content_type": "image/jpeg", "base64": base64.b64encode(jpeg).decode()}}


def cloud_event(delivery: Delivery, data: Mapping[str, Json]) -> dict[str, Json]:
    """Put a payload into an envelope of CloudEvents 1.0 (structured mode, JSON format)."""
    facts = delivery.facts
    event: dict[str, Json] = {
        "specversion": "1.0",
        "id": message_id(delivery.key),
        "source": f"/alpr/{quote(str(facts.get('site') or ''), safe='')}",
        "type": f"alpr.{str(facts.get('event') or 'message').replace(' ', '_')}",
        "time": str(facts.get("at") or delivery.created_at.isoformat()),
        "datacontenttype": "application/json",
        "data": dict(data),
    }
    about = str(facts.get("camera") or delivery.rule)
    return event | ({"subject": about} if about else {})
