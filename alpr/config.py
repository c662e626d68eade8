"""`alpr.toml` as frozen values. Every default and limit stands here; `alpr.toml` shows them all."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class Section(BaseModel):
    """A table of `alpr.toml`: frozen, and unknown keys are faults."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, validate_default=True)


Fraction = Annotated[float, Field(ge=0, le=1)]
Point = tuple[Fraction, Fraction]


class Zone(Section):
    """`[[camera.zone]]`: where the camera looks, or looks away."""

    mode: Literal["include", "ignore"] = "include"
    polygon: list[Point] = Field(min_length=3)
    """Corners as fractions of the picture's width and height."""


class Camera(Section):
    """`[[camera]]`: one camera, file or folder."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")
    url: str
    enabled: bool = True
    direction: Literal["in", "out", ""] = ""
    username: str = ""
    password: SecretStr = SecretStr("")
    password_file: Path | None = None
    transport: Literal["tcp", "udp"] = "tcp"
    backend: Literal["aiortsp", "ffmpeg"] = "aiortsp"
    decoder: Literal["auto", "software", "cuda", "child"] = "auto"
    decoder_command: str = ""
    tls_verify: bool = True
    fps: float = Field(default=10.0, gt=0, le=60)
    stall_timeout: float = Field(default=5.0, ge=1, le=300)
    poll: float = Field(default=1.0, ge=0.1, le=3600)
    loop: bool = False
    realtime: bool = True
    pattern: str = "*.jpg"
    settle: float = Field(default=1.0, ge=0, le=60)
    regions: list[str] = []
    min_plate_width: int = Field(default=28, ge=8, le=1000)
    motion_gate: bool = True
    zone: list[Zone] = []


class Site(Section):
    """`[site]`: what the place is called and where it is."""

    name: str = Field(default="My site", min_length=1, max_length=80)
    timezone: str = "UTC"
    regions: list[str] = []


class Recognition(Section):
    """`[recognition]`: models and how sure is sure enough."""

    models: Path | None = None
    provider: Literal["auto", "cpu", "cuda", "tensorrt"] = "auto"
    threads: int = Field(default=2, ge=1, le=64)
    accept: Fraction = 0.5
    preview: Fraction = 0.85
    second_opinion: bool = True
    track_gap: float = Field(default=1.5, ge=0.2, le=60)
    park_after: float = Field(default=20.0, ge=1, le=3600)


class Store(Section):
    """`[store]`: where reads and pictures are kept."""

    data: Path = Path("data")
    jpeg_quality: int = Field(default=90, ge=30, le=100)


class Web(Section):
    """`[web]`: the pages."""

    enabled: bool = True
    host: str = "127.0.0.1"
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
