"""`[exchange]`: reads of other systems, and the cameras that they come from."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from alpr.config.base import Section, plain_name


class ForeignCamera(Section):
    """`[[exchange.camera]]`: a camera that another system watches."""

    name: Annotated[str, AfterValidator(plain_name("camera"))]
    known_as: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field(default_factory=list)
    source: str = Field(default="", max_length=80)
    direction: Literal["in", "out", ""] = ""
    opens: bool = False


def _each_once(cameras: list[ForeignCamera]) -> list[ForeignCamera]:
    taken: set[str] = set()
    for camera in cameras:
        for name in dict.fromkeys(one.casefold() for one in (camera.name, *camera.known_as)):
            if f"{camera.source.casefold()}/{name}" in taken:
                raise ValueError(f"two cameras of the same source are known as `{name}`: choose another name for one")
            taken.add(f"{camera.source.casefold()}/{name}")
    return cameras


class Exchange(Section):
    """`[exchange]`: what is taken of what other systems send."""

    enabled: bool = True
    unknown_camera: Literal["refuse", "keep"] = "refuse"
    naive_time: Literal["refuse", "site"] = "refuse"
    bad_clock: Literal["refuse", "arrival"] = "refuse"
    clock_ahead: float = Field(default=120.0, ge=0, le=86400)
    bad_picture: Literal["refuse", "keep"] = "refuse"
    picture_size: float = Field(default=4.0, gt=0, le=64)
    request_size: float = Field(default=8.0, gt=0, le=256)
    batch: int = Field(default=500, ge=1, le=5000)
    tell_within: float = Field(default=900.0, ge=0, le=2_592_000)
    camera: Annotated[list[ForeignCamera], AfterValidator(_each_once)] = Field(default_factory=list)
