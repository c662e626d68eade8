"""`alpr.toml` as frozen values. Every default and limit stands here; `alpr.toml` shows them all.

`alpr.configfile` loads the file and words the faults.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from alpr.urls import url_fault

REGIONS: Final[Mapping[str, str]] = {
    "eu": "Europe", "us": "United States", "ca": "Canada", "mx": "Mexico", "br": "Brazil", "ar": "Argentina",
    "cl": "Chile", "co": "Colombia", "pe": "Peru", "uy": "Uruguay", "al": "Albania", "at": "Austria",
    "ba": "Bosnia and Herzegovina", "be": "Belgium", "bg": "Bulgaria", "by": "Belarus", "ch": "Switzerland",
    "cy": "Cyprus", "cz": "Czechia", "de": "Germany", "dk": "Denmark", "ee": "Estonia", "es": "Spain",
    "fi": "Finland", "fr": "France", "gb": "United Kingdom", "gr": "Greece", "hr": "Croatia", "hu": "Hungary",
    "ie": "Ireland", "is": "Iceland", "it": "Italy", "lt": "Lithuania", "lu": "Luxembourg", "lv": "Latvia",
    "md": "Moldova", "me": "Montenegro", "mk": "North Macedonia", "mt": "Malta", "nl": "Netherlands",
    "no": "Norway", "pl": "Poland", "pt": "Portugal", "ro": "Romania", "rs": "Serbia", "se": "Sweden",
    "si": "Slovenia", "sk": "Slovakia", "tr": "Turkey", "ua": "Ukraine", "ru": "Russia", "cn": "China",
    "in": "India", "au": "Australia", "nz": "New Zealand", "za": "South Africa", "ae": "United Arab Emirates",
}  # fmt: skip
"""Every region that plates can be told to come from: ISO 3166 country codes, and `eu` for all of Europe."""

_ALIASES = {"uk": "gb", "el": "gr", "usa": "us"}
_SMALLEST_DOUBLED_AREA = 1e-6
_CAMERA_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


def region_code(text: str) -> str:
    """Return the code of a region in lower case; raise ValueError with a suggestion when there is none."""
    code = text.strip().lower()
    code = _ALIASES.get(code, code)
    if code in REGIONS:
        return code
    names = {name.lower(): known for known, name in REGIONS.items()}
    close = get_close_matches(code, names, 1) or get_close_matches(code, REGIONS, 1)
    hint = f"did you mean `{names.get(close[0], close[0])}`?" if close else f"known are {', '.join(REGIONS)}"
    raise ValueError(f"unknown region `{text}`, {hint}")


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


def _camera_name(name: str) -> str:
    if not _CAMERA_NAME.fullmatch(name):
        raise ValueError(
            f"`{name[:80]}` is no name for a camera: use letters without accents, digits, `.`, `_` and `-`, "
            "begin with a letter or digit, 64 at most"
        )
    return name


def _url(url: str) -> str:
    if fault := url_fault(url):
        raise ValueError(f"the url {fault}")
    return url


def _decoder_command(command: str) -> str:
    try:
        shlex.split(command.format(codec="h264", demuxer="h264", width=1920, height=1080))
    except (ValueError, LookupError, AttributeError):
        raise ValueError(
            "`decoder_command` cannot be filled in: it may hold {codec}, {demuxer}, {width} and {height}, "
            "other braces are doubled, and quotes are closed"
        ) from None
    return command


def _polygon(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    doubled_area = sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise([*points, points[0]]))
    if abs(doubled_area) < _SMALLEST_DOUBLED_AREA:
        raise ValueError("the polygon has no area: its corners lie on one line or on one point")
    return points


Fraction = Annotated[float, Field(ge=0, le=1)]
# TOML has arrays and strings only: a point comes as a list, a path as a string.
Point = Annotated[tuple[Fraction, Fraction], Field(strict=False)]
FilePath = Annotated[Path, Field(strict=False)]
Region = Annotated[str, AfterValidator(region_code)]


class Section(BaseModel):
    """A table of `alpr.toml`: frozen, and unknown keys are faults."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, validate_default=True, allow_inf_nan=False, hide_input_in_errors=True
    )


class Zone(Section):
    """`[[camera.zone]]`: where the camera looks, or looks away."""

    mode: Literal["include", "ignore"] = "include"
    polygon: Annotated[list[Point], Field(min_length=3, max_length=100), AfterValidator(_polygon)]
    """Corners as fractions of the picture's width and height."""


class Camera(Section):
    """`[[camera]]`: one camera, file or folder."""

    name: Annotated[str, AfterValidator(_camera_name)]
    url: Annotated[str, AfterValidator(_url)]
    """Loaded from a file: without user name and password, and an absolute path where it is one."""
    enabled: bool = True
    direction: Literal["in", "out", ""] = ""
    username: str = ""
    password: SecretStr = SecretStr("")
    password_file: FilePath | None = None
    transport: Literal["tcp", "udp"] = "tcp"
    backend: Literal["aiortsp", "ffmpeg"] = "aiortsp"
    decoder: Literal["auto", "software", "cuda", "child"] = "auto"
    decoder_command: Annotated[str, AfterValidator(_decoder_command)] = ""
    tls_verify: bool = True
    fps: float = Field(default=10.0, gt=0, le=60)
    stall_timeout: float = Field(default=5.0, ge=1, le=300)
    poll: float = Field(default=1.0, ge=0.1, le=3600)
    loop: bool = False
    realtime: bool = True
    pattern: str = Field(default="*.jpg", min_length=1)
    settle: float = Field(default=1.0, ge=0, le=60)
    regions: list[Region] = []
    min_plate_width: int = Field(default=28, ge=8, le=1000)
    motion_gate: bool = True
    zone: list[Zone] = []


class Site(Section):
    """`[site]`: what the place is called and where it is."""

    name: str = Field(default="My site", min_length=1, max_length=80)
    timezone: Annotated[str, AfterValidator(_timezone)] = "UTC"
    regions: list[Region] = []


class Recognition(Section):
    """`[recognition]`: models and how sure is sure enough."""

    models: FilePath | None = None
    provider: Literal["auto", "cpu", "cuda", "tensorrt"] = "auto"
    threads: int = Field(default=2, ge=1, le=64)
    accept: Fraction = 0.4
    preview: Fraction = 0.85
    second_opinion: bool = True
    track_gap: float = Field(default=1.5, ge=0.2, le=60)
    park_memory: float = Field(default=600.0, ge=1, le=86400)


class Store(Section):
    """`[store]`: where reads and pictures are kept."""

    data: FilePath = Path("data")
    jpeg_quality: int = Field(default=90, ge=30, le=100)


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
    camera: list[Camera] = []
    recognition: Recognition = Recognition()
    store: Store = Store()
    web: Web = Web()
    log: Log = Log()
