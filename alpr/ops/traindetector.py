"""`alpr train detector`: photographs with boxes and drawn plates become `gate-detector.onnx`."""

from __future__ import annotations

import argparse
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from alpr.paths import shipped

if TYPE_CHECKING:
    from alpr.training.detector.course import Course

_HELD_OUT: Final = ("val_", "nightride")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the detector's training."""
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER", help="folders with truth.csv and images/")
    parser.add_argument("--folders", default="", help="which of them, with commas between (default: all plates_*)")
    parser.add_argument(
        "--hold-out",
        default=",".join(_HELD_OUT),
        metavar="WORDS",
        help="pictures with one of these words in their name are measured, not trained on (default: %(default)s)",
    )
    parser.add_argument("--teacher", type=Path, metavar="FILE.onnx", help="YOLOX trained on COCO, finds the vehicles")
    parser.add_argument("--init", type=Path, metavar="FILE.pt", help="weights to start from, as far as they fit")
    parser.add_argument(
        "--out", type=Path, default=None, metavar="FOLDER", help="where the model goes (default: the shipped models)"
    )
    parser.add_argument(
        "--work",
        type=Path,
        default=Path("training-detector"),
        metavar="FOLDER",
        help="checkpoint, labels, log (default: %(default)s); a second start goes on from there",
    )
    parser.add_argument("--minutes", type=float, default=75.0, help="of training (default: %(default)g)")
    parser.add_argument(
        "--edge-minutes", type=float, default=7.0, help="for learning where plates end (default: %(default)g)"
    )
    parser.add_argument("--seed", type=int, default=1)


def train_model(args: argparse.Namespace) -> int:
    """Train, measure, export and install; 0 when the model is in place, 130 when interrupted."""
    from alpr.training.detector.course import run_course  # noqa: PLC0415 - imports torch

    log = _Log(args.work / "train.log")
    # A shell that starts it in the background lets it ignore SIGINT; service managers send SIGTERM.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        run_course(_course(args), log)
    except KeyboardInterrupt:
        log(f"interrupted: the checkpoint is in {args.work}; the same command goes on")
        return 130
    return 0


def _course(args: argparse.Namespace) -> Course:
    from alpr.training.detector.course import Course  # noqa: PLC0415 - imports torch

    named = [word for word in args.folders.split(",") if word]
    folders = named or sorted(p.parent.name for p in args.data.glob("plates_*/truth.csv"))
    return Course(
        data=args.data,
        folders=tuple(folders),
        held_out=tuple(word for word in args.hold_out.split(",") if word),
        teacher=args.teacher,
        init=args.init,
        work=args.work,
        out=args.out or shipped("models"),
        seconds=args.minutes * 60,
        edge_seconds=args.edge_minutes * 60,
        seed=args.seed,
    )


class _Log:
    """Says a line on standard output and keeps it."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path

    def __call__(self, line: str) -> None:
        stamped = f"{time.strftime('%H:%M:%S')} {line}"
        print(stamped, flush=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(stamped + "\n")
