from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from alpr.camera.backlog import Backlog
from alpr.camera.nal import AccessUnit

T0 = datetime(2026, 1, 1, tzinfo=UTC)


def unit(number, *, key=False, corrupt=False, size=10):
    return AccessUnit(bytes([number]) * size, number, key, corrupt)


def put(backlog, *units):
    return [backlog.put(each, T0 + timedelta(seconds=each.timestamp)) for each in units]


def drained(backlog, count):
    return [(waiting.unit.timestamp, waiting.after_gap) for waiting in (backlog.get() for _ in range(count)) if waiting]


def test_decoding_begins_with_a_key_picture():
    """What comes before the first key picture is dropped, and the first one is marked as a beginning."""
    backlog = Backlog()
    assert put(backlog, unit(1), unit(2, key=True), unit(3)) == [False, True, True]
    assert drained(backlog, 2) == [(2, True), (3, False)]
    assert backlog.dropped == 1


def test_a_corrupt_picture_ends_its_group():
    """After a loss nothing is decoded until the next whole key picture."""
    backlog = Backlog()
    units = [
        unit(1, key=True),
        unit(2, corrupt=True),
        unit(3),
        unit(4, key=True, corrupt=True),
        unit(5),
        unit(6, key=True),
    ]
    assert put(backlog, *units) == [True, False, False, False, False, True]
    assert drained(backlog, 2) == [(1, True), (6, True)]


@pytest.mark.parametrize("backlog", [Backlog(depth=2), Backlog(max_bytes=25)], ids=["units", "bytes"])
def test_a_slow_decoder_costs_the_rest_of_the_group(backlog):
    """When full, everything up to the next key picture is dropped, also when there is room before it."""
    assert put(backlog, unit(1, key=True), unit(2), unit(3)) == [True, True, False]
    assert drained(backlog, 1) == [(1, True)]
    assert put(backlog, unit(4), unit(5, key=True)) == [False, True]
    assert drained(backlog, 2) == [(2, False), (5, True)]


def test_a_decoder_that_lost_its_way_gets_the_next_key_picture():
    """Units that wait behind the broken one are dropped up to the next key picture, waiting or still to come."""
    backlog = Backlog()
    put(backlog, unit(1, key=True), unit(2), unit(3, key=True))
    drained(backlog, 1)
    backlog.restart()
    assert drained(backlog, 1) == [(3, False)]
    backlog.restart()
    assert put(backlog, unit(4), unit(5, key=True)) == [False, True]


def test_a_closed_backlog_wakes_its_reader():
    """Nothing comes out of a closed backlog, and nothing goes in."""
    backlog = Backlog()
    put(backlog, unit(1, key=True))
    backlog.close()
    assert backlog.get() is None
    assert put(backlog, unit(2, key=True)) == [False]
