"""`[visits]`: what parts one visit from the next, and how many may be inside for how long."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from alpr.config.base import Section

_DAY = 86400.0
Count = Annotated[int, Field(ge=1, le=1_000_000)]
Seconds = Annotated[float, Field(gt=0, le=366 * _DAY)]


class Visits(Section):
    """`[visits]`: who is inside."""

    duplicate: float = Field(default=300.0, ge=0, le=_DAY)
    turn_round: float = Field(default=60.0, ge=0, le=_DAY)
    missed_after: float = Field(default=3 * _DAY, ge=3600, le=60 * _DAY)
    containers_missed_after: float = Field(default=180 * _DAY, ge=3600, le=1000 * _DAY)
    overstay: float = Field(default=_DAY, ge=0, le=366 * _DAY)
    list_overstay: dict[str, Seconds] = Field(default_factory=dict)
    capacity: int = Field(default=0, ge=0, le=1_000_000)
    zone_capacity: dict[str, Count] = Field(default_factory=dict)
    list_capacity: dict[str, Count] = Field(default_factory=dict)
