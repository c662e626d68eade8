"""`alpr train detector`: photographs with boxes and drawn plates become `gate-detector.onnx`."""

from __future__ import annotations

import argparse
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from alpr.errors import ConfigError
from alpr.paths import shipped

if TYPE_CHECKING:
    from alpr.training.detector.course import Course

_HELD_OUT: Final = ("val_", "nightride")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `alpr train detector`."""
    parser.add_argument(
        "--data", type=Path, required=True, metavar="DIR", help="folder of folders with truth.csv and images/"
    )
    parser.add_argument("--folders", default="", metavar="A,B", help="which of them (default: all named plates_...)")
    parser.add_argument(
        "--hold-out",
        default=",".join(_HELD_OUT),
        metavar="A,B",
        help="pictures with one of these words in their name are measured, never learned (default: %(default)s)",
    )
    parser.add_argument("--teacher", type=Path, metavar="FILE", help="YOLOX trained on COCO (ONNX) that finds vehicles")
    parser.add_argument(
        "--out", type=Path, default=None, metavar="DIR", help="where the model goes (default: the shipped models)"
    )
    parser.add_argument("--minutes", type=float, default=120.0, metavar="N", help="how long to learn (default: 120)")
    parser.add_argument(
        "--edge-minutes", type=float, default=7.0, metavar="N", help="how long to learn where plates end (default: 7)"
    )
    parser.add_argument(
        "--work", type=Path, default=Path("training-detector"), metavar="DIR", help="checkpoint, labels and log"
    )
    parser.add_argument("--init", type=Path, metavar="FILE", help="start from the weights of this checkpoint")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in the work folder")
    parser.add_argument("--rate", type=float, default=1e-3, metavar="RATE", help="highest learning rate")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--version", metavar="TEXT", help="that the manifest will name (default: the date)")
    parser.add_argument(
        "--export-only", action="store_true", help="learn nothing: measure and export the checkpoint in the work folder"
    )
    parser.add_argument("--install-anyway", action="store_true", help="also when the last model finds more")


def train_model(args: argparse.Namespace) -> int:
    """Teach the detector; an interruption keeps a checkpoint that `--resume` goes on from."""
    _check(args)
    from alpr.training.detector.course import run_course  # noqa: PLC0415 - brings torch

    log = _Log(args.work / "train.log")
    # A shell that starts it in the background lets it ignore SIGINT; service managers send SIGTERM.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        return 0 if run_course(_course(args), log) else 1
    except KeyboardInterrupt:
        log(f"interrupted: what was learned is in {args.work}; go on with --resume")
        raise


def _check(args: argparse.Namespace) -> None:
    faults = [f"--{name}: must be above 0" for name in ("minutes", "edge_minutes", "rate") if getattr(args, name) <= 0]
    if args.init and args.resume:
        faults.append("--init, --resume: give one of them")
    if faults:
        raise ConfigError(*(fault.replace("_", "-") for fault in faults))


def _course(args: argparse.Namespace) -> Course:
    from alpr.training.detector.course import Course  # noqa: PLC0415 - brings torch

    named = [word for word in args.folders.split(",") if word]
    return Course(
        data=args.data,
        folders=tuple(named or sorted(table.parent.name for table in args.data.glob("plates_*/truth.csv"))),
        held_out=tuple(word for word in args.hold_out.split(",") if word),
        teacher=args.teacher,
        init=args.init,
        resume=args.resume or args.export_only,
        work=args.work,
        out=args.out or shipped("models"),
        seconds=0.0 if args.export_only else args.minutes * 60,
        edge_seconds=args.edge_minutes * 60,
        rate=args.rate,
        seed=args.seed,
        version=args.version,
        install_anyway=args.install_anyway,
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
