"""Rules in words, as the list of rules and `alpr check` say them."""

from __future__ import annotations

import pytest

from alpr.config import Rule
from alpr.site.rules.words import limit_words, then_words, when_words


@pytest.mark.parametrize(
    ("rule", "when", "then", "limits"),
    [
        ({"tag": "x"}, "every read", "tag x", ""),
        (
            {"verdicts": ["denied", "watch"], "cameras": ["a"], "tell": ["office", "boss"], "cooldown": 600},
            "denied or watch, at a",
            "tell office and boss",
            "once in 10 min for each plate or camera",
        ),
        (
            {"lists": ["Staff"], "open": ["main"], "above": 0.9, "hours": "Mon-Fri 06:00-18:00", "at_most": 3},
            "on Staff, 90 to 100 % sure, Mon-Fri 06:00-18:00",
            "open main",
            "at most 3 an hour",
        ),
        (
            {"too_fast": 90, "alarm": "critical", "sound": True, "escalate_to": ["boss"], "quiet_hours": "22:00-06:00"},
            "seen at another camera within 90 s",
            "critical alarm with sound, after 5 min unseen tell boss",
            "quiet 22:00-06:00",
        ),
        (
            {"kinds": ["plate"], "plates": ["A*", "B*"], "regions": ["de"], "directions": ["in"], "vehicles": ["car"]},
            "plate, plate A* or B*, from DE, going in, car",
            "",
            "",
        ),
        (
            {"on": "camera lost", "threshold": 3600, "cameras": ["a"]},
            "a camera gives no picture, at a, for 1 h",
            "",
            "",
        ),
        ({"on": "disk", "threshold": 0.5}, "the disk fills up, threshold 0.5", "", ""),
    ],
)
def test_words(rule, when, then, limits):
    """When, then, and what holds back, each in half a sentence."""
    one = Rule(name="r", **rule)
    assert (when_words(one), then_words(one), limit_words(one)) == (when, then, limits)
