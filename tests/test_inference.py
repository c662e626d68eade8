"""The inference worker: batches what waits together, and every asker gets its own answer."""

from __future__ import annotations

import asyncio
import threading

import numpy as np
import pytest

from alpr.camera.picture import ImagePicture
from alpr.domain import BgrImage, Box, Detection, Label
from alpr.inference import Inference
from alpr.status import Status


class HeldDetector:
    """Finds in each picture one plate at x = its first pixel; waits until `go` is set, fails on a picture of 255."""

    def __init__(self, batch: int = 0) -> None:
        self.batch = batch
        self.go = threading.Event()
        self.runs: list[list[int]] = []

    def detect(self, images: list[BgrImage]) -> list[list[Detection]]:
        numbers = [int(image[0, 0, 0]) for image in images]
        self.runs.append(numbers)
        assert self.go.wait(5)
        if 255 in numbers:
            raise RuntimeError("out of memory")
        return [[Detection(Label.PLATE, Box(n, 0, n + 10, 5), 0.9)] for n in numbers]

    def detect_within(self, image: BgrImage, box: Box) -> list[Detection]:
        return [Detection(Label.PLATE, box, 0.9)]

    def scale(self, width: int, height: int) -> float:
        return min(640 / width, 384 / height)


def _picture(number: int) -> ImagePicture:
    return ImagePicture(np.full((4, 4, 3), number, np.uint8))


async def _asked(inference: Inference, *numbers: int) -> list[asyncio.Task]:
    """Ask for pictures one after the other; return once all of them wait."""
    tasks = []
    for number in numbers:
        tasks.append(asyncio.create_task(inference.detect(_picture(number))))
        await asyncio.sleep(0.01)
    return tasks


@pytest.mark.parametrize(
    ("batch", "threads", "runs"),
    [
        (0, 1, [[1], [2, 3, 4]]),
        (1, 1, [[1], [2], [3], [4]]),
        (2, 1, [[1], [2, 3], [4]]),
        (0, 2, [[1], [2], [3, 4]]),
    ],
    ids=["any number", "one by one", "two at a time", "two threads"],
)
async def test_what_waits_together_runs_together(batch, threads, runs):
    """The first asker runs at once; what came meanwhile is one batch; each gets the answer to its own picture."""
    detector = HeldDetector(batch)
    inference = Inference(detector, threads, Status())
    tasks = await _asked(inference, 1, 2, 3, 4)
    detector.go.set()
    found = await asyncio.gather(*tasks)
    assert sorted(detector.runs) == runs
    assert [int(d[0].box.x1) for d in found] == [1, 2, 3, 4]
    inference.close()


async def test_a_fault_reaches_those_who_asked_and_nobody_else():
    """The batch that failed raises; the next one is answered."""
    detector = HeldDetector(1)
    inference = Inference(detector, 1, Status())
    good, bad, later = await _asked(inference, 1, 255, 3)
    detector.go.set()
    with pytest.raises(RuntimeError, match="out of memory"):
        await bad
    assert (await good)[0].box.x1 == 1
    assert (await later)[0].box.x1 == 3
    inference.close()


async def test_who_gave_up_is_not_worked_for():
    """A cancelled request is left out of its batch, and harms no other."""
    detector = HeldDetector(0)
    inference = Inference(detector, 1, Status())
    first, second, third = await _asked(inference, 1, 2, 3)
    second.cancel()
    await asyncio.sleep(0)
    detector.go.set()
    assert (await first)[0].box.x1 == 1
    assert (await third)[0].box.x1 == 3
    assert detector.runs == [[1], [3]]
    inference.close()


async def test_all_may_give_up():
    """A batch whose askers are all gone does not run; the next request does."""
    detector = HeldDetector(0)
    inference = Inference(detector, 1, Status())
    first, second = await _asked(inference, 1, 2)
    second.cancel()
    await asyncio.sleep(0)
    detector.go.set()
    await first
    assert (await inference.detect(_picture(7)))[0].box.x1 == 7
    assert detector.runs == [[1], [7]]
    inference.close()


async def test_closing_leaves_nobody_waiting():
    """What runs is finished; what had not begun is cancelled, and later requests fail at once."""
    detector = HeldDetector(0)
    inference = Inference(detector, 2, Status())
    first, second = await _asked(inference, 1, 2)
    waiting = asyncio.create_task(inference.call("read", lambda: "never"))
    await asyncio.sleep(0.01)
    inference.close()
    detector.go.set()
    assert (await first)[0].box.x1 == 1
    assert (await second)[0].box.x1 == 2
    with pytest.raises(asyncio.CancelledError):
        await waiting
    with pytest.raises(RuntimeError, match="shutdown"):
        await inference.detect(_picture(3))


async def test_closing_while_a_batch_waits_for_a_thread():
    """A batch that other work kept from running is cancelled as well."""
    detector = HeldDetector(0)
    inference = Inference(detector, 1, Status())
    busy = asyncio.create_task(inference.call("read", detector.go.wait, 5))
    await asyncio.sleep(0.01)
    [asked] = await _asked(inference, 1)
    inference.close()
    detector.go.set()
    assert await busy
    async with asyncio.timeout(1):
        with pytest.raises(asyncio.CancelledError):
            await asked
    assert detector.runs == []


async def test_stages_are_counted():
    """Work is counted under its stage, in seconds that it ran, failures too."""
    status = Status()
    detector = HeldDetector()
    detector.go.set()
    inference = Inference(detector, 1, status)
    await inference.detect(_picture(1))
    await inference.detect_within(_picture(1), Box(0, 0, 2, 2))
    with pytest.raises(ZeroDivisionError):
        await inference.call("read", lambda: 1 // 0)
    assert (status.stages["detect"].count, status.stages["read"].count) == (2, 1)
    assert 0 < status.stages["detect"].seconds < 1
    inference.close()


@pytest.mark.parametrize(("size", "shrinks"), [((640, 384), False), ((800, 450), False), ((1920, 1080), True)])
def test_a_second_look_is_worth_it_for_large_pictures(size, shrinks):
    """Where the whole was shrunk to less than three quarters."""
    inference = Inference(HeldDetector(), 1, Status())
    assert inference.shrinks(ImagePicture(np.zeros((size[1], size[0], 3), np.uint8))) is shrinks
    inference.close()


async def test_cancelled_work_that_has_begun_is_waited_for():
    """Who cancels it may touch what it worked on, as soon as the cancellation has come through."""
    inference = Inference(HeldDetector(0), 1, Status())
    begun, go, ended = threading.Event(), threading.Event(), []
    running = asyncio.create_task(inference.call("read", lambda: (begun.set(), go.wait(5), ended.append(1))))
    await asyncio.to_thread(begun.wait, 5)
    running.cancel()
    done, _ = await asyncio.wait({running}, timeout=0.02)
    assert not done
    go.set()
    await asyncio.wait({running}, timeout=5)
    assert running.cancelled()
    assert ended
    inference.close()
