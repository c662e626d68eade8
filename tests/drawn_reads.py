"""Reads and frames drawn for tests of the store: every frame carries its own number as a bar code."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from alpr.camera.picture import ImagePicture
from alpr.domain import Box, Capture, Kind, Look, Read, Reading, State

NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
_BITS = 16


def read_id(number: int) -> str:
    """Make an id that is the same in every run."""
    return str(uuid.UUID(int=number))


def make_read(number: int = 1, **changes) -> Read:
    """Make the read that a frame of this number shows."""
    text = f"AB{number:05d}"
    box = Box(4, 8, 60, 24)
    moment = NOON + timedelta(seconds=number)
    read = Read(
        id=read_id(number),
        camera="gate-in",
        kind=Kind.PLATE,
        state=State.FINAL,
        reading=Reading(text, 0.9),
        box=box,
        captured_at=moment,
        frame_time=float(number),
        first_seen=moment,
        last_seen=moment,
        looks=(Look(float(number), box, text, 0.9, 0.5, kept=True),),
    )
    return replace(read, **changes)


def make_capture(number: int, *, width: int = 320, height: int = 160, **changes) -> Capture:
    """Make a capture whose frame and crop both show the number of its read."""
    frame = numbered_frame(number, width, height)
    return Capture(make_read(number, **changes), ImagePicture(frame), frame[: height // 2])


def numbered_frame(number: int, width: int, height: int) -> np.ndarray:
    """Draw a frame `(h, w, 3) uint8` with its number as upright bars, the highest bit to the left."""
    bits = [number >> bit & 1 for bit in reversed(range(_BITS))]
    row = np.repeat(np.array(bits, np.uint8) * 200 + 20, width // _BITS)
    return np.ascontiguousarray(np.broadcast_to(row[None, :, None], (height, row.size, 3)))


def number_of(image: np.ndarray) -> int:
    """Tell the number that a frame or crop shows."""
    bars = image[:, :, 1].mean(axis=0).reshape(_BITS, -1).mean(axis=1) > 128
    return int("".join("1" if bar else "0" for bar in bars), 2)
