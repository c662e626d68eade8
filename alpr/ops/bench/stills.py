"""Read every labelled still of a folder, and what stands beside the plates, and judge what came out."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from alpr.camera.picture import ImagePicture
from alpr.domain import BgrImage, Box, Frame, Kind, Read, State
from alpr.errors import CameraError
from alpr.ops.bench.baseline import Baseline
from alpr.ops.bench.score import Outcome, judge, reliability, summarise
from alpr.ops.reader import Reader, still_frame
from alpr.training.truth import Truth

_CLEARANCE = 0.25
"""Of a plate's height, that a window of background keeps away from it."""
_LEAST_WINDOW = 96
"""Pixels on a side: less shows nothing."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One labelled plate: where it is, and what became of it."""

    file: str
    truth: Truth
    outcome: Outcome

    def __str__(self) -> str:
        return f"{self.file}: {self.outcome.truth} {self.outcome.told}"


@dataclass(slots=True)
class StillBench:
    """What one set of models made of the folder."""

    reader: Reader
    judged: list[Judged] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    """Pictures that could not be opened, in words."""
    seconds: list[float] = field(default_factory=list)
    windows: int = 0
    false_reads: list[str] = field(default_factory=list)
    """What was read where no plate is."""
    false_codes: list[str] = field(default_factory=list)
    """Container codes that were read and are not in the picture."""

    @property
    def wrong(self) -> list[Judged]:
        """Plates that were not read right."""
        return [each for each in self.judged if not each.outcome.exact]

    def summary(self) -> dict[str, Any]:
        """Return all figures."""
        outcomes = [each.outcome for each in self.judged]
        count = max(1, len(self.seconds))
        stages = self.reader.status.stages
        named = {"detect": ("detect",), "ocr": ("read", "survey")}
        wall = {key: sum(stages[n].seconds for n in names if n in stages) for key, names in named.items()}
        cpu = {key: sum(stages[n].cpu_seconds for n in names if n in stages) for key, names in named.items()}
        accepted = [(o.confidence, o.exact) for o in outcomes if o.text]
        return {
            **summarise(outcomes),
            "reliability": [[round(b.confidence, 4), round(b.accuracy, 4), b.count] for b in reliability(accepted)],
            "false_codes": len(self.false_codes),
            "background": {"windows": self.windows, "reads": len(self.false_reads)},
            "ms": {
                **{key: round(1000 * seconds / count, 2) for key, seconds in wall.items()},
                "total": round(1000 * float(np.mean(self.seconds or [0.0])), 2),
            },
            "cpu_ms": {key: round(1000 * seconds / count, 2) for key, seconds in cpu.items()},
            "provider": self.reader.provider,
        }


async def bench_stills(
    folder: Path, truths: Mapping[str, Sequence[Truth]], benches: Sequence[StillBench], baseline: Baseline | None
) -> None:
    """Read every picture with each of the models, one after the other, so that all see the same machine."""
    for name, plates in tqdm(truths.items(), unit="picture", disable=not sys.stderr.isatty(), leave=False):
        try:
            frame = await asyncio.to_thread(still_frame, folder / name, 0)
        except CameraError as error:
            for bench in benches:
                bench.unreadable.append(str(error))
                bench.judged += [Judged(name, plate, Outcome(plate.text)) for plate in plates]
            continue
        for bench in benches:
            await _measure(bench, name, frame, plates)
        if baseline:
            await asyncio.to_thread(baseline.measure, frame.picture.bgr(), [plate.text for plate in plates])
        for bench in benches:
            await _read_background(bench, name, frame, plates)


async def _measure(bench: StillBench, name: str, frame: Frame, plates: Sequence[Truth]) -> None:
    started = time.perf_counter()
    found = await _reads(bench.reader, frame)
    bench.seconds.append(time.perf_counter() - started)
    judged = judge(plates, found)
    bench.judged += [Judged(name, plate, outcome) for plate, outcome in zip(plates, judged, strict=True)]
    bench.false_codes += [
        f"{name}: read {read.text}, which is not in the picture"
        for read in found
        if read.kind is Kind.CONTAINER and read.text and read.text not in [plate.text for plate in plates]
    ]


async def _reads(reader: Reader, frame: Frame) -> list[Read]:
    return [c.read for c in await reader.still(frame) if c.read.state is not State.PREVIEW]


async def _read_background(bench: StillBench, name: str, frame: Frame, plates: Sequence[Truth]) -> None:
    """Read the windows beside the plates, apart from the stages that are timed: nobody waits for these."""
    boxes = [plate.box for plate in plates if plate.box is not None]
    if len(boxes) != len(plates):
        return  # a plate that stands nobody knows where might be in any window
    status = bench.reader.status
    timed, status.stages = status.stages, {}
    for window in background_windows(frame.picture.bgr(), boxes):
        bench.windows += 1
        found = await _reads(bench.reader, replace(frame, picture=ImagePicture(window)))
        bench.false_reads += [f"{name}: read {read.text} where no plate is" for read in found if read.text]
    status.stages = timed


def background_windows(image: BgrImage, boxes: Sequence[Box]) -> list[BgrImage]:
    """Cut the parts of a picture above, below, left and right of all its plates: `(h, w, 3) uint8` each."""
    height, width = image.shape[:2]
    away = _CLEARANCE * max(box.height for box in boxes)
    top, bottom = min(box.y1 for box in boxes) - away, max(box.y2 for box in boxes) + away
    left, right = min(box.x1 for box in boxes) - away, max(box.x2 for box in boxes) + away
    parts = (
        image[: max(0, int(top))],
        image[min(height, int(bottom) + 1) :],
        image[:, : max(0, int(left))],
        image[:, min(width, int(right) + 1) :],
    )
    return [np.ascontiguousarray(part) for part in parts if min(part.shape[:2]) >= _LEAST_WINDOW]
