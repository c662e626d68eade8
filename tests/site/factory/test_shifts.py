"""Shifts as moments: over midnight, on holidays, and when the clocks change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from alpr.activity import HOUR, FactoryPlan, Shift, in_us, to_us
from alpr.site.factory.shifts import occurrence_at, occurrences, work_of
from alpr.site.factory.workstates import cell_of, next_cell
from tests.site.drawn_floor import BERLIN, PLAN, WORKDAYS, window

SPRING = datetime(2026, 3, 28, 12, tzinfo=UTC)
AUTUMN = datetime(2026, 10, 24, 12, tzinfo=UTC)


def local(moment: datetime) -> str:
    return f"{moment.astimezone(BERLIN):%a %H:%M}"


@pytest.mark.parametrize(
    ("since", "told", "hours", "working"),
    [
        (datetime(2026, 3, 3, 12, tzinfo=UTC), "Tue 22:00 - Wed 06:00", 8.0, 7.5),
        (SPRING, "Sat 22:00 - Sun 06:00", 7.0, 6.5),
        (AUTUMN, "Sat 22:00 - Sun 06:00", 9.0, 8.5),
    ],
)
def test_a_night_is_as_long_as_the_clocks_make_it(since, told, hours, working):
    """Seven hours in spring, nine in autumn; the break is half an hour each time."""
    (night,) = [one for one in occurrences(PLAN, since, since + timedelta(hours=14)) if one.shift == "Night"]
    assert f"{local(night.start)} - {local(night.end)}" == told
    assert night.end - night.start == timedelta(hours=hours)
    assert sum((end - start for start, end in work_of(night)), timedelta()) == timedelta(hours=working)
    assert night.day == since.date()


@pytest.mark.parametrize(
    ("since", "showing"), [(SPRING, "03:00 CEST - 03:30 CEST"), (AUTUMN, "02:00 CEST - 02:30 CEST")]
)
def test_a_break_when_the_clocks_change(since, showing):
    """One that is skipped comes as much later; of one that comes twice the first counts."""
    (night,) = [one for one in occurrences(PLAN, since, since + timedelta(hours=14)) if one.shift == "Night"]
    ((start, end),) = night.breaks
    assert f"{start.astimezone(BERLIN):%H:%M %Z} - {end.astimezone(BERLIN):%H:%M %Z}" == showing


@pytest.mark.parametrize("begin", [SPRING, AUTUMN, datetime(2026, 6, 1, tzinfo=UTC)])
def test_shifts_that_meet_leave_nothing_between_them(begin):
    """Each begins when the one before ends, on every day of the year."""
    plan = replace(PLAN, holidays=frozenset())
    found = occurrences(plan, begin, begin + timedelta(days=4))
    assert all(one.end == other.start for one, other in pairwise(found))
    assert len(found) >= 12


def test_shifts_that_change_within_the_doubled_hour():
    """The end of one and the begin of the next are the same showing of the clock."""
    shifts = (Shift("A", window("18:00", "02:30")), Shift("B", window("02:30", "10:00")))
    for begin in (SPRING, AUTUMN):
        found = occurrences(FactoryPlan(BERLIN, shifts), begin, begin + timedelta(days=1))
        assert all(one.end == other.start for one, other in pairwise(found) if other.shift == "B")


def test_no_shift_begins_on_a_holiday():
    """The night that began the day before goes on into it."""
    plan = replace(PLAN, holidays=frozenset({date(2026, 3, 4)}))
    day = datetime(2026, 3, 3, 23, tzinfo=UTC)
    assert [(one.shift, one.day.day) for one in occurrences(plan, day, day + timedelta(hours=24))] == [("Night", 3)]


def test_shifts_of_some_days():
    """Mon-Fri: none between Friday's end and Monday's begin, but Friday's night ends on Saturday."""
    plan = FactoryPlan(BERLIN, (Shift("Night", window("22:00", "06:00", WORKDAYS)),))
    saturday = datetime(2026, 3, 6, 23, tzinfo=UTC)
    assert [local(one.end) for one in occurrences(plan, saturday, saturday + timedelta(days=1))] == ["Sat 06:00"]


def test_without_shifts_every_day_is_one():
    """From midnight to midnight, 23 hours long when the clocks go on."""
    day = occurrence_at(FactoryPlan(BERLIN), datetime(2026, 3, 29, 12, tzinfo=UTC))
    assert day is not None
    assert (local(day.start), day.end - day.start) == ("Sun 00:00", timedelta(hours=23))


def test_nothing_runs_between_shifts():
    """A moment outside of all shifts has none."""
    plan = FactoryPlan(BERLIN, (Shift("Early", window("06:00", "14:00")),))
    assert occurrence_at(plan, datetime(2026, 3, 4, 14, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("zone", "cells"), [("Europe/Berlin", [0]), ("Asia/Kolkata", [0, 30]), ("Asia/Kathmandu", [0, 15]), ("UTC", [0])]
)
def test_cells_begin_at_full_hours_here_and_there(zone, cells):
    """Of UTC and of the site, which differ where a zone is half an hour off."""
    plan = FactoryPlan(ZoneInfo(zone))
    hour = to_us(datetime(2026, 3, 4, 5, tzinfo=UTC))
    begins = sorted({cell_of(hour + in_us(timedelta(minutes=minute)), plan) for minute in range(60)})
    assert [(begin - hour) // in_us(timedelta(minutes=1)) for begin in begins] == cells
    ends = [next_cell(begin, plan) for begin in begins]
    assert ends == [*begins[1:], hour + HOUR]
