"""Which way somebody drove, told by the line that he crossed in the picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]
"""Fractions of the picture's width and height."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line across the way; who crosses it from its left to its right, seen from `begin` to `end`, comes in.

    Drawn from the left edge of the picture to the right one, whoever comes nearer comes in.
    """

    begin: Point
    end: Point

    def crossed(self, before: Point, after: Point) -> int:
        """Return 1 when the step between two places leads in over the line, -1 out, 0 not over it."""
        was, now = self._right_of(before), self._right_of(after)
        if (was >= 0) == (now >= 0):
            return 0
        share = was / (was - now)
        at = (before[0] + share * (after[0] - before[0]), before[1] + share * (after[1] - before[1]))
        if not 0 <= self._along(at) <= 1:
            return 0  # past the end of the line
        return 1 if now >= 0 else -1

    def _right_of(self, point: Point) -> float:
        """Return how far to the right of the line a point lies, less than 0 to its left; pictures' y grows downward."""
        (x1, y1), (x2, y2) = self.begin, self.end
        return (x2 - x1) * (point[1] - y1) - (y2 - y1) * (point[0] - x1)

    def _along(self, point: Point) -> float:
        """Return where on the line a point lies, 0 at its beginning and 1 at its end."""
        (x1, y1), (x2, y2) = self.begin, self.end
        dx, dy = x2 - x1, y2 - y1
        return ((point[0] - x1) * dx + (point[1] - y1) * dy) / (dx * dx + dy * dy)


@dataclass(slots=True)
class Course:
    """How somebody moved so far: where he was seen last, and what he crossed on balance."""

    at: Point | None = None
    balance: int = 0

    def note(self, line: Line, place: Point) -> None:
        """Take the place on one more frame."""
        if self.at is not None:
            self.balance += line.crossed(self.at, place)
        self.at = place

    def absorb(self, later: Course, line: Line) -> None:
        """Take over the rest of the way from another who turned out to be the same."""
        if self.at is not None and later.at is not None:
            # Between both nobody saw him, and he may have crossed it just there.
            self.balance += later.balance
            if later.balance == 0:
                self.balance += line.crossed(self.at, later.at)
        self.at = later.at or self.at

    @property
    def way(self) -> str | None:
        """`in`, `out`, or nothing when he has not crossed the line, or has come back over it."""
        return None if self.balance == 0 else "in" if self.balance > 0 else "out"
