"""Activity events as they are sent: one JSON object, a list of them, JSON Lines or CSV; what cannot be read is told."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from alpr.site.factory.fields import OTHER_NAMES
from alpr.site.lists.file import RowFault, csv_cells

_GAP: Final = re.compile(r"[\s,]*")
_NEXT: Final = re.compile(r"(?:\}|,?[ \t\r]*\n)\s*,?\s*(?=\{)")
"""Where the next object of a list begins, when one cannot be read."""
_NEEDED: Final = ("timestamp", "worker", "station", "type")
_DECODER: Final = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something that stands where an event should: why it is none."""

    words: str


@dataclass(frozen=True, slots=True)
class Item:
    """What stands at one place: of a list its number, of JSON Lines and CSV its line, both counted from 1."""

    position: int
    value: object
    """What JSON holds, the cells of a row by their columns, or `Unreadable`."""


def read_json(content: bytes) -> list[Item]:
    """Read an object, a list of objects or JSON Lines; what is broken takes nothing else with it."""
    # Bytes that are no text become half characters, which no name may hold: that event alone is refused.
    text = content.decode("utf-8", "surrogateescape").removeprefix("\ufeff").strip()
    if not text:
        return []
    if text.startswith("["):
        return _list(text)
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    if len(lines) > 1 and isinstance(_value(lines[0][1]), Unreadable):
        whole = _value(text)  # one object over several lines
        if not isinstance(whole, Unreadable):
            return [Item(1, whole)]
    return [Item(number, _value(line)) for number, line in lines]


def read_csv(content: bytes) -> list[Item]:
    """Read rows; the first line names the columns, by the names of the fields."""
    text = content.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    faults: list[RowFault] = []
    rows = csv_cells(text, faults)
    first = next(rows, None)
    if first is None:
        return [Item(1, Unreadable("the file is empty: its first line names the columns"))]
    names = ["_".join(cell.strip().lower().split()) for cell in first[1]]
    known = {OTHER_NAMES.get(name, name) for name in names}
    if missing := [name for name in _NEEDED if name not in known]:
        return [Item(first[0], Unreadable(f"names no column {', '.join(missing)}: the first line names the columns"))]
    items = [Item(line, _row(names, cells)) for line, cells in rows]
    items += [Item(fault.line, Unreadable(fault.words)) for fault in faults]
    return sorted(items, key=lambda item: item.position)


def is_csv(name: str, content: bytes) -> bool:
    """Whether a file holds CSV, by its name or else by how it begins."""
    if name.lower().endswith((".json", ".jsonl", ".ndjson")):
        return False
    return name.lower().endswith(".csv") or content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in {b"{", b"["}


def _row(names: list[str], cells: list[str]) -> object:
    if any(cell.strip() for cell in cells[len(names) :]):
        return Unreadable("has more cells than columns")
    return dict(zip(names, cells, strict=False))


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except RecursionError:
        return Unreadable("is nested too deep")
    except ValueError as error:
        return Unreadable(f"is not JSON: {_words(error)}")


def _list(text: str) -> list[Item]:
    whole = _value(text)
    values = whole if isinstance(whole, list) else list(_mended(text))
    return [Item(number, value) for number, value in enumerate(values, 1)]


def _mended(text: str) -> Iterator[object]:
    """Give the objects of a list that is not JSON as a whole, and what cannot be read between them."""
    at = _gap(text, 1)
    while at < len(text) and text[at] != "]":
        try:
            value, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            following = _NEXT.search(text, at + 1)
            yield Unreadable(f"is not JSON: {_words(error)}")
            if following is None:
                return
            end = following.end()
        else:
            yield value
        at = _gap(text, end)
    if at >= len(text):
        yield Unreadable("the list is cut off: the end of what was sent is missing")


def _gap(text: str, at: int) -> int:
    found = _GAP.match(text, at)
    assert found is not None, "a gap may be empty"
    return found.end()


def _words(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg[0].lower()}{error.msg[1:]} (line {error.lineno}, column {error.colno})"
    return "nested too deep" if isinstance(error, RecursionError) else "a number with too many digits"
