"""Who did what when: the states of each worker as spans, with what is unknown and the breaks in between."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

import numpy as np

from alpr.activity import ActivityState, FactoryPlan, Occurrence, Span, from_us, in_us, to_us
from alpr.site.factory.shifts import clipped, occurrences
from alpr.site.factory.workstates import (
    ABSENT,
    IDLE,
    UNSURE,
    WORKING,
    EventColumns,
    boundaries_of,
    pieces_of,
    segments_of,
)

_STATES: Final = {
    WORKING: ActivityState.WORKING,
    IDLE: ActivityState.IDLE,
    ABSENT: ActivityState.ABSENT,
    UNSURE: ActivityState.UNKNOWN,
}


def spans(
    events: EventColumns,
    plan: FactoryPlan,
    shifts: Sequence[Occurrence],
    taking: Collection[tuple[int, int]],
    window: tuple[datetime, datetime],
    names: tuple[Mapping[int, str], Mapping[int, str]],
) -> tuple[Span, ...]:
    """Return the spans of those who take part (shift, worker) in the window, sorted by worker and time.

    The spans of a worker fill the window's part of each of his shifts without a gap. `events` come with
    what each worker did last before the window; `names` are the keys of workers and of stations by their numbers.
    """
    workers, stations = names
    begins = [to_us(one.start) for one in shifts]
    known: dict[tuple[int, int], list[Span]] = {one: [] for one in taking}
    for worker, station, code, start, end, shift in _known(events, plan, shifts, window):
        if (begins[shift], worker) in known:
            held = known[begins[shift], worker]
            name = shifts[shift].shift
            held.append(Span(workers[worker], stations[station], _STATES[code], from_us(start), from_us(end), name))
    by_begin = {to_us(one.start): one for one in shifts}
    found = (
        span
        for (shift, worker), held in known.items()
        if shift in by_begin
        for span in _filled(workers[worker], held, by_begin[shift], window)
    )
    return tuple(_merged(sorted(found, key=lambda one: (one.worker, one.start))))


def _known(
    events: EventColumns, plan: FactoryPlan, shifts: Sequence[Occurrence], window: tuple[datetime, datetime]
) -> Iterator[tuple[int, int, int, int, int, int]]:
    """Give worker, station, code, start, end and shift of the known states; pieces that touch and agree are one."""
    segments = segments_of(shifts, plan, *window)
    before = occurrences(plan, window[0] - plan.max_gap, window[1])
    pieces = pieces_of(events, segments, boundaries_of(before), in_us(plan.max_gap))
    if not pieces.start.size:
        return
    same = (pieces.worker, pieces.station, pieces.code, segments.occurrence[pieces.segment])
    parted = pieces.start[1:] != pieces.end[:-1]
    for column in same:
        parted |= column[1:] != column[:-1]
    first = np.append(0, np.flatnonzero(parted) + 1)
    last = np.append(first[1:], pieces.start.size) - 1
    columns = (*(column[first] for column in same[:3]), pieces.start[first], pieces.end[last], same[3][first])
    yield from zip(*(column.tolist() for column in columns), strict=True)


def _filled(
    worker: str, held: Iterable[Span], occurrence: Occurrence, window: tuple[datetime, datetime]
) -> Iterator[Span]:
    """Give the spans of one worker's shift with its breaks, and what is unknown between them."""
    breaks = (
        Span(worker, "", ActivityState.BREAK, start, end, occurrence.shift)
        for start, end in clipped(occurrence.breaks, *window)
    )
    at, last = max(occurrence.start, window[0]), min(occurrence.end, window[1])
    for span in sorted([*held, *breaks], key=lambda one: one.start):
        if at < span.start:
            yield Span(worker, "", ActivityState.UNKNOWN, at, span.start, occurrence.shift)
        yield span
        at = span.end
    if at < last:
        yield Span(worker, "", ActivityState.UNKNOWN, at, last, occurrence.shift)


def _merged(sorted_spans: Iterable[Span]) -> Iterator[Span]:
    """Join spans that say the same and touch."""
    held: Span | None = None
    for span in sorted_spans:
        if held is not None and held.end == span.start and _same(held, span):
            held = replace(held, end=span.end)
            continue
        if held is not None:
            yield held
        held = span
    if held is not None:
        yield held


def _same(one: Span, other: Span) -> bool:
    return (one.worker, one.station, one.state, one.shift) == (other.worker, other.station, other.state, other.shift)
