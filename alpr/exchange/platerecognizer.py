"""Plate Recognizer Stream: the webhook's `json` field and its picture `upload`, in the old and the newer shape.

Fields: guides.platerecognizer.com, Webhooks and Outputs. Plates come in small letters, one webhook has several results.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from alpr.domain import Box, Candidate
from alpr.exchange.fields import MOST_TEXT, Fields, box_of, moment, number, plate_text, share, words
from alpr.exchange.told import FieldFaultError, Image, Item, Part, Refused, Silent, Told
from alpr.exchange.vehicles import colour_of, type_of

_MOST_RESULTS: Final = 50
_PICTURES: Final = ("upload", "image", "frame")


def parse(document: object, parts: Iterable[Part] = ()) -> list[Item]:
    """Return one item for each result of a webhook."""
    root = Fields(document)
    data = root.inner("data") or root
    event = data.raw.get("results")
    if event is None and isinstance(root.raw.get("hook"), Mapping):
        return [Silent("tells of no recognition")]
    at = data.take("timestamp", moment, None) or data.take("timestamp_local", moment, None, needed=True)
    camera = data.take("camera_id", words, "", needed=True)
    name = data.take("filename", words, "")
    results = data.each("results", _MOST_RESULTS)
    if root.faults:
        return [Refused(tuple(root.faults))]
    if not results:
        return [Silent("has no results")]
    frame = next((Image(part.name, part.data) for part in parts if part.name in _PICTURES), None)
    return [_item(result, camera, at, f"{name}#{place}" if name else "", frame) for place, result in enumerate(results)]


def _item(result: Fields, camera: str, at: datetime | None, name: str, frame: Image | None) -> Item:
    fields = Fields(result.raw, result.name("").rstrip("."))
    plate = fields.inner("plate") if isinstance(fields.raw.get("plate"), Mapping) else None
    text, confidence, region, box, candidates = _newer(plate) if plate else _older(fields)
    vehicle = fields.inner("vehicle")
    kind, sure, vehicle_box = _vehicle(vehicle)
    colours = fields.each("color", MOST_TEXT) or (_props(vehicle, "color") if vehicle else [])
    told = Told(
        camera=(camera,),
        at=at,  # type: ignore[arg-type]  # refused before where it is missing
        text=text,
        confidence=confidence if text else 0.0,
        external_id=name,
        candidates=candidates,
        region=region or None,
        vehicle=kind,
        colour=colour_of(_best(colours, "color")) if colours else None,
        vehicle_confidence=sure,
        box=box,
        vehicle_box=vehicle_box,
        frame=frame,
        camera_field="data.camera_id",
        time_field="data.timestamp",
    )
    return Refused(tuple(fields.faults)) if fields.faults else told


def _older(fields: Fields) -> tuple[str, float, str, Box | None, tuple[Candidate, ...]]:
    """Return text, confidence, region, box and candidates where the plate is a text."""
    text = fields.take("plate", plate_text, "")
    confidence = fields.take("score", share, 0.0)
    region = fields.inner("region")
    code = region.take("code", words, "") if region else ""
    others = [(one, one.take("plate", plate_text, "")) for one in fields.each("candidates", MOST_TEXT)]
    candidates = tuple(Candidate(other, one.take("score", share, 0.0)) for one, other in others if other != text)
    return text, confidence, code, fields.take("box", _box, None), candidates


def _newer(plate: Fields) -> tuple[str, float, str, Box | None, tuple[Candidate, ...]]:
    """Return the same where the plate is an object with `props`."""
    texts = [(one.take("value", plate_text, ""), one.take("score", share, 0.0)) for one in _props(plate, "plate")]
    text, confidence = texts[0] if texts else ("", 0.0)
    region = _best(_props(plate, "region"), "value")
    return text, confidence, region, plate.take("box", _box, None), tuple(Candidate(*one) for one in texts[1:])


def _vehicle(vehicle: Fields | None) -> tuple[str | None, float, Box | None]:
    if vehicle is None:
        return None, 0.0, None
    kind = type_of(vehicle.take("type", words, ""))
    return kind, vehicle.take("score", share, 0.0), vehicle.take("box", _box, None)


def _props(fields: Fields, key: str) -> list[Fields]:
    props = fields.inner("props")
    return props.each(key, MOST_TEXT) if props else []


def _best(options: list[Fields], key: str) -> str:
    return next((one.take(key, words, "") or one.take("value", words, "") for one in options), "")


def _box(value: Any) -> Box:
    inner = Fields(value)
    sides = [inner.take(side, number, 0.0, needed=True) for side in ("xmin", "ymin", "xmax", "ymax")]
    if inner.faults:
        first = inner.faults[0]
        raise FieldFaultError("", f"{first.field} {first.message}")
    return box_of(*sides)
