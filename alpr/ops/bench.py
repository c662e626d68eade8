"""`alpr bench`: a folder with `truth.csv`, or a video with its truth → accuracy, calibration, milliseconds.

`truth.csv` has the columns `file, x, y, w, h, text`, one row a plate, the box empty where unknown; a
video `passes.mp4` has `passes.json` beside it: `[{"text", "start", "end"}]` in seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from alpr.domain import Box, Read, State
from alpr.errors import CameraError, ConfigError
from alpr.ops.baseline import Baseline
from alpr.ops.passbench import bench_passes
from alpr.ops.reader import Reader, add_model_arguments, open_reader, still_frame
from alpr.ops.score import Outcome, Truth, judge, summarise

_TRUTH = "truth.csv"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `alpr bench`."""
    parser.add_argument(
        "dir", type=Path, metavar="DIR", help=f"folder with {_TRUTH}, or a video with a .json beside it"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object, and nothing else")
    parser.add_argument("--no-baseline", action="store_true", help="do not run RapidOCR on the same pictures")
    parser.add_argument("--errors", action="store_true", help="list what was not read right")
    add_model_arguments(parser)


def bench_command(args: argparse.Namespace) -> int:
    """Measure; print a table, or one JSON object."""
    if args.dir.is_file():
        result = asyncio.run(bench_passes(args.dir, open_reader(args)))
    else:
        truths = load_truth(args.dir)
        baseline = None if args.no_baseline else Baseline(args.threads)
        result = asyncio.run(_bench_stills(args.dir, truths, open_reader(args), baseline))
    errors = result.pop("errors")
    if args.json:
        print(json.dumps(result))
        return 0
    _print_table(result)
    if args.errors:
        for line in errors:
            print(line)
    return 0


def load_truth(folder: Path) -> dict[str, list[Truth]]:
    """Load `truth.csv`: file → plates. Raises ConfigError that names the file, the line and the column."""
    path = folder / _TRUTH
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            rows = [(reader.line_num, row) for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"{path}: no comma-separated text in UTF-8 ({error}): save it as such") from error
    except OSError as error:
        raise ConfigError(
            f"{path}: {error.strerror}: bench needs a folder with {_TRUTH} (file,x,y,w,h,text)"
        ) from error
    truths: dict[str, list[Truth]] = {}
    for number, row in rows:
        if not row.get("file") or row.get("text") is None:
            raise ConfigError(f"{path}:{number}: needs at least the columns `file` and `text`")
        truths.setdefault(row["file"], []).append(Truth(_plain(row["text"]), _box(row, path, number)))
    if not truths:
        raise ConfigError(f"{path}: no rows: nothing to measure")
    return truths


def _plain(text: str) -> str:
    """Return the text as reads have it: upper case, letters and digits only."""
    return "".join(char for char in text.upper() if char.isalnum())


def _box(row: dict[str, str], path: Path, number: int) -> Box | None:
    if not row.get("w"):
        return None
    try:
        x, y, w, h = (float(row[key]) for key in "xywh")
    except (ValueError, KeyError, TypeError):
        raise ConfigError(f"{path}:{number}: x, y, w, h must be numbers of pixels, or empty") from None
    return Box(x, y, x + w, y + h)


@dataclass(frozen=True, slots=True)
class _Timed:
    reads: list[Read]
    seconds: float


async def _bench_stills(
    folder: Path, truths: dict[str, list[Truth]], reader: Reader, baseline: Baseline | None
) -> dict[str, Any]:
    outcomes: list[Outcome] = []
    seconds: list[float] = []
    errors: list[str] = []
    for name, plates in tqdm(truths.items(), unit="picture", disable=not sys.stderr.isatty(), leave=False):
        try:
            timed = await _read(folder / name, reader, baseline, plates)
        except CameraError as error:
            errors.append(str(error))
            outcomes += [Outcome(plate.text) for plate in plates]
            continue
        seconds.append(timed.seconds)
        judged = judge(plates, timed.reads)
        outcomes += judged
        errors += [f"{name}: {o.truth} {o.told}" for o in judged if not o.exact]
    stages = reader.status.stages
    count = max(1, len(seconds))
    result: dict[str, Any] = {"images": len(truths), **summarise(outcomes)}
    result["ms"] = {
        "detect": round(1000 * stages["detect"].seconds / count, 2) if "detect" in stages else 0.0,
        "ocr": round(1000 * stages["read"].seconds / count, 2) if "read" in stages else 0.0,
        "total": round(1000 * float(np.mean(seconds or [0.0])), 2),
    }
    result["provider"] = reader.provider
    if baseline:
        result["rapidocr"] = baseline.summary()
        result["times_faster"] = round(baseline.mean_ms / max(result["ms"]["total"], 1e-6), 1)
    return {**result, "errors": errors}


async def _read(path: Path, reader: Reader, baseline: Baseline | None, plates: list[Truth]) -> _Timed:
    frame = await asyncio.to_thread(still_frame, path, 0)
    started = time.perf_counter()
    captures = await reader.still(frame)
    seconds = time.perf_counter() - started
    if baseline:
        await asyncio.to_thread(baseline.measure, frame.picture.bgr(), [plate.text for plate in plates])
    return _Timed([c.read for c in captures if c.read.state is not State.PREVIEW], seconds)


def _print_table(result: dict[str, Any]) -> None:
    for key, value in result.items():
        shown = "  ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
        print(f"{key.replace('_', ' '):<20} {shown}")
