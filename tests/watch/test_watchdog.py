"""The watchdog: what the box measures becomes states that begin and end, through restarts and lost databases."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from alpr.camera.picture import ImagePicture
from alpr.config import Alarms
from alpr.domain import Frame, Reading
from alpr.errors import StoreError
from alpr.live import LiveView
from alpr.site.rules.alarms import NewAlarm
from alpr.site.rules.states import watches
from alpr.status import CameraState, Status
from alpr.store import alarms, rates, reads
from alpr.store.database import open_database
from alpr.store.reads import Evidence
from alpr.watch.box import Machine, Watchdog, contrast
from tests.drawn_reads import NOON, make_read

EVIDENCE = Evidence("a/frame.jpg", "0" * 64, 320, 160, "a/crop.jpg", "0" * 64)


@pytest.fixture
async def db(tmp_path):
    opened = await open_database(tmp_path / "data")
    yield opened
    await opened.close()


class Box:
    """A box whose time and troubles the test makes."""

    def __init__(self, db, **settings):
        self.db, self.settings = db, Alarms(**settings)
        self.status, self.live, self.now = Status(), LiveView(), NOON
        self.machine = Machine(0.5, 100.0, 0.5)
        self.told, self.fails = [], False
        self.restart()

    def restart(self):
        async def tell(state):
            if self.fails:
                raise StoreError("database locked")
            self.told.append(("-" if state.over else "+") + state.key)
            self.words = state.words
            async with self.db.write() as connection:
                if state.over:
                    await alarms.end_alarm(connection, state.key, self.now)
                else:
                    await alarms.raise_alarm(connection, NewAlarm(state.key, "", state.severity, "x"), self.now)

        async def escalate():
            pass

        self.dog = Watchdog(
            self.db,
            self.status,
            self.live,
            tell=tell,
            escalate=escalate,
            watches=lambda: watches(self.settings, ()),
            clock=lambda: self.now,
            machine=lambda: self.machine,
        )

    async def looks(self, seconds=0.0, times=1):
        self.now += timedelta(seconds=seconds)
        for _ in range(times):
            await self.dog.look()
        told, self.told = self.told, []
        return told


async def test_a_camera_goes_silent_and_comes_back(db):
    """Five minutes without a picture: told once, with the last error; live again: over."""
    box = Box(db)
    gate = box.status.camera("gate-in")
    gate.change(CameraState.LIVE)
    assert await box.looks(1000) == []
    gate.change(CameraState.RECONNECTING, "camera gate-in: refused (401): check username and password")
    assert await box.looks() == []
    gate.change(CameraState.STALLED)
    assert await box.looks(301) == ["+camera lost/gate-in"]
    assert box.words == "camera gate-in is silent: refused (401): check username and password"
    assert await box.looks(60) == []
    gate.change(CameraState.LIVE)
    assert await box.looks(2) == ["-camera lost/gate-in"]
    assert box.words == "camera gate-in is silent"


async def test_a_restart_neither_tells_again_nor_ends_what_goes_on(db):
    """After a restart the camera is still silent: nothing new; it is over when it is live, or no more there."""
    box = Box(db)
    for name in ("gate-in", "gate-out"):
        box.status.camera(name).change(CameraState.RECONNECTING)
    await box.looks()
    assert await box.looks(301) == ["+camera lost/gate-in", "+camera lost/gate-out"]
    box.status = Status()
    box.restart()
    box.status.camera("gate-in")
    assert await box.looks(1) == ["-camera lost/gate-out"]
    assert await box.looks(400) == []
    box.status.camera("gate-in").change(CameraState.LIVE)
    assert await box.looks(1) == ["-camera lost/gate-in"]


async def test_a_file_that_ended_is_not_silent(db):
    """It has done its work; one that was given up has not, and one that is off is nobody's business."""
    box = Box(db)
    for name, state, error in (
        ("a", CameraState.ENDED, ""),
        ("b", CameraState.ENDED, "gone"),
        ("c", CameraState.DISABLED, ""),
    ):
        box.status.camera(name).change(state, error)
    await box.looks()
    assert await box.looks(301) == ["+camera lost/b"]


async def test_disk_memory_and_backlog(db):
    """Each passes its threshold, is told with figures, and is over below it."""
    box = Box(db)
    box.machine, box.status.recorder_queue = Machine(0.91, 42.0, 0.96), 101
    assert sorted(await box.looks()) == ["+backlog", "+disk", "+memory"]
    box.machine, box.status.recorder_queue = Machine(0.5, 420.0, 0.5), 0
    assert sorted(await box.looks(times=5)) == ["-backlog", "-disk", "-memory"]


async def test_a_locked_database_delays_and_loses_nothing(db):
    """What could not be told is told with the next look."""
    box = Box(db)
    box.status.recorder_queue, box.fails = 500, True
    with pytest.raises(StoreError):
        await box.dog.look()
    box.fails = False
    assert await box.looks() == ["+backlog"]


async def test_a_covered_lens(db):
    """A picture that shows hardly anything for so long; a night with lamps in it is no cover."""
    box = Box(db, camera_blocked=60)
    box.status.camera("gate-in").change(CameraState.LIVE)
    night = np.full((240, 320, 3), 8, np.uint8)
    night[::16] = 220

    def show(image):
        box.live.publish(Frame("gate-in", 0, box.now, 0.0, ImagePicture(image)))

    show(np.full((240, 320, 3), 30, np.uint8))
    assert await box.looks() == []
    assert await box.looks(61) == ["+camera blocked/gate-in"]
    show(night)
    assert contrast(ImagePicture(night)) > 40
    assert await box.looks(1) == ["-camera blocked/gate-in"]


async def store(db, count, at, sure=0.9, first=1):
    async with db.write() as connection:
        for number in range(first, first + count):
            read = make_read(number, captured_at=at, reading=Reading(f"A{number}", sure))
            await reads.save(connection, read, EVIDENCE, [None], at)


async def test_reads_become_less_sure(db):
    """The average of the last hour, once there are twenty reads to say."""
    await store(db, 19, NOON, 0.5)
    assert await rates.average_confidence(db, NOON + timedelta(minutes=5)) is None
    await store(db, 1, NOON, 0.5, first=20)
    assert await rates.average_confidence(db, NOON + timedelta(minutes=5)) == pytest.approx(0.5)
    box = Box(db)
    assert await box.looks(300) == ["+confidence"]
    await store(db, 180, NOON + timedelta(minutes=10), 0.95, first=100)
    assert await box.looks(600, times=31) == ["-confidence"]


async def test_fewer_reads_than_usual(db):
    """Beside the same hour of the last seven days; a young site or a quiet hour says nothing."""
    later = NOON + timedelta(minutes=30)
    assert await rates.read_rate(db, later) is None
    for day in range(9):
        await store(db, 20, NOON - timedelta(days=day), first=1000 * (day + 1))
    assert await rates.read_rate(db, later) == pytest.approx(1.0)
    assert await rates.read_rate(db, later + timedelta(hours=1)) is None
    box = Box(db, read_rate=0.5)
    async with db.write() as connection:
        await connection.exec_driver_sql(
            "DELETE FROM reads WHERE rowid IN (SELECT rowid FROM reads ORDER BY place DESC LIMIT 15)"
        )
    assert await box.looks(1800) == ["+read rate"]


async def test_the_confidence_of_a_camera_moves(db):
    """A day that is less sure than the weeks before is told once with its figures, and again when it is over."""
    await store(db, 250, NOON - timedelta(days=3), 0.95)
    await store(db, 199, NOON - timedelta(hours=2), 0.7, first=1000)
    box = Box(db, confidence=0)
    assert await box.looks(60) == []  # too few to say
    await store(db, 51, NOON - timedelta(hours=2), 0.7, first=2000)
    assert await box.looks(0, times=900) == ["+drift/gate-in"]
    assert box.words == (
        "camera gate-in: less sure than in the weeks before (70 % now, 95 % then): see the page Models"
    )
    box.now += timedelta(days=2)
    assert await box.looks(0, times=900) == ["-drift/gate-in"]
