"""`[[rule]]`: what happens, and what is then done; `[alarms]`: the thresholds of the box itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from alpr.config.base import Fraction, Region, Section

PLACEHOLDERS: Final = {
    "summary": "one line: what happened and where",
    "details": "reason, time, vehicle and how sure, in one line",
    "plate": "the text as read, `unread` without one",
    "camera": "its name",
    "verdict": "allowed, denied, watch, unknown, unread",
    "reason": "of the verdict",
    "list": "of the entry that decided",
    "owner": "of that entry",
    "company": "of that entry",
    "note": "of that entry",
    "confidence": "percent",
    "direction": "in or out",
    "vehicle": "colour and type",
    "region": "of the plate",
    "time": "of the site's clock, 12:04:28",
    "date": "2026-06-18",
    "site": "its name",
    "rule": "its name",
    "value": "what was measured, of box rules",
}
"""What may stand in braces in `title` and `text`, and what it becomes."""

_BRACES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")

Happening = Literal[
    "read",
    "camera lost",
    "camera back",
    "camera blocked",
    "disk",
    "memory",
    "backlog",
    "confidence",
    "read rate",
    "drift",
    "dwell",
    "overstay",
    "occupancy",
]
"""What rules can be about: reads, the box itself, and from `dwell` on who is inside."""


def parts_of(template: str) -> Iterator[tuple[str, str]]:
    """Cut a template into `(literal text, placeholder)`, either of them empty; raise ValueError on a lone brace."""
    end = 0
    for found in _BRACES.finditer(template):
        yield template[end : found.start()], ""
        end = found.end()
        if found[0] in {"{{", "}}"}:
            yield found[0][0], ""
        elif found[1] is None:
            raise ValueError(f"a lone `{found[0]}` stands in `{template[:60]}`: write it twice to mean the brace")
        else:
            yield "", found[1]
    yield template[end:], ""


def _template(text: str) -> str:
    for _, name in parts_of(text):
        if name and name not in PLACEHOLDERS:
            close = get_close_matches(name.lower(), PLACEHOLDERS, 1, 0.5)
            hint = f"did you mean `{{{close[0]}}}`?" if close else f"known are {', '.join(PLACEHOLDERS)}"
            raise ValueError(f"unknown placeholder `{{{name}}}`, {hint}")
    if "{}" in text:
        raise ValueError("`{}` names no placeholder: write for instance `{plate}`")
    return text


def _one_line(name: str) -> str:
    if name != " ".join(name.split()) or "/" in name:
        raise ValueError(f"`{name[:60]}` is no name for a rule: no `/`, no line breaks, no spaces at the ends")
    return name


def _plate_pattern(text: str) -> str:
    if not any(sign.isalnum() or sign in "*?" for sign in text):
        raise ValueError(f"`{text[:60]}` in `plates` has no letter and no digit")
    return text


Template = Annotated[str, Field(max_length=1000), AfterValidator(_template)]
Severity = Literal["info", "warning", "critical"]


class Rule(Section):
    """`[[rule]]`: conditions, all of which must hold, and what is done then."""

    name: Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_one_line)]
    enabled: bool = True
    on: Happening = "read"
    # What a read must be; empty: anything.
    verdicts: list[Literal["allowed", "denied", "watch", "unknown", "unread"]] = Field(default_factory=list)
    lists: list[str] = Field(default_factory=list)
    kinds: list[Literal["plate", "container", "vehicle"]] = Field(default_factory=list)
    plates: list[Annotated[str, Field(max_length=64), AfterValidator(_plate_pattern)]] = Field(default_factory=list)
    above: Fraction = 0.0
    below: Fraction = 1.0
    regions: list[Region] = Field(default_factory=list)
    cameras: list[str] = Field(default_factory=list)
    zones: list[Annotated[str, Field(min_length=1, max_length=80)]] = Field(default_factory=list)
    directions: list[Literal["in", "out"]] = Field(default_factory=list)
    arrivals: list[Literal["expected", "other day", "unexpected", "wrong truck"]] = Field(default_factory=list)
    vehicles: list[Literal["car", "van", "truck", "bus", "motorcycle"]] = Field(default_factory=list)
    moving: Literal["", "nearing", "leaving"] = ""
    too_fast: float = Field(default=0.0, ge=0, le=86400)
    hours: str = Field(default="", max_length=500)
    # How much a rule about the box or who is inside bears; 0 is the threshold of `[alarms]` or `[visits]`.
    threshold: float = Field(default=0.0, ge=0)
    # What is done.
    tell: list[str] = Field(default_factory=list)
    open: list[str] = Field(default_factory=list)
    tag: str = Field(default="", max_length=40)
    alarm: Literal["", "info", "warning", "critical"] = ""
    sound: bool = False
    picture: bool = True
    title: Template = "{summary}"
    text: Template = "{details}"
    # How often.
    cooldown: float = Field(default=0.0, ge=0, le=604800)
    at_most: int = Field(default=0, ge=0, le=100000)
    quiet_hours: str = Field(default="", max_length=500)
    escalate_after: float = Field(default=300.0, ge=10, le=86400)
    escalate_to: list[str] = Field(default_factory=list)


class Alarms(Section):
    """`[alarms]`: what the box says about itself."""

    camera_silent: float = Field(default=300.0, ge=0, le=86400)
    camera_blocked: float = Field(default=0.0, ge=0, le=86400)
    backlog: int = Field(default=100, ge=0)
    confidence: Fraction = 0.85
    disk: Fraction = 0.9
    memory: Fraction = 0.95
    read_rate: Fraction = 0.0
    drift: float = Field(default=0.25, ge=0, le=100)
    tell: list[str] = Field(default_factory=list)
    escalate_after: float = Field(default=300.0, ge=10, le=86400)
    escalate_to: list[str] = Field(default_factory=list)
