"""The demo as a whole: starts, shows a read that is right, ends cleanly, runs again; and how it judges itself."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alpr.access import Verdict
from alpr.config import Camera
from alpr.configfile import load_config
from alpr.domain import Box, Kind, Read, Reading, State
from alpr.errors import AlprError
from alpr.ops.demo.cameras import Channel, Played, light_at, load_clip, run_channel
from alpr.ops.demo.cast import CAMERAS, LIGHT_NAMES, cast
from alpr.ops.demo.command import free_port, prepare
from alpr.ops.demo.past import fill_past
from alpr.ops.demo.rtsp import packets, serving
from alpr.ops.demo.score import score_so_far
from alpr.ops.demo.site import write_config
from alpr.ops.demo.studio import idle_clip, write_clip
from alpr.stay import VisitState
from alpr.store import reads, visits
from alpr.store.database import open_database
from tests.drawn_plates import empty_street

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def played(text: str, start: float, end: float, *, readable: bool = True) -> Played:
    return Played("gate-in", text, "suv", readable, at(start), at(end))


def stored(text: str, start: float, end: float, *, camera: str = "gate-in") -> Read:
    state = State.FINAL if text else State.UNREAD
    box = Box(0, 0, 10, 10)
    return Read(
        f"{camera}-{text}-{start}", camera, Kind.PLATE, state, Reading(text, 0.9), box, at(end), end, at(start), at(end)
    )


@pytest.mark.parametrize(
    ("one", "found", "outcome"),
    [
        (played("AB123CD", 0, 6), [stored("AB123CD", 1, 5)], "right"),
        (played("AB123CD", 0, 6), [stored("AB123CO", 1, 5)], "wrong"),
        (played("AB123CD", 0, 6), [stored("AB123CD", 1, 2), stored("AB123CD", 4, 5)], "wrong"),
        (played("AB123CD", 0, 6), [stored("AB123CD", 1, 2), stored("", 4, 5)], "wrong"),
        (played("AB123CD", 0, 6), [stored("", 1, 5)], "unread"),
        (played("AB123CD", 0, 6), [], "unread"),
        (played("AB123CD", 0, 6), [stored("AB123CD", 3, 3)], "right"),
        (played("AB123CD", 0, 6), [stored("AB123CD", 1, 5, camera="gate-out")], "unread"),
        (played("AB123CD", 0, 6), [stored("AB123CD", 20, 25)], "unread"),
        (played("AB123CD", 0, 6, readable=False), [stored("", 1, 5)], "right"),
        (played("AB123CD", 0, 6, readable=False), [stored("XY9", 1, 5)], "wrong"),
        (played("AB123CD", 0, 6, readable=False), [], "unread"),
    ],
)
def test_pass_is_right_only_with_one_read_of_its_text(one, found, outcome):
    """One read with the text is right; another text or a second read is wrong; none is unread."""
    tally = score_so_far([one], found, at(60))
    assert [verdict.outcome for verdict in tally.verdicts] == [outcome]


def test_pass_is_judged_only_when_its_read_can_be_complete():
    """A pass that has just ended has no verdict yet."""
    assert not score_so_far([played("AB123CD", 0, 6)], [], at(8)).verdicts


def test_a_read_belongs_to_the_pass_that_it_shares_most_time_with():
    """A plate that cannot be read, close before the next vehicle, does not spoil that one's pass."""
    passes = [played("MUD123", 0, 6, readable=False), played("AB123CD", 6.5, 12)]
    found = [stored("", 1, 7), stored("AB123CD", 6, 11)]
    assert [verdict.outcome for verdict in score_so_far(passes, found, at(60)).verdicts] == ["right", "right"]


def test_a_read_of_the_pass_that_is_being_shown_spoils_none_that_is_over():
    """A vehicle that follows closely is read while it is still in view: that is no second read of the one before."""
    passes = [played("KF754L", 0, 6), played("5R87536", 6.5, 300)]
    tally = score_so_far(passes, [stored("KF754L", 1, 5), stored("5R87536", 6, 10)], at(12))
    assert [(verdict.played.text, verdict.outcome) for verdict in tally.verdicts] == [("KF754L", "right")]


def test_parked_car_and_strays_are_counted_apart():
    """The parked car's reads belong to no pass; a read while nothing passed is a stray."""
    found = [stored("AB123CD", 1, 5), stored("KAPR2048", 0, 50), stored("ZZ1", 25, 27)]
    tally = score_so_far([played("AB123CD", 0, 6)], found, at(60), parked="KAPR2048")
    assert (tally.count("right"), tally.parked_reads, [read.text for read in tally.stray]) == (1, 1, ["ZZ1"])


def test_a_pass_that_was_watched_in_part_is_not_judged_and_its_reads_are_no_strays():
    """The product connects, or comes back to a camera that was lost, while a vehicle is in view."""
    passes = [played("AB123CD", 0, 6), replace(played("MUD123", 10, 16, readable=False), whole=False)]
    tally = score_so_far(passes, [stored("AB123CD", 1, 5), stored("", 13, 15)], at(60))
    assert [(verdict.played.text, verdict.outcome) for verdict in tally.verdicts] == [("AB123CD", "right")]
    assert tally.stray == ()


def test_cast_is_the_same_at_every_start_and_no_text_comes_twice():
    """Truth is known beforehand: the same acts each time, each with a text of its own, one that cannot be read."""
    acts = cast()
    assert acts == cast()
    texts = [(act.camera, act.plate.text) for act in acts]
    assert len(set(texts)) == len(texts)
    assert {act.camera for act in acts} == set(CAMERAS)
    assert {"truck", "motorcycle", "van"} <= {act.kind for act in acts}
    assert sum(not act.readable for act in acts) >= 1
    assert len({act.plate.issuer.code for act in acts}) >= 8
    assert [act.light for act in acts[:2]] == ["day", "day"]


def test_light_takes_turns():
    """Day, dusk and night follow each other within two minutes and a half."""
    assert [light_at(seconds) for seconds in (0, 59, 61, 96, 139, 141)] == [
        "day",
        "day",
        "dusk",
        "night",
        "night",
        "day",
    ]


def test_a_folder_of_somebody_else_is_refused(tmp_path):
    """The demo takes an empty folder or its own, and empties only its own."""
    theirs = tmp_path / "data"
    theirs.mkdir()
    (theirs / "alpr.db").write_text("precious")
    for fresh in (False, True):
        with pytest.raises(AlprError, match="no demo made"):
            prepare(theirs, fresh=fresh)
    assert (theirs / "alpr.db").read_text() == "precious"
    ours = tmp_path / "demo"
    prepare(ours, fresh=False)
    (ours / "old").touch()
    prepare(ours, fresh=False)
    assert (ours / "old").exists()
    prepare(ours, fresh=True)
    assert not (ours / "old").exists()


def test_written_configuration_is_valid(tmp_path):
    """The demo's own `alpr.toml` loads, with three cameras, their zones, and a barrier."""
    config = load_config(write_config(tmp_path, 8123, 40001, 40002))
    assert [camera.name for camera in config.camera] == list(CAMERAS)
    assert config.web.port == 8123
    assert all(camera.zone for camera in config.camera)
    assert [barrier.cameras for barrier in config.barrier] == [["gate-in"]]


def test_a_port_that_is_taken_is_passed_over():
    """Without a wish the first free port from 8080 on is taken; a wish is kept."""
    assert free_port(9123) == 9123
    assert free_port(0) > 0
    assert free_port(None) >= 8080


def test_units_are_cut_into_packets_and_lose_nothing():
    """Long units become FU-A with start and end marked (RFC 6184, section 5.8), short ones stay whole."""
    long = b"\x65" + bytes(range(1, 251)) * 90
    cut = list(packets(b"\x00\x00\x00\x01\x67abc\x00\x00\x01" + long))
    assert cut[0] == b"\x67abc"
    assert all(part[0] & 0x1F == 28 for part in cut[1:])
    assert [part[1] & 0xC0 for part in cut[1:]] == [0x80, 0x00, 0x40]
    assert b"".join(part[2:] for part in cut[1:]) == long[1:]


async def test_product_reads_the_demo_cameras_stream(tmp_path):
    """The RTSP client of the product gets pictures from the demo's server, and none while the camera is dead."""
    from alpr.camera.source import open_source  # noqa: PLC0415
    from alpr.status import CameraStatus  # noqa: PLC0415

    write_clip(idle_clip(tmp_path, "yard", "day"), [empty_street(1280, 720)] * 12)
    assert len(load_clip(idle_clip(tmp_path, "yard", "day"))) == 12
    channel = Channel("yard", tmp_path, {light: [] for light in LIGHT_NAMES}, __import__("random").Random(1))
    async with serving({"yard": channel.stream}) as port:
        playing = asyncio.create_task(run_channel(channel))
        status = CameraStatus("yard")
        source = open_source(Camera(name="yard", url=f"rtsp://127.0.0.1:{port}/yard"), status)
        frames = source.frames()
        async with asyncio.timeout(20):
            sizes = [((await anext(frames)).picture.width) for _ in range(3)]
        channel.stream.alive = False
        channel.stream.cut()
        async with asyncio.timeout(20):
            while status.state.value == "live":  # noqa: ASYNC110 - a plain counter of the source
                await asyncio.sleep(0.02)
        await frames.aclose()
        playing.cancel()
        await asyncio.wait({playing})
    assert sizes == [1280] * 3
    assert "closed the connection" in status.error or "lost" in status.error


async def test_past_is_filled_in_once(tmp_path):
    """Past reads have pictures, lie behind us, and are not added again by the next start."""
    database = await open_database(tmp_path)
    try:
        done = [count async for count in fill_past(tmp_path, days=3, count=40, regulars=4)]
        assert [count async for count in fill_past(tmp_path, days=3, count=40, regulars=4)] == []
        found = await reads.page(database, reads.ReadQuery(limit=100))
        assert done[-1] == len(found) > 20
        assert all(one.read.captured_at < datetime.now(UTC) for one in found)
        assert {one.verdict for one in found} <= {Verdict.UNKNOWN, Verdict.UNREAD}
        for one in found[:5]:
            assert (tmp_path / "images" / one.evidence.frame_path).stat().st_size < 60_000
            assert one.look_count >= 2
        states = {one.visit.state for one in await visits.page(database, visits.VisitQuery(limit=500))}
        assert states == set(VisitState)
    finally:
        await database.close()


@pytest.mark.slow
def test_demo_starts_reads_ends_and_starts_again(tmp_path):
    """Pages and logins come up, a pass is read as it is, Ctrl-C ends with 0, and the next start goes on."""
    folder = tmp_path / "demo"
    for seconds in (120, 60):
        process = _start(folder)
        try:
            url = _await(process, r"http://127\.0\.0\.1:\d+/", seconds)
            _await_page(url + "login", seconds)
            _await_read(folder, seconds)
        finally:
            process.send_signal(signal.SIGINT)
            rest = process.communicate(timeout=30)[0]
        assert process.returncode == 0, rest
        assert "passes:" in rest
        assert "Traceback" not in rest


def _start(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "alpr.cli", "demo", "--data", str(folder), "--port", "0", "--past", "0"]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command, stdout=pipe, stderr=subprocess.STDOUT, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    )


def _await(process: subprocess.Popen[str], pattern: str, seconds: float) -> str:
    end = time.monotonic() + seconds
    assert process.stdout is not None
    while time.monotonic() < end and (line := process.stdout.readline()):
        if found := re.search(pattern, line):
            return found[0]
    raise AssertionError(f"never said {pattern}")


def _await_page(url: str, seconds: float) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url) as answer:
                assert answer.status == 200
                return
        except OSError:
            assert time.monotonic() < end
            time.sleep(0.05)


def _await_read(folder: Path, seconds: float) -> None:
    """Wait until a text that the cast carries is stored."""
    import sqlite3  # noqa: PLC0415

    truths = {act.plate.text for act in cast()} | {"KAPR2048"}
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with sqlite3.connect(f"file:{folder / 'data' / 'alpr.db'}?mode=ro", uri=True) as connection:
            texts = {text for (text,) in connection.execute("select text from reads where text != ''")}
        connection.close()
        if texts & truths:
            return
        time.sleep(0.05)
    raise AssertionError("nothing was read: " + json.dumps(sorted(str(path) for path in folder.rglob("*"))[:40]))
