"""Which reads may be of one vehicle: found by the texts they can bear, near enough in time."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from alpr.domain import Kind, Vehicle
from alpr.site.likeness import Hypothesis, hypotheses, resemblance
from alpr.stay import Sighting

LEAST = 0.05
"""Below this two reads are of two vehicles: one 8 for B (0.15) of another type or colour is near, of both is not."""
_OTHER_TYPE = 0.4
"""A van is taken for a car now and then, less often a lorry for a motorcycle."""
_OTHER_COLOUR = 0.6
"""Colours change with the light."""

_Key: TypeAlias = tuple[Kind, str]


@dataclass(frozen=True, slots=True)
class Seen:
    """A sighting and the texts that it can bear."""

    sighting: Sighting
    texts: tuple[Hypothesis, ...]
    """What was read first."""

    @property
    def text(self) -> str:
        """Compact, Latin."""
        return self.texts[0].text

    @property
    def order(self) -> tuple[datetime, str]:
        """By time; the id decides between two at once."""
        return self.sighting.at, self.sighting.id

    @property
    def keys(self) -> frozenset[_Key]:
        """Under which it is found: kind and folded text."""
        return frozenset((self.sighting.kind, one.folded) for one in self.texts)


def likeness(one: Seen, other: Seen) -> float:
    """Return how likely both are of one vehicle, 0 to 1; the same text is the same vehicle, whatever it looks like."""
    if one.text == other.text:
        return 1.0
    alike = resemblance(one.texts, other.texts)
    return alike * _same_make(one.sighting.vehicle, other.sighting.vehicle) if alike else 0.0


def _same_make(one: Vehicle | None, other: Vehicle | None) -> float:
    if one is None or other is None:
        return 1.0
    weight = 1.0 if one.type == other.type else _OTHER_TYPE
    return weight if None in {one.colour, other.colour} or one.colour == other.colour else weight * _OTHER_COLOUR


class Sightings:
    """All sightings of a window, each once, found by the texts they can bear."""

    def __init__(self, reach: timedelta) -> None:
        self._reach = reach
        self._known: dict[str, Seen] = {}
        self._under: dict[_Key, list[tuple[datetime, str]]] = {}

    def __contains__(self, read: str) -> bool:
        return read in self._known

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def put(self, one: Sighting) -> bool:
        """Take a sighting up; of two versions of one read the final, then the surer one stays. Say if it was taken."""
        seen, known = Seen(one, hypotheses(one.reading)), self._known.get(one.id)
        if not seen.texts or (known is not None and _rank(one) <= _rank(known.sighting)):
            return False
        self.drop(one.id)
        self._known[one.id] = seen
        for key in seen.keys:
            insort(self._under.setdefault(key, []), seen.order)
        return True

    def drop(self, read: str) -> None:
        """Forget a sighting, if it is known."""
        seen = self._known.pop(read, None)
        for key in seen.keys if seen else ():
            row = self._under[key]
            del row[bisect_left(row, seen.order)]  # type: ignore[union-attr]  # no keys without it
            if not row:
                del self._under[key]

    def around(self, read: str) -> set[str]:
        """Return the reads that may be of the same vehicle as this one, by any chain of texts and times, and itself."""
        found, waiting = {read}, [read]
        while waiting:
            for near in self._beside(self._known[waiting.pop()]):
                if near not in found:
                    found.add(near)
                    waiting.append(near)
        return found

    def groups(self, reads: set[str]) -> Iterator[list[Seen]]:
        """Part the reads, and all that may be of the same vehicles, into groups; each in the order of time."""
        left = {read for read in reads if read in self._known}
        while left:
            group = self.around(left.pop())
            left -= group
            yield sorted((self._known[one] for one in group), key=lambda seen: seen.order)

    def _beside(self, seen: Seen) -> Iterator[str]:
        """Give the neighbours in time under each text."""
        for key in seen.keys:
            row = self._under[key]
            place = bisect_left(row, seen.order)
            for at, read in row[max(0, place - 1) : place + 2]:
                if abs(at - seen.sighting.at) <= self._reach:
                    yield read


def _rank(one: Sighting) -> tuple[bool, float, datetime, str]:
    return one.final, one.reading.confidence, one.at, repr(one)
