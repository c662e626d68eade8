"""Rules about who is inside, tried on the visits of the past."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alpr.config import Rule
from alpr.site.rules.firing import ready
from alpr.site.rules.passage import Passage
from alpr.site.visits.dryrun import PastGuest, try_on_visits
from alpr.stay import Room
from tests.site.entries import BERLIN
from tests.site.sighted import after

HOUR = 60


def guest(came, left, *lists, zone=""):
    """Make somebody who was inside between these minutes."""
    passage = Passage(after(came), "gate-in", "plate", "", frozenset(lists), f"AB{came}", 1.0, zone=zone)
    return PastGuest(f"r{came}", after(came), after(left), passage)


GUESTS = [
    guest(0, 2 * HOUR, "Staff"),
    guest(10, 9 * HOUR, "Staff"),
    guest(20, 3 * HOUR, "Visitors", zone="bay"),
    guest(30, 40, zone="bay"),
    guest(5 * HOUR, 30 * HOUR),
]
ROOM = Room(overstay=timedelta(hours=12), list_overstay={"Visitors": timedelta(hours=1)}, capacity=4)


@pytest.mark.parametrize(
    ("rule", "reads"),
    [
        ({"on": "dwell", "threshold": 8 * 3600.0}, ["r10", "r300"]),
        ({"on": "dwell", "threshold": 3600.0, "lists": ["staff"]}, ["r0", "r10"]),
        ({"on": "overstay"}, ["r20", "r300"]),
        ({"on": "overstay", "lists": ["Visitors"]}, ["r20"]),
        ({"on": "occupancy"}, ["r30"]),
        ({"on": "occupancy", "threshold": 2.0}, ["r10"]),
        ({"on": "occupancy", "threshold": 2.0, "zones": ["bay"]}, ["r30"]),
        ({"on": "occupancy", "threshold": 1.0, "lists": ["staff"]}, ["r0"]),
        ({"on": "occupancy", "lists": ["Staff"]}, []),
    ],
)
def test_what_would_have_been_told(rule, reads):
    """Once a visit for whom it concerns; a full place once until two have left."""
    (tried,) = try_on_visits(ready([Rule(name="r", alarm="info", **rule)], BERLIN), GUESTS, ROOM)
    assert (list(tried.latest), tried.fired) == (reads, len(reads))
