"""Fields of foreign JSON: taken one by one, each fault with the name of its field, all faults of an item at once."""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

from alpr.domain import Box
from alpr.exchange.told import Fault, FieldFaultError, Image

MOST_TEXT: Final = 64
MOST_NAME: Final = 200
_T = TypeVar("_T")
_PERCENT: Final = 100.0
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LARGEST_SIDE: Final = 100_000.0
_DATA_URL = re.compile(r"data:image/[a-z.+-]+;base64,")


class Fields:
    """An object of foreign JSON; faults gather until `done` raises what there is."""

    def __init__(self, value: object, path: str = "", faults: list[Fault] | None = None) -> None:
        self._path = path
        self.faults: list[Fault] = [] if faults is None else faults
        if not isinstance(value, Mapping):
            self.faults.append(Fault(path or "item", f"is {_kind(value)}, should be an object"))
            value = {}
        self.raw: Mapping[str, Any] = value

    def name(self, key: str) -> str:
        """Return the full name of a field: `data.results[0].plate`."""
        return f"{self._path}.{key}" if self._path else key

    def take(self, key: str, parse: Callable[[Any], _T], otherwise: _T, *, needed: bool = False) -> _T:
        """Parse one field; what is missing, null or empty is `otherwise`, or a fault where it is needed."""
        value = self.raw.get(key)
        if value is None or value == "":
            if needed:
                self.faults.append(Fault(self.name(key), "is missing"))
            return otherwise
        try:
            return parse(value)
        except FieldFaultError as error:
            self.faults.append(Fault(self.name(key), error.fault.message))
            return otherwise

    def inner(self, key: str) -> Fields | None:
        """Return the object in a field, whose faults are ours, or None when there is none."""
        value = self.raw.get(key)
        return None if value is None else Fields(value, self.name(key), self.faults)

    def each(self, key: str, most: int) -> list[Fields]:
        """Return the objects of a list in a field."""
        value = self.raw.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.faults.append(Fault(self.name(key), f"is {_kind(value)}, should be a list"))
            return []
        if len(value) > most:
            self.faults.append(Fault(self.name(key), f"has {len(value)} elements, {most} at most are taken"))
            return []
        return [Fields(one, f"{self.name(key)}[{place}]", self.faults) for place, one in enumerate(value)]


def wrong(message: str) -> FieldFaultError:
    """Make the fault of a value whose field `Fields.take` knows."""
    return FieldFaultError("", message)


def words(value: Any, most: int = MOST_NAME) -> str:
    """Return a short text; a number is taken as it is written."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise wrong(f"is {_kind(value)}, should be a text")
    text = " ".join(value.split())
    if len(text) > most:
        raise wrong(f"has {len(text)} characters, {most} at most are taken")
    if not text.isprintable():
        raise wrong("has characters that cannot be shown: check its encoding, it should be UTF-8")
    if "\N{REPLACEMENT CHARACTER}" in text:
        raise wrong("has a broken character: check its encoding, it should be UTF-8")
    return text


def plate_text(value: Any) -> str:
    """Return the text of a plate or container in capitals; one without any letter or digit says nothing."""
    text = words(value, MOST_TEXT).upper()
    if not any(character.isalnum() for character in text):
        raise wrong(f"`{text}` has no letter and no digit")
    return text


def number(value: Any) -> float:
    """Return a finite number, also one that is written as a text."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            raise wrong(f"`{value[:40]}` is no number") from None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong(f"is {_kind(value)}, should be a number")
    try:
        result = float(value)
    except OverflowError:
        raise wrong("is too large") from None
    if not math.isfinite(result):
        raise wrong("is no finite number")
    return result


def fraction(value: Any) -> float:
    """Return how sure something is, 0 to 1."""
    result = number(value)
    if not 0 <= result <= 1:
        raise wrong(f"is {result:g}, should be from 0 to 1")
    return result


def share(value: Any) -> float:
    """Return how sure something is, 0 to 1, where some makers write 0 to 100."""
    result = number(value)
    if not 0 <= result <= _PERCENT:
        raise wrong(f"is {result:g}, should be from 0 to 1 or from 0 to 100")
    return result / _PERCENT if result > 1 else result


def moment(value: Any) -> datetime:
    """Return an ISO 8601 time as it was sent, with its zone or without; days alone are no moments."""
    if not isinstance(value, str):
        raise wrong(f"is {_kind(value)}, should be a time such as 2026-03-01T08:00:00Z")
    text = value.strip()
    if len(text) > len("2026-03-01"):
        with suppress(ValueError):
            return datetime.fromisoformat(text)
    raise wrong(f"`{text[:40]}` is no time such as 2026-03-01T08:00:00Z")


def epoch(value: Any, per_second: float) -> datetime:
    """Return the moment so many parts of a second after 1970 UTC."""
    try:
        return _EPOCH + timedelta(seconds=number(value) / per_second)
    except OverflowError:
        raise wrong("is no time: too far from now") from None


def way(value: Any) -> str | None:
    """Return `in`, `out` or nothing for what is neither."""
    text = words(value).casefold()
    return text if text in {"in", "out"} else None


def corners(value: Any) -> Box:
    """Return the box `[x1, y1, x2, y2]` in pixels."""
    if not isinstance(value, list | tuple) or len(value) != len("xyxy"):
        raise wrong("should be [x1, y1, x2, y2] in pixels")
    return box_of(*(number(side) for side in value))


def box_of(x1: float, y1: float, x2: float, y2: float) -> Box:
    """Return the box when it is one."""
    if not (x1 <= x2 and y1 <= y2) or max(map(abs, (x1, y1, x2, y2))) > _LARGEST_SIDE:
        raise wrong("is no box: x1 y1 is its upper left corner, x2 y2 its lower right one, in pixels")
    return Box(x1, y1, x2, y2)


def base64_image(name: str) -> Callable[[Any], Image]:
    """Make the parser of a picture in base64, as such or as a `data:` URL."""

    def parse(value: Any) -> Image:
        if not isinstance(value, str):
            raise wrong(f"is {_kind(value)}, should be a picture in base64")
        found = _DATA_URL.match(value[:MOST_TEXT])
        try:
            return Image(name, base64.b64decode(value[found.end() if found else 0 :], validate=True))
        except (binascii.Error, ValueError):
            raise wrong("is no base64") from None

    return parse


def _kind(value: object) -> str:
    names = {
        dict: "an object",
        list: "a list",
        str: "a text",
        bool: "true or false",
        int: "a number",
        float: "a number",
    }
    return "nothing" if value is None else names.get(type(value), "something else")
