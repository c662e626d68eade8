"""`alpr bench`: a folder with `truth.csv`, or a video with its truth → accuracy, calibration, milliseconds.

A video `passes.mp4` has `passes.json` beside it: `[{"text", "start", "end"}]` in seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from alpr.iso6346 import is_valid
from alpr.ops.bench.baseline import Baseline
from alpr.ops.bench.madepasses import write_passes
from alpr.ops.bench.passes import bench_passes, load_passes
from alpr.ops.bench.report import write_report
from alpr.ops.bench.stills import StillBench, bench_stills
from alpr.ops.reader import add_model_arguments, open_reader
from alpr.training.truth import TRUTH_FILE, load_truth

_COMPARED = ("found", "found_iou_half", "exact", "exact_rate", "wrong_accepted", "unread", "calibration_error", "ms")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `alpr bench`."""
    parser.add_argument(
        "dir", type=Path, metavar="DIR", help=f"folder with {TRUTH_FILE}, or a video with a .json beside it"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object, and nothing else")
    parser.add_argument("--no-baseline", action="store_true", help="do not run RapidOCR on the same pictures")
    parser.add_argument("--errors", action="store_true", help="list what was not read right")
    parser.add_argument(
        "--compare", type=Path, metavar="DIR", help="a second folder of models, on the same pictures in the same run"
    )
    parser.add_argument(
        "--report", type=Path, metavar="FILE", help="write an HTML page with figures and error pictures"
    )
    parser.add_argument(
        "--passes",
        type=int,
        metavar="N",
        help="make passes of N of the stills (motion, blur, noise, H.264) and judge those",
    )
    add_model_arguments(parser)


def bench_command(args: argparse.Namespace) -> int:
    """Measure; print a table, or one JSON object."""
    if args.dir.is_file():
        result = _bench_video(args, args.dir)
    elif args.passes:
        with TemporaryDirectory() as folder:
            video = Path(folder) / "passes.mp4"
            write_passes(args.dir, load_truth(args.dir), video, count=args.passes)
            result = _bench_video(args, video)
    else:
        result = _bench_folder(args)
    errors = result.pop("errors")
    if args.json:
        print(json.dumps(result))
        return 0
    _print_table(result)
    if args.errors:
        for line in errors:
            print(line)
    return 0


def _bench_video(args: argparse.Namespace, video: Path) -> dict[str, Any]:
    passes = load_passes(video.with_suffix(".json"))
    reader = open_reader(_of_kind(args, [each.text for each in passes]))
    return asyncio.run(bench_passes(video, reader))


def _bench_folder(args: argparse.Namespace) -> dict[str, Any]:
    truths = load_truth(args.dir)
    args = _of_kind(args, [truth.text for plates in truths.values() for truth in plates])
    bench = StillBench(open_reader(args))
    other = None
    if args.compare:
        other = StillBench(open_reader(argparse.Namespace(**{**vars(args), "models": args.compare})))
    baseline = None if args.no_baseline else Baseline(args.threads)
    asyncio.run(bench_stills(args.dir, truths, [bench, other] if other else [bench], baseline))
    result: dict[str, Any] = {"images": len(truths), **bench.summary()}
    if baseline:
        result["rapidocr"] = baseline.summary()
        result["times_faster"] = round(baseline.mean_ms / max(result["ms"]["total"], 1e-6), 1)
    if other:
        result["compare"] = _compared(bench, other, args.compare)
    if args.report:
        write_report(args.report, args.dir, bench, result)
    return {**result, "errors": [*bench.unreadable, *map(str, bench.wrong), *bench.false_codes, *bench.false_reads]}


def _of_kind(args: argparse.Namespace, texts: Sequence[str]) -> argparse.Namespace:
    """Read what the truth has, unless the arguments say something else: container codes or plates."""
    if args.reads != "auto":
        return args
    containers = sum(is_valid(text) for text in texts) > len(texts) / 2
    return argparse.Namespace(**{**vars(args), "reads": "container" if containers else "plate"})


def _compared(bench: StillBench, other: StillBench, models: Path) -> dict[str, Any]:
    """Return the other models' figures, and which plates only one of the two reads right."""
    summary = other.summary()
    pairs = [(ours.outcome, theirs.outcome) for ours, theirs in zip(bench.judged, other.judged, strict=True)]
    return {
        "models": str(models),
        **{key: summary[key] for key in _COMPARED},
        "only_here": [ours.truth for ours, theirs in pairs if ours.exact and not theirs.exact],
        "only_there": [ours.truth for ours, theirs in pairs if theirs.exact and not ours.exact],
    }


def _print_table(result: dict[str, Any]) -> None:
    for key, value in result.items():
        shown = "  ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
        print(f"{key.replace('_', ' '):<20} {shown}")
