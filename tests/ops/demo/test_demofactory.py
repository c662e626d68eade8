"""The demo's factory floor tells a story that can be told in parts, live or not, and always the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from alpr.activity import ActivityKind
from alpr.ops.demo.factory import HANDS, STATIONS, TARGETS, events_between, new_version_at

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 6, 18, 9, 30, tzinfo=UTC)


def told(since, until, zone=BERLIN):
    return list(events_between(since, until, zone, new_version_at(NOW)))


def test_two_days_are_a_floor_at_work():
    """Six workers at six stations, a few thousand events, three workers in any quarter of an hour."""
    events = told(NOW - timedelta(days=2), NOW)
    assert {event.worker for event in events} == {hand.key for hand in HANDS}
    assert {event.station for event in events} == set(STATIONS) == set(TARGETS)
    assert {event.kind for event in events} == set(ActivityKind)
    assert 4000 < len(events) < 16_000
    assert all(0 < event.confidence <= 1 and event.at.microsecond % 1000 == 0 for event in events)
    assert all((event.count > 0) is (event.kind is ActivityKind.PRODUCT_COUNT) for event in events)
    assert all(NOW - timedelta(days=2) <= event.at < NOW for event in events)
    assert len({event.id for event in events}) == len(events)
    assert {event.model_version for event in events} == {"1.4.2", "1.5.0"}
    for hour in range(47):
        since = NOW - timedelta(hours=hour + 1)
        lately = {event.worker for event in events if since <= event.at < since + timedelta(hours=1)}
        assert len(lately) >= 2


@pytest.mark.parametrize("seconds", [45, 3600, 40_000])
def test_told_in_parts_it_is_the_same(seconds):
    """Live in steps of any length, or at once: the same events in the same order."""
    since, whole = NOW - timedelta(hours=1), told(NOW - timedelta(hours=1), NOW)
    parts, step = [], timedelta(seconds=seconds)
    at = since
    while at < NOW:
        parts += told(at, min(NOW, at + step))
        at += step
    assert parts == whole
    assert whole
