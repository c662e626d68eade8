"""A watched folder: complete pictures once each, broken ones again later, nothing twice after a restart."""

from __future__ import annotations

import asyncio
import os
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alpr.camera.folder import FolderRules, FolderSource, list_stills, load_still
from alpr.errors import CameraError, StoreError
from alpr.status import CameraState, CameraStatus
from tests.camera.films import jpeg, number_in
from tests.fakes import MemoryLedger, until

QUICK = FolderRules(settle=0.05, poll=0.01, retry_after=(5.0, 30.0, 300.0))


class Now:
    """A wall clock that the test moves."""

    def __init__(self):
        self.at = datetime(2030, 1, 1, tzinfo=UTC)

    def __call__(self):
        return self.at

    def later(self, seconds):
        self.at += timedelta(seconds=seconds)


def put(folder: Path, name: str, data: bytes, *, second: int = 0) -> Path:
    path = folder / name
    path.write_bytes(data)
    os.utime(path, (1_700_000_000 + second,) * 2)
    return path


@asynccontextmanager
async def watching(folder, *, ledger=None, rules=QUICK, now=None):
    """Watch the folder, collecting frames as they come."""
    status = CameraStatus("yard")
    source = FolderSource(folder, status, rules=rules, ledger=ledger, now=now or Now())
    frames = []

    async def collect():
        async with aclosing(source.frames()) as stills:
            async for frame in stills:
                frames.append(frame)  # noqa: PERF401 - seen by the test while the folder is watched

    task = asyncio.create_task(collect())
    try:
        yield frames, status
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_pictures_come_by_time_of_change_then_name(tmp_path):
    """What is there at the start comes in the order of its making, each with its identity."""
    put(tmp_path, "b.jpg", jpeg(2), second=5)
    put(tmp_path, "a.JPG", jpeg(1), second=5)
    put(tmp_path, "z.jpg", jpeg(0), second=1)
    for name in (".hidden.jpg", "c.jpg.part", "c.tmp", "notes.txt"):
        put(tmp_path, name, b"no picture")
    (tmp_path / "folder.jpg").mkdir()
    async with watching(tmp_path) as (frames, status):
        await until(lambda: len(frames) == 3)
        await asyncio.sleep(0.05)
    assert [number_in(frame.picture) for frame in frames] == [0, 1, 2]
    assert [frame.number for frame in frames] == [0, 1, 2]
    assert frames[0].still.path == "z.jpg"
    assert frames[0].still.mtime_ns == 1_700_000_001 * 10**9
    assert frames[0].captured_at == datetime.fromtimestamp(1_700_000_001, UTC)
    assert status.decode_errors == 0
    assert status.state is CameraState.LIVE


async def test_a_growing_file_is_taken_once_and_whole(tmp_path):
    """A file that is still being written is left alone until it has stood still for the settle time."""
    data = jpeg(7)
    async with watching(tmp_path, rules=FolderRules(settle=0.12, poll=0.01)) as (frames, status):
        with (tmp_path / "slow.jpg").open("wb") as file:
            for begin in range(0, len(data), len(data) // 8 + 1):
                file.write(data[begin : begin + len(data) // 8 + 1])
                file.flush()
                await asyncio.sleep(0.04)
                assert not frames
        await until(lambda: len(frames) == 1)
        await asyncio.sleep(0.05)
    assert number_in(frames[0].picture) == 7
    assert len(frames) == 1
    assert status.decode_errors == 0


async def test_a_replaced_file_is_another_still(tmp_path):
    """New content under an old name is read as well."""
    put(tmp_path, "cam.jpg", jpeg(1), second=1)
    async with watching(tmp_path) as (frames, _):
        await until(lambda: len(frames) == 1)
        put(tmp_path, "cam.jpg", jpeg(2), second=2)
        await until(lambda: len(frames) == 2)
    assert [number_in(frame.picture) for frame in frames] == [1, 2]


async def test_after_a_restart_only_what_was_not_processed_comes(tmp_path):
    """The ledger's stills stay away after a restart, one handed out but never recorded comes again."""
    for number in range(4):
        put(tmp_path, f"{number}.jpg", jpeg(number), second=number)
    ledger = MemoryLedger()
    async with watching(tmp_path, ledger=ledger) as (frames, _):
        await until(lambda: len(frames) == 4)
        ledger.processed.update(frame.still for frame in frames[:3])
    put(tmp_path, "4.jpg", jpeg(4), second=4)
    async with watching(tmp_path, ledger=ledger) as (frames, _):
        await until(lambda: len(frames) == 2)
        await asyncio.sleep(0.05)
    assert [number_in(frame.picture) for frame in frames] == [3, 4]


async def test_a_broken_picture_is_tried_again_and_given_up(tmp_path):
    """A cut picture fails after 5 s, 30 s and 5 min again, then for good; the folder goes on meanwhile."""
    put(tmp_path, "cut.jpg", jpeg(1)[:400], second=1)
    put(tmp_path, "good.jpg", jpeg(2), second=2)
    ledger, now = MemoryLedger(), Now()

    def failure():
        return next(iter(ledger.failures.values()), (0, None))

    async with watching(tmp_path, ledger=ledger, now=now) as (frames, status):
        await until(lambda: len(frames) == 1)
        assert failure() == (1, now() + timedelta(seconds=5))
        now.later(4)
        await asyncio.sleep(0.05)
        assert failure()[0] == 1
        for attempts, wait in [(2, 30), (3, 300)]:
            now.later(400 if attempts > 2 else 2)
            await until(lambda wanted=attempts: failure()[0] == wanted)
            assert failure()[1] == now() + timedelta(seconds=wait)
    async with watching(tmp_path, ledger=ledger, now=now) as (frames, status):
        await asyncio.sleep(0.05)
        assert failure()[0] == 3
        now.later(301)
        await until(lambda: failure() == (4, None))
        now.later(100_000)
        await asyncio.sleep(0.05)
        assert failure() == (4, None)
    assert status.decode_errors == 1
    assert "cut.jpg: damaged or cut short" in status.error


async def test_a_broken_picture_that_is_mended_is_read(tmp_path):
    """A retry that succeeds yields the frame."""
    path = tmp_path / "cut.jpg"
    whole = jpeg(3)
    put(tmp_path, "cut.jpg", whole[:400] + bytes(len(whole) - 400), second=1)
    path.write_bytes(b"\0" * len(whole))
    os.utime(path, (1_700_000_001,) * 2)
    now = Now()
    async with watching(tmp_path, now=now) as (frames, status):
        await until(lambda: status.decode_errors == 1)
        path.write_bytes(whole)
        os.utime(path, (1_700_000_001,) * 2)  # the same size and time: the same still
        now.later(6)
        await until(lambda: len(frames) == 1)
    assert number_in(frames[0].picture) == 3


async def test_a_missing_folder_is_told_once_and_waited_for(tmp_path):
    """A folder that is not there, or whose path runs through a file, is an error in words; it heals when it appears."""
    folder = tmp_path / "upload"
    folder.write_bytes(b"")
    async with watching(folder / "stills") as (frames, status):
        await until(lambda: status.state is CameraState.RECONNECTING)
        assert "is a file, not a folder" in status.error
        folder.unlink()
        await until(lambda: "does not exist" in status.error)
        (folder / "stills").mkdir(parents=True)
        put(folder / "stills", "a.jpg", jpeg(5))
        await until(lambda: len(frames) == 1)
        assert status.state is CameraState.LIVE
        assert status.reconnects == 1


async def test_a_store_in_trouble_holds_the_folder_back(tmp_path):
    """While the ledger cannot be asked nothing is handed out, and afterwards everything once."""
    put(tmp_path, "a.jpg", jpeg(1))
    ledger = MemoryLedger()
    whole, faults = ledger.known, [StoreError("disk is full")] * 3

    async def known(stills):
        if faults:
            raise faults.pop()
        return await whole(stills)

    ledger.known = known
    async with watching(tmp_path, ledger=ledger) as (frames, status):
        await until(lambda: len(frames) == 1)
    assert status.error == "disk is full"
    assert not faults


def test_stills_are_listed_in_natural_order(tmp_path):
    """`alpr read` gets pictures only, 2 before 10; a missing folder is one line."""
    for name in ("car10.jpg", "car2.JPEG", "car1.png", "truth.csv", ".car3.jpg"):
        put(tmp_path, name, b"x")
    assert [path.name for path in list_stills(tmp_path)] == ["car1.png", "car2.JPEG", "car10.jpg"]
    assert [path.name for path in list_stills(tmp_path, "*.jp*g")] == ["car2.JPEG", "car10.jpg"]
    with pytest.raises(CameraError, match="does not exist"):
        list_stills(tmp_path / "none")


def test_a_still_is_loaded_with_its_time(tmp_path):
    """Without EXIF a still was captured when its file was last changed."""
    picture, captured_at = load_still(put(tmp_path, "a.jpg", jpeg(9), second=30))
    assert number_in(picture) == 9
    assert captured_at == datetime.fromtimestamp(1_700_000_030, UTC)
