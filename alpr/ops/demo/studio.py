"""The demo's studio, a process of its own that ends with its parent: draws passes as H.264, fills in the past."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import threading
from collections.abc import AsyncIterator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import cv2
import numpy as np

from alpr.domain import BgrImage
from alpr.errors import AlprError
from alpr.ops.demo.cast import LIGHT_NAMES, PLACES, Act, cast
from alpr.ops.demo.floor import BREATH
from alpr.ops.demo.past import fill_past
from alpr.ops.demo.sets import scenery
from alpr.ops.demo.yard import fill_yard
from alpr.training.film import empty, film, sense
from alpr.training.light import LIGHTS
from alpr.training.staging import draw_boom

RATE: Final = Fraction(25, 2)
_NICE: Final = 5
IDLE_FRAMES: Final = 25
_FADE_FRAMES: Final = 30
_KEY_EVERY: Final = 38
_BEFORE_THE_PAST: Final = 7
"""Clips that are drawn first: something happens on the cameras while the past is written."""
_BATCHES: Final = 15
"""Transactions of past reads after each clip."""


def main() -> None:
    """Draw what is missing in the folder."""
    parser = argparse.ArgumentParser()
    parser.add_argument("clips", type=Path)
    parser.add_argument("--past", type=Path, help="data folder to fill with past reads")
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--reads", type=int, default=3000)
    parser.add_argument("--acts", type=int, default=1000)
    args = parser.parse_args()
    cv2.setNumThreads(1)
    try:
        asyncio.run(_work(args))
    except AlprError as error:
        sys.exit(f"alpr demo: {error}")


def _yield_to_others() -> None:
    """Let reading the cameras go first: of this thread alone, since one that holds the database must not wait."""
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)


async def _work(args: argparse.Namespace) -> None:
    """Draw the first passes, then the others in turn with the past days."""
    parent = os.getppid()
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1, "draws", _yield_to_others))
    past = _fill(args.past, args.days, args.reads) if args.past else None
    for number, (path, frames) in enumerate(_wanted(args.clips, args.acts)):
        if os.getppid() != parent:
            sys.exit(1)  # the demo was killed: nobody will watch this
        if not path.exists():
            await asyncio.to_thread(write_clip, path, frames)
        for _ in range(_BATCHES if past and number >= _BEFORE_THE_PAST else 0):
            if past and await anext(past, None) is None:
                past = None
            await asyncio.sleep(BREATH if past else 0)
    if past is None:
        return
    async for _ in past:
        if os.getppid() != parent:
            return
        await asyncio.sleep(BREATH)


async def _fill(data: Path, days: int, count: int) -> AsyncIterator[int]:
    """Begin with the past days, which look whether they were filled in before, then the yard, then the rest."""
    past = fill_past(data, days=days, count=count)
    if (first := await anext(past, None)) is not None:
        yield first
    async for stored in fill_yard(data):
        yield stored
    async for stored in past:
        yield stored


def _wanted(clips: Path, acts: int) -> Iterator[tuple[Path, Iterable[BgrImage]]]:
    """Give every clip with its frames, which are drawn only when asked for."""
    for camera in PLACES:
        yield idle_clip(clips, camera, LIGHT_NAMES[0]), _idle(camera, LIGHT_NAMES[0])
    chosen = cast()[:acts]
    for number, act in enumerate(chosen):
        yield clip(clips, act), _pass(act, clips)
        if number < len(PLACES):
            continue
        for camera in PLACES if number == len(PLACES) else ():
            for light, other in zip(LIGHT_NAMES, (*LIGHT_NAMES[1:], LIGHT_NAMES[0]), strict=True):
                yield idle_clip(clips, camera, light), _idle(camera, light)
                yield fade_clip(clips, camera, light, other), _fade(camera, light, other)


def clip(folder: Path, act: Act) -> Path:
    """Return where a pass lies."""
    return folder / f"{act.key}.h264"


def idle_clip(folder: Path, camera: str, light: str) -> Path:
    """Return where two seconds of the empty scene lie."""
    return folder / f"{camera}-{light}-idle.h264"


def fade_clip(folder: Path, camera: str, light: str, other: str) -> Path:
    """Return where the change from one light to the next lies."""
    return folder / f"{camera}-{light}-to-{other}.h264"


def write_clip(path: Path, frames: Iterable[BgrImage]) -> None:
    """Compress frames to an H.264 byte stream whose key frames carry their parameter sets."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".tmp")
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = 1280, 720, "yuv420p"
    encoder.framerate, encoder.time_base = RATE, 1 / RATE
    encoder.thread_count = 1
    encoder.options = {"preset": "superfast", "crf": "28", "bf": "0", "g": str(_KEY_EVERY), "sc_threshold": "0"}
    sizes = []
    with unfinished.open("wb") as file:
        for number, picture in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts = number
            sizes += _put(file.write, encoder.encode(frame))
        sizes += _put(file.write, encoder.encode(None))
    path.with_suffix(".json").write_text(json.dumps(sizes))
    unfinished.rename(path)


def _put(write: object, packets: Iterable[av.Packet[av.VideoStream]]) -> list[int]:
    assert callable(write)
    return [write(bytes(packet)) for packet in packets]


def _idle(camera: str, light: str) -> Iterator[BgrImage]:
    yield from empty(PLACES[camera], scenery(camera, light), LIGHTS[light], IDLE_FRAMES)


def _fade(camera: str, light: str, other: str) -> Iterator[BgrImage]:
    pictures = []
    for name in (light, other):
        picture = scenery(camera, name).picture.copy()
        draw_boom(picture, PLACES[camera], LIGHTS[name], 0.0)
        pictures.append(picture)
    for number in range(_FADE_FRAMES):
        share = (number + 1) / _FADE_FRAMES
        mixed = cv2.addWeighted(pictures[0], 1 - share, pictures[1], share, 0)
        yield sense(mixed.astype(np.uint8, copy=False), LIGHTS[light if share < 0.5 else other], number)  # noqa: PLR2004


def _pass(act: Act, clips: Path) -> Iterator[BgrImage]:
    place, light = PLACES[act.camera], LIGHTS[act.light]
    shown = scenery(act.camera, act.light)
    truth = {"text": act.plate.text, "kind": act.kind, "readable": act.readable, "country": act.plate.issuer.code,
             "container": act.code}  # fmt: skip
    rate, seen = float(RATE), []
    moments = film(place, shown, light, act.actor(), rate=rate, leaving=act.leaving, pace=act.pace)
    for number, moment in enumerate(moments):
        if moment.shown.plate is not None:
            seen.append(number)
        yield moment.picture
    truth |= {"start": min(seen, default=0) / rate, "end": (max(seen, default=0) + 1) / rate}
    (clips / f"{act.key}.truth.json").write_text(json.dumps(truth))


if __name__ == "__main__":
    main()
