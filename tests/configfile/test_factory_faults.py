"""The factory in the configuration: what is wrong is told in its line."""

from __future__ import annotations

from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from alpr.configfile import load_config
from alpr.errors import ConfigError
from alpr.site.factory.floor import Floor, write_floor

EARLY = '[[factory.shift]]\nname = "Early"\nwhen = "Mon-Fri 06:00-14:00"\n'
NIGHT = '[[factory.shift]]\nname = "Night"\nwhen = "22:00-06:00"\n'


@pytest.fixture
def load(tmp_path):
    def do(text: str):
        path = tmp_path / "alpr.toml"
        path.write_text(text)
        return load_config(path, {})

    return do


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[factory]\nmax_gap = 0", "2: factory: `max_gap` must be at least 1, not 0"),
        ("[factory]\nmin_confidence = 2", "`min_confidence` must be at most 1, not 2"),
        ('[factory]\nunknown = "creat"', 'did you mean "create"?'),
        ("[factory]\nmin_conf = 1", "unknown key `min_conf`, did you mean `min_confidence`?"),
        ('[factory]\nholidays = ["2026-12-25"]', "`holidays[0]` must be a date without quotes, such as 2026-12-25"),
        ('[[factory.shift]]\nname = "A"', '`when` is missing: give the hours of the shift, such as `when = "Mon-Fri'),
        ('[[factory.shift]]\nname = "A"\nwhen = ""', '3: factory shift[0] "A": `when` is empty'),
        ('[[factory.shift]]\nname = "A"\nwhen = "Mo 06-14"', "`when`: "),
        (f'{EARLY}breaks = ["15:00-15:30"]', '4: factory shift[0] "Early": the break 15:00-15:30 does not lie within'),
        (f'{EARLY}breaks = ["13:50-14:10"]', "does not lie within Mon-Fri 06:00-14:00"),
        (f'{EARLY}breaks = ["lunch"]', "`breaks`: 'lunch' is no break: write it as 09:00-09:15"),
        (f'{EARLY}breaks = ["25:00-26:00"]', "'25:00' is no time of day"),
        (
            f"{EARLY}{EARLY.replace('Early', 'Other')}",
            '6: factory shift[1] "Other": `when` Mon-Fri 06:00-14:00 overlaps',
        ),
        (f"{NIGHT}{EARLY.replace('06:00', '05:30')}", "overlaps Mon-Sun 22:00-06:00 of the shift `Night`"),
        (f"{EARLY}{NIGHT.replace('Night', 'Early')}", "the name `Early` stands twice: give each shift its own"),
        ('[[factory.worker]]\nid = "a"\n[[factory.worker]]\nid = "a"', "4: factory worker[1]: the id `a` stands twice"),
        ('[[factory.worker]]\nname = "Ada"', "`id` is missing: give what events call it"),
        ('[[factory.station]]\nid = "s"\ntarget = -1.0', "`target` must be at least 0"),
        ('[factory.shift]\nname = "A"', "written with two brackets"),
    ],
)
def test_faults(load, text, fault):
    """Each names its line and what to write instead."""
    with pytest.raises(ConfigError) as caught:
        load(text)
    assert any(fault in line for line in caught.value.faults), caught.value.faults


def test_the_plan_of_a_configuration(load):
    """Shifts that meet are fine; breaks over midnight lie within a night; names come from the tables."""
    config = load(
        f'{EARLY}breaks = ["09:00-09:15"]\n{NIGHT}breaks = ["23:50-00:10", "02:00-02:30"]\n'
        '[[factory.worker]]\nid = "w1"\nname = "Ada"\n[[factory.station]]\nid = "s1"\ntarget = 30.0\n'
        '[factory]\nmax_gap = 60.0\nholidays = [2026-12-25]\nunknown = "refuse"\nskew = 5.0\n'
    )
    floor = Floor()
    write_floor(floor, config.factory, ZoneInfo("UTC"))
    plan = floor.plan
    assert plan is not None
    assert (floor.strangers, floor.skew, plan.max_gap) == (False, timedelta(seconds=5), timedelta(minutes=1))
    assert [(one.name, one.window.start, len(one.breaks)) for one in plan.shifts] == [
        ("Early", time(6), 1),
        ("Night", time(22), 2),
    ]
    assert plan.holidays == {date(2026, 12, 25)}
    assert (plan.worker("w1").name, plan.worker("w2").name, plan.station("s1").target) == ("Ada", "w2", 30.0)
    write_floor(floor, load("[factory]\nenabled = false").factory, ZoneInfo("UTC"))
    assert floor.plan is None


def test_a_shift_with_other_hours_on_other_days(load):
    """One name, several windows; a break counts in those that it lies in."""
    text = '[[factory.shift]]\nname = "A"\nwhen = "Mon-Fri 06:00-14:00; Sat 06:00-10:00"\nbreaks = ["12:00-12:30"]\n'
    floor = Floor()
    write_floor(floor, load(text).factory, ZoneInfo("UTC"))
    assert floor.plan is not None
    assert [one.name for one in floor.plan.shifts] == ["A", "A"]
