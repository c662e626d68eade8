"""States of the box that somebody should know of: when each begins, and when it is over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from alpr.access import Severity
from alpr.config.rule import Alarms, Rule
from alpr.site.rules.conditions import Condition
from alpr.site.rules.passage import Passage


@dataclass(frozen=True, slots=True)
class BoxState:
    """Something about the box that began or is over."""

    on: str
    """As rules name it: `camera lost`, `disk` and so on."""
    subject: str
    """The camera, or nothing when it is the whole box."""
    words: str
    severity: Severity
    value: float | None = None
    over: bool = False
    rule: str = ""
    """Whose own threshold was passed; empty: that of `[alarms]`."""
    text: str = ""
    """The plate or code of who is inside, when it is about one."""

    @property
    def key(self) -> str:
        """What the state is about: `camera lost/gate-in`."""
        about = f"{self.on}/{self.subject}" if self.subject else self.on
        return f"rule {self.rule}/{about}" if self.rule else about


@dataclass(frozen=True, slots=True)
class Measure:
    """What was measured of one thing; `level` is compared with thresholds, more is worse."""

    on: str
    subject: str
    level: float
    """In the threshold's own unit; of `confidence` and `read rate` what is missing to 1."""
    words: str
    value: float | None = None
    passage: Passage | None = None
    """Of somebody inside: how he came in, for what narrows rules."""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Watch:
    """A threshold over one kind of measure."""

    on: str
    threshold: float
    release: float
    """At or below this it is over: apart from the threshold, so that nothing flutters."""
    severity: Severity
    rule: str = ""
    cameras: frozenset[str] = frozenset()
    """Of a rule that is about some cameras only."""
    conditions: tuple[Condition, ...] = ()
    """What somebody inside must fulfil."""

    def judge(self, measure: Measure, *, open_now: bool) -> BoxState | None:
        """Return the state that begins or is over with this measure, or None when nothing changes."""
        if measure.on != self.on or (self.cameras and measure.subject not in self.cameras):
            return None
        if open_now:
            over = measure.level <= self.release
            return replace(self._state(measure), over=True) if over else None
        return self._state(measure) if measure.level > self.threshold and self._fits(measure) else None

    def key(self, measure: Measure) -> str:
        """Return the key of the state that this measure would make."""
        return self._state(measure).key

    def _state(self, measure: Measure) -> BoxState:
        about = (self.on, measure.subject, measure.words, self.severity, measure.value)
        return BoxState(*about, rule=self.rule, text=measure.text)

    def _fits(self, measure: Measure) -> bool:
        one = measure.passage
        return not self.conditions or (one is not None and all(condition.met(one) for condition in self.conditions))


_SEVERITIES: Final = {
    "camera lost": Severity.CRITICAL,
    "camera blocked": Severity.WARNING,
    "backlog": Severity.WARNING,
    "confidence": Severity.WARNING,
    "disk": Severity.CRITICAL,
    "memory": Severity.WARNING,
    "read rate": Severity.WARNING,
    "drift": Severity.WARNING,
}
_MISSING: Final = {"confidence", "read rate"}
"""Of which too little is bad."""
_MARGIN: Final = 0.02


def watches(alarms: Alarms, rules: Iterable[Rule]) -> tuple[Watch, ...]:
    """Return every threshold there is: those of `[alarms]` that are not 0, and those that rules have of their own."""
    thresholds = {
        "camera lost": alarms.camera_silent,
        "camera blocked": alarms.camera_blocked,
        "backlog": float(alarms.backlog),
        "confidence": alarms.confidence,
        "disk": alarms.disk,
        "memory": alarms.memory,
        "read rate": alarms.read_rate,
        "drift": alarms.drift,
    }
    boxes = (_watch(on, threshold) for on, threshold in thresholds.items() if threshold)
    return (*boxes, *_own(rules))


def _own(rules: Iterable[Rule]) -> Iterator[Watch]:
    for rule in rules:
        if rule.enabled and rule.threshold and rule.on not in {"read", "dwell", "overstay", "occupancy"}:
            on = "camera lost" if rule.on == "camera back" else rule.on
            yield replace(_watch(on, rule.threshold), rule=rule.name, cameras=frozenset(rule.cameras))


def _watch(on: str, threshold: float) -> Watch:
    severity = _SEVERITIES[on]
    if on in _MISSING:
        missing = 1 - threshold
        return Watch(on, missing, missing - _MARGIN, severity)
    if on in {"camera lost", "camera blocked"}:
        return Watch(on, threshold, 0.0, severity)  # live again, or something to see again
    return Watch(on, threshold, threshold / 2 if on == "backlog" else threshold - _MARGIN, severity)
