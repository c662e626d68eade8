"""Hikvision ISAPI: `EventNotificationAlert` with an `ANPR` block, as XML or JSON, pictures beside it as parts.

Fields: ISAPI developer guide, event notification, ANPR. Firmware differs in names of parts and in the case of elements.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from alpr.domain import Box, Character
from alpr.exchange.fields import Fields, box_of, moment, number, plate_text, share, words
from alpr.exchange.told import FieldFaultError, Image, Item, Part, Refused, Silent, Told
from alpr.exchange.vehicles import colour_of, type_of

_CHINESE: Final = re.compile(rb"""^[^>]{0,80}encoding=["'](gb2312|gbk|gb18030)["'][^>]*>""", re.IGNORECASE)
_UNREAD: Final = frozenset({"", "unknown", "noplate", "unlicensed", "无车牌"})
_FRAMES: Final = ("detectionpicture", "detectedimage", "backgroundimage", "vehiclepicture", "picture")
_CROPS: Final = ("licenseplatepicture", "platepicture")
_MOST_PICTURES: Final = 20
_DEEPEST: Final = 40


def parse_xml(data: bytes, parts: Iterable[Part] = ()) -> Item:
    """Return the read of an event in XML."""
    try:
        return parse(tree(data), parts)
    except FieldFaultError as error:
        return Refused((error.fault,))


def tree(data: bytes) -> Mapping[str, Any]:
    """Return an XML document as nested mappings without name spaces; raise FieldFaultError."""
    if found := _CHINESE.match(data.lstrip()):
        # Expat knows no encoding of several bytes but UTF-8 and UTF-16.
        text = data.lstrip()[found.end() :].decode("gb18030", errors="replace")
        data = text.encode()
    try:
        root = fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        raise FieldFaultError("xml", "has a document type: send the event alone") from None
    except (ParseError, ValueError, LookupError) as error:
        raise FieldFaultError("xml", f"is no XML that can be read ({error}): check its encoding, UTF-8") from None
    if _local(root.tag) != "EventNotificationAlert":
        raise FieldFaultError("xml", f"is <{_local(root.tag)[:40]}>, should be <EventNotificationAlert>")
    value = _value(root, 0)
    return value if isinstance(value, Mapping) else {}


def parse(document: object, parts: Iterable[Part] = ()) -> Item:
    """Return the read of an event; heartbeats and other events are silent."""
    fields = Fields(document)
    kind = fields.take("eventType", words, "")
    if not fields.faults and kind.upper() != "ANPR" and "ANPR" not in fields.raw:
        return Silent(f"an event of the kind {kind or 'unknown'}")
    anpr = fields.inner("ANPR") or Fields(None, "ANPR", fields.faults)
    text = _text(anpr)
    vehicle = anpr.inner("vehicleInfo")
    box, vehicle_box = _boxes(anpr)
    frame, crop = _pictures(parts)
    names = ("channelName", "deviceID", "deviceUUID", "macAddress", "ipAddress")
    cameras = tuple(filter(None, (fields.take(name, words, "") for name in names)))
    if not cameras:
        fields.take("ipAddress", words, "", needed=True)
    told = Told(
        camera=cameras,
        at=fields.take("dateTime", moment, None, needed=True),  # type: ignore[arg-type]
        text=text,
        confidence=anpr.take("confidenceLevel", share, None) if text else 0.0,
        external_id=fields.take("UUID", words, ""),
        characters=_characters(anpr, text),
        vehicle=type_of(anpr.take("vehicleType", words, "")),
        colour=colour_of(vehicle.take("color", words, "")) if vehicle else None,
        box=box,
        vehicle_box=vehicle_box,
        frame=frame,
        crop=crop,
        camera_field="channelName",
        time_field="dateTime",
    )
    return Refused(tuple(fields.faults)) if fields.faults else told


def _text(anpr: Fields) -> str:
    if "licensePlate" not in anpr.raw:
        anpr.take("licensePlate", words, "", needed=True)
    said = anpr.take("licensePlate", words, "")
    return "" if said.casefold() in _UNREAD else anpr.take("licensePlate", plate_text, "")


def _characters(anpr: Fields, text: str) -> tuple[Character, ...]:
    """Return each character with its own share of certainty, where there is one for each."""
    told = [one for one in anpr.take("plateCharBelieve", words, "").split(",") if one.strip().isdigit()]
    if not text or len(told) != len(text):
        return ()
    return tuple(Character(sign, min(int(one), 100) / 100) for sign, one in zip(text, told, strict=True))


def _boxes(anpr: Fields) -> tuple[Box | None, Box | None]:
    """Return where plate and vehicle stand in the picture of the whole."""
    pictures = anpr.inner("pictureInfoList")
    if pictures is None:
        return None, None
    listed = pictures.raw.get("pictureInfo")
    whole = Fields({"pictureInfo": listed if isinstance(listed, list) else [listed]}, pictures.name(""))
    for one in whole.each("pictureInfo", _MOST_PICTURES):
        box = _box(one, "plateRect")
        if box is not None:
            return box, _box(one, "vehicelRect") or _box(one, "vehicleRect")  # the first spelling is theirs
    return None, None


def _box(fields: Fields, key: str) -> Box | None:
    rect = fields.inner(key)
    if rect is None:
        return None
    sides = {name.casefold(): value for name, value in rect.raw.items()}
    inner = Fields(sides)
    x, y, width, height = (inner.take(side, number, 0.0) for side in ("x", "y", "width", "height"))
    try:
        # A box that makes no sense is no reason to lose the read.
        return box_of(x, y, x + width, y + height) if width > 0 and height > 0 and not inner.faults else None
    except FieldFaultError:
        return None


def _pictures(parts: Iterable[Part]) -> tuple[Image | None, Image | None]:
    """Return the picture of the whole and that of the plate."""
    found = [(f"{part.filename or part.name}".casefold(), part) for part in parts if not _is_text(part)]
    crop = next((part for name, part in found if name.startswith(_CROPS)), None)
    rest = [(name, part) for name, part in found if part is not crop]
    frame = next((part for start in _FRAMES for name, part in rest if name.startswith(start)), None)
    if frame is None and crop is None and rest:
        frame = rest[0][1]
    return _image(frame), _image(crop)


def _image(part: Part | None) -> Image | None:
    return None if part is None else Image(part.filename or part.name, part.data)


def _is_text(part: Part) -> bool:
    return part.kind.endswith(("xml", "json")) or part.filename.casefold().endswith(".xml")


def _value(element: Any, depth: int) -> Mapping[str, Any] | str:
    if depth > _DEEPEST:
        raise FieldFaultError("xml", "is nested too deep")
    if len(element) == 0:
        return (element.text or "").strip()
    found: dict[str, Any] = {}
    for child in element:
        name, value = _local(child.tag), _value(child, depth + 1)
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
