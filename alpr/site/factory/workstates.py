"""From events to states: what each worker did where, cut at shifts, breaks and hours. Pure arrays, exact integers.

All arrays are one-dimensional int64, moments and lengths in microseconds (since 1970 UTC).

A state begins with its event and lasts until the worker's next state event, but never beyond the next begin of a break
or end of a shift that follows the event, nor longer than the plan's `max_gap`. Of states with the same worker and
moment the surer one holds. Product counts change no state.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from alpr.activity import HOUR, ActivityKind, FactoryPlan, Occurrence, from_us, in_us, to_us
from alpr.site.factory.shifts import work_of

Ints: TypeAlias = NDArray[np.int64]

WORKING, IDLE, ABSENT, UNSURE, PRODUCTS = range(5)
"""What an event says, as a number."""
CODES: Final = {
    ActivityKind.WORKING: WORKING,
    ActivityKind.IDLE: IDLE,
    ActivityKind.ABSENT: ABSENT,
    ActivityKind.PRODUCT_COUNT: PRODUCTS,
}
_NEVER: Final = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class EventColumns:
    """Events in any order; `rank` decides between two of a worker at the same moment: the higher one holds."""

    at: Ints
    worker: Ints
    station: Ints
    kind: Ints
    """One of the numbers above, `UNSURE` never."""
    sure: NDArray[np.bool_]
    """Whether the event reaches the plan's confidence."""
    count: Ints
    confidence: NDArray[np.float64]
    rank: NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Segments:
    """Time that is planned for work, cut at hours: sorted, apart from each other."""

    start: Ints
    end: Ints
    occurrence: Ints
    """Index of the shift."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """Parts of states that lie in one segment each."""

    worker: Ints
    station: Ints
    code: Ints
    start: Ints
    end: Ints
    segment: Ints
    """Index."""


def segments_of(shifts: Sequence[Occurrence], plan: FactoryPlan, since: datetime, until: datetime) -> Segments:
    """Return the working time of the shifts between two moments, cut where cells begin."""
    found: list[tuple[int, int, int]] = []
    first, last = to_us(since), to_us(until)
    for index, occurrence in enumerate(shifts):
        for begin, end in work_of(occurrence):
            low, high = max(to_us(begin), first), min(to_us(end), last)
            while low < high:
                cut = min(next_cell(low, plan), high)
                found.append((low, cut, index))
                low = cut
    columns = np.array(found, np.int64).reshape(-1, 3).T
    return Segments(columns[0], columns[1], columns[2])


def boundaries_of(shifts: Sequence[Occurrence]) -> Ints:
    """Return the moments that end every state: ends of shifts and begins of breaks, sorted."""
    moments = [to_us(one.end) for one in shifts] + [to_us(begin) for one in shifts for begin, _ in one.breaks]
    return np.array(sorted(moments), np.int64)


def cell_of(at: int, plan: FactoryPlan) -> int:
    """Return when the cell that holds the moment begins: cells are cut at the full hours of UTC and of the site."""
    hour = at // HOUR * HOUR
    phase = _phase(hour, plan)
    return hour + phase if at - hour >= phase else hour


def next_cell(at: int, plan: FactoryPlan) -> int:
    """Return when the cell after the one that holds the moment begins."""
    hour = at // HOUR * HOUR
    phase = _phase(hour, plan)
    return hour + phase if at - hour < phase else hour + HOUR


def cells_of(at: Ints, plan: FactoryPlan) -> Ints:
    """Return the cells of many moments."""
    hours, place = np.unique(at // HOUR, return_inverse=True)
    phases = np.array([_phase(int(hour) * HOUR, plan) for hour in hours], np.int64)[place]
    begins = at // HOUR * HOUR
    return begins + np.where(at - begins >= phases, phases, 0)


def pieces_of(events: EventColumns, segments: Segments, boundaries: Ints, max_gap: int) -> Pieces:
    """Return the states between the events, cut at the segments; what no segment covers is left out."""
    states = np.flatnonzero(events.kind != PRODUCTS)
    order = states[
        np.lexsort((events.rank[states], events.confidence[states], events.at[states], events.worker[states]))
    ]
    worker, at = events.worker[order], events.at[order]
    code = np.where(events.sure[order], events.kind[order], UNSURE)
    following = np.append(np.where(worker[1:] == worker[:-1], at[1:], _NEVER), _NEVER)[: at.size]
    end = np.minimum(np.minimum(following, at + max_gap), _next_boundary(at, boundaries))
    first = np.searchsorted(segments.end, at, side="right")
    last = np.searchsorted(segments.start, end, side="left")
    cuts = np.maximum(last - first, 0)
    source = np.repeat(np.arange(at.size), cuts)
    within = np.arange(source.size) - np.repeat(np.cumsum(cuts) - cuts, cuts)
    segment = first[source] + within
    start = np.maximum(at[source], segments.start[segment])
    finish = np.minimum(end[source], segments.end[segment])
    held = finish > start
    source, segment = source[held], segment[held]
    station = events.station[order][source]
    return Pieces(worker[source], station, code[source], start[held], finish[held], segment)


def covered(pieces: Pieces, codes: Sequence[int]) -> Ints:
    """Return for each piece how much of it no earlier piece of its station with one of the codes has covered.

    The sum over a station is the clock time in which at least one worker was there in one of these states.
    """
    chosen = np.flatnonzero(np.isin(pieces.code, codes))
    result = np.zeros(pieces.start.size, np.int64)
    if not chosen.size:
        return result
    order = chosen[np.lexsort((pieces.start[chosen], pieces.station[chosen]))]
    origin = int(pieces.start.min())
    stations = np.unique(pieces.station[order], return_inverse=True)[1]
    # Each station on a stretch of its own, so that one running maximum serves them all.
    shift = stations * (int(pieces.end.max()) - origin + 1)
    start, end = pieces.start[order] - origin + shift, pieces.end[order] - origin + shift
    reached = np.append(np.int64(-1), np.maximum.accumulate(end)[:-1])
    result[order] = np.maximum(end - np.maximum(start, reached), 0)
    return result


def _next_boundary(at: Ints, boundaries: Ints) -> Ints:
    place = np.searchsorted(boundaries, at, side="right")
    return np.append(boundaries, _NEVER)[place]


def _phase(hour: int, plan: FactoryPlan) -> int:
    """Return how long after a full hour of UTC the site's clock shows one: 0 in most time zones."""
    offset = from_us(hour).astimezone(plan.zone).utcoffset()
    assert offset is not None, "the zone is a zone"
    return -in_us(offset) % HOUR
