"""Weekly windows by the clock of the site: over midnight, and on the nights when the clocks change."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from alpr.access import Window

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WEEK = frozenset(range(7))
_ONE_DAY = timedelta(days=1)
_DAY_MINUTES = 24 * 60
_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHORT = 3
_TIMES = re.compile(r"(?P<start>\d[^\s-]*)\s*-\s*(?P<end>\d[^\s-]*)")
_CLOCK = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)")


def holds(schedule: Iterable[Window], at: datetime, zone: ZoneInfo) -> bool:
    """Whether `at` (aware) lies in one of the windows; no window at all means always."""
    windows = tuple(schedule)
    return not windows or any(_within(window, at, zone) for window in windows)


def _within(window: Window, at: datetime, zone: ZoneInfo) -> bool:
    # A window that began yesterday may still run.
    today = at.astimezone(zone).date()
    days = (day for day in (today, today - _ONE_DAY) if day.weekday() in window.days)
    return any(_runs(window, day, at, zone) for day in days)


def _runs(window: Window, day: date, at: datetime, zone: ZoneInfo) -> bool:
    """Whether the window that begins on this day holds `at`.

    Of an hour that the clocks show twice the window takes both; of one that they skip there is nothing to take, and
    what ends in it ends when they skip.
    """
    last = day + _ONE_DAY if window.end <= window.start else day
    begins, ends = datetime.combine(day, window.start), datetime.combine(last, window.end)
    return _reached(begins, at, zone, fold=0) and not _reached(ends, at, zone, fold=1)


def _reached(clock: datetime, at: datetime, zone: ZoneInfo, *, fold: int) -> bool:
    """Whether `at` is no earlier than this time on the site's clock, its first showing or (fold 1) its second."""
    moment = clock.replace(tzinfo=zone, fold=fold).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == clock:
        return at >= moment
    # The clocks skip it (PEP 495 gives such a time two meanings): what they show around it decides.
    return at.astimezone(zone).replace(tzinfo=None) >= clock


def overlap(one: Iterable[Window], other: Iterable[Window]) -> bool:
    """Whether there is a minute of the week in which both hold; no window at all means always."""
    first, second = _minutes(one), _minutes(other)
    return not first or not second or bool(first & second)


def _minutes(schedule: Iterable[Window]) -> set[int]:
    """Return the minutes of the week, counted from Monday, in which the windows hold."""
    held: set[int] = set()
    for window in schedule:
        begins, ends = (60 * one.hour + one.minute for one in (window.start, window.end))
        lasts = (ends - begins - 1) % _DAY_MINUTES + 1
        for day in window.days:
            first = day * _DAY_MINUTES + begins
            held.update(minute % (7 * _DAY_MINUTES) for minute in range(first, first + lasts))
    return held


def schedule_words(schedule: Iterable[Window]) -> str:
    """Say when the windows are, as `parse_schedule` reads it: `Mon-Fri 06:00-18:00; Sat 08:00-12:00`."""
    return "; ".join(f"{_days_words(one.days)} {one.start:%H:%M}-{_end_words(one)}" for one in schedule)


def parse_schedule(text: str) -> tuple[Window, ...]:
    """Read windows such as `Mon-Fri 22:00-06:00; Sat,Sun 08:00-12:00`; raises ValueError with what is wrong."""
    return tuple(_parse_window(part.strip()) for part in text.split(";") if part.strip())


def parse_clock(text: str) -> time:
    """Read `06:30`; `24:00` is midnight. Raises ValueError."""
    found = _CLOCK.fullmatch(text.strip())
    if found is None or (found[1] == "24" and found[2] != "00"):
        raise ValueError(f"{text.strip()!r} is no time of day: write it as 06:30")
    return time(int(found[1]) % 24, int(found[2]))


def _parse_window(text: str) -> Window:
    *days, times = re.split(r"\s+(?=\d)", text, maxsplit=1)
    found = _TIMES.fullmatch(times)
    if found is None:
        raise ValueError(f"{text!r} is no window: write it as Mon-Fri 06:00-18:00")
    chosen = _parse_days(days[0]) if days else _WEEK
    return Window(chosen, parse_clock(found["start"]), parse_clock(found["end"]))


def _parse_days(text: str) -> frozenset[int]:
    chosen: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        begin = _day(first)
        end = _day(last) if last else begin
        # Fri-Mon goes over the end of the week.
        chosen.update((begin + offset) % 7 for offset in range((end - begin) % 7 + 1))
    return frozenset(chosen)


def _day(text: str) -> int:
    typed = text.strip().lower()
    for number, name in enumerate(_NAMES):
        if len(typed) >= _SHORT and name.startswith(typed):
            return number
    raise ValueError(f"{text.strip()!r} is no day: write Mon, Tue, Wed, Thu, Fri, Sat or Sun")


def _days_words(days: frozenset[int]) -> str:
    """Name the days, runs of three and more as `Mon-Fri`."""
    if days == _WEEK:
        return "Mon-Sun"
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join(_run_words(run) for run in runs)


def _run_words(run: list[int]) -> str:
    if len(run) > 2:  # noqa: PLR2004  two days are named both
        return f"{DAYS[run[0]]}-{DAYS[run[-1]]}"
    return ",".join(DAYS[day] for day in run)


def _end_words(window: Window) -> str:
    return "24:00" if window.end == time() else f"{window.end:%H:%M}"
