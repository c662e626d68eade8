"""Rules at work: which fire for a read, and what holds them back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from alpr.access import Window
from alpr.config.rule import Rule
from alpr.domain import Read, canonical
from alpr.site.rules.conditions import Condition, SoonElsewhere, conditions_of
from alpr.site.rules.passage import Passage
from alpr.site.schedule import holds, parse_schedule

_ONE_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ReadyRule:
    """A rule made ready to be followed."""

    rule: Rule
    conditions: tuple[Condition, ...]
    quiet: tuple[Window, ...]

    def fires(self, one: Passage) -> bool:
        """Whether all conditions hold."""
        return all(condition.met(one) for condition in self.conditions)


@dataclass(frozen=True, slots=True)
class History:
    """What a rule has done lately."""

    last_of_subject: datetime | None = None
    """When it fired for the same plate or camera, not held back."""
    in_last_hour: int = 0


def ready(rules: Iterable[Rule], zone: ZoneInfo) -> tuple[ReadyRule, ...]:
    """Prepare the rules that are switched on."""
    return tuple(
        ReadyRule(rule, conditions_of(rule, zone), parse_schedule(rule.quiet_hours)) for rule in rules if rule.enabled
    )


def slowest_gap(rules: Iterable[ReadyRule]) -> float:
    """Return how many seconds back a plate must be looked for at other cameras; 0 when no rule asks."""
    asked = (one.seconds for ready in rules for one in ready.conditions if isinstance(one, SoonElsewhere))
    return max(asked, default=0.0)


def subject_of(read: Read) -> str:
    """Return what cooldown counts for: the plate, or the camera when nothing could be read."""
    return canonical(read.text) or f"unread at {read.camera}"


def held_back(rule: Rule, history: History, now: datetime) -> str:
    """Say why the rule tells nobody this time; empty when nothing holds it back."""
    last = history.last_of_subject
    if rule.cooldown and last is not None and now - last < timedelta(seconds=rule.cooldown):
        return "cooldown"
    if rule.at_most and history.in_last_hour >= rule.at_most:
        return f"more than {rule.at_most} an hour"
    return ""


def hour_before(now: datetime) -> datetime:
    """Return since when firings count for `at_most`."""
    return now - _ONE_HOUR


def is_quiet(ready: ReadyRule, now: datetime, zone: ZoneInfo) -> bool:
    """Whether nobody wants to be told at this hour; alarms are raised all the same, without a sound."""
    return bool(ready.quiet) and holds(ready.quiet, now, zone)
