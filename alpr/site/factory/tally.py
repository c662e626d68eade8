"""Sums of what happened, by cell (an hour at most), shift, worker and station: what metrics of any window add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import numpy as np

from alpr.activity import FactoryPlan, Occurrence, from_us, in_us, to_us
from alpr.site.factory.shifts import occurrences
from alpr.site.factory.workstates import (
    ABSENT,
    IDLE,
    PRODUCTS,
    UNSURE,
    WORKING,
    EventColumns,
    Ints,
    Pieces,
    boundaries_of,
    cell_of,
    cells_of,
    covered,
    pieces_of,
    segments_of,
)

OUTSIDE: Final = 0
"""The shift of what happens outside of all shifts; others are named by when they begin."""
_FIGURES: Final = 8


@dataclass(frozen=True, slots=True)
class Sum:
    """What one worker did at one station in one cell; lengths in microseconds."""

    day: int
    """Of the cell, by the site's clock, as Python's ordinal."""
    shift: int
    """When the shift begins, microseconds since 1970, or `OUTSIDE`."""
    worker_id: int
    station_id: int
    cell: int
    """When it begins, microseconds since 1970."""
    working: int
    idle: int
    absent: int
    unsure: int
    """Time after events that were not sure enough."""
    units: int
    unsure_units: int
    core: int
    """Events further than the handover from both ends of the shift."""
    marginal: int
    """All other events in the shift."""


@dataclass(frozen=True, slots=True)
class StationSum:
    """How long somebody was at a station in one cell, by the clock, however many they were."""

    day: int
    shift: int
    station_id: int
    cell: int
    occupied: int
    """Somebody worked or was idle there."""
    busy: int
    """Somebody worked there."""


@dataclass(frozen=True, slots=True)
class Tally:
    """The sums of a stretch of time, each key once."""

    workers: tuple[Sum, ...]
    stations: tuple[StationSum, ...]


def tally(
    events: EventColumns, plan: FactoryPlan, stretch: tuple[datetime, datetime], window: tuple[datetime, datetime]
) -> Tally:
    """Add up the events of a stretch, which must come with what each worker did last before it.

    Times and units count within `window` alone, presence (`core`, `marginal`) in the whole stretch.
    """
    shifts = occurrences(plan, stretch[0] - plan.max_gap, stretch[1])
    since, until = max(stretch[0], window[0]), min(stretch[1], window[1])
    segments = segments_of(shifts, plan, since, until)
    pieces = pieces_of(events, segments, boundaries_of(shifts), in_us(plan.max_gap))
    begins = np.array([to_us(one.start) for one in shifts], np.int64)
    cells = np.array([cell_of(int(start), plan) for start in segments.start], np.int64)
    where = (cells[pieces.segment], begins[segments.occurrence[pieces.segment]])
    amounts = _times(pieces, where)
    counted = _counted(events, plan, shifts, stretch, (to_us(since), to_us(until)))
    keys, figures = _grouped(
        np.concatenate([amounts[0], counted[0]], axis=1), np.concatenate([amounts[1], counted[1]], axis=1)
    )
    days = _days(keys[0], plan)
    workers = tuple(
        Sum(days[cell], shift, worker, station, cell, *row)
        for (cell, shift, worker, station), row in zip(keys.T.tolist(), figures.T.tolist(), strict=True)
    )
    return Tally(workers, _stations(pieces, where, plan))


def joined(tallies: Sequence[Tally]) -> Tally:
    """Return the sums of stretches that follow each other as those of one."""
    if len(tallies) == 1:
        return tallies[0]
    workers: dict[tuple[int, ...], Sum] = {}
    stations: dict[tuple[int, ...], StationSum] = {}
    for one in tallies:
        for sums in one.workers:
            key = sums.cell, sums.shift, sums.worker_id, sums.station_id
            workers[key] = _plus(workers[key], sums) if key in workers else sums
        for clock in one.stations:
            place = clock.cell, clock.shift, clock.station_id
            before = stations.get(place)
            if before is not None:
                stations[place] = replace(
                    clock, occupied=before.occupied + clock.occupied, busy=before.busy + clock.busy
                )
            else:
                stations[place] = clock
    return Tally(tuple(workers.values()), tuple(stations.values()))


def _plus(one: Sum, other: Sum) -> Sum:
    figures = ("working", "idle", "absent", "unsure", "units", "unsure_units", "core", "marginal")
    return replace(one, **{name: getattr(one, name) + getattr(other, name) for name in figures})


def _times(pieces: Pieces, where: tuple[Ints, Ints]) -> tuple[Ints, Ints]:
    """Return keys (cell, shift, worker, station) `(4, n)` and figures `(8, n)` of the pieces."""
    figures = np.zeros((_FIGURES, pieces.start.size), np.int64)
    for row, code in enumerate((WORKING, IDLE, ABSENT, UNSURE)):
        figures[row] = np.where(pieces.code == code, pieces.end - pieces.start, 0)
    return np.stack([*where, pieces.worker, pieces.station]), figures


def _counted(
    events: EventColumns,
    plan: FactoryPlan,
    shifts: Sequence[Occurrence],
    stretch: tuple[datetime, datetime],
    window: tuple[int, int],
) -> tuple[Ints, Ints]:
    """Return keys and figures of products and presence."""
    chosen = np.flatnonzero((events.at >= to_us(stretch[0])) & (events.at < to_us(stretch[1])))
    at, inside = events.at[chosen], (events.at[chosen] >= window[0]) & (events.at[chosen] < window[1])
    shift, core = _shift_at(at, plan, shifts)
    products = np.where((events.kind[chosen] == PRODUCTS) & inside, events.count[chosen], 0)
    sure = events.sure[chosen]
    figures = np.zeros((_FIGURES, at.size), np.int64)
    figures[4], figures[5] = np.where(sure, products, 0), np.where(sure, 0, products)
    figures[6], figures[7] = (shift != OUTSIDE) & core, (shift != OUTSIDE) & ~core
    return np.stack([cells_of(at, plan), shift, events.worker[chosen], events.station[chosen]]), figures


def _shift_at(at: Ints, plan: FactoryPlan, shifts: Sequence[Occurrence]) -> tuple[Ints, np.typing.NDArray[np.bool_]]:
    """Return for each moment when its shift begins, and whether it is further than the handover from both ends."""
    if not shifts:
        return np.full(at.size, OUTSIDE, np.int64), np.zeros(at.size, np.bool_)
    starts = np.array([to_us(one.start) for one in shifts], np.int64)
    ends = np.array([to_us(one.end) for one in shifts], np.int64)
    handover = in_us(plan.handover)
    place = np.searchsorted(starts, at, side="right") - 1
    within = (place >= 0) & (at < ends[place])
    core = (at - starts[place] >= handover) & (ends[place] - at > handover)
    return np.where(within, starts[place], OUTSIDE), core


def _grouped(keys: Ints, figures: Ints) -> tuple[Ints, Ints]:
    """Add up the figures of equal keys; keys without any figure are left out."""
    keys, figures = keys[:, figures.any(axis=0)], figures[:, figures.any(axis=0)]
    if not keys.shape[1]:
        return keys, figures
    order = np.lexsort(keys[::-1])
    keys, figures = keys[:, order], figures[:, order]
    new = np.flatnonzero(np.append(True, (keys[:, 1:] != keys[:, :-1]).any(axis=0)))
    return keys[:, new], np.add.reduceat(figures, new, axis=1)


def _stations(pieces: Pieces, where: tuple[Ints, Ints], plan: FactoryPlan) -> tuple[StationSum, ...]:
    figures = np.stack([covered(pieces, (WORKING, IDLE)), covered(pieces, (WORKING,))])
    keys, figures = _grouped(np.stack([*where, pieces.station]), figures)
    days = _days(keys[0], plan)
    return tuple(
        StationSum(days[cell], shift, station, cell, occupied, busy)
        for (cell, shift, station), (occupied, busy) in zip(keys.T.tolist(), figures.T.tolist(), strict=True)
    )


def _days(cells: Ints, plan: FactoryPlan) -> dict[int, int]:
    return {int(cell): from_us(int(cell)).astimezone(plan.zone).date().toordinal() for cell in np.unique(cells)}
