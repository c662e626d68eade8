"""The slot between camera and pipeline."""

from __future__ import annotations

import asyncio
import threading

import numpy as np

from alpr.camera.latest import Latest
from alpr.camera.picture import ImagePicture
from alpr.domain import utc_now
from alpr.status import CameraStatus

PICTURES = [ImagePicture(np.full((2, 2, 3), value, np.uint8)) for value in range(40)]


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def slot(fps):
    clock, status = Clock(), CameraStatus("gate")
    return Latest(fps, status, clock=clock), clock, status


async def test_the_newest_picture_wins_and_the_replaced_ones_are_counted():
    """Of three wanted pictures the last is taken and two are counted as dropped."""
    latest, clock, status = slot(10)
    for index in range(3):
        clock.now = index / 10
        latest.put(PICTURES[index], utc_now())
    arrival = await latest.take()
    assert arrival.picture is PICTURES[2]
    assert arrival.time == 0.2
    assert status.frames_dropped == 2


async def test_pictures_beyond_the_rate_are_no_drops():
    """Of a camera of 50 pictures a second at 10 wanted, the newest is taken, and only wanted ones count as dropped."""
    latest, clock, status = slot(10)
    for index in range(14):  # wanted are 0, 4 and 9: each replaced one of these is a drop
        clock.now = index / 50
        latest.put(PICTURES[index], utc_now())
    assert (await latest.take()).picture is PICTURES[13]
    assert status.frames_dropped == 2
    clock.now = 0.27
    latest.put(PICTURES[14], utc_now())
    waiting = asyncio.ensure_future(latest.take())
    await asyncio.sleep(0)
    assert not waiting.done()
    clock.now = 0.3
    latest.put(PICTURES[15], utc_now())
    assert (await waiting).picture is PICTURES[15]
    assert status.frames_dropped == 2


async def test_a_thread_wakes_the_taker():
    """A picture put by another thread ends the wait at once, and closing ends it with nothing."""
    latest, _, _ = slot(10)
    taking = asyncio.ensure_future(latest.take())
    await asyncio.sleep(0)
    thread = threading.Thread(target=latest.put, args=(PICTURES[7], utc_now()))
    thread.start()
    assert (await asyncio.wait_for(taking, 2)).picture is PICTURES[7]
    thread.join()
    taking = asyncio.ensure_future(latest.take())
    await asyncio.sleep(0)
    latest.close()
    assert await asyncio.wait_for(taking, 2) is None
