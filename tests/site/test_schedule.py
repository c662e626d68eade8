"""Weekly windows: over midnight, over the end of the week, and when the clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpr.access import Window
from alpr.site.schedule import holds, parse_schedule, schedule_words

BERLIN = ZoneInfo("Europe/Berlin")
# Clocks go from 02:00 to 03:00 on Sunday 2026-03-29 at 01:00 UTC, and from 03:00 to 02:00 on 2026-10-25 at 01:00 UTC.
SPRING, AUTUMN = "2026-03-29", "2026-10-25"


@pytest.mark.parametrize(
    ("schedule", "local", "inside"),
    [
        ("", "2026-06-17 03:00", True),
        ("Mon-Fri 06:00-18:00", "2026-06-17 06:00", True),
        ("Mon-Fri 06:00-18:00", "2026-06-17 17:59", True),
        ("Mon-Fri 06:00-18:00", "2026-06-17 18:00", False),
        ("Mon-Fri 06:00-18:00", "2026-06-20 12:00", False),
        ("Mon-Fri 06:00-18:00; Sat 08:00-12:00", "2026-06-20 08:00", True),
        ("Fri 22:00-06:00", "2026-06-19 23:00", True),
        ("Fri 22:00-06:00", "2026-06-20 05:59", True),
        ("Fri 22:00-06:00", "2026-06-20 06:00", False),
        ("Fri 22:00-06:00", "2026-06-19 05:00", False),
        ("Sun 22:00-06:00", "2026-06-22 01:00", True),
        ("Sat-Mon 00:00-24:00", "2026-06-22 23:59", True),
        ("Sat-Mon 00:00-24:00", "2026-06-23 00:00", False),
        ("10:00-10:00", "2026-06-23 09:59", True),
        ("Sat 22:00-06:00", f"{SPRING} 03:30", True),
        ("Sat 22:00-06:00", f"{SPRING} 05:59", True),
        ("Sat 22:00-06:00", f"{SPRING} 06:00", False),
        ("Sun 02:30-03:30", f"{SPRING} 03:29", True),
        ("Sun 02:30-03:30", f"{SPRING} 03:30", False),
        ("Sun 01:30-02:30", f"{SPRING} 01:59", True),
        ("Sun 01:30-02:30", f"{SPRING} 03:00", False),
        ("Sun 02:10-02:50", f"{SPRING} 03:10", False),
    ],
)
def test_a_window_goes_by_the_clock_of_the_site(schedule, local, inside):
    """Of an hour that the clocks skip there is nothing to take."""
    at = datetime.fromisoformat(local).replace(tzinfo=BERLIN)
    assert holds(parse_schedule(schedule), at.astimezone(UTC), BERLIN) is inside


@pytest.mark.parametrize(
    ("schedule", "hours"),
    [
        ("Sat 22:00-06:00", 9),
        ("Sun 01:30-02:30", 2),
        ("Sun 02:30-03:30", 2),
        ("Sun 02:10-02:50", 1 + 40 / 60),
    ],
)
def test_an_hour_that_the_clocks_show_twice_is_inside_both_times(schedule, hours):
    """And the window has no hole in it: who may enter at 02:20 does not have to wait at 02:40."""
    minutes = [datetime(2026, 10, 24, 18, 0, tzinfo=UTC) + timedelta(minutes=n) for n in range(24 * 60)]
    inside = [holds(parse_schedule(schedule), at, BERLIN) for at in minutes]
    assert sum(inside) == round(hours * 60)
    first = inside.index(True)
    assert all(inside[first : first + sum(inside)])


@pytest.mark.parametrize(("night", "hours"), [("2026-03-28", 7), ("2026-06-20", 8), ("2026-10-24", 9)])
def test_a_night_shift_lasts_as_long_as_the_night(night, hours):
    """Seven hours when the clocks go forward, nine when they go back."""
    begin = datetime.fromisoformat(f"{night} 20:00").replace(tzinfo=BERLIN).astimezone(UTC)
    inside = [holds(parse_schedule("Sat 22:00-06:00"), begin + timedelta(minutes=n), BERLIN) for n in range(16 * 60)]
    assert sum(inside) == hours * 60


_TIMES = st.builds(time, st.integers(0, 23), st.integers(0, 59))
_WINDOWS = st.builds(Window, st.frozensets(st.integers(0, 6), min_size=1), _TIMES, _TIMES)


@given(st.lists(_WINDOWS, max_size=4).map(tuple))
def test_what_is_said_of_a_schedule_can_be_read_back(schedule):
    """`Mon-Fri 06:00-18:00` means the same windows again."""
    assert parse_schedule(schedule_words(schedule)) == schedule


@given(
    window=_WINDOWS,
    at=st.datetimes(datetime(2026, 3, 20), datetime(2026, 11, 5)),  # noqa: DTZ001  made aware below
    days=st.integers(0, 6),
)
def test_away_from_clock_changes_a_week_later_is_the_same(window, at, days):
    """And a window of all days at a time of day does not care for the day."""
    zone = ZoneInfo("Asia/Tokyo")
    moment = at.replace(tzinfo=UTC)
    assert holds([window], moment, zone) == holds([window], moment + timedelta(weeks=1), zone)
    daily = Window(frozenset(range(7)), window.start, window.end)
    assert holds([daily], moment, zone) == holds([daily], moment + timedelta(days=days), zone)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Mon-Fri", "'Mon-Fri' is no window: write it as Mon-Fri 06:00-18:00"),
        ("Mo 06:00-18:00", "'Mo' is no day"),
        ("Mon 06.00-18:00", "'06.00' is no time of day: write it as 06:30"),
        ("Mon 25:00-18:00", "'25:00' is no time of day"),
        ("Mon 24:30-18:00", "'24:30' is no time of day"),
        ("Monty 06:00-18:00", "'Monty' is no day"),
    ],
)
def test_what_is_no_schedule_is_told_in_words(text, words):
    """With how to write it."""
    with pytest.raises(ValueError, match=words):
        parse_schedule(text)
