"""Metrics out of the store: equal to the slowest way to add up, in whatever order and parts the events came."""

from __future__ import annotations

import asyncio
import functools
import random
import tempfile
from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alpr.activity import ActivityKind, in_us
from alpr.intake.activity import terms_of
from alpr.site.factory.ledger import Narrow
from alpr.site.factory.productivity import Amounts
from alpr.site.factory.shifts import occurrences, work_of
from alpr.store import activity, activitysources
from alpr.store.activitysums import add_up, roll
from alpr.store.database import open_database
from alpr.store.lock import DATABASE_FILE
from alpr.store.migrations import migrate
from alpr.store.productivity import Step, measured, timeline, trend
from tests.site.drawn_floor import PLAN, SPRING, drawn_events, event, slow_part, slow_spans

LATER = SPRING + timedelta(days=10)
SLOW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


async def stored(db, events, *, parts=1, source="camera"):
    """Keep events in as many transactions."""
    size = -(-len(events) // parts) or 1
    for first in range(0, len(events), size):
        async with db.write() as connection:
            number = await activitysources.number_of(connection, source, LATER)
            terms = terms_of(PLAN, strangers=True)
            await activity.add(connection, events[first : first + size], terms, number, LATER)


async def rolled(db, now=LATER):
    while await roll(db, PLAN, now):
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
    for one in events:
        if one.kind is ActivityKind.PRODUCT_COUNT and since <= one.at < until:
            sure = one.confidence >= PLAN.min_confidence
            found[one.worker]["units" if sure else "unsure_units"] += one.count
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


@SLOW
@given(drawn_events(), st.randoms(use_true_random=False))
def test_order_repetition_and_parts_do_not_matter(events, dice):
    """Any permutation of the same events, some of them again, in any batches, gives the same metrics."""
    since, until = SPRING, SPRING + timedelta(hours=60)
    mixed = [*events, *dice.sample(events, len(events) // 2)]
    dice.shuffle(mixed)

    async def straight(db):
        await stored(db, events)
        return await measured(db, PLAN, since, until, LATER), await timeline(db, PLAN, since, until, LATER)

    async def crooked(db):
        for first in range(0, len(mixed), 17):
            await stored(db, mixed[first : first + 17], parts=dice.randint(1, 3))
            if dice.random() < 1 / 3:
                await rolled(db)
        return await measured(db, PLAN, since, until, LATER), await timeline(db, PLAN, since, until, LATER)

    assert in_database(straight) == in_database(crooked)


def test_narrowed_figures_are_parts_of_the_whole():
    """Of a worker, a station, a shift; the parts add up to the whole."""
    events = [
        event(SPRING + timedelta(minutes=20 * number), f"W{number % 3}", f"S{number % 2}", kind, count=number % 4)
        for number, kind in enumerate(["working", "idle", "product_count", "working", "absent"] * 30)
    ]
    since, until = SPRING, SPRING + timedelta(hours=40)

    async def story(db):
        await stored(db, events)
        ask = functools.partial(measured, db, PLAN, since, until, LATER)
        whole = await ask()
        return (
            whole,
            [await ask(Narrow(worker=name)) for name in ("W0", "W1", "W2")],
            [await ask(Narrow(station=name)) for name in ("S0", "S1")],
            [await ask(Narrow(shift=name)) for name in ("Early", "Late", "Night")],
            await ask(Narrow(worker="nobody")),
            [await trend(db, PLAN, since, until, LATER, Step.DAY, Narrow(worker="W1"))],
            await timeline(db, PLAN, since, until, LATER, Narrow(worker="W1")),
        )

    whole, workers, stations, shifts, nobody, ((*course,),), spans = in_database(story)
    assert sum((one.total for one in workers), Amounts()) == whole.total
    assert [one.workers for one in workers] == [(one,) for one in whole.workers]
    assert sum((one.total for one in shifts), Amounts()) == whole.total
    assert sum(one.total.working for one in stations) == whole.total.working
    assert sum(one.total.units for one in stations) == whole.total.units
    assert (nobody.total, nobody.workers) == (Amounts(), ())
    assert sum((one.amounts for one in course), Amounts()) == workers[1].total
    assert {one.worker for one in spans} == {"W1"}
    assert sum(one.length for one in spans) == workers[1].total.planned


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"min_confidence": 0.95}, False),
        ({"max_gap": timedelta(minutes=5)}, False),
        ({"handover": timedelta(minutes=10)}, True),
        ({"holidays": frozenset({date(2026, 3, 28)})}, False),
    ],
)
def test_another_plan_counts_at_once(change, same):
    """Sums of an old plan are never taken for those of a new one, before they are made anew and after."""
    events = [event(SPRING + timedelta(hours=9, minutes=20 * number), count=2) for number in range(20)]
    since, until = SPRING, SPRING + timedelta(hours=40)
    plan = replace(PLAN, **change)

    async def story(db):
        await stored(db, events)
        await rolled(db)
        old = await measured(db, PLAN, since, until, LATER)
        new = await measured(db, plan, since, until, LATER)
        while await roll(db, plan, LATER):
            pass
        assert await measured(db, plan, since, until, LATER) == new
        return old, new

    old, new = in_database(story)
    assert (old == new) is same


def test_a_source_that_is_removed_leaves_nothing():
    """Its events, what nobody else names, and its part of the sums."""
    mine = [event(SPRING + timedelta(minutes=10 * number)) for number in range(100)]
    other = [event(SPRING + timedelta(minutes=10 * number + 5), "W9", "S9") for number in range(100)]
    since, until = SPRING, SPRING + timedelta(hours=40)

    async def story(db):
        await stored(db, mine)
        before = await measured(db, PLAN, since, until, LATER)
        await stored(db, other, source="demo")
        await rolled(db)
        assert await activitysources.remove(db, "demo", PLAN.max_gap) == 100
        assert await activitysources.remove(db, "demo", PLAN.max_gap) == 0
        after = await measured(db, PLAN, since, until, LATER)
        await rolled(db)
        names = [one.name for one in await activitysources.everyone(db)]
        return before, after, await measured(db, PLAN, since, until, LATER), names

    before, after, rolled_up, names = in_database(story)
    assert before == after == rolled_up
    assert names == ["camera"]


@SLOW
@given(drawn_events(hours=8), st.integers(1, 9))
def test_hours_are_added_up_in_parts_where_there_are_many_events(events, at_once):
    """However many events are held in memory, the sums are the same."""
    whole = SPRING, SPRING + timedelta(hours=8)

    async def story(db):
        await stored(db, events)
        async with db.read() as connection:
            made = [await add_up(connection, PLAN, whole, whole, many) for many in (at_once, 1000)]
        return [(frozenset(one.workers), frozenset(one.stations)) for one in made]

    parts, at_a_time = in_database(story)
    assert parts == at_a_time


@SLOW
@given(drawn_events(hours=3), st.integers(1, 170), st.integers(0, 99))
def test_the_running_hour_is_right_whatever_came_since(events, minute, seed):
    """Figures until now, asked again and again while events come, early and late ones."""
    dice = random.Random(seed)
    since, now = SPRING, SPRING + timedelta(minutes=minute, seconds=dice.randint(0, 59))

    async def growing(db):
        found = []
        for first in range(0, len(events), 7):
            await stored(db, events[first : first + 7])
            if dice.random() < 1 / 4:
                await rolled(db, now)
            for until in (now, now - timedelta(minutes=dice.randint(0, 90))):
                figures = await measured(db, PLAN, since, until, now)
                found.append((until, first, figures))
        return found

    async def anew(db, first):
        await stored(db, events[: first + 7])
        return [await measured(db, PLAN, since, until, now) for until, place, _ in asked if place == first]

    asked = in_database(growing)
    for first in range(0, len(events), 7):
        expected = in_database(lambda db, first=first: anew(db, first))
        assert [one for _, place, one in asked if place == first] == expected
