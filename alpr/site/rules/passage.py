"""What the conditions of rules look at: one read with its verdict, or thousands of them in columns."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import Generic, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from alpr.access import Decision
from alpr.domain import Look, Read, canonical

Mask: TypeAlias = NDArray[np.bool_]

_GROWN = 1.15
"""How much larger or smaller a box must become until the thing has moved to or from the camera."""
_FEWEST_LOOKS = 3

_T = TypeVar("_T", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Passage:
    """One read as rules see it."""

    at: datetime
    camera: str
    kind: str
    verdict: str
    lists: frozenset[str]
    """Of the entries that fit it and hold there and then."""
    text: str
    """Look-alikes folded."""
    confidence: float
    region: str = ""
    direction: str = ""
    vehicle: str = ""
    moving: str = ""
    """`nearing`, `leaving`, or nothing when the looks do not tell."""
    elsewhere: float = inf
    """Seconds since the same text was read at another camera."""
    zone: str = ""
    """The named polygon it was in."""
    arrival: str = ""
    """How what came with it stands to the expected list; empty when nothing is to be said."""


def passage(read: Read, decision: Decision, elsewhere: float = inf, arrival: str = "") -> Passage:
    """Return what rules look at."""
    return Passage(
        at=read.captured_at,
        camera=read.camera,
        kind=read.kind.value,
        verdict=decision.verdict.value,
        lists=frozenset(match.entry.list_name for match in decision.matches if match.applies),
        text=canonical(read.text),
        confidence=read.reading.confidence,
        region=read.reading.region or "",
        direction=read.direction or "",
        vehicle=read.vehicle.type if read.vehicle else "",
        moving=movement(read.looks),
        elsewhere=elsewhere,
        zone=read.zone or "",
        arrival=arrival,
    )


def movement(looks: Sequence[Look]) -> str:
    """Tell from the boxes whether a thing came nearer or went away: its plate grows or shrinks."""
    if len(looks) < _FEWEST_LOOKS:
        return ""
    ordered = sorted(looks, key=lambda look: look.time)
    third = max(1, len(ordered) // 3)
    before = sum(look.box.height for look in ordered[:third])
    after = sum(look.box.height for look in ordered[-third:])
    if before <= 0 or after <= 0:
        return ""
    return "nearing" if after / before >= _GROWN else "leaving" if before / after >= _GROWN else ""


class Coded(Generic[_T]):
    """A column in which few values repeat: a test runs once for each of them."""

    def __init__(self, values: Iterable[_T]) -> None:
        rows = tuple(values)
        self.known = {value: code for code, value in enumerate(dict.fromkeys(rows))}
        self.codes = np.fromiter(map(self.known.__getitem__, rows), np.int64, len(rows))

    def where(self, test: Callable[[_T], bool]) -> Mask:
        """Return which rows pass, `(n,) bool`."""
        return self.spread(map(test, self.known))

    def spread(self, answers: Iterable[bool]) -> Mask:
        """Return which rows pass, `(n,) bool`, from one answer for each known value in their order."""
        passed: Mask = np.fromiter(answers, np.bool_, len(self.known))
        return passed[self.codes]


@dataclass(frozen=True, slots=True)
class Passages:
    """Reads in columns, in the order of their times; `microseconds` since 1970 UTC, `(n,) int64`."""

    ids: Sequence[str]
    microseconds: NDArray[np.int64]
    confidence: NDArray[np.float64]
    elsewhere: NDArray[np.float64]
    camera: Coded[str]
    kind: Coded[str]
    verdict: Coded[str]
    lists: Coded[frozenset[str]]
    text: Coded[str]
    region: Coded[str]
    direction: Coded[str]
    vehicle: Coded[str]
    zone: Coded[str]
    arrival: Coded[str]

    def __len__(self) -> int:
        return len(self.ids)
