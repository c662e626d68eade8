"""The clock of free time: days of the site's calendar, and what those over free time cost."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from alpr.site.yard.demurrage import Rate, Tariff, clock_of

BERLIN = ZoneInfo("Europe/Berlin")
RATES = (
    Rate(0, 5, Decimal(20)),
    Rate(40, 5, Decimal(30)),
    Rate(40, 10, Decimal(50)),
)
CAME = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("feet", "days_later", "days", "left", "owed"),
    [
        (20, 0, 1, 4, "0"),
        (20, 4, 5, 0, "0"),
        (20, 5, 6, -1, "20"),
        (20, 8, 9, -4, "80"),
        (40, 9, 10, -5, "150"),
        (40, 11, 12, -7, "250"),
        (None, 5, 6, -1, "20"),
        (45, 5, 6, -1, "20"),
    ],
)
def test_what_the_clock_shows(feet, days_later, days, left, owed):
    """Rates of its own length before those of all others, each until the next begins."""
    clock = clock_of(Tariff(5, rates=RATES), feet, CAME, CAME + timedelta(days=days_later), BERLIN)
    assert (clock.days, clock.free_left, clock.owed) == (days, left, Decimal(owed))
    assert clock.last_free_day == date(2026, 3, 5)


def test_days_are_those_of_the_site():
    """Half past eleven at night in London is the next day in Berlin; the clock change costs no day."""
    late = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)
    assert clock_of(Tariff(), 20, late, late + timedelta(hours=1), BERLIN).days == 1
    assert clock_of(Tariff(), 20, late - timedelta(hours=1), late, BERLIN).days == 2


def test_rates_never_hold_on_free_days():
    """A rate from the first day on begins after free time."""
    tariff = Tariff(3, rates=(Rate(0, 0, Decimal("12.50")),))
    assert clock_of(tariff, 20, CAME, CAME + timedelta(days=4), BERLIN).owed == Decimal("25.00")


def test_overstay_is_measured_in_whole_time():
    """Not in days begun."""
    tariff = Tariff(overstay=timedelta(days=2))
    assert not clock_of(tariff, 20, CAME, CAME + timedelta(days=2), BERLIN).overstays
    assert clock_of(tariff, 20, CAME, CAME + timedelta(days=2, seconds=1), BERLIN).overstays
