"""What the configuration says of the factory floor: shared by all parts that use it, written anew at a reload."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from alpr.access import Window
from alpr.activity import FactoryPlan, Shift, Station, Worker
from alpr.config.factory import Factory, FactoryShift
from alpr.site.schedule import parse_clock, parse_schedule

_BREAK: Final = re.compile(r"(\d[^\s-]*)\s*-\s*(\d[^\s-]*)")


@dataclass(slots=True)
class Floor:
    """The plan, and how events are taken in."""

    plan: FactoryPlan | None = None
    """None: the factory is switched off."""
    strangers: bool = True
    """Whether workers and stations that nobody has named before are made."""
    skew: timedelta = timedelta(seconds=60)
    """By how much a sender's clock may be off."""
    heard: bool = False
    """Whether events have ever come."""

    @property
    def in_use(self) -> bool:
        """Whether there is anything to show: a site without a factory does not hear of one."""
        plan = self.plan
        return plan is not None and (self.heard or bool(plan.workers or plan.stations or plan.shifts))


def write_floor(floor: Floor, factory: Factory, zone: ZoneInfo) -> None:
    """Write what the configuration says."""
    floor.strangers = factory.unknown == "create"
    floor.skew = timedelta(seconds=factory.skew)
    floor.plan = plan_of(factory, zone) if factory.enabled else None


def plan_of(factory: Factory, zone: ZoneInfo) -> FactoryPlan:
    """Make the plan of a configuration that has been checked."""
    workers = {one.id: Worker(one.id, one.name or one.id) for one in factory.worker}
    stations = {one.id: Station(one.id, one.name or one.id, one.target) for one in factory.station}
    return FactoryPlan(
        zone=zone,
        shifts=tuple(shift for table in factory.shift for shift in _shifts(table)),
        holidays=frozenset(factory.holidays),
        max_gap=timedelta(seconds=factory.max_gap),
        min_confidence=factory.min_confidence,
        handover=timedelta(seconds=factory.handover),
        workers=MappingProxyType(workers),
        stations=MappingProxyType(stations),
    )


def parse_break(text: str) -> Window:
    """Read a break, `09:00-09:15`; raises ValueError."""
    found = _BREAK.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text.strip()!r} is no break: write it as 09:00-09:15")
    return Window(frozenset(range(7)), parse_clock(found[1]), parse_clock(found[2]))


def _shifts(table: FactoryShift) -> tuple[Shift, ...]:
    breaks = tuple(parse_break(text) for text in table.breaks)
    return tuple(Shift(table.name, window, breaks) for window in parse_schedule(table.when))
