"""The parameters of the API's addresses: what each may be, and what is said when it is not."""

import base64
import binascii
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, TypeAlias

from litestar import Request
from litestar.exceptions import ValidationException
from litestar.params import QueryParameter

from alpr.access import Verdict
from alpr.domain import Kind, Review, State
from alpr.store.reads import Cursor
from alpr.store.search import Mode, Pattern, parse_pattern
from alpr.web.api.problems import parameter_names, wrong
from alpr.web.yard.passes import parse_place

MOST = 500
_LONGEST_TEXT = 64
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Text: TypeAlias = Annotated[
    str | None,
    QueryParameter(max_length=_LONGEST_TEXT, description="Part of the text, with `*` and `?` all of it."),
]
Query: TypeAlias = Annotated[
    str,
    QueryParameter(min_length=1, max_length=_LONGEST_TEXT, description="Part of the text, with `*` and `?` all of it."),
]
HowMuch: TypeAlias = Annotated[Mode | None, QueryParameter(description="How much of the text was typed.")]
LookAlikes: TypeAlias = Annotated[bool, QueryParameter(description="Whether O fits 0, I fits 1, B fits 8 and so on.")]
CameraName: TypeAlias = Annotated[str | None, QueryParameter(max_length=64, description="Reads of this camera alone.")]
OfKind: TypeAlias = Annotated[Kind | None, QueryParameter(description="Reads of this kind alone.")]
InState: TypeAlias = Annotated[State | None, QueryParameter(name="state", description="Reads in this state alone.")]
Direction: TypeAlias = Annotated[str | None, QueryParameter(enum=["in", "out"], description="`in` or `out`.")]
OfSource: TypeAlias = Annotated[
    str | None, QueryParameter(max_length=80, description="Reads of this system alone; empty: of our own cameras.")
]
SaidBy: TypeAlias = Annotated[Review | None, QueryParameter(description="Reads of which a person said this.")]
Region: TypeAlias = Annotated[str | None, QueryParameter(max_length=64, description="Such as `de`.")]
VehicleType: TypeAlias = Annotated[str | None, QueryParameter(max_length=64, description="Such as `truck`.")]
Colour: TypeAlias = Annotated[str | None, QueryParameter(max_length=64, description="Of the vehicle, such as `white`.")]
WithVerdict: TypeAlias = Annotated[Verdict | None, QueryParameter(description="Reads of this verdict alone.")]
Below: TypeAlias = Annotated[float | None, QueryParameter(ge=0, le=1, description="Only texts less sure than this.")]
Since: TypeAlias = Annotated[datetime | None, QueryParameter(description="From this time on, with its zone.")]
Until: TypeAlias = Annotated[datetime | None, QueryParameter(description="Before this time, with its zone.")]
Next: TypeAlias = Annotated[str | None, QueryParameter(max_length=200, description="`next` of the page before.")]
Limit: TypeAlias = Annotated[int, QueryParameter(ge=1, le=MOST, description="Reads a page.")]


async def refuse_unknown(request: Request[Any, Any, Any]) -> None:
    """Refuse a parameter that the address does not have: a filter with a slip must not answer with everything."""
    known = set(parameter_names(request.route_handler).values())
    for name in request.query_params:
        if name not in known:
            raise wrong(name[:_LONGEST_TEXT], "is no parameter of this address")


def zoned(field: str, moment: datetime | None) -> datetime | None:
    """Return the moment; a time without a zone would be a guess and is refused."""
    if moment is not None and moment.tzinfo is None:
        raise wrong(field, "needs its time zone, such as 2026-03-01T08:00:00Z")
    return moment


def check_direction(direction: str | None) -> None:
    """Refuse what is neither `in` nor `out`."""
    if direction not in {None, "in", "out"}:
        raise wrong("direction", "is `in` or `out`")


def pattern_of(field: str, text: str, mode: Mode | None, *, look_alikes: bool) -> Pattern:
    """Return what is looked for; a text without letters and digits says nothing and is refused."""
    pattern = parse_pattern(text, mode, look_alikes=look_alikes)
    if pattern.empty:
        raise wrong(field, "has no letter and no digit")
    return pattern


def cursor_text(cursor: Cursor) -> str:
    """Write the end of a page for its successor's address."""
    place = f"{(cursor.captured_at - _EPOCH) // _MICROSECOND} {cursor.id}"
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def parse_cursor(text: str | None) -> Cursor | None:
    """Read where a page begins; raises ValidationException."""
    if text is None:
        return None
    try:
        place = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)).decode()
        microseconds, _, read_id = place.partition(" ")
        return Cursor(_EPOCH + int(microseconds) * _MICROSECOND, read_id)
    except (ValueError, OverflowError, binascii.Error) as error:
        raise _broken_cursor() from error


def _broken_cursor() -> ValidationException:
    return wrong("cursor", "is not one that this API gave: begin without it")


def place(cursor: str | None) -> tuple[datetime, str] | None:
    """Return the time and id after which a page begins; a problem that names `cursor` when it is none of ours."""
    try:
        return parse_place(cursor or "")
    except ValidationException as error:
        raise wrong("cursor", "is not one that this API gave: begin without it") from error
