"""What is answered to whoever sends reads, and how their bodies look, for OpenAPI."""

from dataclasses import dataclass
from typing import Any

from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIFormat, OpenAPIType

from alpr.exchange.outcome import Fate, Outcome
from alpr.web.api.problems import FieldError


@dataclass(frozen=True, slots=True)
class SentRead:
    """What became of one item, by its position in the request.

    `id` is the read's here, `external_id` what its sender calls it. `errors` of a refused one say why; of one that was
    taken, what was put right in it.
    """

    position: int
    outcome: Fate
    id: str | None
    external_id: str
    errors: list[FieldError]
    why: str


@dataclass(frozen=True, slots=True)
class SentReads:
    """What became of everything in the request; at least one item was not refused."""

    accepted: int
    completed: int
    duplicate: int
    ignored: int
    refused: int
    reads: list[SentRead]


def sent_shape(outcomes: list[Outcome]) -> SentReads:
    """Show what became of a request."""
    count = {fate: sum(one.fate is fate for one in outcomes) for fate in Fate}
    return SentReads(
        accepted=count[Fate.ACCEPTED],
        completed=count[Fate.COMPLETED],
        duplicate=count[Fate.DUPLICATE],
        ignored=count[Fate.IGNORED],
        refused=count[Fate.REFUSED],
        reads=[
            SentRead(
                position,
                one.fate,
                one.read_id,
                one.external_id,
                [FieldError(fault.field, fault.message) for fault in one.faults],
                one.why,
            )
            for position, one in enumerate(outcomes)
        ],
    )


def _text(description: str, **more: Any) -> Schema:
    return Schema(type=OpenAPIType.STRING, description=description, **more)


def _object(properties: dict[str, Schema], required: list[str], description: str) -> Schema:
    return Schema(type=OpenAPIType.OBJECT, properties=dict(properties), required=required, description=description)


_SURE = Schema(type=OpenAPIType.NUMBER, minimum=0, maximum=1, description="How sure, 0 to 1.")
_TIME = {"format": OpenAPIFormat.DATE_TIME}
_BOX = Schema(
    type=OpenAPIType.ARRAY,
    items=Schema(type=OpenAPIType.NUMBER, minimum=0, maximum=10_000),
    min_items=4,
    max_items=4,
    description="`[x1, y1, x2, y2]` in pixels of the frame.",
)
_OWN = _object(
    {
        "id": _text("What the sender calls the read; the same again is a duplicate.", max_length=200),
        "camera": _text("What the sender calls the camera.", min_length=1, max_length=200),
        "captured_at": _text("ISO 8601 with its zone.", **_TIME),
        "text": _text("Of the plate or container; left out for a vehicle that could not be read.", max_length=64),
        "confidence": _SURE,
        "kind": Schema(type=OpenAPIType.STRING, enum=["plate", "container", "vehicle"]),
        "state": Schema(type=OpenAPIType.STRING, enum=["preview", "final", "unread"]),
        "region": _text("Such as `de`.", max_length=200),
        "direction": Schema(type=OpenAPIType.STRING, enum=["in", "out"]),
        "box": _BOX,
        "vehicle": _object({"type": _text("Such as `car`."), "colour": _text("Such as `grey`.")}, [], "If known."),
        "frame_jpeg": _text("The whole picture, base64."),
        "crop_jpeg": _text("The picture of the plate, base64."),
    },
    ["camera", "captured_at", "text"],
    "One read in our own shape, as `GET /api/v1/reads` gives it; fields that are not taken are left alone.",
)
_MANY = _object({"reads": Schema(type=OpenAPIType.ARRAY, items=_OWN, min_items=1)}, ["reads"], "Many of them.")
_STREAM = _object(
    {"hook": Schema(type=OpenAPIType.OBJECT), "data": Schema(type=OpenAPIType.OBJECT)},
    ["data"],
    "A webhook of Plate Recognizer Stream.",
)
_AXIS = _object(
    {name: _text("") for name in ("plateText", "carState", "capture_timestamp", "sensorProviderID")},
    ["plateText"],
    "A push event of AXIS License Plate Verifier.",
)
_HIKVISION = _object(
    {"eventType": _text("`ANPR`"), "ANPR": Schema(type=OpenAPIType.OBJECT)}, ["eventType"], "A Hikvision event."
)
_PART = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY)
_BODIES = {
    "application/json": OpenAPIMediaType(schema=Schema(any_of=[_OWN, _MANY, _STREAM, _AXIS, _HIKVISION])),
    "multipart/form-data": OpenAPIMediaType(
        schema=_object(
            {"json": _text("A read or a webhook in JSON."), "frame": _PART, "crop": _PART, "upload": _PART},
            ["json"],
            "One read with its pictures; Hikvision cameras send `anpr.xml` in place of `json`.",
        )
    ),
    "application/xml": OpenAPIMediaType(schema=_text("`EventNotificationAlert` of a Hikvision camera.")),
}


@dataclass
class TakesReads(Operation):
    """The operation that takes reads: its body is read by our own hand, so it is described here."""

    def __post_init__(self) -> None:
        """Describe the body."""
        self.request_body = RequestBody(content=dict(_BODIES), required=True)
