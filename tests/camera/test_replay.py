"""A video file, read as fast as it goes or played as a camera."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

import pytest

from alpr.camera.latest import Latest
from alpr.camera.live import LiveSource, Patience
from alpr.camera.replay import FileSource, ReplayLink
from alpr.errors import CameraError
from alpr.status import CameraState, CameraStatus
from tests.camera.films import film, number_in, sound
from tests.fakes import until

START = datetime(2024, 6, 1, 12, tzinfo=UTC)


def file_source(path, *, fps=60.0, loop=False):
    status = CameraStatus("gate")
    return FileSource(path, status, fps=fps, loop=loop, now=lambda: START), status


@pytest.fixture(scope="module")
def two_seconds(tmp_path_factory):
    path = tmp_path_factory.mktemp("films") / "gate.mp4"
    film(path, 50)
    return path


async def test_a_slow_consumer_loses_nothing(two_seconds):
    """Every picture of the file comes, in order and with its stream time, however slow the consumer is."""
    source, status = file_source(two_seconds)
    frames = []
    async for frame in source.frames():
        frames.append(frame)
        await asyncio.sleep(0.002)
    assert [number_in(frame.picture) for frame in frames] == list(range(50))
    assert [frame.number for frame in frames] == list(range(50))
    assert [frame.time for frame in frames] == pytest.approx([index / 25 for index in range(50)])
    assert frames[25].captured_at == START + timedelta(seconds=1)
    assert status.state is CameraState.ENDED
    assert (status.width, status.height, status.codec, status.frames_decoded) == (160, 48, "h264", 50)
    assert not source.live


async def test_thinning_goes_by_stream_time(two_seconds):
    """At five frames a second, a film of two seconds gives ten, and one more at its end."""
    source, _ = file_source(two_seconds, fps=5)
    times = [frame.time async for frame in source.frames()]
    assert len(times) in {10, 11}
    assert max(later - earlier for earlier, later in itertools.pairwise(times)) <= 0.24


async def test_a_loop_has_no_seam(two_seconds):
    """In a loop the pictures begin again and time goes on growing by one picture's duration."""
    source, _ = file_source(two_seconds, loop=True)
    frames = []
    async with aclosing(source.frames()) as looped:
        async for frame in looped:
            frames.append(frame)
            if len(frames) == 120:
                break
    assert [number_in(frame.picture) for frame in frames] == [index % 50 for index in range(120)]
    steps = [later.time - earlier.time for earlier, later in itertools.pairwise(frames)]
    assert steps == pytest.approx([0.04] * 119)


@pytest.mark.parametrize(
    ("codec", "suffix"), [("mpeg4", "avi"), ("mjpeg", "avi"), ("libx265", "mkv"), ("libx264", "ts")]
)
async def test_other_containers_and_codecs(tmp_path, codec, suffix):
    """AVI, Matroska and transport streams with other codecs are read whole."""
    path = tmp_path / f"film.{suffix}"
    film(path, 12, codec=codec)
    source, _ = file_source(path)
    assert [number_in(frame.picture) async for frame in source.frames()] == list(range(12))


async def test_damaged_packets_are_counted_and_left_out(tmp_path, two_seconds):
    """A film with a hole in it still gives the pictures after the hole."""
    data = bytearray(two_seconds.read_bytes())
    middle = len(data) // 3
    data[middle : middle + 300] = bytes(300)
    path = tmp_path / "hole.mp4"
    path.write_bytes(data)
    source, status = file_source(path)
    numbers = [number_in(frame.picture) async for frame in source.frames()]
    assert numbers[-1] == 49
    assert len(numbers) + status.decode_errors >= 45


def bad_files(folder):
    (folder / "text.mp4").write_text("this is a text file\n" * 1000)
    (folder / "text.txt").write_text("this is a text file\n" * 1000)
    (folder / "empty.mp4").write_bytes(b"")
    (folder / "list.mp4").write_text("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nhttp://127.0.0.1:1/x.ts\n")
    sound(folder / "sound.mp4")
    film(folder / "whole.mp4", 30)
    whole = (folder / "whole.mp4").read_bytes()
    (folder / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    return folder


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("text.mp4", "no video file"),
        ("text.txt", "no video file"),
        ("list.mp4", "no video file"),
        ("empty.mp4", "empty (0 bytes)"),
        ("sound.mp4", "has no video in it, only audio"),
        ("cut.mp4", "no video file"),
        ("none.mp4", "does not exist"),
        (".", "is a folder"),
        ("whole.mp4/below.mp4", "is a file, not a folder"),
    ],
)
async def test_a_bad_file_gives_one_line(tmp_path, name, words):
    """Each kind of unreadable path raises one line: the path, what is wrong, what to do."""
    path = bad_files(tmp_path) / name
    source, status = file_source(path)
    with pytest.raises(CameraError) as caught:
        [frame async for frame in source.frames()]
    assert str(caught.value).startswith(f"{path}: ")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert status.state is CameraState.ENDED
    assert status.error == str(caught.value)


def replay(path, *, loop, ends, fps=60.0):
    status = CameraStatus("gate")
    link = ReplayLink(path, status, loop=loop)
    patience = Patience(stall=1, ladder=(0.02,))
    return LiveSource(link, Latest(fps, status), status, patience, ends=ends), status


async def test_real_time_takes_as_long_as_the_film(tmp_path):
    """Played as a camera, a film of 0.6 s takes 0.6 s and then ends."""
    path = tmp_path / "film.mp4"
    film(path, 15)
    source, status = replay(path, loop=False, ends=True)
    frames = [frame async for frame in source.frames()]
    assert frames[-1].time - frames[0].time == pytest.approx(14 / 25, abs=0.1)
    assert len(frames) + status.frames_dropped == 15
    assert status.state is CameraState.ENDED


async def test_a_real_time_loop_goes_on_and_heals(tmp_path):
    """A looping file plays on past its end; a file that is not there yet is waited for."""
    path = tmp_path / "film.mp4"
    source, status = replay(path, loop=True, ends=False)
    async with asyncio.timeout(5), aclosing(source.frames()) as frames:
        waiting = asyncio.ensure_future(anext(frames))
        await until(lambda: "does not exist" in status.error)
        film(tmp_path / "new.mp4", 5)
        (tmp_path / "new.mp4").rename(path)
        numbers = [number_in((await waiting).picture)]
        while len(numbers) < 12:
            numbers.append(number_in((await anext(frames)).picture))
    assert {0, 4} <= set(numbers)
    assert status.state is CameraState.LIVE
