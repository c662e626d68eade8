"""A live camera heals: ladder, watchdog, and one line when lost and when back."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import aclosing

import numpy as np
import pytest
import structlog

from alpr.camera.latest import Latest
from alpr.camera.live import LADDER, LiveSource, Patience
from alpr.camera.picture import ImagePicture
from alpr.domain import utc_now
from alpr.errors import CameraError
from alpr.status import CameraState, CameraStatus
from tests.fakes import until

PICTURE = ImagePicture(np.zeros((6, 8, 3), np.uint8))
LATE = ImagePicture(np.ones((6, 8, 3), np.uint8))
QUICK = Patience(stall=0.15, first_picture=0.3, ladder=(0.01, 0.02), closing=0.2)


class ScriptedLink:
    """A camera that does one scripted thing at each connection, the last one for ever."""

    def __init__(self, *script):
        self.script = itertools.chain(script, itertools.repeat(script[-1]))
        self.runs = []

    async def run(self, deliver):
        self.runs.append(asyncio.get_running_loop().time())
        await next(self.script)(deliver)


async def refused(deliver):
    raise CameraError("camera gate: refused (401): check username and password")


async def closes(deliver):
    deliver(PICTURE, utc_now())


async def freezes(deliver):
    deliver(PICTURE, utc_now())
    await asyncio.Event().wait()


async def silent(deliver):
    await asyncio.Event().wait()


async def steady(deliver):
    while True:
        deliver(PICTURE, utc_now())
        await asyncio.sleep(0.01)


async def deaf(deliver):
    """Ignore the cancellation and go on to deliver, as a thread in a library may."""
    deliver(PICTURE, utc_now())
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        for _ in range(10):
            await asyncio.sleep(0.02)
            deliver(LATE, utc_now())


def source(*script, patience=QUICK, ends=False):
    status = CameraStatus("gate")
    link = ScriptedLink(*script)
    latest = Latest(1000, status)
    return LiveSource(link, latest, status, patience, ends=ends, chance=lambda: 0.5), link, status, latest


async def take(live, count):
    async with asyncio.timeout(5), aclosing(live.frames()) as frames:
        return [frame async for frame, _ in azip(frames, count)]


async def azip(frames, count):
    left = count
    async for frame in frames:
        left -= 1
        yield frame, left
        if not left:
            return


async def test_a_lost_link_is_made_anew_and_told_once():
    """Three refusals give one line when the camera is lost and one when it is back, with the seconds."""
    live, link, status, _ = source(closes, refused, refused, refused, steady)
    with structlog.testing.capture_logs() as logs:
        frames = await take(live, 5)
    assert [frame.number for frame in frames] == [0, 1, 2, 3, 4]
    assert all(later.time > earlier.time for earlier, later in itertools.pairwise(frames))
    assert [entry["event"] for entry in logs] == ["camera_live", "camera_lost", "camera_back"]
    assert logs[2]["seconds"] >= 0
    assert len(link.runs) == 5
    assert status.reconnects == 1
    assert status.state is CameraState.LIVE
    assert "refused (401)" in status.error
    assert (status.width, status.height) == (8, 6)


async def test_a_frozen_camera_is_noticed_and_connected_anew():
    """Without a picture for the stall time the camera counts as stalled, and the next link is tried."""
    live, link, status, _ = source(freezes, steady)
    states = []
    async with asyncio.timeout(5), aclosing(live.frames()) as frames:
        first = await anext(frames)
        second = asyncio.ensure_future(anext(frames))
        while not second.done():
            states.append(status.state)
            await asyncio.sleep(0.005)
        assert CameraState.STALLED in states
        assert (await second).time - first.time == pytest.approx(0.16, abs=0.08)
    assert "no picture for 0.15 s" in status.error
    assert len(link.runs) == 2


async def test_the_first_picture_gets_longer():
    """A link without a first picture is given up only after the longer time."""
    live, link, status, _ = source(silent, steady)
    await take(live, 1)
    assert link.runs[1] - link.runs[0] == pytest.approx(0.31, abs=0.1)
    assert "no first picture" in status.error


async def test_a_sign_of_life_is_no_stall():
    """A camera that says "nothing has changed" is not cut off, though it sends no picture."""
    live, link, _, latest = source(freezes)
    async with asyncio.timeout(5), aclosing(live.frames()) as frames:
        await anext(frames)
        waiting = asyncio.ensure_future(anext(frames))
        for _ in range(20):
            await asyncio.sleep(0.02)
            latest.touch()
        assert len(link.runs) == 1
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)


async def test_a_link_that_will_not_end_is_left_behind():
    """A link deaf to its cancellation holds nothing up, and its late pictures are not taken."""
    live, link, _, _ = source(deaf, steady, patience=Patience(stall=0.15, ladder=(0.01,), closing=0.05))
    frames = await take(live, 12)
    assert len(link.runs) == 2
    assert all(frame.picture is PICTURE for frame in frames)


async def test_the_ladder_climbs_and_a_steady_link_resets_it():
    """The waits grow to the last rung; after a link that was steady they begin anew."""
    patience = Patience(stall=1, ladder=(0.02, 0.06, 0.12), steady=0.1)
    fails = [refused] * 4

    async def a_while(deliver):
        for _ in range(15):
            deliver(PICTURE, utc_now())
            await asyncio.sleep(0.01)

    live, link, _, _ = source(*fails, a_while, refused, steady, patience=patience)
    await take(live, 20)
    waits = [later - earlier for earlier, later in itertools.pairwise(link.runs)]
    assert waits[:4] == pytest.approx([0.02, 0.06, 0.12, 0.12], abs=0.04)
    assert waits[5] == pytest.approx(0.02 + 0.04, abs=0.04)


def test_the_longest_wait_lets_a_camera_be_back_within_ten_seconds():
    """The last rung with its jitter leaves more than two seconds to connect."""
    assert max(LADDER) * 1.2 < 8
    assert list(LADDER) == sorted(LADDER)


async def test_a_file_played_once_ends_the_source():
    """With `ends`, a link that returns ends the frames; without, it is a loss."""
    live, link, status, _ = source(closes, ends=True)
    async with asyncio.timeout(5):
        assert len([frame async for frame in live.frames()]) == 1
    assert status.state is CameraState.ENDED
    assert len(link.runs) == 1


async def test_our_own_bug_is_not_healed():
    """An error that is not the camera's ends the frames with that error."""

    async def buggy(deliver):
        raise ZeroDivisionError

    live, _, _, _ = source(buggy)
    with pytest.raises(ZeroDivisionError):
        await take(live, 1)


async def test_closing_the_frames_closes_the_link():
    """The link is cancelled, and has ended, when the consumer is done."""
    ended = asyncio.Event()

    async def careful(deliver):
        deliver(PICTURE, utc_now())
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    live, _, _, _ = source(careful, patience=Patience(stall=5))
    await take(live, 1)
    assert ended.is_set()


async def test_a_freeze_is_told_before_a_slow_closing():
    """The state changes when the stall time is over, not when the frozen link has at last been closed."""
    live, _, status, _ = source(deaf, patience=Patience(stall=0.1, ladder=(0.01,), closing=5))
    async with asyncio.timeout(5), aclosing(live.frames()) as frames:
        await anext(frames)
        begun = asyncio.get_running_loop().time()
        await until(lambda: status.state is CameraState.STALLED)
        assert asyncio.get_running_loop().time() - begun < 0.2
