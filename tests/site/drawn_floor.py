"""A small factory floor for tests: a plan, events that are drawn by chance, and the slowest way to add them up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from alpr.access import Window
from alpr.activity import ActivityEvent, ActivityKind, ActivityState, FactoryPlan, Shift, Span
from alpr.site.factory.shifts import neighbourhood, occurrences

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = frozenset(range(7))
WORKDAYS = frozenset(range(5))


def window(start: str, end: str, days: frozenset[int] = WEEK) -> Window:
    """Make a window of clock times, `06:00`."""
    return Window(days, time.fromisoformat(start), time.fromisoformat(end))


PLAN = FactoryPlan(
    zone=BERLIN,
    shifts=(
        Shift("Early", window("06:00", "14:00"), (window("09:00", "09:15"), window("12:00", "12:30"))),
        Shift("Late", window("14:00", "22:00"), (window("18:00", "18:30"),)),
        Shift("Night", window("22:00", "06:00"), (window("02:00", "02:30"),)),
    ),
    holidays=frozenset({date(2026, 3, 31)}),
    max_gap=timedelta(minutes=45),
    handover=timedelta(minutes=10),
)
SPRING = datetime(2026, 3, 27, 22, 0, tzinfo=UTC)
"""The evening before a weekend on which the clocks change."""


def event(at: datetime, worker: str = "W1", station: str = "S1", kind: str = "working", **other) -> ActivityEvent:
    """Make an event."""
    return ActivityEvent(at, worker, station, ActivityKind(kind), other.pop("confidence", 0.9), **other)


def drawn_events(begin: datetime = SPRING, hours: int = 60) -> st.SearchStrategy[list[ActivityEvent]]:
    """Draw events of three workers at three stations; two of the same moment are common."""
    moment = st.integers(0, hours * 60).map(lambda minute: begin + timedelta(minutes=minute))
    odd = st.integers(0, hours * 3_600_000_000).map(lambda us: begin + timedelta(microseconds=us))
    one = st.builds(
        ActivityEvent,
        at=moment | odd,
        worker=st.sampled_from(["W1", "W2", "W3"]),
        station=st.sampled_from(["S1", "S2", "S3"]),
        kind=st.sampled_from(list(ActivityKind)),
        confidence=st.sampled_from([0.2, 0.5, 0.9]),
        count=st.integers(0, 9),
        id=st.just(""),
    )
    return st.lists(one, max_size=60, unique_by=lambda one: (one.at, one.worker, one.confidence, one.kind))


def slow_spans(events: Iterable[ActivityEvent], plan: FactoryPlan, since: datetime, until: datetime) -> list[Span]:
    """Follow the rules of the manual one event after the other: the known states between two moments, nothing else."""
    found = []
    events = sorted(events, key=lambda one: (one.at, one.confidence))
    shifts = occurrences(plan, since - timedelta(days=3), until + timedelta(days=3))
    ends = [one.end for one in shifts] + [start for one in shifts for start, _ in one.breaks]
    states = [one for one in events if one.kind is not ActivityKind.PRODUCT_COUNT]
    for place, one in enumerate(states):
        end = min([one.at + plan.max_gap, *(other.at for other in states[place + 1 :] if other.worker == one.worker)])
        end = min([end, *(moment for moment in ends if moment > one.at)])
        sure = one.confidence >= plan.min_confidence
        state = ActivityState(one.kind.value) if sure else ActivityState.UNKNOWN
        for shift in shifts:
            held = [(max(one.at, shift.start, since), min(end, shift.end, until))]
            for begin, finish in shift.breaks:
                held = [part for a, b in held for part in ((a, min(b, begin)), (max(a, finish), b))]
            for a, b in held:
                if a < b:
                    found.append(Span(one.worker, one.station, state, a, b, shift.shift))
    return found


def slow_part(events: Iterable[ActivityEvent], plan: FactoryPlan, since: datetime, until: datetime) -> set:
    """Return who takes part in which shift of the window, as (begin of the shift, worker)."""
    core, margin = set(), set()
    shifts = neighbourhood(plan, since, until)
    for one in events:
        for shift in shifts:
            if shift.start <= one.at < shift.end:
                inner = one.at - shift.start >= plan.handover and shift.end - one.at > plan.handover
                (core if inner else margin).add((shift.start, one.worker))
    near = {
        shift.start: [
            other.start
            for other in shifts
            if other != shift and other.start <= shift.end + plan.handover and other.end >= shift.start - plan.handover
        ]
        for shift in shifts
    }
    alone = {(at, who) for at, who in margin - core if not any((other, who) in core for other in near[at])}
    return core | alone
