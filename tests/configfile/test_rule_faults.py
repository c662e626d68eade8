"""Rules in `alpr.toml`: every fault with its line and what was probably meant."""

from __future__ import annotations

import pytest

from alpr.configfile import load_config, rule_lines
from alpr.errors import ConfigError

SITE = """[[camera]]
name = "gate-in"
url = "rtsp://10.0.0.5/x"
[[target]]
name = "office"
kind = "webhook"
url = "http://10.0.0.9/hook"
"""
LINE = 8
RULE = '[[rule]]\nname = "Night"\n'


@pytest.fixture
def write(tmp_path):
    def written(text):
        path = tmp_path / "alpr.toml"
        path.write_text(text)
        return path

    return written


def faults(path):
    with pytest.raises(ConfigError) as refused:
        load_config(path, {})
    return [fault.removeprefix(f"{path}:") for fault in refused.value.faults]


@pytest.mark.parametrize(
    ("keys", "line", "fault"),
    [
        ('tell = ["offce"]', 10, "`tell` names `offce`, which is none of the targets: did you mean `office`?"),
        ('tell = ["zzz"]', 10, "which is none of the targets: known are office, push; another needs a [[target]]"),
        ('tell = ["mqtt"]', 10, "`tell` names `mqtt`, and there is no broker: set `enabled = true` in [mqtt]"),
        ('open = ["main"]', 10, "`open` names `main`, and there are no barriers: add a [[barrier]] of that name"),
        ('tag = "x"\ncameras = ["gate_in"]', 11, "which is none of the cameras: did you mean `gate-in`?"),
        ('tag = "x"\nverdicts = ["denid"]', 11, 'not the text "denid": did you mean "denied"?'),
        ('tag = "x"\nverdict = ["denied"]', 11, "unknown key `verdict`, did you mean `verdicts`?"),
        ('tag = "x"\nhours = "Mo-Fr"', 11, "`hours`: "),
        ('tag = "x"\nquiet_hours = "25:00-26:00"', 11, "`quiet_hours`: "),
        ('tag = "x"\nregions = ["germany"]', 11, "unknown region `germany`, did you mean `de`?"),
        ('tag = "x"\nplates = ["--"]', 11, "`--` in `plates` has no letter and no digit"),
        ('tag = "x"\nabove = 0.9\nbelow = 0.5', 11, "`above` (0.9) is more than `below` (0.5): no read is both"),
        ('tag = "x"\nabove = 90', 11, "`above` must be at most 1, not 90"),
        ('tag = "x"\ntitle = "{plat}"', 11, "unknown placeholder `{plat}`, did you mean `{plate}`?"),
        ('tag = "x"\nthreshold = 5', 11, "`threshold` is of rules about the box"),
        ('alarm = "warning"\non = "disk"\nthreshold = 90', 12, "write 0.9 for 90 %"),
        ('alarm = "warning"\non = "dwell"', 8, '`on = "dwell"` needs `threshold`'),
        ('alarm = "warning"\non = "overstay"\nthreshold = 5', 12, "goes by [visits]"),
        ('alarm = "warning"\non = "occupancy"\nplates = ["A*"]', 12, "`plates` is of rules about reads"),
        (
            'alarm = "warning"\non = "disk"\nverdicts = ["denied"]',
            12,
            "`verdicts` is of rules about reads and does not",
        ),
        ('alarm = "warning"\non = "disk"\ncameras = ["gate-in"]', 12, "which is about the whole box"),
        ('tag = "x"\nsound = true', 11, '`sound` needs an alarm to go with: add `alarm = "warning"`'),
        ("cooldown = 5", 8, "the rule does nothing: give it `tell`, `open`, `tag` or `alarm`"),
        ('tag = "x"\n[[rule]]\nname = "night"\ntag = "y"', 9, "two rules are called `Night`"),
        ('tag = "x"\n[alarms]\ntell = ["offce"]', 12, "alarms: `tell` names `offce`, which is none of the targets"),
        ('tag = "x"\n[rule.extra]\na = 1', 11, "unknown table `[rule.extra]`"),
    ],
)
def test_faults_of_rules(write, keys, line, fault):
    """Unknown names, words out of place and contradictions are told before anything runs."""
    found = faults(write(f"{SITE}{RULE}{keys}\n"))
    assert any(one.startswith(f"{line}: ") and fault in one for one in found), found


def test_single_brackets_are_told(write):
    """A rule is written with two brackets."""
    assert "`[[rule]]`" in faults(write('[rule]\nname = "x"\n'))[0]


def test_the_lines_of_rules(write):
    """The page shows where each rule of the file stands."""
    path = write(f'{SITE}{RULE}tag = "x"\n\n[[rule]]\nname = "b"\ntell = ["office"]\n')
    assert [rule.name for rule in load_config(path, {}).rule] == ["Night", "b"]
    assert rule_lines(path) == (8, 12)


def test_drift_may_name_cameras(write):
    """A rule about what models say can be about some cameras, and its threshold is no share."""
    path = write(f'{SITE}{RULE}on = "drift"\ncameras = ["gate-in"]\nthreshold = 1.5\nalarm = "warning"\n')
    assert load_config(path, {}).rule[0].on == "drift"
