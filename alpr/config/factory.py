"""`[factory]`: shifts, how far activity events are trusted, and who works where."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from alpr.config.base import Fraction, Section

Key = Annotated[str, Field(min_length=1, max_length=64)]
Label = Annotated[str, Field(max_length=80)]


class FactoryShift(Section):
    """`[[factory.shift]]`: when work is planned, by the site's clock."""

    name: Annotated[str, Field(min_length=1, max_length=40)]
    when: str
    breaks: list[str] = Field(default_factory=list, max_length=20)


class FactoryWorker(Section):
    """`[[factory.worker]]`: somebody whom events name."""

    id: Key
    name: Label = ""


class FactoryStation(Section):
    """`[[factory.station]]`: a workstation that events name."""

    id: Key
    name: Label = ""
    target: float = Field(default=0.0, ge=0, le=1_000_000)


class Factory(Section):
    """`[factory]`: what is taken in from cameras that watch work, and how it is added up."""

    enabled: bool = True
    max_gap: float = Field(default=900.0, ge=1, le=43200)
    min_confidence: Fraction = 0.5
    handover: float = Field(default=900.0, ge=0, le=7200)
    skew: float = Field(default=60.0, ge=1, le=86400)
    unknown: Literal["create", "refuse"] = "create"
    holidays: list[date] = Field(default_factory=list)
    shift: list[FactoryShift] = Field(default_factory=list)
    worker: list[FactoryWorker] = Field(default_factory=list)
    station: list[FactoryStation] = Field(default_factory=list)
