"""The rules in force: the gatekeeper follows them, the pages show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

from alpr.config.rule import Alarms, Rule

ALWAYS_TARGETS: Final = frozenset({"mqtt", "push"})
"""Targets that have no `[[target]]`."""


@dataclass(frozen=True, slots=True)
class Names:
    """What rules may name."""

    cameras: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    barriers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FiledRule:
    """A rule of the configuration, and the line where it begins."""

    rule: Rule
    line: int


@dataclass(slots=True)
class Rulebook:
    """What the configuration says about rules; a reload of the configuration changes it in place."""

    filed: tuple[FiledRule, ...] = ()
    file: str = "alpr.toml"
    names: Names = Names()
    barrier_confidence: Mapping[str, float] = field(default_factory=dict)
    """How sure each barrier wants a read to be."""
    alarms: Alarms = field(default_factory=Alarms)
    site: str = ""
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
