"""Alarms: something that somebody must have seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from alpr.access import Severity


@dataclass(frozen=True, slots=True)
class NewAlarm:
    """An alarm to be raised, unless one of its key is raised already."""

    key: str
    rule: str
    severity: Severity
    text: str
    read_id: str | None = None
    sound: bool = False
    escalate_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm as it was raised, and what became of it."""

    id: int
    key: str
    rule: str
    """Which raised it; empty for the thresholds of `[alarms]`."""
    severity: Severity
    text: str
    read_id: str | None
    sound: bool
    raised_at: datetime
    over_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str
    escalated_at: datetime | None
