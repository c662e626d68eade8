"""What a pipeline puts up for those who watch: every frame, marked while somebody looks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta

import numpy as np

from alpr.camera.picture import ImagePicture
from alpr.domain import BgrImage, Box, Detection, Frame, Label, Recording
from alpr.inference import Inference
from alpr.live import LivePicture, LiveView
from alpr.pipeline import WatchSettings, watch
from alpr.status import CameraStatus, Status
from tests.drawn_reads import NOON
from tests.fakes import ToldText

PLATE = Detection(Label.PLATE, Box(40, 40, 90, 60), 0.9)
TRUCK = Detection(Label.TRUCK, Box(10, 10, 120, 80), 0.8)


class OnePlate:
    """A detector that sees the same truck with the same plate in every picture."""

    batch = 0

    def detect(self, images: list[BgrImage]) -> list[list[Detection]]:
        return [[TRUCK, PLATE] for _ in images]

    def detect_within(self, image: BgrImage, box: Box) -> list[Detection]:
        return []

    def scale(self, width: int, height: int) -> float:
        return 1.0


class StillScene:
    """A source whose picture never changes, so that the motion gate closes after the first frame."""

    name = "gate"
    live = True

    def __init__(self, view: LiveView) -> None:
        self.view = view
        self.seen: list[LivePicture | None] = []

    async def frames(self) -> AsyncGenerator[Frame, None]:
        image = np.full((90, 160, 3), 120, np.uint8)
        for number in range(5):
            yield Frame("gate", number, NOON + timedelta(seconds=number / 10), number / 10, ImagePicture(image))
            self.seen.append(self.view._latest.get("gate"))
            await asyncio.sleep(0)


async def _seen(view: LiveView) -> list[LivePicture | None]:
    source, inference = StillScene(view), Inference(OnePlate(), 1, Status())

    async def record(recording: Recording) -> None:
        pass

    reader = ToldText(lambda image, target: ("GXXK4821", 0.9))
    try:
        await watch(source, [reader], WatchSettings("gate"), inference, record, CameraStatus("gate"), view)
    finally:
        inference.close()
    return source.seen


async def test_every_frame_is_put_up_also_while_the_motion_gate_is_closed():
    """A viewer of a still scene sees a live picture, and what stands there keeps its box and its text."""
    view = LiveView()
    view.watch("gate")
    seen = await _seen(view)
    assert [live.frame.number for live in seen if live] == [0, 1, 2, 3, 4]
    for live in seen:
        assert live is not None
        assert [(mark.label, mark.text, mark.box) for mark in live.marks] == [
            (Label.TRUCK, "", TRUCK.box),
            (Label.PLATE, "GXXK4821", PLATE.box),
        ]


async def test_nothing_is_marked_for_nobody():
    """Without a viewer the newest frame is held, so that a wall opened later has a picture, and that is all."""
    seen = await _seen(LiveView())
    assert [live.frame.number for live in seen if live] == [0, 1, 2, 3, 4]
    assert all(live.marks == () for live in seen if live)
