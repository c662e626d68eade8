"""The worker that runs models: a few threads, one request per camera in flight, detections in batches.

On a processor a batch is one picture: four together cost as much each as alone (13 ms), and the first would wait.

ONNX Runtime frees the GIL and a session is thread-safe, so two threads that share one session with
one intra-op thread each get more done than one call with two.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, Protocol, TypeVar

from alpr.domain import BgrImage, Box, Detection, Picture
from alpr.status import Status

_WORTH_A_SECOND_LOOK = 0.75
P = ParamSpec("P")
T = TypeVar("T")


class BatchDetector(Protocol):
    """What finds things in several pictures at once."""

    @property
    def batch(self) -> int:
        """How many pictures one run takes; 0 when any number."""
        ...

    def detect(self, images: Sequence[BgrImage]) -> list[list[Detection]]:
        """Find everything in each of the pictures."""
        ...

    def detect_within(self, image: BgrImage, box: Box) -> list[Detection]:
        """Look at a part of the picture at full resolution."""
        ...

    def scale(self, width: int, height: int) -> float:
        """Return how much a picture of this size shrinks on its way into the network."""
        ...


class Inference:
    """Runs detections and other heavy pure work off the event loop, and counts the time they take."""

    def __init__(self, detector: BatchDetector, threads: int, status: Status) -> None:
        self._detector = detector
        self._status = status
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="inference")
        self._one = ThreadPoolExecutor(1, thread_name_prefix="survey")
        self._waiting: deque[tuple[Picture, asyncio.Future[list[Detection]]]] = deque()
        self._running: set[asyncio.Task[None]] = set()

    async def detect(self, picture: Picture) -> list[Detection]:
        """Find everything in the picture; requests that wait together run as one batch."""
        answer: asyncio.Future[list[Detection]] = asyncio.get_running_loop().create_future()
        self._waiting.append((picture, answer))
        self._start()
        return await answer

    async def detect_within(self, picture: Picture, box: Box) -> list[Detection]:
        """Look sharper at a part of the picture, where the whole was shrunk too much to show a small plate."""
        return await self.call("detect", lambda: self._detector.detect_within(picture.bgr(), box))

    def shrinks(self, picture: Picture) -> bool:
        """Whether a second look at a part of the picture would see more than the first."""
        return self._detector.scale(picture.width, picture.height) < _WORTH_A_SECOND_LOOK

    async def call(self, stage: str, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` on a worker thread and count it under `stage`.

        When cancelled, work that has begun is waited for: until then what it works on is its own.
        """
        return await self._run(self._pool, stage, lambda: work(*args, **kwargs))

    async def call_aside(self, stage: str, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run what takes long on a thread of its own, one at a time for all cameras: nothing short waits for it."""
        return await self._run(self._one, stage, lambda: work(*args, **kwargs))

    async def _run(self, pool: ThreadPoolExecutor, stage: str, work: Callable[[], T]) -> T:
        started, cpu = time.perf_counter(), 0.0

        def timed() -> T:
            nonlocal started, cpu
            started, began = time.perf_counter(), time.thread_time()
            try:
                return work()
            finally:
                cpu = time.thread_time() - began

        running = pool.submit(timed)
        answer = asyncio.wrap_future(running)
        try:
            return await asyncio.shield(answer)
        except asyncio.CancelledError:
            if not running.cancel():
                await asyncio.wait({answer})
                _ = answer.cancelled() or answer.exception()  # nobody else asks for it
            raise
        finally:
            self._status.stage(stage).add(time.perf_counter() - started, cpu)

    def close(self) -> None:
        """Let the threads end once they are done."""
        for pool in (self._pool, self._one):
            pool.shutdown(wait=False, cancel_futures=True)

    def _start(self) -> None:
        if self._waiting and len(self._running) < self._threads:
            task = asyncio.create_task(self._run_batch())
            self._running.add(task)
            task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._start()

    async def _run_batch(self) -> None:
        size = self._detector.batch or len(self._waiting)
        batch = [self._waiting.popleft() for _ in range(min(size, len(self._waiting)))]
        batch = [(picture, answer) for picture, answer in batch if not answer.done()]
        if not batch:
            return
        try:
            found = await self.call("detect", self._detect, [picture for picture, _ in batch])
        except asyncio.CancelledError:
            # The threads were closed before this batch had its turn: nobody may wait for ever.
            for _, answer in batch:
                answer.cancel()
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the asker's: the camera's pipeline raises it
            for _, answer in batch:
                if not answer.done():
                    answer.set_exception(error)
            return
        for (_, answer), detections in zip(batch, found, strict=True):
            if not answer.done():
                answer.set_result(detections)

    def _detect(self, pictures: list[Picture]) -> list[list[Detection]]:
        return self._detector.detect([picture.bgr() for picture in pictures])
