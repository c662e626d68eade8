"""`alpr.toml` as frozen values. Every default and limit stands in this room; `alpr.toml` shows them all.

`alpr.configfile` loads the file and words the faults.
"""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, Field

from alpr.config.barrier import Barrier, Interlock
from alpr.config.base import FilePath, Fraction, Region, Section
from alpr.config.camera import Camera, Zone
from alpr.config.containers import Containers
from alpr.config.exchange import Exchange, ForeignCamera
from alpr.config.factory import Factory
from alpr.config.mqtt import Mqtt
from alpr.config.portal import Portal, Yard, YardRate
from alpr.config.push import Push
from alpr.config.regions import REGIONS, region_code
from alpr.config.review import Review
from alpr.config.rule import Alarms, Rule
from alpr.config.target import Target
from alpr.config.visits import Visits

__all__ = [
    "REGIONS",
    "Alarms",
    "Barrier",
    "Camera",
    "Config",
    "Containers",
    "Exchange",
    "Factory",
    "ForeignCamera",
    "Interlock",
    "Log",
    "Mqtt",
    "Portal",
    "Push",
    "Recognition",
    "Review",
    "Rule",
    "Section",
    "Site",
    "Store",
    "Target",
    "Visits",
    "Web",
    "Yard",
    "YardRate",
    "Zone",
    "region_code",
]


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        known = {zone.lower(): zone for zone in available_timezones()}
        cities = {zone.rpartition("/")[2]: zone for zone in sorted(known)}
        wanted = name.strip().lower().replace(" ", "_")
        close = get_close_matches(wanted, known, 1, 0.8) or get_close_matches(wanted, cities, 1, 0.7)
        found = known.get(cities.get(close[0], close[0])) if close else None
        hint = f"did you mean `{found}`?" if found else "write it like `Europe/Berlin`"
        raise ValueError(f"unknown time zone `{name}`, {hint}") from None
    return name


class Site(Section):
    """`[site]`: what the place is called and where it is."""

    name: str = Field(default="My site", min_length=1, max_length=80)
    timezone: Annotated[str, AfterValidator(_timezone)] = "UTC"
    regions: list[Region] = Field(default_factory=list)


class Recognition(Section):
    """`[recognition]`: models and how sure is sure enough."""

    models: FilePath | None = None
    provider: Literal["auto", "cpu", "cuda", "tensorrt"] = "auto"
    threads: int = Field(default=2, ge=1, le=64)
    accept: Fraction = 0.6
    preview: Fraction = 0.9
    second_opinion: bool = True
    track_gap: float = Field(default=1.5, ge=0.2, le=60)
    park_memory: float = Field(default=600.0, ge=1, le=86400)


class Store(Section):
    """`[store]`: where reads and pictures are kept."""

    data: FilePath = Path("data")
    jpeg_quality: int = Field(default=90, ge=30, le=100)
    keep_pictures: int = Field(default=0, ge=0, le=36_500)
    keep_reads: int = Field(default=0, ge=0, le=36_500)
    make_room: Fraction = 0.85


class Web(Section):
    """`[web]`: the pages."""

    enabled: bool = True
    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=8080, ge=1, le=65535)
    secure_cookies: bool = False
    session_hours: float = Field(default=12.0, gt=0, le=720)


class Log(Section):
    """`[log]`: what the process says about itself."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["console", "json"] = "console"


class Config(Section):
    """The whole of `alpr.toml`."""

    site: Site = Site()
    camera: list[Camera] = Field(default_factory=list)
    portal: list[Portal] = Field(default_factory=list)
    visits: Visits = Visits()
    containers: Containers = Containers()
    yard: Yard = Yard()
    exchange: Exchange = Exchange()
    factory: Factory = Factory()
    review: Review = Review()
    rule: list[Rule] = Field(default_factory=list)
    alarms: Alarms = Alarms()
    target: list[Target] = Field(default_factory=list)
    barrier: list[Barrier] = Field(default_factory=list)
    mqtt: Mqtt = Mqtt()
    push: Push = Push()
    recognition: Recognition = Recognition()
    store: Store = Store()
    web: Web = Web()
    log: Log = Log()
