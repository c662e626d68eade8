"""Scales of charts: round figures for the height, round times for the width, places of words that must not collide."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from math import ceil, floor, log10
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton

from alpr.web.charts.parts import SPAN, Label, Rule
from alpr.web.words.language import spoken

Say: TypeAlias = Callable[[float], str]
"""How a figure is written."""
Point: TypeAlias = tuple[float, float]
"""x in percent, y in pixels."""

TOP: Final = 20.0
FOOT: Final = 22.0
MOST_LABELS: Final = 8
_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
_APART: Final = 15.0
"""Words stand at least so many pixels apart."""
_NEAR_END: Final = 0.04
_MINUTES: Final = (5, 10, 15, 30, 60, 120, 180, 240, 360, 720)
_DAY: Final = 1440


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of the axis; `at` is a fraction of its length."""

    at: float
    text: str
    minor: bool = False
    href: str = ""


def nice_step(highest: float) -> float:
    """Return a round distance between grid lines, so that two to four of them reach `highest`."""
    if highest <= 0:
        return 1.0
    rough = highest / 4
    power: float = 10.0 ** floor(log10(rough))
    return next(step * power for step in _STEPS if step * power >= rough * (1 - 1e-9))


def nice_top(highest: float) -> float:
    """Return the least round figure that is not below `highest`."""
    step = nice_step(highest)
    return max(1, ceil(highest / step - 1e-9)) * step


def height_of(value: float, highest: float, foot: float) -> float:
    """Return how many pixels tall the value is on a scale from zero to `highest`."""
    return (foot - TOP) * value / highest


def grid(highest: float, foot: float, say: Say) -> tuple[tuple[Rule, ...], tuple[Label, ...]]:
    """Draw lines across at round figures, the figures standing on them."""
    step = nice_step(highest)
    levels = [n * step for n in range(round(highest / step) + 1)]
    ys = [cut(foot - height_of(level, highest, foot)) for level in levels]
    words = tuple(Label(0, cut(y - 4), say(level)) for level, y in zip(levels, ys, strict=True) if level)
    return tuple(Rule(y) for y in ys), words


def axis_labels(labels: Sequence[str], height: float, begin: float = 0.0, end: float = 1.0) -> Iterator[Label]:
    """Name the slots below the axis: at most eight of them, every second one only where there is room.

    The slots lie between two fractions of the width.
    """
    slot, every = 100 * (end - begin) / max(1, len(labels)), max(1, ceil(len(labels) / MOST_LABELS))
    crowded = len(labels) / every > MOST_LABELS / 2
    for n, text in enumerate(labels):
        if n % every == 0:
            look = "minor" if crowded and (n // every) % 2 else ""
            yield Label(cut(100 * begin + (n + 0.5) * slot), height - 5, text, "middle", look)


def end_labels(ends: Sequence[tuple[Point, str, str]]) -> Iterator[Label]:
    """Write figures behind the last points of curves, one clear of the other; each is (point, words, look)."""
    lowest = 0.0
    for (_x, y), text, look in sorted(ends, key=lambda end: end[0][1]):
        lowest = max(y + 4, lowest + _APART)
        yield Label(100, cut(lowest), text, "end", f"strong {look}")


def runs(points: Sequence[Point | None]) -> list[list[Point]]:
    """Part the points where one is not known."""
    parted = groupby(points, key=lambda point: point is not None)
    return [[point for point in part if point is not None] for known, part in parted if known]


def path(points: Sequence[Point]) -> str:
    """Write a line through the points as an SVG path, x in steps of `SPAN`."""
    return "M" + "L".join(f"{x * SPAN / 100:g} {y:g}" for x, y in points)


def cut(figure: float) -> float:
    """Round to a thousandth: the page need not carry more."""
    return round(figure, 3)


def fraction(at: datetime, start: datetime, end: datetime) -> float:
    """Return where a time lies between two others, 0 to 1, for `Span` and `Tick`."""
    return min(1.0, max(0.0, (at - start) / (end - start)))


def time_ticks(start: datetime, end: datetime, zone: ZoneInfo, most: int = 8) -> tuple[Tick, ...]:
    """Mark round times of the site's clock between two times: hours, or days where it is long."""
    minutes = (end - start) / timedelta(minutes=1)
    step = next((one for one in _MINUTES if minutes / one <= most), 0)
    marks = _hours(start, end, zone, step) if step else _days(start, end, zone, ceil(minutes / _DAY / most))
    ticks = [(fraction(at, start, end), text) for at, text in marks]
    inside = [(at, text) for at, text in ticks if _NEAR_END / 2 < at < 1 - _NEAR_END / 2]
    crowded = len(inside) > most / 2
    return tuple(Tick(at, text, minor=crowded and n % 2 == 1) for n, (at, text) in enumerate(inside))


def day_month(local: datetime) -> str:
    """Say a day without its year as the language does: 18 Jun."""
    return format_skeleton("MMMd", local, locale=spoken().locale)


def _hours(start: datetime, end: datetime, zone: ZoneInfo, step: int) -> Iterator[tuple[datetime, str]]:
    # Counted on the clock of the site: on the day of a clock change the marks still stand at round hours.
    local = start.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    last = end.astimezone(zone).replace(tzinfo=None)
    while local <= last:
        at = local.replace(tzinfo=zone).astimezone(UTC)
        if start <= at <= end:
            yield at, f"{local:%H:%M}" if local.hour or local.minute else day_month(local)
        local += timedelta(minutes=step)


def _days(start: datetime, end: datetime, zone: ZoneInfo, step: int) -> Iterator[tuple[datetime, str]]:
    local = start.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    while (at := local.replace(tzinfo=zone).astimezone(UTC)) <= end:
        if at >= start:
            yield at, day_month(local)
        local += timedelta(days=step)
