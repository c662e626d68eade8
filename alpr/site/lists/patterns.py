"""Patterns of entries, found by text: plain ones by their folded text, wildcards by any part of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from alpr.access import Entry
from alpr.domain import fold
from alpr.site.glob import ANY_ONE, ANY_RUN, align, compact_glob
from alpr.site.likeness import latin

_KEY = 3
"""By so many characters in a row a wildcard is looked up."""
_WILD = frozenset((ANY_ONE, ANY_RUN))


@dataclass(frozen=True, slots=True)
class Known:
    """An entry with its pattern as it is compared."""

    entry: Entry
    typed: str
    """Compact, Latin; `*` for any run, `?` for any one character."""
    folded: str
    wild: bool


class Patterns:
    """All entries by what their patterns have in common with a text."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._texts: dict[str, list[Known]] = defaultdict(list)
        self._globs: dict[str, list[Known]] = defaultdict(list)
        for entry in entries:
            typed = glob(entry.pattern)
            one = Known(entry, typed, fold(typed), is_wild(typed))
            if one.wild:
                self._globs[_longest_run(one.folded)[:_KEY]].append(one)
            else:
                self._texts[one.folded].append(one)

    def likely(self, folded: str) -> Iterator[Known]:
        """Give the plain entries of this folded text, and the wildcards that have a part of it or name no character."""
        yield from self._texts.get(folded, ())
        ends = range(1, len(folded) + 1)
        for part in {"", *(folded[max(0, end - length) : end] for end in ends for length in range(1, _KEY + 1))}:
            yield from self._globs.get(part, ())

    def meeting(self, folded: str) -> Iterator[Known]:
        """Give the entries that some text fits which fits this folded pattern as well."""
        if not is_wild(folded):
            yield from (one for one in self.likely(folded) if not one.wild or align(one.folded, folded) is not None)
            return
        part = _longest_run(folded)
        for text, known in self._texts.items():
            if part in text and align(folded, text) is not None:
                yield from known
        for wildcards in self._globs.values():
            yield from (one for one in wildcards if meet(one.folded, folded))


def glob(pattern: str) -> str:
    """Return a pattern as it is compared: letters and digits, `*` for any run, `?` for any one character."""
    return latin(compact_glob(pattern))


def is_wild(typed: str) -> bool:
    """Whether the pattern stands for more than one text."""
    return not _WILD.isdisjoint(typed)


def _longest_run(folded: str) -> str:
    return max(folded.replace(ANY_ONE, ANY_RUN).split(ANY_RUN), key=len)


def meet(one: str, other: str) -> bool:
    """Whether some text fits both patterns: both are walked at once, each place of one against each of the other."""
    open_places, seen = [(0, 0)], set()
    while open_places:
        place = open_places.pop()
        if place in seen:
            continue
        seen.add(place)
        first, second = one[place[0] :], other[place[1] :]
        if not first.strip(ANY_RUN) and not second.strip(ANY_RUN):
            return True
        open_places += _steps(first[:1], second[:1], place)
    return False


def _steps(first: str, second: str, place: tuple[int, int]) -> Iterator[tuple[int, int]]:
    at, there = place
    if first == ANY_RUN:
        yield at + 1, there
    if second == ANY_RUN:
        yield at, there + 1
    if first and second and (first == second or not _WILD.isdisjoint((first, second))):
        yield at + (first != ANY_RUN), there + (second != ANY_RUN)
