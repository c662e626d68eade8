"""Where each key of a TOML text stands: `tomllib` keeps no line numbers, so a small scanner finds them.

The text is one that `tomllib` has accepted (TOML 1.0), so the scanner checks nothing: it only walks.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterator
from typing import TypeAlias

KeyPath: TypeAlias = tuple[str | int, ...]

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BLANK = re.compile(r"[ \t]*")
_GAP = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_SCALAR = re.compile(r"[^,\]}#\r\n]+")
# A closing run of quotes may be up to two longer than the delimiter: `"""say "hi""""`.
_STRINGS = (
    re.compile(r'"""(?:[^\\]|\\.)*?"""(?!")', re.DOTALL),
    re.compile(r"'''.*?'''(?!')", re.DOTALL),
    re.compile(r'"(?:[^"\\]|\\.)*"'),
    re.compile(r"'[^']*'"),
)


class Positions:
    """The line of every key, table and array element of a TOML text; lines count from 1."""

    def __init__(self, text: str) -> None:
        starts = [0, *(match.end() for match in re.finditer(r"\n", text))]
        self._lines: dict[KeyPath, int] = {}
        for path, offset in _Scanner(text).positions():
            for length in range(1, len(path) + 1):
                self._lines.setdefault(path[:length], bisect_right(starts, offset))

    def line(self, path: KeyPath) -> int:
        """Return the line of the key, else of the nearest table around it, else 1."""
        for length in range(len(path), 0, -1):
            if (found := self._lines.get(path[:length])) is not None:
                return found
        return 1


class _Scanner:
    """Walks a TOML text once and gives `(key path, offset)`."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._tables: dict[KeyPath, int] = {}
        """How often each `[[array of tables]]` has been opened."""

    def positions(self) -> Iterator[tuple[KeyPath, int]]:
        prefix: KeyPath = ()
        self._skip(_GAP)
        while self._at < len(self._text):
            offset = self._at
            if self._text.startswith("[", self._at):
                prefix = self._header()
                yield prefix, offset
            else:
                yield from self._pair(prefix)
            self._skip(_GAP)

    def _header(self) -> KeyPath:
        is_array = self._text.startswith("[[", self._at)
        self._at += 2 if is_array else 1
        *parents, last = self._key()
        path: KeyPath = ()
        for part in parents:
            path = (*path, part)
            if path in self._tables:
                path = (*path, self._tables[path] - 1)
        path = (*path, last)
        if is_array:
            self._tables[path] = self._tables.get(path, 0) + 1
            path = (*path, self._tables[path] - 1)
        self._at += 2 if is_array else 1
        return path

    def _key(self) -> list[str]:
        parts = []
        while True:
            self._skip(_BLANK)
            start = self._at
            quoted = self._text[start] in "\"'"
            self._string() if quoted else self._skip(_BARE_KEY)
            part = self._text[start : self._at]
            parts.append(str(tomllib.loads(f"key = {part}")["key"]) if quoted else part)
            self._skip(_BLANK)
            if not self._text.startswith(".", self._at):
                return parts
            self._at += 1

    def _pair(self, prefix: KeyPath) -> Iterator[tuple[KeyPath, int]]:
        self._skip(_GAP)
        offset = self._at
        path = (*prefix, *self._key())
        yield path, offset
        self._at += 1  # the equals sign
        yield from self._value(path)

    def _value(self, path: KeyPath) -> Iterator[tuple[KeyPath, int]]:
        self._skip(_BLANK)
        opening = self._text[self._at]
        if opening in "\"'":
            self._string()
        elif opening in "[{":
            self._at += 1
            yield from self._items(path, is_array=opening == "[")
        else:
            self._skip(_SCALAR)

    def _items(self, path: KeyPath, *, is_array: bool) -> Iterator[tuple[KeyPath, int]]:
        """Walk the inside of an array or an inline table up to and over its closing bracket."""
        index = 0
        self._skip(_GAP)
        while self._text[self._at] not in "]}":
            if is_array:
                yield (*path, index), self._at
                yield from self._value((*path, index))
            else:
                yield from self._pair(path)
            index += 1
            self._skip(_GAP)
            if self._text[self._at] == ",":
                self._at += 1
                self._skip(_GAP)
        self._at += 1

    def _string(self) -> None:
        match = next(match for form in _STRINGS if (match := form.match(self._text, self._at)))
        self._at = match.end()

    def _skip(self, form: re.Pattern[str]) -> None:
        match = form.match(self._text, self._at)
        self._at = match.end() if match else self._at
