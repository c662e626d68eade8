"""How the bodies look that carry activity events, for OpenAPI."""

from typing import Any

from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIFormat, OpenAPIType

from alpr.activity import ActivityKind
from alpr.site.factory.fields import LONGEST, MOST_UNITS


def _text(field: str, description: str, least: int = 0) -> Schema:
    return Schema(type=OpenAPIType.STRING, min_length=least, max_length=LONGEST[field], description=description)


_EVENT = Schema(
    type=OpenAPIType.OBJECT,
    description="An activity event.",
    required=["timestamp", "worker", "station", "type", "confidence"],
    properties={
        "timestamp": Schema(
            type=OpenAPIType.STRING, format=OpenAPIFormat.DATE_TIME, description="When, with its time zone."
        ),
        "worker": _text("worker", "Who.", 1),
        "station": _text("station", "Where.", 1),
        "type": Schema(
            type=OpenAPIType.STRING,
            enum=[kind.value for kind in ActivityKind],
            description="A state that lasts from now on, or products that were made.",
        ),
        "confidence": Schema(type=OpenAPIType.NUMBER, minimum=0, maximum=1, description="How sure, 0 to 1."),
        "count": Schema(
            type=OpenAPIType.INTEGER, minimum=0, maximum=MOST_UNITS, description="Of products; needed for these alone."
        ),
        "model": _text("model", "Which model saw it."),
        "model_version": _text("model_version", "In which version."),
        "id": _text("id", "The sender's own; the same again is a duplicate. Left out, the content tells repetitions."),
    },
)


def _body(description: str, content: dict[str, Any]) -> RequestBody:
    return RequestBody(required=True, description=description, content=content)


class TakesEvent(Operation):
    """The operation with the body that it takes."""

    def __post_init__(self) -> None:
        """Describe the body."""
        self.request_body = _body("An event.", {"application/json": OpenAPIMediaType(schema=_EVENT)})


class TakesEvents(Operation):
    """The operation with the bodies that it takes."""

    def __post_init__(self) -> None:
        """Describe the bodies."""
        events = Schema(type=OpenAPIType.ARRAY, items=_EVENT)
        lines = Schema(type=OpenAPIType.STRING, description="One event a line.")
        rows = Schema(type=OpenAPIType.STRING, description="The first line names the fields.")
        self.request_body = _body(
            "Events, as a JSON array, as JSON Lines, or as CSV.",
            {
                "application/json": OpenAPIMediaType(schema=events),
                "application/x-ndjson": OpenAPIMediaType(schema=lines),
                "text/csv": OpenAPIMediaType(schema=rows),
            },
        )
