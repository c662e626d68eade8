"""The body of a request: parted, decoded, its format found out, and handed to the maker's adapter."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from multipart import MultipartError, PushMultipartParser, parse_options_header

from alpr.exchange import axis, hikvision, own, platerecognizer
from alpr.exchange.told import Fault, FieldFaultError, Format, Item, Part, Refused

_MOST_PARTS: Final = 64
_WHOLE: Final = "body"
_DOCUMENT_PARTS: Final = ("json", "payload", "read", "reads", "event", "data")


def items_of(content_type: str, body: bytes, wanted: Format | None, most: int) -> list[Item]:
    """Return what a request tells, one after the other; raise FieldFaultError when it cannot be read at all."""
    kind, options = parse_options_header(content_type)
    kind = kind.lower()
    if kind.startswith("multipart/"):
        return _of_parts(_parts(body, options.get("boundary", "")), wanted, most)
    if kind.endswith("xml") or (not kind.endswith("json") and body.lstrip()[:1] == b"<"):
        return [hikvision.parse_xml(body)]
    if kind and not kind.endswith("json") and kind not in {"text/plain", "application/octet-stream"}:
        raise FieldFaultError(_WHOLE, f"is {kind}: send JSON, or what the formats' makers send")
    return _of_document(decoded(body, options.get("charset", "")), [], wanted, most)


def decoded(body: bytes, charset: str = "") -> object:
    """Return the value of a JSON text; raise FieldFaultError that says where it breaks."""
    try:
        text = body.decode(charset or json.detect_encoding(body))
        return json.loads(text.removeprefix("\ufeff"), parse_constant=_no_constant)
    except LookupError:
        raise FieldFaultError(_WHOLE, f"names the unknown charset {charset[:40]}: send UTF-8") from None
    except UnicodeDecodeError as error:
        raise FieldFaultError(_WHOLE, f"byte {error.start} is not {error.encoding}: send UTF-8") from None
    except json.JSONDecodeError as error:
        raise FieldFaultError(_WHOLE, f"is no JSON: line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise FieldFaultError(_WHOLE, "is nested too deep") from None
    except ValueError as error:
        raise FieldFaultError(_WHOLE, f"is no JSON: {error}") from None


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def _of_parts(parts: list[Part], wanted: Format | None, most: int) -> list[Item]:
    for part in parts:
        if part.kind.endswith("xml") or part.filename.casefold().endswith(".xml"):
            return [hikvision.parse_xml(part.data, parts)]
    document = next((part for part in parts if _is_document(part)), None)
    if document is None:
        raise FieldFaultError(_WHOLE, "has no part with JSON or XML: name it `json`")
    others = [part for part in parts if part is not document]
    return _of_document(decoded(document.data), others, wanted, most)


def _is_document(part: Part) -> bool:
    named = part.name in _DOCUMENT_PARTS and not part.kind.startswith("image/")
    return named or part.kind.endswith("json") or part.filename.casefold().endswith(".json")


def _of_document(document: object, parts: list[Part], wanted: Format | None, most: int) -> list[Item]:
    shape = wanted or shape_of(document)
    if shape is Format.PLATERECOGNIZER and not isinstance(document, list):
        return platerecognizer.parse(document, parts)
    # Cameras that were out of reach for a while send what they kept as a list.
    listed = own.items(document) if shape is Format.ALPR else document if isinstance(document, list) else [document]
    if not listed:
        raise FieldFaultError(_WHOLE, "has no read in it")
    if len(listed) > most:
        raise FieldFaultError(_WHOLE, f"has {len(listed)} reads, {most} at most are taken at a time")
    # Beside several reads nobody could say whose picture it is.
    pictures = parts if len(listed) == 1 else []
    if parts and not pictures:
        raise FieldFaultError(_WHOLE, "has picture parts beside several reads: send them as `frame_jpeg` in each")
    found: list[Item] = []
    for one in listed:
        found += _parsed(one, shape, pictures)
    return found


def _parsed(one: object, shape: Format, parts: list[Part]) -> list[Item]:
    try:
        match shape:
            case Format.PLATERECOGNIZER:
                return platerecognizer.parse(one, parts)
            case Format.AXIS:
                return [axis.parse(one, parts)]
            case Format.HIKVISION:
                return [hikvision.parse(one, parts)]
            case Format.ALPR:
                return [own.parse(one, parts)]
    except FieldFaultError as error:
        return [Refused((Fault(error.fault.field or "item", error.fault.message),))]


def shape_of(document: object) -> Format:
    """Tell from its fields whose shape a document has; what is like nothing else is our own."""
    first: Any = document[0] if isinstance(document, list) and document else document
    if not isinstance(first, Mapping):
        return Format.ALPR
    if axis.MARKS & first.keys():
        return Format.AXIS
    if "ANPR" in first or {"eventType", "eventState"} <= first.keys():
        return Format.HIKVISION
    data = first.get("data")
    if "hook" in first or "results" in first or (isinstance(data, Mapping) and "results" in data):
        return Format.PLATERECOGNIZER
    return Format.ALPR


def _parts(body: bytes, boundary: str) -> list[Part]:
    if not boundary:
        raise FieldFaultError(_WHOLE, "is multipart without a boundary in its Content-Type")
    found: list[Part] = []
    try:
        with PushMultipartParser(boundary, max_segment_count=_MOST_PARTS) as parser:
            segment: Any = None
            chunks: list[bytes] = []
            for event in parser.parse(body):
                if event is None:
                    kind = (segment.content_type or "").lower()
                    found.append(Part(segment.name or "", segment.filename or "", kind, b"".join(chunks)))
                elif isinstance(event, bytes | bytearray):
                    chunks.append(bytes(event))
                else:
                    segment, chunks = event, []
    except (MultipartError, UnicodeDecodeError) as error:
        raise FieldFaultError(_WHOLE, f"is no multipart that can be read: {error}") from None
    return found
