"""Judge the passes of a video whose truth is known: one read per pass, and the right one."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alpr.camera.replay import FileSource
from alpr.domain import Read, Recording, State
from alpr.errors import ConfigError
from alpr.ops.bench.score import Outcome, summarise
from alpr.ops.reader import Reader
from alpr.pipeline import watch
from alpr.status import CameraStatus

_FPS = 12.5


@dataclass(frozen=True, slots=True)
class TruePass:
    """One labelled pass: text, and from when to when it is in view."""

    text: str
    start: float
    end: float


async def bench_passes(video: Path, reader: Reader) -> dict[str, Any]:
    """Read the video as fast as it goes and judge every pass."""
    truths = load_passes(video.with_suffix(".json"))
    status = CameraStatus(video.name)
    reads: dict[str, Read] = {}

    async def record(recording: Recording) -> None:
        reads.update({c.read.id: c.read for c in recording.captures if c.read.state is not State.PREVIEW})

    source = FileSource(video, status, fps=_FPS)
    started = time.perf_counter()
    await watch(source, reader.recognizers, reader.settings(video.name), reader.inference, record, status)
    seconds = time.perf_counter() - started
    per_pass = [[r for r in reads.values() if _middle(truth, r)] for truth in truths]
    outcomes = [_outcome(truth, found) for truth, found in zip(truths, per_pass, strict=True)]
    claimed = {r.id for found in per_pass for r in found}
    # Two things in one picture pass at the same time: then two reads are one of each.
    times = Counter((truth.start, truth.end) for truth in truths)
    due = [times[truth.start, truth.end] for truth in truths]
    return {
        "passes": len(truths),
        **summarise(outcomes),
        "one_read": sum(len(found) == n for found, n in zip(per_pass, due, strict=True)),
        "several_reads": sum(len(found) > n for found, n in zip(per_pass, due, strict=True)),
        "no_read": sum(not found for found in per_pass),
        "reads_outside": len(reads) - len(claimed),
        "ms_per_frame": round(1000 * seconds / max(1, status.frames_taken), 2),
        "errors": [
            f"{truth.start:7.2f} s: {o.truth} {o.told}" + ("" if len(found) == n else f" [{_listed(found)}]")
            for truth, o, found, n in zip(truths, outcomes, per_pass, due, strict=True)
            if not o.exact or len(found) != n
        ],
    }


def load_passes(path: Path) -> list[TruePass]:
    """Load the truth beside a video; raise ConfigError when it is missing or of another form."""
    try:
        return [TruePass(p["text"], float(p["start"]), float(p["end"])) for p in json.loads(path.read_text("utf-8"))]
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}: a video needs its truth beside it") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f'{path}: not a list of {{"text", "start", "end"}} ({error})') from error


def _middle(truth: TruePass, read: Read) -> bool:
    """Whether most of the read's time in view lies within the pass."""
    first = read.frame_time + (read.first_seen - read.captured_at).total_seconds()
    last = read.frame_time + (read.last_seen - read.captured_at).total_seconds()
    return truth.start <= (first + last) / 2 <= truth.end


def _outcome(truth: TruePass, found: Sequence[Read]) -> Outcome:
    if not found:
        return Outcome(truth.text)
    # Another vehicle may be in view too: the pass's own read is the one that says its text, if any does.
    read = max(found, key=lambda r: (r.text == truth.text, bool(r.text), r.reading.confidence))
    tops = tuple(t for t in (read.text, *(c.text for c in read.reading.candidates)) if t)
    return Outcome(truth.text, read.text, read.reading.confidence, 1.0, seen=True, top=tops)


def _listed(found: Sequence[Read]) -> str:
    return ", ".join(f"{r.text or r.state.value} {r.kind.value}" for r in found)
