"""The demo's yard: containers that came and went in the last weeks on made-up trucks, and who was announced."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

import cv2
import numpy as np

from alpr.bus import Bus
from alpr.domain import (
    BgrImage,
    Box,
    Character,
    CheckDigit,
    Kind,
    Look,
    Read,
    Reading,
    State,
    Vehicle,
    compact,
    new_read_id,
    utc_now,
)
from alpr.iso6346 import check_digit
from alpr.keepers.visits import VisitKeeper
from alpr.keepers.yard import YardKeeper, YardSettings
from alpr.ops.demo.cast import cast
from alpr.ops.demo.past import Still, draw_still
from alpr.site.lists.matching import Index
from alpr.site.yard.arrivals import Expected
from alpr.stay import StayLimits
from alpr.store import expected, hits, lists, passes, reads
from alpr.store.database import Database, open_database
from alpr.store.images import Images, Picture
from alpr.store.passes import PassQuery
from alpr.store.reads import Evidence
from alpr.training.containers import draw_face
from alpr.training.containerscene import draw_scene
from alpr.training.plates import Plate, issue
from alpr.training.vehicles import PAINTS

CONTAINERS: Final = 22
_OWNERS: Final = ("HLCU", "TGHU", "CAIU", "NGTU", "MSCU", "TCLU", "OOLU")
_SIZE: Final = 640, 360
_BY: Final = "demo"
_TRUCKS: Final = 8
_LONGEST: Final = 19.0
"""Days ago that the first one came."""


@dataclass(frozen=True, slots=True)
class _Container:
    """A drawn container: its picture, and where its code stands in it."""

    code: str
    size_type: str
    frame: bytes
    crop: bytes
    box: Box


@dataclass(frozen=True, slots=True)
class _Truck:
    """A truck before the gates."""

    plate: Plate
    paint: str
    stills: dict[str, Still]
    """By camera."""


@dataclass(frozen=True, slots=True)
class _Drive:
    """A truck that brings or takes a container."""

    at: datetime
    container: _Container
    way: str
    truck: _Truck


@dataclass(frozen=True, slots=True)
class _Plan:
    """When a container comes, and when it leaves if it does, with which truck each time."""

    code: str
    drives: tuple[tuple[datetime, str, _Truck], ...]


@dataclass(frozen=True, slots=True)
class _Keepers:
    """What sees every read."""

    index: Index
    yard: YardKeeper
    visits: VisitKeeper


async def fill_yard(data: Path, *, seed: int = 31, count: int = CONTAINERS) -> AsyncGenerator[int, None]:
    """Let containers come and go in a data folder; yield how many drives are stored, after each.

    Does nothing when containers have come and gone already: an earlier start has done it.
    """
    database = await open_database(data, alone=False)
    try:
        now, random = utc_now(), Random(seed)  # noqa: S311 - chance, no secret
        if await passes.page(database, PassQuery(carrying=True, until=now - timedelta(days=2), limit=1)):
            return
        images = Images(data / "images")
        index = Index(await lists.load_entries(database), ZoneInfo("UTC"))
        visits = VisitKeeper(database, Bus(), StayLimits(), containers=StayLimits(missed_after=timedelta(days=180)))
        keepers = _Keepers(index, YardKeeper(YardSettings()), visits)
        trucks = await asyncio.to_thread(lambda: [_truck(random) for _ in range(_TRUCKS)])
        plans = list(_plans(random, trucks, now, count))
        await expected.add_all(database, _announced(random, plans, now), _BY, now - timedelta(days=21))
        for number, plan in enumerate(plans):
            drawn = await asyncio.to_thread(_draw, random, plan.code)
            for at, way, truck in plan.drives:
                await _store(database, images, keepers, random, _Drive(at, drawn, way, truck))
            yield number + 1
    finally:
        await database.close()


def _truck(random: Random) -> _Truck:
    plate, paint = issue(random), random.choice(list(PAINTS))
    stills = {camera: draw_still(random, camera, "day", plate, "van", paint) for camera in ("gate-in", "gate-out")}
    return _Truck(plate, paint, stills)


def _plans(random: Random, trucks: Sequence[_Truck], now: datetime, count: int) -> Iterator[_Plan]:
    # What the demo's trucks take away before the cameras has come before.
    leaving = [compact(act.code) for act in cast() if act.code and act.camera == "gate-out"]
    codes = [*leaving, *(_code(random) for _ in range(count - len(leaving)))]
    for number, code in enumerate(codes[:count]):
        came = now - timedelta(days=0.2 + _LONGEST * (number / count) ** 1.5, minutes=random.uniform(0, 90))
        drives = [(came, "in", random.choice(trucks))]
        left = came + timedelta(days=random.lognormvariate(0.7, 0.6))
        if number >= len(leaving) and number % 5 and left < now:
            drives.append((left, "out", random.choice(trucks)))
        yield _Plan(code, tuple(drives))


def _announced(random: Random, plans: Sequence[_Plan], now: datetime) -> list[Expected]:
    """Announce most of those that came, some for another truck or day, and what is to come in the next days."""
    found = []
    for number, plan in enumerate(plans):
        came, _, truck = plan.drives[0]
        day = came.date() + timedelta(days=4 if number % 11 == 5 else 0)  # noqa: PLR2004
        plate = issue(random) if number % 7 == 3 else truck.plate  # noqa: PLR2004
        if number % 9:
            found.append(Expected(plan.code, day, plate.shown, f"B-{10_400 + number}"))
    for number in range(9):
        day = now.date() + timedelta(days=number // 4)
        note = "reefer, plug in" if number % 4 == 1 else ""
        shown = issue(random).shown if number % 3 else ""
        found.append(Expected(_code(random), day, shown, f"B-{10_500 + number}", note))
    return found


def _code(random: Random) -> str:
    ten = f"{random.choice(_OWNERS)}{random.randrange(1_000_000):06d}"
    return f"{ten}{check_digit(ten)}"


def _draw(random: Random, code: str) -> _Container:
    """Draw a container before a yard until its code can be seen whole."""
    while not (scene := draw_scene(random, faces=[draw_face(random, code=code)], containers=1)).codes:
        continue
    shown = scene.codes[0]
    around = shown.box.grown(0.06, 0.2).clipped(scene.image.shape[1], scene.image.shape[0])
    crop = scene.image[int(around.y1) : int(around.y2), int(around.x1) : int(around.x2)]
    small = cv2.resize(scene.image, _SIZE, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    share = _SIZE[0] / scene.image.shape[1]
    box = Box(*(share * edge for edge in (shown.box.x1, shown.box.y1, shown.box.x2, shown.box.y2)))
    return _Container(code, shown.size_type, _jpeg(small, 55), _jpeg(crop, 80), box)


async def _store(database: Database, images: Images, keepers: _Keepers, random: Random, drive: _Drive) -> None:
    """Store the read of the truck's plate, and that of its container two seconds later."""
    container, camera = drive.container, f"gate-{drive.way}"
    truck = drive.truck.stills[camera]
    plate = _read(random, drive, Kind.PLATE, drive.truck.plate.text, truck.box)
    code = _read(random, drive, Kind.CONTAINER, container.code, container.box, container.size_type)
    for read, frame, crop in ((plate, truck.frame, truck.crop), (code, container.frame, container.crop)):
        pictures = Picture("frame", frame), Picture("crop", crop)
        stored = await asyncio.to_thread(images.write, read.camera, read.id, read.captured_at, pictures)
        evidence = Evidence(stored[0].path, stored[0].sha256, *_SIZE, stored[1].path, stored[1].sha256)
        async with database.write() as connection:
            await reads.save(connection, read, evidence, [crop] * len(read.looks), read.last_seen)
            decision = keepers.index.decide(read, read.captured_at)
            await hits.save(connection, read.id, decision)
            await keepers.yard.put(connection, read)
            await keepers.visits.put(connection, read)


def _read(random: Random, drive: _Drive, kind: Kind, text: str, box: Box, size_type: str = "") -> Read:
    sure = random.uniform(0.9, 0.997)
    at = drive.at + timedelta(seconds=2 if kind is Kind.CONTAINER else 0)
    characters = tuple(Character(sign, random.uniform(sure, 0.999)) for sign in text)
    agrees = CheckDigit.AGREES if kind is Kind.CONTAINER else None
    return Read(
        id=new_read_id(at),
        camera=f"gate-{drive.way}",
        kind=kind,
        state=State.FINAL,
        reading=Reading(text, sure, characters, size_type=size_type, check_digit=agrees),
        box=box,
        captured_at=at,
        frame_time=at.timestamp() % 86400,
        first_seen=at - timedelta(seconds=1),
        last_seen=at + timedelta(seconds=1),
        looks=tuple(Look(float(n), box, text, sure, 0.5 + n / 10, kept=n == 1) for n in range(3)),
        vehicle=Vehicle("truck", drive.truck.paint, 0.9),
        direction=drive.way,
    )


def _jpeg(image: BgrImage, quality: int) -> bytes:
    done, data = cv2.imencode(".jpg", np.ascontiguousarray(image), [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done
    return data.tobytes()
