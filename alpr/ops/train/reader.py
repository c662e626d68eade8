"""`alpr train reader`: data → training → evaluation → ONNX export → parity with torch → manifest."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Final

from tqdm import tqdm

from alpr.errors import ConfigError
from alpr.paths import shipped
from alpr.training.checkpoint import replacing
from alpr.training.manifest import ModelCard, install_model
from alpr.training.reader.corpus import Corpus, Labellers, load_corpus
from alpr.training.reader.fonts import installed_typefaces
from alpr.training.reader.material import Material
from alpr.vision.ocr import PlateReader
from alpr.vision.onnx import open_session
from alpr.vision.textline import LINE_HEIGHT, LineRecognizer, shipped_line_model

if TYPE_CHECKING:
    from alpr.training.reader.evaluate import Scores, TestSet
    from alpr.training.reader.fit import Trainer

_NAME: Final = "plate-reader"
_DRAWN_TEST, _TEST_SEED = 400, 4242
_SURROUNDINGS, _BACKGROUNDS = 900, 600
"""Pictures of places that the generator's process takes with it: 25 MB."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `alpr train reader`."""
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of the data sets that it knows by name")
    parser.add_argument(
        "--crops",
        type=Path,
        metavar="DIR",
        action="append",
        default=[],
        help="your own plates: a folder with truth.csv (file,x,y,w,h,text); may be given several times",
    )
    parser.add_argument(
        "--out", type=Path, default=None, metavar="DIR", help="where the model goes (default: the shipped models)"
    )
    parser.add_argument("--minutes", type=float, default=240.0, metavar="N", help="how long to learn (default: 240)")
    parser.add_argument(
        "--work", type=Path, default=Path("training-reader"), metavar="DIR", help="checkpoints and figures"
    )
    parser.add_argument(
        "--init",
        type=Path,
        metavar="FILE",
        help="start from these weights, .pt or .onnx (default: the standing model's)",
    )
    parser.add_argument("--from-scratch", action="store_true", help="start from chance instead of the standing model")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in the work folder")
    parser.add_argument("--rate", type=float, default=1e-3, metavar="RATE", help="highest learning rate")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument("--version", metavar="TEXT", help="that the manifest will name (default: the date)")
    parser.add_argument("--typefaces", type=int, default=320, metavar="N", help="how many to make up (default: 320)")
    parser.add_argument("--real", type=float, default=0.3, metavar="SHARE", help="share of real plates (default: 0.3)")
    parser.add_argument(
        "--export-only", action="store_true", help="learn nothing: measure and export the checkpoint in the work folder"
    )
    parser.add_argument("--install-anyway", action="store_true", help="also when the last model reads better")


def train_model(args: argparse.Namespace) -> int:
    """Teach the reader; an interruption keeps a checkpoint that `--resume` goes on from."""
    _check(args)
    corpus = load_corpus(args.data, args.crops, _labellers(args.out or shipped("models"), args.work), _say)
    material = _material(corpus, args.real, args.typefaces)
    from alpr.training.reader.evaluate import DRAWN, drawn_set, real_set  # noqa: PLC0415  # brings torch
    from alpr.training.reader.fit import Course, Trainer, fit  # noqa: PLC0415  # brings torch

    sets = {DRAWN: drawn_set(material, _TEST_SEED, _DRAWN_TEST)}
    sets |= {name: real_set(crops) for name, crops in corpus.measured.items() if crops}
    trainer = Trainer(Course(args.minutes * 60, rate=args.rate, seed=args.seed, work=args.work))
    if args.resume or args.export_only:
        trainer.resume()
    elif start := _start(args):
        trainer.start_from(start, sets[DRAWN].crops)
        _say(f"goes on from {start}")
    if not args.export_only:
        # A shell that starts it in the background lets it ignore SIGINT; service managers send SIGTERM.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.default_int_handler)
        try:
            fit(trainer, material, sets, _say)
        except KeyboardInterrupt:
            _say(f"interrupted: kept in {trainer.course.checkpoint}; go on with --resume")
            raise
    return _finish(args, trainer, corpus, sets)


def _check(args: argparse.Namespace) -> None:
    faults = []
    if args.minutes <= 0:
        faults.append("--minutes: must be above 0")
    if not 0 <= args.real < 1:
        faults.append("--real: must be at least 0 and below 1")
    if args.typefaces < 1:
        faults.append("--typefaces: must be at least 1")
    if args.init and args.resume:
        faults.append("--init, --resume: give one of them")
    if args.from_scratch and (args.init or args.resume):
        faults.append("--from-scratch: not with --init or --resume")
    if faults:
        raise ConfigError(*faults)


def _start(args: argparse.Namespace) -> Path | None:
    """Return the weights to go on from: those that were asked for, or the standing model's; None for none."""
    standing: Path = (args.out or shipped("models")) / f"{_NAME}.onnx"
    return args.init or (standing if standing.is_file() and not args.from_scratch else None)


def _labellers(models: Path, work: Path) -> Labellers:
    """Return the readers that label: the last model, where there is one, and the general recogniser."""
    last = models / f"{_NAME}.onnx"
    reader = PlateReader(open_session(last, "cpu", 1)) if last.is_file() else None
    if reader is None:
        _say(f"{last}: none yet: plates without a text are learned from in a second run, which this one's model labels")
    line = LineRecognizer(open_session(shipped_line_model(), "cpu", 1, probe=(1, 3, LINE_HEIGHT, 160)))
    return Labellers(reader, line, work / "labels.json")


def _material(corpus: Corpus, real: float, typefaces: int) -> Material:
    random = Random(0)  # noqa: S311 - a choice of pictures, not secrets
    return Material(
        crops=tuple(corpus.learned.values()),
        shares=tuple(corpus.shares[name] for name in corpus.learned),
        surroundings=random.sample(corpus.surroundings, min(_SURROUNDINGS, len(corpus.surroundings))),
        backgrounds=random.sample(corpus.backgrounds, min(_BACKGROUNDS, len(corpus.backgrounds))),
        real=real,
        typefaces=typefaces,
    )


@dataclass(frozen=True, slots=True)
class _Export:
    difference: float
    milliseconds: float


def _finish(args: argparse.Namespace, trainer: Trainer, corpus: Corpus, sets: Mapping[str, TestSet]) -> int:
    """Export, compare with torch and with the last model, then install; 1 when the last one reads better."""
    from alpr.training.reader.evaluate import DRAWN, better, measure, measure_model  # noqa: PLC0415  # brings torch
    from alpr.training.reader.export import export_onnx, milliseconds  # noqa: PLC0415  # brings torch

    models: Path = args.out or shipped("models")
    built, last = args.work / f"{_NAME}.onnx", models / f"{_NAME}.onnx"
    with replacing(built) as unfinished:
        export = _Export(export_onnx(trainer.average, unfinished, sets[DRAWN].crops[:64]), milliseconds(unfinished))
    scores = measure(trainer.average, sets)
    before = measure_model(last, sets) if last.is_file() else {}
    _say(_table(scores, before))
    _say(f"{export.milliseconds:.1f} ms a crop on one thread; differs from torch by {export.difference:.0e} at most")
    if not better(scores, before) and not args.install_anyway:
        _say(f"{last} reads better and stays; the new one is {built} (--export-only --install-anyway installs it)")
        return 1
    card = _card(args, trainer, corpus, {name: asdict(score) for name, score in scores.items()}, export)
    install_model(models, built, card)
    _say(f"installed: {last}")
    return 0


def _table(scores: Scores, before: Scores) -> str:
    """Set, plates, exact and folded now, the same of the last model."""
    lines = [f"{'set':18}{'plates':>8}{'exact':>9}{'O=0 I=1':>9}{'before':>9}{'':>9}"]
    for name, score in scores.items():
        last = f"{before[name].exact:9.1%}{before[name].folded:9.1%}" if name in before else ""
        lines.append(f"{name:18}{score.count:8}{score.exact:9.1%}{score.folded:9.1%}{last}")
    return "\n".join(lines)


def _card(
    args: argparse.Namespace, trainer: Trainer, corpus: Corpus, scores: Mapping[str, Any], export: _Export
) -> ModelCard:
    parameters = sum(parameter.numel() for parameter in trainer.average.parameters())
    return ModelCard(
        name=_NAME,
        version=args.version or f"{datetime.now(UTC):%Y.%m.%d}",
        task="text of a plate crop, and the region that its layout hints at",
        input="x float32 (n, 1, 48, 128), grey 0-255",
        output="slots (n, 10, 37), ctc (n, 32, 37), region (n, 4: us eu br other); 0 blank, then 0-9, A-Z",
        parameters=parameters,
        origin="Trained by `alpr train reader` of this project.",
        training_data=("drawn plates", *corpus.sources),
        licence="Apache-2.0",
        metrics={"read_exactly": scores, "ms_one_thread": round(export.milliseconds, 2)},
        training={
            "seconds": round(trainer.progress.seconds),
            "crops_seen": trainer.progress.seen,
            "seed": args.seed,
            "real_share": args.real,
            "started_from": start.name if (start := _start(args)) else None,
            "fonts": [face.name for face in installed_typefaces()],
        },
    )


def _say(text: str) -> None:
    tqdm.write(text)
