"""The shifts of a plan as moments: over midnight, with their breaks, and on the nights when the clocks change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from alpr.access import Window
from alpr.activity import FactoryPlan, Occurrence, Shift

_ONE_DAY: Final = timedelta(days=1)
_WHOLE_DAY: Final = (Shift("Day", Window(frozenset(range(7)), time(), time())),)
"""What is planned where no shifts are."""


def shifts_of(plan: FactoryPlan) -> tuple[Shift, ...]:
    """Return the shifts of the plan; without any, every day is one."""
    return plan.shifts or _WHOLE_DAY


def occurrences(plan: FactoryPlan, since: datetime, until: datetime) -> tuple[Occurrence, ...]:
    """Return the shifts that overlap the time from `since` until before `until`, in their order.

    Of a clock time that the clocks show twice the first showing counts; one that they skip comes as much later as they
    skip (PEP 495, fold 0). So neighbouring shifts never overlap and leave nothing between them.
    """
    first = since.astimezone(plan.zone).date() - 2 * _ONE_DAY
    last = until.astimezone(plan.zone).date() + _ONE_DAY
    days = (first + number * _ONE_DAY for number in range((last - first).days + 1))
    found = (one for day in days if day not in plan.holidays for one in _on(plan, day))
    return tuple(sorted((one for one in found if one.start < until and one.end > since), key=lambda one: one.start))


def occurrence_at(plan: FactoryPlan, at: datetime) -> Occurrence | None:
    """Return the shift that runs at that moment."""
    return next(iter(occurrences(plan, at, at + timedelta(microseconds=1))), None)


def neighbourhood(plan: FactoryPlan, since: datetime, until: datetime) -> tuple[Occurrence, ...]:
    """Return the shifts that overlap the time, and those that touch one of them within the handover."""
    inner = occurrences(plan, since, until)
    if not inner:
        return ()
    reach = plan.handover + timedelta(microseconds=1)
    return occurrences(plan, inner[0].start - reach, inner[-1].end + reach)


def work_of(occurrence: Occurrence) -> Iterator[tuple[datetime, datetime]]:
    """Give the shift's time without its breaks, in pieces."""
    begin = occurrence.start
    for pause_start, pause_end in occurrence.breaks:
        if begin < pause_start:
            yield begin, pause_start
        begin = pause_end
    if begin < occurrence.end:
        yield begin, occurrence.end


def clipped(
    pieces: Iterable[tuple[datetime, datetime]], since: datetime, until: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Give what of the pieces lies between the two moments."""
    for start, end in pieces:
        if max(start, since) < min(end, until):
            yield max(start, since), min(end, until)


def _on(plan: FactoryPlan, day: date) -> Iterator[Occurrence]:
    for shift in shifts_of(plan):
        window = shift.window
        if day.weekday() not in window.days:
            continue
        start, end = _moments(plan, day, window.start, window)
        if start < end:
            breaks = (_moments(plan, day, window.start, pause) for pause in shift.breaks)
            yield Occurrence(shift.name, day, start, end, _tidy(list(breaks), start, end))


def _moments(plan: FactoryPlan, day: date, begins: time, window: Window) -> tuple[datetime, datetime]:
    """Return start and end of a window within the shift that begins on `day` at the clock time `begins`."""
    first = day + _ONE_DAY if window.start < begins else day
    last = first + _ONE_DAY if window.end <= window.start else first
    start, end = (
        datetime.combine(on, clock, plan.zone).astimezone(UTC)
        for on, clock in ((first, window.start), (last, window.end))
    )
    return start, end


def _tidy(
    breaks: Sequence[tuple[datetime, datetime]], start: datetime, end: datetime
) -> tuple[tuple[datetime, datetime], ...]:
    """Cut breaks to their shift and join those that touch: the clocks' change may push one into the next."""
    joined: list[tuple[datetime, datetime]] = []
    for begin, finish in sorted(clipped(breaks, start, end)):
        if joined and begin <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(finish, joined[-1][1])
        else:
            joined.append((begin, finish))
    return tuple(joined)
