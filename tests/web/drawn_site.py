"""A whole small site for tests of the pages: a real database, drawn pictures, made-up plates."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import cv2
import numpy as np
from litestar import Litestar

from alpr.access import Decision
from alpr.barrier.gates import Barriers
from alpr.bus import Bus, ReadCommitted
from alpr.camera.picture import ImagePicture
from alpr.correction import Corrector
from alpr.domain import (
    Box,
    Candidate,
    Character,
    Frame,
    Kind,
    Label,
    Look,
    Read,
    Reading,
    State,
    Vehicle,
    new_read_id,
    utc_now,
)
from alpr.exchange.admission import Station, Terms
from alpr.intake.reads import Intake, IntakeSettings
from alpr.keepers.gate import Gatekeeper
from alpr.keepers.visits import VisitKeeper
from alpr.live import LiveView, Mark
from alpr.site.factory.floor import Floor
from alpr.site.rules.book import Rulebook
from alpr.status import CameraState, Status
from alpr.stay import StayLimits
from alpr.store import hits, reads, users
from alpr.store.database import Database, open_database
from alpr.store.images import Images
from alpr.store.reads import Evidence
from alpr.store.users import Role
from alpr.web.auth.passwords import hash_password
from alpr.web.context import DemoScore
from alpr.web.server import make_web

PASSWORD = "open the gate, please"
PUSH_KEY = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
"""A point of P-256, as a browser takes it."""
WIDTH, HEIGHT = 1280, 720
PLATE_BOX = Box(514, 522, 686, 568)
VEHICLE_BOX = Box(322, 164, 878, 644)
_PAINT = {"white": (228, 226, 223), "blue": (128, 90, 61), "red": (53, 58, 139), "orange": (58, 118, 163)}


def draw_frame(text: str, colour: str = "white") -> np.ndarray:
    """Draw a vehicle with its plate in front of a gate: BGR `(720, 1280, 3) uint8`."""
    frame = np.full((HEIGHT, WIDTH, 3), (196, 186, 172), np.uint8)
    cv2.rectangle(frame, (0, 430), (WIDTH, HEIGHT), (112, 108, 104), -1)
    cv2.rectangle(frame, (322, 164), (878, 600), _PAINT.get(colour, (120, 120, 120)), -1)
    cv2.rectangle(frame, (372, 204), (828, 370), (70, 62, 54), -1)
    for x in (352, 848):
        cv2.circle(frame, (x, 470), 26, (235, 240, 245), -1)
        cv2.ellipse(frame, (x, 610), (44, 34), 0, 0, 360, (34, 32, 30), -1)
    cv2.rectangle(frame, (514, 522), (686, 568), (244, 249, 249), -1)
    cv2.rectangle(frame, (514, 522), (686, 568), (28, 24, 20), 2)
    cv2.putText(frame, text, (522, 556), cv2.FONT_HERSHEY_DUPLEX, 0.95, (28, 24, 20), 2, cv2.LINE_AA)
    return frame


def crop_of(frame: np.ndarray, blur: int = 0) -> np.ndarray:
    """Cut the plate out of a drawn frame."""
    crop = frame[514:576, 500:700]
    return cv2.blur(crop, (blur, blur)) if blur else crop


def jpeg(image: np.ndarray) -> bytes:
    """Encode a drawn picture."""
    return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 88])[1].tobytes()


def drawn_read(text: str, *, sure: Sequence[float] | None = None, camera: str = "gate-in", age: float = 0.0) -> Read:
    """Make a final read of a drawn plate that passed `age` seconds ago; `sure` has one figure per character."""
    at = utc_now() - timedelta(seconds=age)
    figures = tuple(sure or (0.99,) * len(text))
    reading = Reading(
        text=text,
        confidence=min(figures, default=0.0),
        characters=tuple(Character(one, figure) for one, figure in zip(text, figures, strict=True)),
        candidates=(Candidate(text.replace("8", "B"), 0.11), Candidate(text.replace("8", "3"), 0.01)) if text else (),
        region="de" if text else None,
        reasons=("6 looks agree on 7 of 8 characters", "format of de fits") if text else ("no look was sure enough",),
    )
    looks = tuple(
        Look(float(n), PLATE_BOX, text, 0.5 + n / 10, 0.4 + n / 10, kept=n == 3) for n in range(5 if text else 0)
    )
    return Read(
        id=new_read_id(at),
        camera=camera,
        kind=Kind.PLATE if text else Kind.VEHICLE,
        state=State.FINAL if text else State.UNREAD,
        reading=reading,
        box=PLATE_BOX,
        captured_at=at,
        frame_time=3.0,
        first_seen=at - timedelta(seconds=1.2),
        last_seen=at + timedelta(seconds=0.4),
        looks=looks,
        vehicle=Vehicle("car", "white", 0.9),
        vehicle_box=VEHICLE_BOX,
        direction="in",
    )


@dataclass
class DrawnSite:
    """The site and what a test may do to it."""

    database: Database
    images: Path
    bus: Bus = field(default_factory=Bus)
    status: Status = field(default_factory=Status)
    live: LiveView = field(default_factory=LiveView)
    demo_score: Callable[[], DemoScore] | None = None
    barriers: Barriers = field(default_factory=Barriers)
    book: Rulebook = field(default_factory=Rulebook)
    floor: Floor = field(default_factory=Floor)
    keeper: Gatekeeper = field(init=False)
    visits: VisitKeeper = field(init=False)
    intake: Intake = field(init=False)
    woken: int = 0
    """How often the pages have woken the outbox."""

    def __post_init__(self) -> None:
        self.visits = VisitKeeper(self.database, self.bus, StayLimits())
        self.keeper = Gatekeeper(self.database, self.bus, self.status, self.book, visits=self.visits)
        settings = IntakeSettings(
            terms=Terms(stations={("", "south"): Station("south"), ("", "gate-in"): Station("gate-in", "in")})
        )
        self.intake = Intake(
            self.database,
            Images(self.images),
            self.bus,
            judge=self.keeper.decide_all,
            committed=self.keeper.committed,
            settings=settings,
        )

    def web(self, *, secure: bool = False, hours: float = 12.0, name: str = "Hafenstrasse depot") -> Litestar:
        """Make its pages."""
        return make_web(
            database=self.database,
            bus=self.bus,
            status=self.status,
            live=self.live,
            corrector=Corrector(self.database, self.bus, self.keeper),
            visits=self.visits,
            images=self.images,
            site_name=name,
            timezone="Europe/Berlin",
            secure_cookies=secure,
            session_hours=hours,
            demo_score=self.demo_score,
            barriers=self.barriers,
            push_key=PUSH_KEY,
            push_services=("push.example.org",),
            book=self.book,
            floor=self.floor,
            wake_outbox=self._wake,
            intake=self.intake,
        )

    def _wake(self) -> None:
        self.woken += 1

    def shows(self, text: str, camera: str = "gate-in", colour: str = "white") -> None:
        """Let a camera see a vehicle now, as its pipeline publishes it."""
        frame = Frame(camera, 0, utc_now(), 0.0, ImagePicture(draw_frame(text, colour)))
        self.live.publish(
            frame, (Mark(VEHICLE_BOX, Label.CAR, confidence=0.9), Mark(PLATE_BOX, Label.PLATE, text, 0.98))
        )

    async def add_user(self, name: str, role: Role = Role.GUARD) -> None:
        """Add an account with the password of all accounts here."""
        assert await users.create(self.database, name, await hash_password(PASSWORD), role, utc_now())

    async def passes(self, read: Read, *, announce: bool = True, decision: Decision | None = None) -> Read:
        """Let a read be stored with its pictures and what the lists say, as the recorder does, and announced."""
        frame = draw_frame(read.text, (read.vehicle and read.vehicle.colour) or "")
        evidence = self._keep(read, jpeg(frame), jpeg(crop_of(frame)))
        thumbnails = [jpeg(crop_of(frame, blur=9 - 2 * n)) for n in range(len(read.looks))]
        async with self.database.write() as connection:
            saved = await reads.save(connection, read, evidence, thumbnails, utc_now())
            if decision is not None:
                await hits.save(connection, read.id, decision)
            await self.visits.put(connection, saved.read or read)
        if announce and saved.stored:
            self.bus.publish(ReadCommitted(read, saved.new, decision))
        return read

    def _keep(self, read: Read, frame: bytes, crop: bytes) -> Evidence:
        folder = f"{read.captured_at:%Y/%m/%d}/{read.camera}"
        (self.images / folder).mkdir(parents=True, exist_ok=True)
        paths = [f"{folder}/{read.id}-{read.state}-{name}.jpg" for name in ("frame", "crop")]
        for path, content in zip(paths, (frame, crop), strict=True):
            (self.images / path).write_bytes(content)
        sums = [hashlib.sha256(content).hexdigest() for content in (frame, crop)]
        return Evidence(paths[0], sums[0], WIDTH, HEIGHT, paths[1], sums[1])


@asynccontextmanager
async def drawn_site(folder: Path) -> AsyncIterator[DrawnSite]:
    """Open a site in an empty folder: two cameras, one guard called `anna`."""
    database = await open_database(folder)
    site = DrawnSite(database, folder / "images")
    gate = site.status.camera("gate-in")
    gate.change(CameraState.LIVE)
    gate.width, gate.height, gate.codec, gate.last_frame_at = 1920, 1080, "H.265", utc_now()
    gate.frames_decoded, gate.frames_taken, gate.frames_analysed, gate.frames_dropped = 15_204, 6_081, 412, 3
    gate.url, gate.reads = "rtsp://192.0.2.14/stream1", 31
    site.status.camera("gate-out").change(
        CameraState.RECONNECTING, "camera gate-out: refused (401): check username and password"
    )
    try:
        await site.add_user("anna")
        work = asyncio.create_task(site.intake.run())
        yield site
        work.cancel()
        await asyncio.wait({work})
    finally:
        await database.close()


def as_preview(read: Read) -> Read:
    """Return the read as it was before its track ended."""
    return replace(read, state=State.PREVIEW)
