"""What is wrong with barriers beyond their single values: cameras that nobody has, a broker that is off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from alpr.configfile.faults import Fault


def barrier_faults(raw: Mapping[str, Any]) -> Iterator[Fault]:
    """Give what is wrong between `[[barrier]]` and the other tables; values of wrong types are passed over."""
    cameras = [table["name"] for table in _tables(raw.get("camera")) if isinstance(table.get("name"), str)]
    first: dict[str, str] = {}
    for index, barrier in enumerate(_tables(raw.get("barrier"))):
        name = barrier.get("name")
        if isinstance(name, str) and first.setdefault(name.lower(), f"{index}") != f"{index}":
            said = f"a barrier is called `{name}` already (upper and lower case count as one): choose another name"
            yield Fault(("barrier", index, "name"), said)
        yield from _unknown_cameras(index, barrier.get("cameras"), cameras)
        if barrier.get("kind") == "mqtt" and not _mqtt_enabled(raw):
            said = "this barrier is opened over MQTT and [mqtt] is off: set `enabled = true` in [mqtt], with its `host`"
            yield Fault(("barrier", index, "kind"), said)


def _unknown_cameras(index: int, given: object, cameras: list[str]) -> Iterator[Fault]:
    lower = {camera.lower(): camera for camera in cameras}
    for place, name in enumerate(given if isinstance(given, list) else []):
        if not isinstance(name, str) or name in cameras:
            continue
        close = get_close_matches(name.lower(), lower, 1, 0.6)
        hint = f"did you mean `{lower[close[0]]}`?" if close else f"known are {', '.join(cameras) or 'none yet'}"
        yield Fault(("barrier", index, "cameras", place), f"`cameras` names `{name[:80]}`, which is no camera: {hint}")


def _mqtt_enabled(raw: Mapping[str, Any]) -> bool:
    mqtt = raw.get("mqtt")
    return isinstance(mqtt, dict) and mqtt.get("enabled") is True


def _tables(value: object) -> list[dict[str, Any]]:
    return [table if isinstance(table, dict) else {} for table in value] if isinstance(value, list) else []
