"""AXIS License Plate Verifier: its push events over HTTP, one JSON object each, pictures in base64.

Fields: VAPIX library, License plate verifier API, push events. One car is told as `new`, `update` and `lost` under one
`carID`, which counts from the camera's start; numbers are written as texts. Plates that are gone come as `---`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from alpr.domain import Box
from alpr.exchange.fields import (
    Fields,
    base64_image,
    box_of,
    epoch,
    moment,
    number,
    plate_text,
    share,
    way,
    words,
    wrong,
)
from alpr.exchange.told import Image, Item, Part, Refused, Silent, Told
from alpr.exchange.vehicles import colour_of, type_of

MARKS: Final = frozenset({"plateText", "plateASCII", "plateUTF8", "plateUnicode", "carState", "packetCounter"})
"""A JSON object with one of these is an event of this application."""
_TEXTS: Final = ("plateUTF8", "plateUnicode", "plateText", "plateASCII")
_MOST_PICTURES: Final = 10
_MILLI: Final = 1_000.0
_PLAIN_TIME = re.compile(r"\d{8} \d{9}")


def parse(document: object, parts: Iterable[Part] = ()) -> Item:
    """Return the event's read; `new` and `update` are previews, `lost` completes them."""
    fields = Fields(document)
    state = fields.take("carState", words, "").casefold()
    text = _text(fields)
    if not fields.faults and not text and state == "lost":
        return Silent("a plate that is gone")
    at, time_field = _time(fields)
    info, vehicle = fields.inner("camera_info"), fields.inner("vehicle_info")
    names = [fields.take("sensorProviderID", words, "")]
    names += [info.take(key, words, "") for key in ("SerialNumber", "MACAddress", "IPAddress")] if info else []
    cameras = tuple(filter(None, names))
    if not cameras:
        fields.take("sensorProviderID", words, "", needed=True)
    frame, crop = _pictures(fields, parts)
    told = Told(
        camera=cameras,
        at=at,  # type: ignore[arg-type]  # needed: without it there are faults
        text=text,
        confidence=fields.take("plateConfidence", share, None) if text else 0.0,
        external_id=_name(fields, cameras, at),
        preview=state in {"new", "update"} and bool(text),
        region=fields.take("plateCountry", words, "").casefold() or None,
        direction=fields.take("carMoveDirection", way, None),
        vehicle=type_of(vehicle.take("type", words, "")) if vehicle else None,
        colour=colour_of(vehicle.take("color", words, "")) if vehicle else None,
        vehicle_confidence=vehicle.take("confidenceMMR", share, 0.0) if vehicle else 0.0,
        box=fields.take("plateCoordinates", _box, None),
        frame=frame,
        crop=crop,
        camera_field="sensorProviderID",
        time_field=time_field,
        recycles=True,
    )
    return Refused(tuple(fields.faults)) if fields.faults else told


def _text(fields: Fields) -> str:
    given = {key: str(value) for key in _TEXTS if (value := fields.raw.get(key)) is not None}
    if not given:
        fields.take("plateText", plate_text, "", needed=True)
    # The first spelling that says something: applications differ in which of the four they fill in.
    key = next((key for key, value in given.items() if any(sign.isalnum() for sign in value)), "")
    return fields.take(key, plate_text, "") if key else ""


def _time(fields: Fields) -> tuple[datetime | None, str]:
    if fields.raw.get("capture_timestamp"):
        return fields.take("capture_timestamp", lambda value: epoch(value, _MILLI), None), "capture_timestamp"
    return fields.take("datetime", _camera_time, None, needed=True), "datetime"


def _camera_time(value: Any) -> datetime:
    """Parse `20240614 160436372`, by the camera's clock, or ISO 8601."""
    if isinstance(value, str) and _PLAIN_TIME.fullmatch(value):
        try:
            return datetime.strptime(f"{value}000", "%Y%m%d %H%M%S%f")  # noqa: DTZ007 - the site says which zone it is
        except ValueError:
            raise wrong(f"`{value}` is no time") from None
    return moment(value)


def _name(fields: Fields, cameras: tuple[str, ...], at: datetime | None) -> str:
    car = fields.take("carID", words, "")
    return f"{cameras[0]}/{car}/{at:%Y%m%d}" if car and cameras and at else ""


def _pictures(fields: Fields, parts: Iterable[Part]) -> tuple[Image | None, Image | None]:
    """Return the picture of the vehicle and that of the plate."""
    found = {part.name.casefold(): Image(part.name, part.data) for part in parts}
    for one in fields.each("ImageArray", _MOST_PICTURES):
        picture = one.take("BinaryImage", base64_image(one.name("BinaryImage")), None)
        if picture is not None:
            found[one.take("ImageType", words, "vehicle").casefold()] = picture
    return found.get("vehicle"), found.get("plate")


def _box(value: Any) -> Box | None:
    """Parse `[x, y, width, height]`."""
    if not isinstance(value, list) or len(value) != len("xywh"):
        raise wrong("should be [x, y, width, height] in pixels")
    x, y, width, height = (number(side) for side in value)
    return box_of(x, y, x + width, y + height) if width and height else None
