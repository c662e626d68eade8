"""A sender's clock: ahead is told at once, behind when nothing ever comes in time."""

from __future__ import annotations

import pytest

from alpr.site.factory.clockskew import STREAK, SourceClock, heard

TOLERANCE = 60
OFF = 5000


@pytest.mark.parametrize(
    ("delays", "skew"),
    [
        ([0], 0),
        ([60, -60], 0),
        ([-61], 61),
        ([-61, 5], 0),
        ([OFF] * (STREAK - 1), 0),
        ([OFF] * STREAK, -OFF),
        ([OFF + 40, OFF] * STREAK, -OFF),
        ([OFF] * (STREAK - 1) + [3] + [OFF] * (STREAK - 1), 0),
        ([OFF] * STREAK + [2], 0),
        ([OFF] * STREAK + [-100], 100),
        ([-100] + [OFF] * 3, 0),
    ],
)
def test_what_the_delays_of_arrivals_tell(delays, skew):
    """One that is in time clears a clock; a backlog that is sent after a lost line is not a wrong clock."""
    clock = SourceClock()
    for number, delay in enumerate(delays):
        received = 100_000 + 1000 * number
        clock = heard(clock, received - delay, received, TOLERANCE)
    assert clock.skew == skew
