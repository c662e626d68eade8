"""Metrics out of the store: equal to the slowest way to add up, in whatever order and parts the events came."""

from __future__ import annotations

import asyncio
import functools
import random
import tempfile
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alpr.activity import ActivityKind, in_us
from alpr.activityintake import terms_of
from alpr.site.productivity import Amounts
from alpr.site.shifts import occurrences, work_of
from alpr.store import activity, activitysources
from alpr.store.activitysums import roll
from alpr.store.database import open_database
from alpr.store.lock import DATABASE_FILE
from alpr.store.migrations import migrate
from alpr.store.productivity import Step, measured, timeline, trend
from tests.site.drawn_floor import PLAN, SPRING, drawn_events, slow_part, slow_spans

LATER = SPRING + timedelta(days=10)
SLOW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


async def stored(db, events, *, parts=1):
    """Keep events in as many transactions."""
    size = -(-len(events) // parts) or 1
    for first in range(0, len(events), size):
        async with db.write() as connection:
            source = await activitysources.number_of(connection, "camera", LATER)
            terms = terms_of(PLAN, strangers=True)
            await activity.add(connection, events[first : first + size], terms, source, LATER)


async def rolled(db):
    while await roll(db, PLAN, LATER):
        pass


@functools.cache
def _empty() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        migrate(Path(folder) / DATABASE_FILE)
        return (Path(folder) / DATABASE_FILE).read_bytes()


def in_database(story):
    """Run a story with a database of its own."""

    async def told():
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / DATABASE_FILE).write_bytes(_empty())
            db = await open_database(Path(folder))
            try:
                return await story(db)
            finally:
                await db.close()

    return asyncio.run(told())


def slowly(events, since: datetime, until: datetime):
    """Return the amounts of each worker, added up span by span."""
    taking = slow_part(events, PLAN, since, until)
    shifts = {one.start: one for one in occurrences(PLAN, since, until)}
    found: dict = defaultdict(lambda: defaultdict(int))
    for span in slow_spans(events, PLAN, since, until):
        begin = next(start for start, one in shifts.items() if start <= span.start < one.end)
        if (begin, span.worker) in taking and span.state != "unknown":
            found[span.worker][span.state.value] += span.length
    for start, worker in taking & {(start, worker) for start in shifts for worker in ("W1", "W2", "W3")}:
        one = shifts[start]
        clip = [(max(a, since), min(b, until)) for a, b in work_of(one)]
        net = sum(in_us(b - a) for a, b in clip if a < b)
        whole = in_us(min(one.end, until) - max(one.start, since))
        found[worker]["planned"] += whole
        found[worker]["breaks"] += whole - net
    for event in events:
        if event.kind is ActivityKind.PRODUCT_COUNT and since <= event.at < until:
            sure = event.confidence >= PLAN.min_confidence
            found[event.worker]["units" if sure else "unsure_units"] += event.count
    for sums in found.values():
        known = sums["working"] + sums["idle"] + sums["absent"]
        sums["unknown"] = sums["planned"] - sums["breaks"] - known
    return {worker: Amounts(**sums) for worker, sums in found.items() if any(sums.values())}


def window_of(draw):
    first = SPRING + timedelta(minutes=draw[0])
    return first, first + timedelta(minutes=1 + draw[1])


@SLOW
@given(drawn_events(), st.tuples(st.integers(0, 3000), st.integers(0, 4000)), st.integers(0, 99))
def test_sums_are_what_the_slowest_way_gives(events, place, seed):
    """Worker by worker, over any window, whether the sums are kept, half kept, or made from the events."""
    since, until = window_of(place)
    expected = slowly(events, since, until)

    async def story(db):
        dice = random.Random(seed)
        half = dice.randint(0, len(events))
        await stored(db, events[:half])
        await rolled(db)
        await stored(db, events[half:], parts=dice.randint(1, 5))
        before = await measured(db, PLAN, since, until, LATER)
        spans = await timeline(db, PLAN, since, until, LATER)
        course = await trend(db, PLAN, since, until, LATER, dice.choice(list(Step)))
        await rolled(db)
        return before, await measured(db, PLAN, since, until, LATER), spans, course

    before, after, spans, course = in_database(story)
    assert before == after
    assert {one.worker: one.amounts for one in after.workers if one.amounts != Amounts()} == expected
    total = sum(expected.values(), Amounts())
    assert after.total == total
    # The stations tell the same, but for what nobody knows of any place.
    there = sum((one.amounts for one in after.stations), Amounts())
    figures = ("working", "idle", "absent", "units", "unsure_units")
    assert [getattr(there, name) for name in figures] == [getattr(total, name) for name in figures]
    assert all(0 <= one.busy <= one.occupied <= one.open for one in after.stations)
    assert sum((point.amounts for point in course), Amounts()) == total
    by_state: dict = defaultdict(int)
    for span in spans:
        by_state[span.state.value] += span.length
    assert dict(by_state) == {
        name: amount
        for name, amount in (
            ("working", total.working),
            ("idle", total.idle),
            ("absent", total.absent),
            ("unknown", total.unknown),
            ("break", total.breaks),
        )
        if amount
    }
