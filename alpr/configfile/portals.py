"""What is wrong with portals beyond their single values: cameras that nobody has, or that stand at two of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from alpr.configfile.faults import Fault


def portal_faults(raw: Mapping[str, Any]) -> Iterator[Fault]:
    """Give what is wrong between `[[portal]]` and the cameras; values of wrong types are passed over."""
    cameras = [table["name"] for table in _tables(raw.get("camera")) if isinstance(table.get("name"), str)]
    names: set[str] = set()
    taken: dict[str, str] = {}
    for index, portal in enumerate(_tables(raw.get("portal"))):
        name = str(portal.get("name", ""))
        if name and name.lower() in names:
            said = f"a portal is called `{name}` already (upper and lower case count as one): choose another name"
            yield Fault(("portal", index, "name"), said)
        names.add(name.lower())
        own = _words(portal.get("cameras"))
        for place, camera in enumerate(own):
            path = ("portal", index, "cameras", place)
            if camera not in cameras:
                yield Fault(path, f"`cameras` names `{camera[:80]}`, which is no camera: {_hint(camera, cameras)}")
            elif camera in taken:
                yield Fault(path, f"`{camera}` stands at the portal `{taken[camera]}` already: a camera has one lane")
            taken.setdefault(camera, name)
        for place, camera in enumerate(_words(portal.get("rear"))):
            if camera not in own:
                said = f"`rear` names `{camera[:80]}`, which is not among this portal's `cameras`: {_hint(camera, own)}"
                yield Fault(("portal", index, "rear", place), said)


def _hint(name: str, known: list[str]) -> str:
    lower = {camera.lower(): camera for camera in known}
    close = get_close_matches(name.lower(), lower, 1, 0.6)
    return f"did you mean `{lower[close[0]]}`?" if close else f"known are {', '.join(known) or 'none yet'}"


def _words(value: object) -> list[str]:
    return [word for word in value if isinstance(word, str)] if isinstance(value, list) else []


def _tables(value: object) -> list[dict[str, Any]]:
    return [table if isinstance(table, dict) else {} for table in value] if isinstance(value, list) else []
