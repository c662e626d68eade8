"""An activity event as programs and files write it: names and values there, an event back, every fault named."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

from alpr.activity import ActivityEvent, ActivityKind

FIELDS: Final = ("timestamp", "worker", "station", "type", "confidence", "count", "model", "model_version", "id")
LONGEST: Final = {"worker": 64, "station": 64, "model": 80, "model_version": 40, "id": 128}
"""Characters."""
MOST_UNITS: Final = 1_000_000
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
OTHER_NAMES: Final = {
    "time": "timestamp",
    "at": "timestamp",
    "worker_id": "worker",
    "station_id": "station",
    "workstation": "station",
    "workstation_id": "station",
    "event_type": "type",
    "kind": "type",
    "model_id": "model",
    "version": "model_version",
    "event_id": "id",
}
_KINDS: Final = {kind.value: kind for kind in ActivityKind}
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_SHOWN: Final = 40

Value: TypeAlias = object
"""What JSON or a cell of a CSV file holds."""


@dataclass(frozen=True, slots=True)
class EventFault:
    """Why an event is refused: the field, and what to do."""

    field: str
    words: str


def parse_event(given: object, now: datetime, skew: timedelta) -> ActivityEvent | EventFault:
    """Return the event, or the first thing that is wrong with it; `skew` is how far it may lie in the future."""
    if not isinstance(given, Mapping):
        return EventFault("", f"is {_described(given)}, not an event: write an object with {', '.join(FIELDS[:5])}")
    try:
        return _event(_named(given), now, skew)
    except _RefusedError as error:
        return EventFault(error.field, error.words)


def moment_of(given: object) -> datetime | None:
    """Return the event's time where it has one that can be read, whatever else is wrong with it."""
    if not isinstance(given, Mapping):
        return None
    try:
        return _moment(_named(given).get("timestamp"))
    except _RefusedError:
        return None


class _RefusedError(ValueError):
    """One field is wrong."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(f"{field}: {words}")
        self.field, self.words = field, words


def _event(named: Mapping[str, Value], now: datetime, skew: timedelta) -> ActivityEvent:
    at = _moment(named.get("timestamp"))
    if at < EARLIEST:
        raise _RefusedError("timestamp", f"lies in {at.year}: the sender's clock was not set")
    if at > now + skew:
        ahead = (at - now).total_seconds()
        raise _RefusedError("timestamp", f"lies {_span(ahead)} in the future: check the sender's clock")
    kind = _kind(named.get("type"))
    return ActivityEvent(
        at=at,
        worker=_text(named, "worker", needed=True),
        station=_text(named, "station", needed=True),
        kind=kind,
        confidence=_confidence(named.get("confidence")),
        count=_count(named.get("count")) if kind is ActivityKind.PRODUCT_COUNT else _no_count(named.get("count")),
        model=_text(named, "model"),
        model_version=_text(named, "model_version"),
        id=_text(named, "id"),
    )


def _named(given: Mapping[object, Value]) -> dict[str, Value]:
    """Return the fields under their own names; others are left out."""
    found: dict[str, Value] = {}
    for key, value in given.items():
        name = str(key)[:_SHOWN].strip().lower()
        name = OTHER_NAMES.get(name, name)
        if name in FIELDS and name in found:
            raise _RefusedError(name, f"is given twice: as `{str(key)[:_SHOWN]}` too; keep one")
        found[name] = value
    return found


def _moment(value: Value) -> datetime:
    if value is None or value == "":
        raise _RefusedError("timestamp", "is missing: write when it was, as 2026-03-01T08:00:00Z")
    if not isinstance(value, str):
        raise _RefusedError("timestamp", f"is {_described(value)}: write it as 2026-03-01T08:00:00Z")
    try:
        at = datetime.fromisoformat(value.strip())
    except ValueError:
        raise _RefusedError("timestamp", f"is {_described(value)}: write it as 2026-03-01T08:00:00Z") from None
    if at.tzinfo is None:
        raise _RefusedError("timestamp", "has no time zone: end it with Z or an offset such as +01:00")
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise _RefusedError("timestamp", f"is {_described(value)}, beyond all calendars") from None


def _kind(value: Value) -> ActivityKind:
    kind = _KINDS.get(value.strip().lower()) if isinstance(value, str) else None
    if kind is None:
        said = "is missing" if value is None or value == "" else f"is {_described(value)}"
        raise _RefusedError("type", f"{said}: write {', '.join(_KINDS)}")
    return kind


def _text(named: Mapping[str, Value], field: str, *, needed: bool = False) -> str:
    value = named.get(field)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
        value = str(value)  # numbers for names are common: 17 is worker "17"
    if value is None:
        value = ""
    if not isinstance(value, str):
        raise _RefusedError(field, f"is {_described(value)}, not a text")
    text = value.strip()
    if needed and not text:
        raise _RefusedError(field, "is missing")
    if len(text) > LONGEST[field]:
        raise _RefusedError(field, f"has {len(text):,} characters, {LONGEST[field]} at most")
    if not text.isprintable():
        raise _RefusedError(field, "holds characters that cannot be shown")
    return text


def _confidence(value: Value) -> float:
    number = _number("confidence", value, "write how sure the event is, 0 to 1")
    if not 0 <= number <= 1:
        raise _RefusedError("confidence", f"is {_described(value)}: write 0 to 1")
    return float(number)


def _count(value: Value) -> int:
    number = _number("count", value, "write how many products")
    if number != int(number):
        raise _RefusedError("count", f"is {_described(value)}, not a whole number")
    if not 0 <= number <= MOST_UNITS:
        raise _RefusedError("count", f"is {_described(value)}: write 0 to {MOST_UNITS:,}")
    return int(number)


def _no_count(value: Value) -> int:
    """Check the count of a state, which says nothing: many senders fill it with 0 or 1."""
    if value is not None and value != "" and _number("count", value, "") < 0:
        raise _RefusedError("count", f"is {_described(value)}: write 0, or leave it out")
    return 0


def _number(field: str, value: Value, wanted: str) -> float | int:
    if value is None or value == "":
        raise _RefusedError(field, f"is missing: {wanted}")
    number: float | int | None = None
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = value
    elif isinstance(value, str) and len(value) <= _SHOWN and _NUMBER.fullmatch(value.strip()):
        number = float(value)
    if number is None or (isinstance(number, float) and not math.isfinite(number)):
        raise _RefusedError(field, f"is {_described(value)}, not a number that counts")
    return number


def _described(value: Value) -> str:
    if isinstance(value, str):
        return f"{value[:_SHOWN]!r}" + (f" and {len(value) - _SHOWN:,} characters more" if len(value) > _SHOWN else "")
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int | float):
        return "a number that is too large" if abs(value) >= 1e18 else str(value)  # noqa: PLR2004
    return "a list" if isinstance(value, list) else "an object"


def _span(seconds: float) -> str:
    for unit, size in (("days", 172_800), ("hours", 7200), ("minutes", 120)):
        if seconds >= size:
            return f"{seconds / (size / 2):,.0f} {unit}"
    return f"{seconds:.0f} seconds"
