"""Home Assistant's MQTT discovery: what it must be told so that cameras appear there as devices by themselves.

The names of topics and keys are those of its MQTT documentation: one retained message for each entity under
`<prefix>/<component>/<object id>/config`, with `unique_id`, a `device` that groups the entities, where they come
from (`origin`), and whether the box and the camera are there (`availability`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from alpr import __version__
from alpr.access import Json, Verdict
from alpr.delivery.topics import OFFLINE, ONLINE, Topics

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_-]")


@dataclass(frozen=True, slots=True)
class Entity:
    """One retained message of the discovery."""

    topic: str
    payload: str


@dataclass(frozen=True, slots=True)
class Host:
    """The box, as Home Assistant shows it."""

    site: str
    node: str
    """Unique at the broker: part of every id."""


def discovery(prefix: str, host: Host, cameras: list[str], topics: Topics) -> Iterator[Entity]:
    """Give what announces the box and all its cameras."""
    box: dict[str, Json] = {"identifiers": [host.node], "name": host.site, "manufacturer": "alpr", "model": "gate log"}
    alarms: dict[str, Json] = {
        "name": "Alarms",
        "icon": "mdi:bell",
        "state_class": "measurement",
        "unit_of_measurement": "alarms",
        "state_topic": topics.alarms,
        "device": {**box, "sw_version": __version__},
    }
    yield _entity(prefix, "sensor", f"{host.node}_alarms", {**alarms, **_availability(topics)})
    for camera in cameras:
        yield from _camera(prefix, host, camera, topics)


def object_id(node: str, camera: str) -> str:
    """Return an id of the allowed characters alone, different for cameras that differ in the others only."""
    safe = _UNSAFE.sub("_", camera)
    mark = "" if safe == camera else "_" + hashlib.sha256(camera.encode()).hexdigest()[:6]
    return f"{_UNSAFE.sub('_', node)}_{safe}{mark}"


def _camera(prefix: str, host: Host, camera: str, topics: Topics) -> Iterator[Entity]:
    own = object_id(host.node, camera)
    shared: dict[str, Json] = {
        "device": {
            "identifiers": [own],
            "name": f"{host.site} {camera}",
            "manufacturer": "alpr",
            "model": "camera",
            "sw_version": __version__,
            "via_device": host.node,
        },
        **_availability(topics),
    }
    kinds: tuple[tuple[str, str, dict[str, Json]], ...] = (
        (
            "binary_sensor",
            "connected",
            {
                "name": "Connected",
                "device_class": "connectivity",
                "state_topic": topics.of_camera(camera, "state"),
                "value_template": "{{ 'ON' if value == 'live' else 'OFF' }}",
                "entity_category": "diagnostic",
            },
        ),
        (
            "sensor",
            "plate",
            {
                "name": "Last plate",
                "icon": "mdi:car",
                "state_topic": topics.of_camera(camera, "plate"),
                "json_attributes_topic": topics.of_camera(camera, "last"),
            },
        ),
        (
            "sensor",
            "verdict",
            {
                "name": "Last verdict",
                "device_class": "enum",
                "options": [verdict.value for verdict in Verdict],
                "state_topic": topics.of_camera(camera, "verdict"),
            },
        ),
        (
            "sensor",
            "reads_today",
            {
                "name": "Reads today",
                "icon": "mdi:counter",
                "state_class": "total_increasing",
                "unit_of_measurement": "reads",
                "state_topic": topics.of_camera(camera, "reads_today"),
            },
        ),
        (
            "event",
            "read",
            {
                "name": "Read",
                "event_types": [verdict.value for verdict in Verdict],
                "state_topic": topics.of_camera(camera, "read"),
            },
        ),
    )
    for component, name, keys in kinds:
        yield _entity(prefix, component, f"{own}_{name}", {**keys, **shared})


def _availability(topics: Topics) -> dict[str, Json]:
    return {
        "availability_topic": topics.status,
        "payload_available": ONLINE,
        "payload_not_available": OFFLINE,
    }


def _entity(prefix: str, component: str, unique_id: str, keys: dict[str, Json]) -> Entity:
    payload = {
        **keys,
        "unique_id": unique_id,
        "qos": 1,
        "origin": {"name": "alpr", "sw_version": __version__},
    }
    return Entity(f"{prefix}/{component}/{unique_id}/config", json.dumps(payload, ensure_ascii=False))
