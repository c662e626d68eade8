"""Reads in the product's own shape: what `GET /api/v1/reads` gives and our webhooks send, one or many of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from alpr.domain import Candidate, Character, Kind, State
from alpr.exchange.fields import (
    MOST_TEXT,
    Fields,
    base64_image,
    corners,
    fraction,
    moment,
    plate_text,
    way,
    words,
    wrong,
)
from alpr.exchange.told import Image, Item, Part, Refused, Told

_MOST_CANDIDATES: Final = 50
_MOST_CHARACTERS: Final = 64
_LONGEST_SIZE_TYPE: Final = 4
_FRAME: Final = ("frame", "picture", "upload")
_CROP: Final = ("crop", "plate")


def items(document: object) -> list[object]:
    """Return the items of a document: one read, a list of reads, `{"reads": [...]}`, or what our webhook sends."""
    if isinstance(document, list):
        return document
    if isinstance(document, Mapping):
        for many in ("reads", "items"):
            if isinstance(document.get(many), list):
                return list(document[many])
        if isinstance(document.get("read"), Mapping):
            picture = document.get("picture")
            return [{**document["read"], **({"frame_jpeg": picture} if picture else {})}]
        if isinstance(document.get("data"), Mapping) and "specversion" in document:
            return items(document["data"])  # CloudEvents 1.0
    return [document]


def parse(item: object, parts: Iterable[Part] = ()) -> Item:
    """Take one read; pictures stand in it as base64 or beside it as parts named `frame` and `crop`."""
    fields = Fields(item)
    kind = fields.take("kind", _kind, Kind.PLATE)
    unread = kind is Kind.VEHICLE or fields.raw.get("state") == State.UNREAD
    at = fields.take("captured_at", moment, None, needed=True)
    camera = fields.take("camera", words, "", needed=True)
    text = "" if unread else fields.take("text", plate_text, "", needed=True)
    confidence = fields.take("confidence", fraction, None)
    pictures = {part.name: Image(part.name, part.data) for part in parts}
    vehicle = fields.inner("vehicle")
    candidates = fields.each("candidates", _MOST_CANDIDATES)
    characters = fields.each("characters", _MOST_CHARACTERS)
    told = Told(
        camera=(camera,),
        at=at,  # type: ignore[arg-type]  # needed: without it there are faults
        text=text,
        confidence=confidence,
        kind=kind,
        external_id=fields.take("id", words, ""),
        preview=fields.raw.get("state") == State.PREVIEW,
        first_seen=fields.take("first_seen", moment, None),
        last_seen=fields.take("last_seen", moment, None),
        characters=tuple(Character(_text(one, "text"), _sure(one)) for one in characters),
        candidates=tuple(Candidate(_text(one, "text"), _sure(one)) for one in candidates),
        region=fields.take("region", words, "") or None,
        size_type=fields.take("size_type", _size_type, ""),
        direction=fields.take("direction", _direction, None),
        box=fields.take("box", corners, None),
        frame=fields.take("frame_jpeg", base64_image("frame_jpeg"), None) or _first(pictures, _FRAME),
        crop=fields.take("crop_jpeg", base64_image("crop_jpeg"), None) or _first(pictures, _CROP),
    )
    told = _with_vehicle(told, vehicle)
    return Refused(tuple(fields.faults)) if fields.faults else told


def _with_vehicle(told: Told, vehicle: Fields | None) -> Told:
    if vehicle is None:
        return told
    return replace(
        told,
        vehicle=vehicle.take("type", words, "") or None,
        colour=vehicle.take("colour", words, "") or None,
        vehicle_confidence=vehicle.take("confidence", fraction, 0.0),
        vehicle_box=vehicle.take("box", corners, None),
    )


def _text(fields: Fields, key: str) -> str:
    return fields.take(key, lambda value: words(value, MOST_TEXT), "", needed=True)


def _sure(fields: Fields) -> float:
    return fields.take("confidence", fraction, 0.0)


def _kind(value: Any) -> Kind:
    if not isinstance(value, str) or value not in set(Kind):
        raise wrong(f"should be one of {', '.join(Kind)}")
    return Kind(value)


def _size_type(value: Any) -> str:
    text = words(value, _LONGEST_SIZE_TYPE).upper()
    if not text.isalnum():
        raise wrong("should be such as 45G1 (ISO 6346)")
    return text


def _direction(value: Any) -> str:
    direction = way(value)
    if direction is None:
        raise wrong("should be in or out")
    return direction


def _first(pictures: Mapping[str, Image], names: Iterable[str]) -> Image | None:
    return next((pictures[name] for name in names if name in pictures), None)
