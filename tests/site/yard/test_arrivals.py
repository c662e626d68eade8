"""A container that comes in, against what was announced: a table of days and trucks."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from alpr.site.yard.arrivals import Arrival, Arriving, Expected, judge_arrival, worst
from tests.drawn_reads import NOON

CODE, TODAY = "MSCU1234566", date(2026, 3, 1)
LATER, TOMORROW = date(2026, 3, 9), date(2026, 3, 2)


def entry(due=TODAY, truck="", number=1, **changes):
    return Expected(CODE, due, truck, id=number, **changes)


@pytest.mark.parametrize(
    ("announced", "plates", "arrival", "number"),
    [
        ([], (), Arrival.UNEXPECTED, None),
        ([entry()], (), Arrival.EXPECTED, 1),
        ([entry(TOMORROW)], (), Arrival.EXPECTED, 1),
        ([entry(LATER)], (), Arrival.OTHER_DAY, 1),
        ([entry(truck="GX-XK 4821")], ("GXXK4821",), Arrival.EXPECTED, 1),
        ([entry(truck="GX-XK 4821")], ("GXXK4B21", "TR1"), Arrival.EXPECTED, 1),
        ([entry(truck="GX-XK 4821")], ("MZZ77",), Arrival.WRONG_TRUCK, 1),
        # No plate was read yet: nothing speaks against the truck.
        ([entry(truck="GX-XK 4821")], (), Arrival.EXPECTED, 1),
        ([entry(truck="MZZ77"), entry(truck="GXXK4821", number=2)], ("GXXK4821",), Arrival.EXPECTED, 2),
        ([entry(LATER), entry(TOMORROW, number=2)], (), Arrival.EXPECTED, 2),
        # It came with another pass a day ago: this one is not announced.
        ([entry(arrived_with="old", arrived_at=NOON - timedelta(days=1))], (), Arrival.UNEXPECTED, None),
        # It came a minute ago: the next camera sees it once more.
        ([entry(arrived_with="old", arrived_at=NOON - timedelta(minutes=1))], (), Arrival.EXPECTED, 1),
        ([entry(arrived_with="this", arrived_at=NOON - timedelta(days=1))], (), Arrival.EXPECTED, 1),
    ],
)
def test_how_a_container_stands_to_the_list(announced, plates, arrival, number):
    """Day and truck of the entry that fits best decide."""
    arriving = Arriving(CODE, NOON, TODAY, "this", plates)
    found, fitting = judge_arrival(arriving, announced, timedelta(days=1))
    assert (found, fitting.id if fitting else None) == (arrival, number)


def test_the_guard_sees_the_worst_of_two():
    """Of a pair, one of which is on the wrong truck."""
    assert worst([Arrival.EXPECTED, Arrival.WRONG_TRUCK]) is Arrival.WRONG_TRUCK
    assert worst([]) is None
