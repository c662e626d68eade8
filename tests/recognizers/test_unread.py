"""Vehicles without a plate: stored when they passed, left out when they belong to the scene."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import numpy as np
import pytest

from alpr.camera.picture import ImagePicture
from alpr.domain import Box, Capture, Detection, Frame, Kind, Label, State
from alpr.recognizers.unread import UnreadBook
from alpr.vision.tracker import Tracker
from tests.drawn_reads import NOON


def _frame(time: float) -> Frame:
    return Frame("gate", 0, NOON + timedelta(seconds=time), time, ImagePicture(np.zeros((600, 1200, 3), np.uint8)))


def _watch(
    xs: list[float],
    *,
    plate: bool = False,
    score: float = 0.8,
    height: float = 200,
    plated: tuple[Box, ...] = (),
    growing: float = 0.0,
) -> tuple[list[Capture], list[Frame]]:
    """Let a vehicle of 300 pixels' width stand at each x in turn, ten frames a second, wider by `growing` each time."""
    numbers = count(1)
    tracker, book = Tracker(), UnreadBook("gate", "out", lambda at: f"unread {next(numbers)}")
    frames = []
    for number, x in enumerate(xs):
        frames.append(_frame(number / 10))
        more = growing * number / 2
        car = Detection(Label.CAR, Box(x - more, 100, x + 300 + more, 100 + height), score)
        for track, detection in tracker.update([car], number / 10):
            book.follow(track, detection, frames[-1], has_plate=plate)
    captures = book.end(tracker.end_all(), plated)
    assert not book._best, "no frame is held of what ended"
    return captures, frames


_DRIVE = [50.0 + 20 * n for n in range(12)]


def test_a_vehicle_that_drove_by_is_stored():
    """With its times, its type, and the frame on which it was seen best."""
    [capture], frames = _watch(_DRIVE)
    read = capture.read
    assert (read.kind, read.state, read.text, read.direction) == (Kind.VEHICLE, State.UNREAD, "", "out")
    assert (read.vehicle.type, read.reading.reasons) == ("car", ("no plate seen on it",))
    assert (read.first_seen, read.last_seen) == (NOON, NOON + timedelta(seconds=1.1))
    shown = next(frame for frame in frames if frame.picture is capture.frame)
    assert (shown.time, shown.captured_at) == (read.frame_time, read.captured_at)
    assert read.box == Box(_DRIVE[round(10 * shown.time)], 100, _DRIVE[round(10 * shown.time)] + 300, 300)
    assert capture.crop.shape == (200, 300, 3)


def test_whole_vehicles_make_better_pictures():
    """Frames on which it is cut off by the edge are second choice."""
    [capture], _ = _watch([0.0, 0.0, 0.0, 40.0, 90.0, 140.0, 190.0])
    assert capture.read.box.x1 > 2


@pytest.mark.parametrize(
    "story",
    [
        {"xs": [300.0] * 40},
        {"xs": [300.0 + n % 3 for n in range(40)]},
        {"xs": [300.0] * 40, "growing": 3},
        {"xs": _DRIVE, "plate": True},
        {"xs": _DRIVE[:4]},
        {"xs": _DRIVE, "score": 0.5},
        {"xs": _DRIVE, "height": 80},
        {"xs": _DRIVE, "plated": (Box(150, 100, 450, 300),)},
    ],
    ids=[
        "parked",
        "parked, trembling",
        "parked, dusk falls",
        "with a plate",
        "a flash",
        "faint",
        "far away",
        "one that had a plate before",
    ],
)
def test_what_is_left_out(story):
    """What never moved, was read, or was hardly there is no unread vehicle."""
    assert _watch(**story)[0] == []
