"""The recorder: pictures and rows belong together, and a capture is never lost."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import sqlite3
from contextlib import asynccontextmanager
from dataclasses import dataclass

import cv2
import numpy as np
import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from alpr.bus import Bus, ReadCommitted
from alpr.domain import Look, Reading, Recording, State, Still
from alpr.recognizers.makers import makers_of
from alpr.recorder import Recorder
from alpr.status import Status
from alpr.store import reads
from alpr.store.database import Database, open_database
from alpr.store.images import Images, Picture
from alpr.store.reads import ReadQuery
from alpr.store.stills import StillLedger
from alpr.store.sweep import Swept, sweep
from tests.drawn_reads import make_capture, make_read, number_of, read_id
from tests.small_disk import fill, small_disk

STILL = Still("/in/a.jpg", 10, 20)


@dataclass
class Bench:
    """A recorder at work, with all that it writes to."""

    recorder: Recorder
    db: Database
    images: Images
    status: Status
    events: asyncio.Queue[ReadCommitted]
    work: asyncio.Task[None]

    async def record(self, *captures, still=None, camera="gate-in"):
        await self.recorder.record(Recording(camera, captures, still))

    async def settled(self):
        """Wait until everything handed over is stored."""
        await self.recorder._queue.join()

    async def stored(self, **query):
        return await reads.page(self.db, ReadQuery(limit=10_000, **query))

    def files(self):
        return sorted(
            str(path.relative_to(self.images.root)) for path in self.images.root.rglob("*.jpg*") if path.is_file()
        )


@asynccontextmanager
async def bench(data):
    db, images, status, bus = await open_database(data), Images(data / "images"), Status(), Bus(depth=10_000)
    recorder = Recorder(db, images, bus, status, quality=80, first_pause=0.01)
    async with bus.listen(ReadCommitted) as events:
        work = asyncio.create_task(recorder.run())
        try:
            yield Bench(recorder, db, images, status, events, work)
        finally:
            work.cancel()
            await asyncio.wait({work})
            await db.close()


@pytest.fixture
async def at_work(tmp_path):
    async with bench(tmp_path / "data") as opened:
        yield opened


def decoded(jpeg):
    return cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)


async def test_a_read_names_the_models_that_made_it(at_work):
    """Name and version of detector and reader are stored with the read."""
    at_work.recorder._makers = makers_of(("gate-detector 1", "plate-reader 2"))
    await at_work.record(make_capture(1))
    await at_work.settled()
    (stored,) = await at_work.stored()
    assert (stored.read.detector, stored.read.reader) == ("gate-detector 1", "plate-reader 2")


async def test_a_read_shows_the_very_frame_its_text_came_from(at_work):
    """Eight cameras at once, previews and finals, shared frames: the pictures carry the number that the text says."""
    numbers = itertools.count(1)

    async def camera(name):
        for _ in range(6):
            first, second, third = (next(numbers) for _ in range(3))
            preview = make_capture(first, camera=name, state=State.PREVIEW)
            await at_work.record(preview, camera=name)
            both = make_capture(second, camera=name)
            again = make_capture(second, camera=name, id=read_id(second + 1000))
            again = type(again)(again.read, both.frame, both.crop)
            # The preview is completed with a later, better frame.
            final = make_capture(third, camera=name, id=preview.read.id)
            await at_work.record(both, again, final, camera=name)

    await asyncio.gather(*(camera(f"gate-{number}") for number in range(8)))
    await at_work.settled()
    stored = await at_work.stored()
    assert len(stored) == 8 * 6 * 3
    for read in stored:
        number = int(read.read.text[2:])
        evidence = read.evidence
        for path, sha256 in ((evidence.frame_path, evidence.frame_sha256), (evidence.crop_path, evidence.crop_sha256)):
            jpeg = at_work.images.read(path)
            assert hashlib.sha256(jpeg).hexdigest() == sha256
            assert number_of(decoded(jpeg)) == number, path
            assert path.split("/")[3] == read.read.camera
        assert decoded(at_work.images.read(evidence.frame_path)).shape == (
            evidence.frame_height,
            evidence.frame_width,
            3,
        )
    named = {path for read in stored for path in (read.evidence.frame_path, read.evidence.crop_path)}
    assert set(at_work.files()) == named


async def test_a_final_replaces_the_pictures_of_its_preview(at_work):
    """The old ones go after the commit; the bus says first new, then completed, and carries no pixels."""
    look = Look(1.0, make_read().box, "AB", 0.5, 0.5, kept=True, crop=np.full((60, 480, 3), 90, np.uint8))
    await at_work.record(make_capture(1, state=State.PREVIEW, looks=(look,)))
    await at_work.settled()
    assert [name[11:] for name in at_work.files()] == [
        f"gate-in/{read_id(1)}-preview-crop.jpg",
        f"gate-in/{read_id(1)}-preview-frame.jpg",
    ]
    await at_work.record(make_capture(2, id=read_id(1)))
    await at_work.settled()
    assert [name[11:] for name in at_work.files()] == [f"gate-in/{read_id(1)}-{part}.jpg" for part in ("crop", "frame")]
    events = [at_work.events.get_nowait() for _ in range(2)]
    assert [(event.new, event.read.state) for event in events] == [(True, State.PREVIEW), (False, State.FINAL)]
    assert events[0].read.looks[0].crop is None
    assert at_work.status.cameras["gate-in"].reads == 1


async def test_looks_keep_a_small_picture(at_work):
    """A thumbnail for each look that has a crop, 240 pixels wide at most."""
    crops = (
        np.full((60, 480, 3), 90, np.uint8),
        np.full((20, 50, 3), 90, np.uint8),
        None,
        np.empty((0, 5, 3), np.uint8),
    )
    looks = tuple(Look(1.0, make_read().box, "AB", 0.5, 0.5, crop=crop) for crop in crops)
    await at_work.record(make_capture(1, looks=looks))
    await at_work.settled()
    shapes = [look.thumbnail and decoded(look.thumbnail).shape for look in await reads.looks(at_work.db, read_id(1))]
    assert shapes == [(30, 240, 3), (20, 50, 3), None, None]


async def test_captures_of_one_read_in_one_recording(at_work):
    """A pass that was completed twice within a frame shows the later picture, and no fault on the way."""
    with capture_logs() as lines:
        for number in range(20):
            await at_work.record(*(make_capture(10 * number + step, id=read_id(number)) for step in (1, 2, 3)))
        await at_work.settled()
    assert lines == []
    stored = await at_work.stored()
    assert len(stored) == 20
    for read in stored:
        assert number_of(decoded(at_work.images.read(read.evidence.frame_path))) == int(read.read.text[2:])
    assert len(at_work.files()) == 40


async def test_a_late_preview_leaves_neither_row_nor_picture_nor_event(at_work):
    """The final stands as it was."""
    await at_work.record(make_capture(1))
    await at_work.settled()
    before, files = await at_work.stored(), at_work.files()
    await at_work.record(make_capture(2, id=read_id(1), state=State.PREVIEW))
    await at_work.settled()
    assert await at_work.stored() == before
    assert at_work.files() == files
    assert at_work.events.qsize() == 1


async def test_recording_a_still_twice_makes_nothing_new(at_work):
    """A crash between storing and noticing is repaired by doing it again."""
    for _ in range(2):
        await at_work.record(make_capture(1), still=STILL)
        await at_work.settled()
    assert len(await at_work.stored()) == 1
    assert len(at_work.files()) == 2
    assert [at_work.events.get_nowait().new for _ in range(2)] == [True, False]


async def test_a_still_with_nothing_in_it_is_processed_too(at_work):
    """It is known from then on; the ledger row is in the transaction of the reads."""
    await at_work.record(still=STILL, camera="folder")
    await at_work.settled()
    assert await StillLedger(at_work.db, "folder").known([STILL]) == {STILL}


async def test_an_empty_crop_does_not_stop_the_recorder(at_work):
    """A box clipped to nothing at the edge: the frame stands in for the crop."""
    capture = make_capture(5)
    await at_work.record(type(capture)(capture.read, capture.frame, np.empty((0, 3, 3), np.uint8)))
    await at_work.settled()
    (stored,) = await at_work.stored()
    assert stored.evidence.crop_sha256 == stored.evidence.frame_sha256


async def test_a_full_disk_loses_nothing(tmp_path):
    """The recorder says why, the callers wait once the queue is full, and everything is stored when there is space."""
    with small_disk(tmp_path / "disk", "8m") as disk:
        async with bench(disk / "data") as at_work:
            await at_work.record(make_capture(1))
            await at_work.settled()
            ballast = fill(disk)
            callers = [asyncio.create_task(at_work.record(make_capture(number))) for number in range(2, 62)]
            while not at_work.status.recorder_error or at_work.recorder._queue.qsize() < 32:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            assert "the disk is full: free some space" in at_work.status.recorder_error
            assert at_work.status.recorder_queue == 60
            assert sum(caller.done() for caller in callers) < 60
            assert len(await at_work.stored()) == 1
            ballast.unlink()
            await asyncio.gather(*callers)
            await at_work.settled()
            assert {stored.read.id for stored in await at_work.stored()} == {read_id(n) for n in range(1, 62)}
            assert (at_work.status.recorder_error, at_work.status.recorder_queue) == ("", 0)
            assert len(at_work.files()) == 122
            assert at_work.events.qsize() == 61


async def test_a_locked_database_loses_nothing(at_work):
    """Another program holds the write lock: told, waited for, stored once."""
    async with at_work.db.write() as connection:
        await connection.execute(text("PRAGMA busy_timeout=1"))
    blocker = sqlite3.connect(at_work.db.path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    await at_work.record(make_capture(1), still=STILL)
    while not at_work.status.recorder_error:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    assert "locked by another program: close" in at_work.status.recorder_error
    blocker.close()
    await at_work.settled()
    assert len(await at_work.stored()) == 1
    assert len(at_work.files()) == 2
    assert at_work.status.recorder_error == ""


async def test_a_clean_stop_finishes_what_is_queued(tmp_path):
    """All is stored, and the next start has nothing to look at."""
    async with bench(tmp_path / "data") as at_work:
        await asyncio.gather(*(at_work.record(make_capture(number)) for number in range(1, 21)))
        assert await at_work.recorder.drain(5)
        assert len(await at_work.stored()) == 20


async def test_a_stop_with_a_broken_disk_is_bounded_and_says_so(tmp_path):
    """What could not be stored is counted in the log; the process ends all the same."""
    with small_disk(tmp_path / "disk", "8m") as disk:
        async with bench(disk / "data") as at_work:
            fill(disk)
            await at_work.record(make_capture(1))
            assert not await at_work.recorder.drain(0.05)
            assert at_work.status.recorder_queue == 1


async def test_a_bug_of_ours_ends_the_recorder(at_work):
    """Only the outer world's faults are tried again for ever."""
    await at_work.record(make_capture(1, camera="../elsewhere"))
    with pytest.raises(ValueError, match="no names for files"):
        await at_work.work


async def test_what_a_crash_left_is_swept_at_the_next_start(tmp_path):
    """Pictures whose row never came go, the others stay, and a picture that somebody took is counted."""
    async with bench(tmp_path / "data") as at_work:
        await at_work.record(make_capture(1), make_capture(2, reading=Reading("AB00002", 0.5)))
        await at_work.settled()
        kept = at_work.files()
    images = Images(tmp_path / "data" / "images")
    lost = images.write("gate-in", read_id(3), make_read().captured_at, [])
    assert lost == ()
    folder = images.root / kept[0].rpartition("/")[0]
    (folder / f"{read_id(3)}-frame.jpg").write_bytes(b"litter")
    (folder / f".{read_id(3)}-crop.jpg.tmp").write_bytes(b"lit")
    (images.root / kept[0]).unlink()
    async with bench(tmp_path / "data") as at_work:
        at_work.work.cancel()
        assert await sweep(at_work.db, at_work.images) == Swept(removed=2, missing=1)
        assert at_work.files() == kept[1:]


async def test_a_stop_before_the_sweep_leaves_it_to_the_next_start(tmp_path):
    """What a crash left is not forgotten because the process after it was stopped at once."""
    data = tmp_path / "data"
    images = Images(data / "images")
    images.write("gate-in", read_id(3), make_read().captured_at, [Picture("frame", b"litter")])
    async with bench(data) as at_work:
        assert await at_work.recorder.drain(5)
    async with bench(data) as at_work:
        at_work.work.cancel()
        assert (await sweep(at_work.db, at_work.images)).removed == 1
