"""The one type that every maker's payload becomes, before anybody knows whether the site takes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from alpr.domain import Box, Candidate, Character, Kind


class Format(StrEnum):
    """Whose shape a payload has."""

    ALPR = "alpr"
    PLATERECOGNIZER = "platerecognizer"
    AXIS = "axis"
    HIKVISION = "hikvision"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field: its name as it was sent, and what it should be, in words."""

    field: str
    message: str


class FieldFaultError(ValueError):
    """A payload says something that cannot be taken; `fault` names the field."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"{name}: {message}")
        self.fault = Fault(name, message)


@dataclass(frozen=True, slots=True)
class Image:
    """A picture as it came, not looked at yet; `name` is the field that it stood in."""

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Told:
    """What another system says of one thing that passed one camera once."""

    camera: tuple[str, ...]
    """What it calls the camera: the first of these names that the site knows counts."""
    at: datetime
    """With its zone, or as the camera's clock shows it (naive)."""
    text: str
    """Empty when the system could not read it."""
    confidence: float | None
    """0 to 1; None when the system does not say."""
    kind: Kind = Kind.PLATE
    external_id: str = ""
    """What the system calls this event; empty when it has no name for it."""
    preview: bool = False
    """Whether the same event will be told again, with more known."""
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    characters: tuple[Character, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    region: str | None = None
    size_type: str = ""
    """What stands beside a container's code, such as `45G1`."""
    direction: str | None = None
    """`in`, `out` or nothing."""
    vehicle: str | None = None
    """A `Label` value where the maker's word has one, else the maker's word."""
    colour: str | None = None
    vehicle_confidence: float = 0.0
    box: Box | None = None
    vehicle_box: Box | None = None
    frame: Image | None = None
    crop: Image | None = None
    recycles: bool = False
    """Whether the maker's names of events come again after a while."""
    camera_field: str = "camera"
    time_field: str = "captured_at"


@dataclass(frozen=True, slots=True)
class Refused:
    """An item that cannot be taken, with everything that is wrong with it."""

    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Silent:
    """A message of another system that tells of no vehicle: a heartbeat, the loss of one told already."""

    why: str


Item: TypeAlias = Told | Refused | Silent
"""One thing of a payload."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a multipart body."""

    name: str
    filename: str
    kind: str
    """Its media type, without parameters, in small letters."""
    data: bytes = field(repr=False)
