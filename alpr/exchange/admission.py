"""Whether the site takes what another system tells: its camera, its time, its name; and the read that it becomes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final, Literal

from alpr.domain import Box, CheckDigit, Kind, Read, Reading, State, Vehicle, compact, foreign_read_id
from alpr.exchange.told import Fault, Image, Refused, Told
from alpr.iso6346 import check_digit, has_structure
from alpr.iso6346 import fault as fault_of

_OLDEST: Final = datetime(2005, 1, 1, tzinfo=UTC)
_NOWHERE: Final = Box(0, 0, 0, 0)
_NO_NAME = re.compile(r"[^A-Za-z0-9_.-]+")
_LONGEST_NAME: Final = 64


@dataclass(frozen=True, slots=True)
class Station:
    """A camera that reads may come from, as the site calls it."""

    name: str
    direction: str | None = None
    opens: bool = False
    """Whether its reads may open barriers."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the site takes from other systems, and what it refuses."""

    zone: tzinfo = UTC
    stations: Mapping[tuple[str, str], Station] = field(default_factory=dict)
    """By source (empty: any) and the name that the camera has there, both in small letters."""
    unknown_camera: Literal["refuse", "keep"] = "refuse"
    naive_time: Literal["refuse", "site"] = "refuse"
    bad_clock: Literal["refuse", "arrival"] = "refuse"
    ahead: timedelta = timedelta(minutes=2)
    """How far another clock may be ahead of ours."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A read that the site takes, with the pictures to look at, and what was put right in it."""

    read: Read
    station: Station
    frame: Image | None = None
    crop: Image | None = None
    notes: tuple[Fault, ...] = ()
    recycles: bool = False


def admit(told: Told, source: str, terms: Terms, now: datetime) -> Admitted | Refused:
    """Make a read of what `source` tells, or say everything that stands against it."""
    faults: list[Fault] = []
    notes: list[Fault] = []
    station = _station(told, source, terms, faults, notes)
    at = _moment(told, terms, now, faults, notes)
    if station is None or at is None:
        return Refused(tuple(faults))
    reading = Reading(
        told.text,
        0.0 if told.confidence is None else told.confidence,
        told.characters,
        told.candidates,
        told.region.casefold() if told.region else None,
        ("not said how sure",) if told.confidence is None and told.text else (),
    )
    if told.kind is Kind.CONTAINER and told.text:
        reading = _container(reading, told.size_type)
    read = Read(
        id=foreign_read_id(source, told.external_id or _content(told)),
        camera=station.name,
        kind=told.kind if told.text else Kind.VEHICLE,
        state=_state(told),
        reading=reading,
        box=told.box or _NOWHERE,
        captured_at=at,
        frame_time=0.0,
        first_seen=_near(told.first_seen, at, terms, now),
        last_seen=_near(told.last_seen, at, terms, now),
        vehicle=_vehicle(told),
        vehicle_box=told.vehicle_box,
        direction=station.direction or told.direction,
        source=source,
        external_id=told.external_id,
    )
    return Admitted(read, station, told.frame, told.crop, tuple(notes), told.recycles)


def again(admitted: Admitted) -> str:
    """Return the id for a read whose maker gave its name to another one before."""
    read = admitted.read
    return foreign_read_id(read.source, f"{read.external_id}@{read.captured_at.isoformat()}")


def _station(told: Told, source: str, terms: Terms, faults: list[Fault], notes: list[Fault]) -> Station | None:
    for of in (source.casefold(), ""):
        for name in told.camera:
            if (known := terms.stations.get((of, name.casefold()))) is not None:
                return known
    names = " / ".join(told.camera)
    if terms.unknown_camera == "refuse":
        faults.append(
            Fault(
                told.camera_field, f"nobody knows the camera `{names}`: add it as [[exchange.camera]], or map it there"
            )
        )
        return None
    notes.append(Fault(told.camera_field, f"nobody knows the camera `{names}`"))
    return Station(_NO_NAME.sub("-", told.camera[0]).strip("-._")[:_LONGEST_NAME] or "unknown")


def _moment(told: Told, terms: Terms, now: datetime, faults: list[Fault], notes: list[Fault]) -> datetime | None:
    at = told.at
    if at.tzinfo is None:
        if terms.naive_time == "refuse":
            faults.append(Fault(told.time_field, f"`{at.isoformat()}` has no time zone, such as +01:00 or Z"))
            return None
        at = at.replace(tzinfo=terms.zone)
    try:
        at = at.astimezone(UTC)
    except (OverflowError, ValueError):
        at = datetime.min.replace(tzinfo=UTC)
    if _OLDEST <= at <= now + terms.ahead:
        return at
    words = f"`{told.at.isoformat()}` lies {'in the future' if at > now else 'before 2005'}: set the clock there"
    if terms.bad_clock == "refuse":
        faults.append(Fault(told.time_field, words))
        return None
    notes.append(Fault(told.time_field, f"{words}; the time of arrival was taken"))
    return now


def _near(moment: datetime | None, at: datetime, terms: Terms, now: datetime) -> datetime:
    """Return when the thing was first or last seen, when that makes sense beside the read's own time."""
    if moment is None:
        return at
    try:
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=terms.zone)).astimezone(UTC)
    except (OverflowError, ValueError):
        return at
    return moment if abs(moment - at) <= timedelta(days=1) and moment <= now + terms.ahead else at


def _container(reading: Reading, size_type: str) -> Reading:
    """Write a container's code as ours are: without spaces, with what its check digit (ISO 6346) says."""
    code, fault = compact(reading.text), fault_of(compact(reading.text))
    said = CheckDigit.DIFFERS if fault else CheckDigit.AGREES
    if has_structure(f"{code}0") and fault:
        code, said = f"{code}{check_digit(code)}", CheckDigit.COMPUTED
    reasons = (*reading.reasons, fault) if fault else reading.reasons
    return replace(reading, text=code, reasons=reasons, size_type=size_type, check_digit=said)


def _state(told: Told) -> State:
    if not told.text:
        return State.UNREAD
    return State.PREVIEW if told.preview else State.FINAL


def _vehicle(told: Told) -> Vehicle | None:
    if told.vehicle is None and told.colour is None:
        return None
    return Vehicle(told.vehicle or "vehicle", told.colour, told.vehicle_confidence)


def _content(told: Told) -> str:
    """Name an event that has no name by what it says."""
    said = (told.camera, told.at.isoformat(), told.kind.value, told.text, told.direction, told.box)
    return f"sha256:{hashlib.sha256(repr(said).encode('utf-8', 'replace')).hexdigest()}"
