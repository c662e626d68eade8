"""What the demo's cameras saw in the last days: regulars and strangers, in and out, with their pictures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
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
    Candidate,
    Character,
    Kind,
    Look,
    Read,
    Reading,
    State,
    Vehicle,
    new_read_id,
    utc_now,
)
from alpr.keepers.visits import VisitKeeper
from alpr.ops.demo.cast import PLACES
from alpr.ops.demo.lists import add_regulars
from alpr.ops.demo.said import say_of
from alpr.ops.demo.sets import scenery
from alpr.site.lists.matching import Index
from alpr.stay import StayLimits
from alpr.store import hits, lists, reads
from alpr.store.database import Database, open_database
from alpr.store.images import Images, Picture
from alpr.store.reads import Evidence
from alpr.training.cars import PROFILES, car
from alpr.training.film import sense
from alpr.training.light import LIGHTS
from alpr.training.place import on_lane
from alpr.training.plates import Plate, draw_plate, issue
from alpr.training.staging import Actor, stage
from alpr.training.vehicles import PAINTS

_BATCH: Final = 6
"""Reads in one transaction: the site that runs waits for its end."""
_APART: Final = timedelta(minutes=20)
_ODD: Final = 3
"""Regulars with a story of their own, see `_oddities`."""
_SIZE: Final = 640, 360
_LOOK_ALIKES: Final = {"B": "8", "8": "B", "0": "D", "5": "S", "S": "5", "1": "T", "6": "8", "M": "N", "N": "M"}


@dataclass(frozen=True, slots=True)
class Still:
    """A picture of a regular before one of the gates."""

    frame: bytes
    crop: bytes
    box: Box
    vehicle_box: Box


@dataclass(frozen=True, slots=True)
class _Regular:
    plate: Plate
    kind: str
    paint: str
    stills: dict[tuple[str, str], Still]
    """By camera and light."""


@dataclass(frozen=True, slots=True)
class _Sighting:
    at: datetime
    camera: str
    regular: _Regular


async def fill_past(
    data: Path, *, days: int, count: int, seed: int = 23, regulars: int = 90
) -> AsyncGenerator[int, None]:
    """Store about `count` reads of the last `days` days in a data folder; yield how many after each transaction.

    Does nothing when there are reads older than some hours: they were filled in by an earlier start.
    """
    database = await open_database(data, alone=False)
    try:
        now = utc_now()
        until = now - timedelta(minutes=20)
        if await reads.page(database, reads.ReadQuery(until=now - timedelta(hours=6), limit=1)):
            return
        random = Random(seed)  # noqa: S311 - chance, no secret
        people = await asyncio.to_thread(lambda: [_regular(random, number) for number in range(regulars)])
        await add_regulars(database, [one.plate for one in people], now)
        index = Index(await lists.load_entries(database), ZoneInfo("UTC"))
        keeper = VisitKeeper(database, Bus(), StayLimits())
        passed: list[tuple[Read, str]] = []
        sightings = list(_sightings(random, people, until, days, count))
        for begin in range(0, len(sightings), _BATCH):
            made = [_read(random, sighting) for sighting in sightings[begin : begin + _BATCH]]
            truths = [one.regular.plate.text for one in sightings[begin : begin + _BATCH]]
            passed += [(read, truth) for (read, _still), truth in zip(made, truths, strict=True)]
            await _store(database, Images(data / "images"), index, keeper, made)
            yield min(begin + _BATCH, len(sightings))
        await say_of(database, index, keeper, passed, now)
    finally:
        await database.close()


async def _store(
    database: Database, images: Images, index: Index, keeper: VisitKeeper, made: Sequence[tuple[Read, Still]]
) -> None:
    stored = await asyncio.to_thread(
        lambda: [_write(images, read, still) for read, still in made],
    )
    async with database.write() as connection:
        for (read, still), evidence in zip(made, stored, strict=True):
            await reads.save(connection, read, evidence, [still.crop] * len(read.looks), read.last_seen)
            await hits.save(connection, read.id, index.decide(read, read.captured_at))
        await keeper.put_all(connection, [read for read, _ in made])


def _write(images: Images, read: Read, still: Still) -> Evidence:
    pictures = Picture("frame", still.frame), Picture("crop", still.crop)
    frame, crop = images.write(read.camera, read.id, read.captured_at, pictures)
    return Evidence(frame.path, frame.sha256, *_SIZE, crop.path, crop.sha256)


def _regular(random: Random, number: int) -> _Regular:
    plate, kind, paint = issue(random), random.choice(list(PROFILES)), random.choice(list(PAINTS))
    stills = {}
    for camera in ("gate-in", "gate-out"):
        lights = ("day", "dusk" if number % 2 else "night")
        for light in lights:
            stills[camera, light] = draw_still(random, camera, light, plate, kind, paint)
    return _Regular(plate, kind, paint, stills)


def draw_still(random: Random, camera: str, light_name: str, plate: Plate, kind: str, paint: str) -> Still:
    """Draw a regular as a camera sees it."""
    place, light, scene = PLACES[camera], LIGHTS[light_name], scenery(camera, light_name)
    leaving = camera == "gate-out"
    model = car(PROFILES[kind], PAINTS[paint])
    frame = scene.picture.copy()
    front = random.uniform(6.3, 8.0) + (model.length if leaving else 0.0)
    stand = on_lane(place, model.length, front, leaving=leaving)
    shown = stage(frame, place, scene, light, Actor(model, draw_plate(plate, rear=leaving)), stand)
    assert shown.plate is not None
    assert shown.vehicle is not None
    frame = sense(frame, light, random.randrange(100))
    around = shown.plate.grown(0.08, 0.15).clipped(frame.shape[1], frame.shape[0])
    crop = frame[int(around.y1) : int(around.y2), int(around.x1) : int(around.x2)]
    small = cv2.resize(frame, _SIZE, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    share = _SIZE[0] / frame.shape[1]
    return Still(_jpeg(small, 50), _jpeg(crop, 75), _scaled(shown.plate, share), _scaled(shown.vehicle, share))


def _scaled(box: Box, share: float) -> Box:
    return Box(box.x1 * share, box.y1 * share, box.x2 * share, box.y2 * share)


def _jpeg(image: BgrImage, quality: int) -> bytes:
    done, data = cv2.imencode(".jpg", np.ascontiguousarray(image), [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done
    return data.tobytes()


def _sightings(
    random: Random, regulars: Sequence[_Regular], until: datetime, days: int, count: int
) -> Iterator[_Sighting]:
    """Let everybody come and go: most in working hours, some in the night, each out after having come in."""
    yield from _oddities(regulars, until)
    away: dict[str, list[tuple[datetime, datetime]]] = {}
    for _ in range(count // 2):
        # A few come daily, most now and then.
        regular = regulars[int((len(regulars) - _ODD) * random.random() ** 2)]
        midnight = (until - timedelta(days=random.randrange(days))).replace(hour=0, minute=0, second=0, microsecond=0)
        hour = min(23.2, max(0.2, random.gauss(10.5, 3.5) if random.random() < 0.88 else random.uniform(0, 24)))  # noqa: PLR2004
        came = midnight + timedelta(hours=hour)
        left = came + timedelta(minutes=random.lognormvariate(3.9, 0.8))
        stays = away.setdefault(regular.plate.text, [])
        if any(came < other_left + _APART and other_came < left + _APART for other_came, other_left in stays):
            continue  # nobody is inside twice
        stays.append((came, left))
        for at, camera in ((came, "gate-in"), (left, "gate-out")):
            if at < until:
                yield _Sighting(at, camera, regular)


def _oddities(regulars: Sequence[_Regular], until: datetime) -> Iterator[_Sighting]:
    """Let one stay far too long, one leave unseen and one come unseen."""
    *_, stays, left_unseen, came_unseen = regulars
    yield _Sighting(until - timedelta(hours=29), "gate-in", stays)
    yield _Sighting(until - timedelta(days=4, hours=3), "gate-in", left_unseen)
    yield _Sighting(until - timedelta(hours=21), "gate-out", came_unseen)


def _light(at: datetime, regular: _Regular, camera: str) -> str:
    hour = at.astimezone(UTC).hour
    wanted = "day" if 7 <= hour < 18 else "dusk" if hour in {5, 6, 18, 19, 20} else "night"  # noqa: PLR2004
    if (camera, wanted) in regular.stills:
        return wanted
    return "night" if (camera, "night") in regular.stills and wanted != "day" else "dusk"


def _read(random: Random, sighting: _Sighting) -> tuple[Read, Still]:
    at, camera, regular = sighting.at, sighting.camera, sighting.regular
    still = regular.stills[camera, _light(at, regular, camera)]
    state, reading = _reading(random, regular.plate.text)
    looks = tuple(
        Look(
            float(n) / 10,
            still.box,
            regular.plate.text,
            random.uniform(0.7, 0.99),
            random.uniform(0.4, 0.9),
            kept=n == 1,
        )
        for n in range(random.choice((2, 3, 3, 4)))
    )
    label = "truck" if regular.kind == "van" else "car"
    read = Read(
        id=new_read_id(at), camera=camera, kind=Kind.PLATE, state=state, reading=reading, box=still.box,
        captured_at=at, frame_time=at.timestamp() % 86400, first_seen=at - timedelta(seconds=random.uniform(1, 3)),
        last_seen=at + timedelta(seconds=random.uniform(0.5, 2)), looks=looks,
        vehicle=Vehicle(label, regular.paint, random.uniform(0.6, 0.95)), vehicle_box=still.vehicle_box,
        direction=camera.removeprefix("gate-"),
    )  # fmt: skip
    return read, still


def _reading(random: Random, text: str) -> tuple[State, Reading]:
    """Make up how sure the read was: nearly always very, sometimes not enough."""
    chance = random.random()
    place = random.randrange(len(text))
    other = text[:place] + _LOOK_ALIKES.get(text[place], "7") + text[place + 1 :]
    if chance < 0.02:  # noqa: PLR2004
        sure = random.uniform(0.15, 0.38)
        candidates = (Candidate(text, sure), Candidate(other, sure * 0.8))
        return State.UNREAD, Reading("", sure, (), candidates, None, (f"not sure enough: {text} at {sure:.0%}",))
    sure = random.uniform(0.55, 0.85) if chance < 0.10 else random.uniform(0.90, 0.998)  # noqa: PLR2004
    shown = other if chance < 0.025 else text  # noqa: PLR2004
    characters = tuple(
        Character(part, sure if at == place else random.uniform(max(sure, 0.93), 0.999))
        for at, part in enumerate(shown)
    )
    rival = text if shown == other else other
    return State.FINAL, Reading(shown, sure, characters, (Candidate(rival, (1 - sure) * 0.7),))
