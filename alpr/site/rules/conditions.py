"""The conditions of rules: each looks at one column of a passage, and at thousands of them as fast.

A new condition is one class here and one line in `conditions_of`; what it looks at becomes a field of `Passage`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

import numpy as np

from alpr.access import Window
from alpr.config.regions import EUROPE
from alpr.config.rule import Rule
from alpr.domain import compact, fold
from alpr.site.rules.passage import Coded, Mask, Passage, Passages
from alpr.site.schedule import holds, parse_schedule

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ONE_DAY = timedelta(days=1)
_QUARTER = timedelta(minutes=15)


class Condition(Protocol):
    """Something that a passage fulfils or not."""

    def met(self, one: Passage) -> bool:
        """Whether this passage fulfils it."""
        ...

    def where(self, many: Passages) -> Mask:
        """Which of the passages fulfil it, `(n,) bool`: the same answers as `met` gives one by one."""
        ...


@dataclass(frozen=True, slots=True)
class OneOf:
    """The column holds one of these words."""

    column: str
    words: frozenset[str]

    def met(self, one: Passage) -> bool:
        """Look at one."""
        return getattr(one, self.column) in self.words

    def where(self, many: Passages) -> Mask:
        """Look at all."""
        column: Coded[str] = getattr(many, self.column)
        return column.where(self.words.__contains__)


@dataclass(frozen=True, slots=True)
class OnList:
    """An entry of one of these lists fits; upper and lower case count as one."""

    names: frozenset[str]

    def met(self, one: Passage) -> bool:
        """Look at one."""
        return self._any(one.lists)

    def where(self, many: Passages) -> Mask:
        """Look at all."""
        return many.lists.where(self._any)

    def _any(self, lists: frozenset[str]) -> bool:
        return any(name.casefold() in self.names for name in lists)


@dataclass(frozen=True, slots=True)
class Fits:
    """The text is one of these patterns, `*` and `?` understood, look-alikes forgiven."""

    form: re.Pattern[str]

    def met(self, one: Passage) -> bool:
        """Look at one."""
        return bool(one.text) and self.form.fullmatch(one.text) is not None

    def where(self, many: Passages) -> Mask:
        """Look at all."""
        fits = map(self.form.fullmatch, many.text.known)
        return many.text.spread(found is not None and found.end() > 0 for found in fits)


@dataclass(frozen=True, slots=True)
class Between:
    """A text was read, as sure as this; both ends included."""

    lowest: float
    highest: float

    def met(self, one: Passage) -> bool:
        """Look at one."""
        return bool(one.text) and self.lowest <= one.confidence <= self.highest

    def where(self, many: Passages) -> Mask:
        """Look at all."""
        sure: Mask = (self.lowest <= many.confidence) & (many.confidence <= self.highest)
        return sure & many.text.where(bool)


@dataclass(frozen=True, slots=True)
class SoonElsewhere:
    """The same text was read at another camera less than so many seconds before."""

    seconds: float

    def met(self, one: Passage) -> bool:
        """Look at one."""
        return one.elsewhere < self.seconds

    def where(self, many: Passages) -> Mask:
        """Look at all."""
        soon: Mask = many.elsewhere < self.seconds
        return soon


@dataclass(frozen=True, slots=True)
class Moving:
    """The thing came nearer or went away. Stored reads do not tell, so that a dry run lets them through."""

    way: str

    def met(self, one: Passage) -> bool:
        """Look at one."""
        return one.moving == self.way

    def where(self, many: Passages) -> Mask:
        """Let all through."""
        return np.ones(len(many), np.bool_)


@dataclass(frozen=True, slots=True)
class Within:
    """The time lies in a weekly schedule of the site's clock."""

    schedule: tuple[Window, ...]
    zone: ZoneInfo

    def met(self, one: Passage) -> bool:
        """Look at one."""
        return holds(self.schedule, one.at, self.zone)

    def where(self, many: Passages) -> Mask:
        """Ask once for each stretch between two moments at which the answer can change."""
        if not len(many):
            return np.zeros(0, np.bool_)
        first, last = (_EPOCH + int(end) * _MICROSECOND for end in (many.microseconds.min(), many.microseconds.max()))
        moments = sorted({first, *(moment for moment in self._changes(first, last) if moment > first)})
        answers = np.array([holds(self.schedule, moment, self.zone) for moment in moments])
        begins = np.array([(moment - _EPOCH) // _MICROSECOND for moment in moments], np.int64)
        among: Mask = answers[np.searchsorted(begins, many.microseconds, "right") - 1]
        return among

    def _changes(self, first: datetime, last: datetime) -> Iterator[datetime]:
        day = first.astimezone(self.zone).date() - _ONE_DAY
        clocks = {clock for window in self.schedule for clock in (window.start, window.end)}
        while (begins := datetime.combine(day, datetime.min.time(), self.zone)) <= last:
            for clock in clocks:
                for turn in (0, 1):  # the two times that a clock shows twice when it is set back
                    yield datetime.combine(day, clock, self.zone).replace(fold=turn).astimezone(UTC)
            day += _ONE_DAY
            ends = datetime.combine(day, datetime.min.time(), self.zone)
            if begins.utcoffset() != ends.utcoffset():
                start = begins.astimezone(UTC)
                yield from (start + step * _QUARTER for step in range((ends.astimezone(UTC) - start) // _QUARTER))


def conditions_of(rule: Rule, zone: ZoneInfo) -> tuple[Condition, ...]:
    """Return what a read must fulfil for this rule, the cheapest first."""
    words: dict[str, Sequence[str]] = {
        "camera": rule.cameras,
        "verdict": rule.verdicts,
        "kind": rule.kinds,
        "zone": rule.zones,
        "direction": rule.directions,
        "vehicle": rule.vehicles,
        "arrival": rule.arrivals,
        "region": _countries(rule.regions),
    }
    conditions: list[Condition] = [OneOf(column, frozenset(given)) for column, given in words.items() if given]
    if rule.lists:
        conditions.append(OnList(frozenset(name.casefold() for name in rule.lists)))
    if rule.above > 0 or rule.below < 1:
        conditions.append(Between(rule.above, rule.below))
    if rule.moving:
        conditions.append(Moving(rule.moving))
    if rule.too_fast:
        conditions.append(SoonElsewhere(rule.too_fast))
    if rule.plates:
        conditions.append(Fits(_form(rule.plates)))
    if schedule := parse_schedule(rule.hours):
        conditions.append(Within(schedule, zone))
    return tuple(conditions)


def _countries(regions: list[str]) -> list[str]:
    return [code for region in regions for code in (EUROPE | {"eu"} if region == "eu" else [region])]


def _form(patterns: list[str]) -> re.Pattern[str]:
    """Join the patterns into one; every sign but letters, digits, `*` and `?` is passed over."""
    return re.compile("|".join(_glob(pattern) for pattern in patterns))


def _glob(pattern: str) -> str:
    joined = ".*".join(".".join(fold(compact(one)) for one in run.split("?")) for run in pattern.split("*"))
    return re.sub(r"(\.\*)+", ".*", joined)
