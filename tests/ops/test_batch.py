"""A folder read as a whole: nothing lost, nothing read twice, failures tried again and told."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import cv2
import pytest

from alpr.camera.folder import FolderRules, FolderSource
from alpr.domain import utc_now
from alpr.errors import CameraError
from alpr.status import CameraStatus
from alpr.store import batches, reads
from alpr.store.database import open_database
from alpr.store.reads import ReadQuery
from alpr.store.stills import StillLedger
from tests.drawn_reads import numbered_frame
from tests.fakes import until
from tests.ops.batch_child import read_all

ROOT = Path(__file__).parents[2]


def draw(folder, numbers):
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        cv2.imwrite(str(folder / f"{number}.jpg"), numbered_frame(number, 160, 64))


async def ledger_of(data):
    database = await open_database(data)
    try:
        (one,) = await batches.everyone(database, utc_now())
        return one, await reads.count(database, ReadQuery()), await batches.failures(database, "archive")
    finally:
        await database.close()


async def test_a_folder_is_read_once_with_those_below_it(tmp_path):
    """A second run finds nothing to do; a new picture is read alone."""
    folder, data = tmp_path / "in", tmp_path / "data"
    draw(folder, range(1, 16))
    draw(folder / "later", range(21, 26))
    (folder / "notes.txt").write_text("no picture")
    done = await read_all(folder, data)
    assert (done.pictures, done.known, done.done, done.failed, done.reads) == (20, 0, 20, 0, 19)
    again = await read_all(folder, data)
    assert (again.pictures, again.known, again.done) == (20, 20, 0)
    draw(folder, [31])
    assert (await read_all(folder, data)).done == 1
    one, stored, _ = await ledger_of(data)
    assert (one.processed, one.reads, one.pictures, one.workers, stored) == (21, 20, 21, 2, 20)
    assert one.finished_at


async def test_what_is_broken_is_tried_again_then_told(tmp_path):
    """With its reason; later runs leave it alone unless they are told to try again."""
    folder, data = tmp_path / "in", tmp_path / "data"
    draw(folder, range(1, 4))
    whole = (folder / "2.jpg").read_bytes()
    (folder / "2.jpg").write_bytes(whole[:40])
    done = await read_all(folder, data)
    assert (done.done, done.failed) == (2, 1)
    one, _, (failed,) = await ledger_of(data)
    assert (one.processed, one.failed, one.waiting) == (2, 1, 0)
    assert (failed.path, failed.attempts, failed.retry_at) == ("2.jpg", 3, None)
    assert "2.jpg" in failed.error
    assert (await read_all(folder, data)).failed == 0
    assert (await read_all(folder, data, retry_failed=True)).failed == 1
    (folder / "2.jpg").write_bytes(whole)
    assert (await read_all(folder, data)).done == 1
    one, _, failures = await ledger_of(data)
    assert (one.processed, one.failed, failures) == (3, 0, ())


async def test_a_folder_that_is_not_there(tmp_path):
    """Is told in one line."""
    with pytest.raises(CameraError, match="no such folder"):
        await read_all(tmp_path / "nowhere", tmp_path / "data")


async def test_killed_again_and_again_it_loses_nothing_and_reads_nothing_twice(tmp_path):
    """SIGKILL at any moment; the next run goes on where it was."""
    folder, data = tmp_path / "in", tmp_path / "data"
    draw(folder, range(1, 301))
    await (await open_database(data)).close()
    for _ in range(3):
        command = (sys.executable, "-m", "tests.ops.batch_child", str(folder), str(data))
        child = await asyncio.create_subprocess_exec(*command, cwd=ROOT)
        pictures = data / "images"
        known = sum(1 for _ in pictures.rglob("*-frame.jpg"))
        await until(lambda: sum(1 for _ in pictures.rglob("*-frame.jpg")) > known + 20, 30)  # noqa: B023
        child.send_signal(signal.SIGKILL)
        await child.wait()
    done = await read_all(folder, data)
    assert 0 < done.known < 300
    assert done.known + done.done == 300
    one, stored, failures = await ledger_of(data)
    assert (one.processed, one.reads, stored, failures) == (300, 270, 270, ())
    assert len(list((data / "images").rglob("*.jpg"))) == 2 * 270


async def test_a_watched_folder_tries_again_what_its_page_asks_for(tmp_path):
    """Without a restart, though it had been given up."""
    folder = tmp_path / "in"
    draw(folder, [7])
    whole = (folder / "7.jpg").read_bytes()
    (folder / "7.jpg").write_bytes(whole[:40])
    database = await open_database(tmp_path / "data")
    rules = FolderRules(settle=0.0, poll=0.01, retry_after=(), ask_again=0.01)
    source = FolderSource(folder, CameraStatus("yard"), rules=rules, ledger=StillLedger(database, "yard"))
    found = []

    async def collect():
        async for frame in source.frames():
            found.append(frame)  # noqa: PERF401  seen by the test while the folder is watched

    watching = asyncio.create_task(collect())
    try:
        await _failed(database)
        stat = (folder / "7.jpg").stat()
        assert await batches.retry(database, "yard", utc_now(), "7.jpg") == 1
        await _failed(database)
        assert not found
        assert stat.st_size == 40
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await database.close()


async def _failed(database):
    async with asyncio.timeout(5):
        while not any(one.retry_at is None for one in await batches.failures(database, "yard")):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
