"""States of the box: each threshold passed and left again, without flutter."""

from __future__ import annotations

import pytest

from alpr.access import Severity
from alpr.config import Alarms, Rule
from alpr.site.rules.states import Measure, watches


def told(measures, *, rules=(), **alarms):
    """Let measures come one after the other; return what began (+) and what was over (-)."""
    open_now, said = set(), []
    for on, subject, level in measures:
        measure = Measure(on, subject, level, f"{on} {level}")
        for watch in watches(Alarms(**alarms), rules):
            state = watch.judge(measure, open_now=watch.key(measure) in open_now)
            if state is not None:
                (open_now.discard if state.over else open_now.add)(state.key)
                said.append(("-" if state.over else "+") + state.key)
    return said


@pytest.mark.parametrize(
    ("measures", "said"),
    [
        ([("disk", "", 0.9), ("disk", "", 0.91), ("disk", "", 0.95)], ["+disk"]),
        ([("disk", "", 0.91), ("disk", "", 0.89), ("disk", "", 0.91), ("disk", "", 0.87)], ["+disk", "-disk"]),
        ([("memory", "", 0.96), ("memory", "", 0.9)], ["+memory", "-memory"]),
        (
            [("backlog", "", 100), ("backlog", "", 101), ("backlog", "", 51), ("backlog", "", 50)],
            ["+backlog", "-backlog"],
        ),
        (
            [("confidence", "", 1 - 0.86), ("confidence", "", 1 - 0.84), ("confidence", "", 1 - 0.88)],
            ["+confidence", "-confidence"],
        ),
        (
            [("camera lost", "a", 299), ("camera lost", "a", 301), ("camera lost", "b", 400), ("camera lost", "a", 0)],
            ["+camera lost/a", "+camera lost/b", "-camera lost/a"],
        ),
        ([("camera lost", "a", 301), ("camera lost", "a", 1), ("camera lost", "a", 302)], ["+camera lost/a"]),
        ([("camera blocked", "a", 9999), ("read rate", "", 1.0)], []),
        (
            [("drift", "a", 0.25), ("drift", "a", 0.31), ("drift", "b", 0.0), ("drift", "a", 0.2)],
            ["+drift/a", "-drift/a"],
        ),
    ],
)
def test_the_defaults_of_the_box(measures, said):
    """Told once when the threshold is passed and once when it is over; in between nothing flutters."""
    assert told(measures) == said


def test_a_rule_watches_the_drift_of_its_cameras():
    """A rule's own threshold goes beside that of the box, for the cameras that it names."""
    rule = Rule(name="North", on="drift", threshold=0.15, cameras=["north"], alarm="warning")
    measures = [("drift", "north", 0.2), ("drift", "south", 0.2), ("drift", "north", 0.3), ("drift", "north", 0.1)]
    assert told(measures, rules=[rule]) == [
        "+rule North/drift/north",
        "+drift/north",
        "-drift/north",
        "-rule North/drift/north",
    ]


def test_zero_switches_one_off():
    """What is 0 in `[alarms]` is not watched."""
    assert told([("disk", "", 1.0)], disk=0.0) == []


def test_how_bad_each_is():
    """A silent camera and a full disk are critical, the others warnings."""
    found = {watch.on: watch.severity for watch in watches(Alarms(read_rate=0.5, camera_blocked=60), ())}
    assert found.pop("camera lost") is Severity.CRITICAL
    assert found.pop("disk") is Severity.CRITICAL
    assert set(found.values()) == {Severity.WARNING}


def test_rules_with_thresholds_of_their_own():
    """Each has a watch of its own beside that of the box; one of a camera looks at that one alone."""
    rules = [
        Rule(name="Soon", on="camera lost", threshold=10, cameras=["a"], tag="x"),
        Rule(name="Half", on="disk", threshold=0.5, tag="x"),
        Rule(name="Off", on="disk", threshold=0.5, tag="x", enabled=False),
        Rule(name="Same", on="disk", tag="x"),
    ]
    measures = [("camera lost", "a", 20), ("camera lost", "b", 20), ("disk", "", 0.6), ("disk", "", 0.4)]
    assert told(measures, rules=rules) == ["+rule Soon/camera lost/a", "+rule Half/disk", "-rule Half/disk"]
