"""`[[camera]]` and its zones."""

from __future__ import annotations

import shlex
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from alpr.config.base import FilePath, Point, Region, Section, plain_name
from alpr.urls import url_fault

_SMALLEST_DOUBLED_AREA = 1e-6
_ENDS = 2


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


def _line(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    if points and len(points) != _ENDS:
        raise ValueError("`line` has two points, its beginning and its end: [[0.0, 0.6], [1.0, 0.6]]")
    if points and points[0] == points[1]:
        raise ValueError("both ends of `line` are one point")
    return points


class Zone(Section):
    """`[[camera.zone]]`: where the camera looks, or looks away, or what a place is called."""

    name: str = Field(default="", max_length=80)
    mode: Literal["include", "ignore", "name"] = "include"
    polygon: Annotated[list[Point], Field(min_length=3, max_length=100), AfterValidator(_polygon)]
    """Corners as fractions of the picture's width and height."""


class Camera(Section):
    """`[[camera]]`: one camera, file or folder."""

    name: Annotated[str, AfterValidator(plain_name("camera"))]
    url: Annotated[str, AfterValidator(_url)]
    """Loaded from a file: without user name and password, and an absolute path where it is one."""
    enabled: bool = True
    direction: Literal["in", "out", ""] = ""
    line: Annotated[list[Point], AfterValidator(_line)] = Field(default_factory=list)
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
    regions: list[Region] = Field(default_factory=list)
    reads: Annotated[list[Literal["plate", "container"]], Field(min_length=1, max_length=2)] = ["plate"]  # noqa: RUF012  pydantic copies it
    min_plate_width: int = Field(default=28, ge=8, le=1000)
    motion_gate: bool = True
    zone: list[Zone] = Field(default_factory=list)
