"""The conditions of rules: one by one and in columns they say the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import inf
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alpr.config import Rule
from alpr.domain import Box, Look
from alpr.site.rules.conditions import Moving, conditions_of
from alpr.site.rules.firing import ready
from alpr.site.rules.passage import Coded, Passage, Passages, movement

BERLIN = ZoneInfo("Europe/Berlin")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOON = datetime(2026, 3, 28, 11, 0, tzinfo=UTC)  # a Saturday; the clocks go forward in the night that follows
SEEN = Passage(
    at=NOON,
    camera="gate-in",
    kind="plate",
    verdict="denied",
    lists=frozenset({"Blocked"}),
    text="A8123",
    confidence=0.9,
    region="de",
    direction="in",
    vehicle="car",
    zone="north bay",
    moving="nearing",
    elsewhere=30.0,
)


def rule(**conditions):
    return Rule(name="r", tag="t", **conditions)


def met(one, **conditions):
    return all(condition.met(one) for condition in conditions_of(rule(**conditions), BERLIN))


@pytest.mark.parametrize(
    ("fits", "fails"),
    [
        ({"verdicts": ["denied", "watch"]}, {"verdicts": ["allowed"]}),
        ({"lists": ["blocked"]}, {"lists": ["Staff"]}),
        ({"kinds": ["plate"]}, {"kinds": ["vehicle"]}),
        ({"plates": ["XY*", "A?12*"]}, {"plates": ["AB12"]}),
        ({"plates": ["a8-I23"]}, {"plates": ["*AB1"]}),
        ({"above": 0.9}, {"above": 0.91}),
        ({"below": 0.9}, {"below": 0.89}),
        ({"regions": ["eu"]}, {"regions": ["us", "fr"]}),
        ({"cameras": ["gate-in"]}, {"cameras": ["gate-out"]}),
        ({"directions": ["in"]}, {"directions": ["out"]}),
        ({"vehicles": ["car"]}, {"vehicles": ["truck"]}),
        ({"zones": ["north bay", "ramp"]}, {"zones": ["ramp"]}),
        ({"moving": "nearing"}, {"moving": "leaving"}),
        ({"too_fast": 31}, {"too_fast": 30}),
        ({"hours": "Sat 12:00-13:00"}, {"hours": "Sat 13:00-14:00"}),
    ],
)
def test_each_condition(fits, fails):
    """Every key of a rule lets through what it names, and nothing else; all that are given must hold."""
    assert met(SEEN, **fits)
    assert not met(SEEN, **fails)
    assert not met(SEEN, **{**fits, "cameras": ["nowhere"]})


def test_a_rule_without_conditions_is_about_every_read():
    """Nothing given narrows nothing, unread vehicles included; a bound on sureness is about texts alone."""
    unread = Passage(NOON, "gate-in", "vehicle", "unread", frozenset(), "", 0.0)
    assert met(unread)
    assert not met(unread, below=0.5)
    assert not met(unread, plates=["*"])


def columns(many):
    return Passages(
        ids=[str(number) for number in range(len(many))],
        microseconds=np.array([(one.at - EPOCH) // timedelta(microseconds=1) for one in many], np.int64),
        confidence=np.array([one.confidence for one in many]),
        elsewhere=np.array([one.elsewhere for one in many]),
        **{
            name: Coded(getattr(one, name) for one in many)
            for name in (
                "camera",
                "kind",
                "verdict",
                "lists",
                "text",
                "region",
                "direction",
                "vehicle",
                "zone",
                "arrival",
            )
        },
    )


passages = st.builds(
    Passage,
    at=st.datetimes(datetime(2026, 3, 25), datetime(2026, 4, 2)).map(lambda at: at.replace(tzinfo=UTC)),  # noqa: DTZ001
    camera=st.sampled_from(["gate-in", "gate-out"]),
    kind=st.just("plate"),
    verdict=st.sampled_from(["denied", "allowed", "unknown"]),
    lists=st.sampled_from([frozenset(), frozenset({"Staff"}), frozenset({"Staff", "Blocked"})]),
    text=st.sampled_from(["A8123", "XY9", ""]),
    confidence=st.floats(0, 1),
    region=st.sampled_from(["de", "us", ""]),
    direction=st.sampled_from(["in", "out", ""]),
    vehicle=st.sampled_from(["car", "truck"]),
    elsewhere=st.sampled_from([5.0, 500.0, inf]),
)
RULES = [
    rule(verdicts=["denied"], cameras=["gate-in"]),
    rule(lists=["staff"], plates=["A*"]),
    rule(above=0.3, below=0.7, regions=["eu"]),
    rule(too_fast=60, vehicles=["car"]),
    rule(hours="Sat 22:00-06:00; Wed 02:00-02:30"),
    rule(hours="Sun 02:00-03:00; Mon-Fri 08:00-08:01"),
]


@settings(max_examples=60, deadline=None)
@given(st.lists(passages, min_size=1, max_size=30))
def test_one_by_one_and_in_columns_is_the_same(many):
    """A dry run and the gate never disagree, not even in the night when the clocks change."""
    table = columns(many)
    for one in RULES:
        for condition in conditions_of(one, BERLIN):
            assert condition.where(table).tolist() == [condition.met(each) for each in many], condition


def test_every_minute_of_the_night_the_clocks_change():
    """A window over the skipped and over the doubled hour: columns agree with single times, minute by minute."""
    (skipped, doubled) = (datetime(2026, 3, 28, 20, tzinfo=UTC), datetime(2026, 10, 24, 20, tzinfo=UTC))
    for start in (skipped, doubled):
        many = [Passage(start + timedelta(minutes=n), "c", "plate", "", frozenset(), "A", 1.0) for n in range(720)]
        table = columns(many)
        for hours in ("Sat 22:00-06:00", "Sun 02:15-02:45", "01:00-02:30", "02:30-05:00"):
            (condition,) = conditions_of(rule(hours=hours), BERLIN)
            answers = [condition.met(one) for one in many]
            assert condition.where(table).tolist() == answers, hours
            assert sum(before != after for before, after in pairwise(answers)) <= 4


@pytest.mark.parametrize(
    ("heights", "way"),
    [
        ([20, 22, 24, 30], "nearing"),
        ([30, 28, 24, 20], "leaving"),
        ([20, 21, 20, 21], ""),
        ([20, 40], ""),
        ([0, 0, 0, 0], ""),
    ],
)
def test_the_way_is_told_by_the_size_of_the_plate(heights, way):
    """Larger is nearer; too few looks or hardly a change say nothing."""
    looks = [Look(float(n), Box(0, 0, 80, height), "A", 0.9, 0.5) for n, height in enumerate(heights)]
    assert movement(looks) == way
    assert movement(looks[::-1]) == way


def test_only_rules_that_are_on_are_followed():
    """A rule that is switched off does nothing."""
    assert [one.rule.name for one in ready([rule(), Rule(name="off", tag="t", enabled=False)], BERLIN)] == ["r"]
    assert Moving("leaving").where(columns([SEEN])).tolist() == [True]
