"""`alpr train calibration`: how often reads of each confidence are right, learned from labelled plates."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from random import Random

import cv2
import numpy as np
from tqdm import tqdm

from alpr.camera.folder import load_still
from alpr.domain import BgrImage, Box, Detection, Label
from alpr.errors import CameraError, ConfigError
from alpr.ops.bench.score import calibration_error
from alpr.ops.reader import chosen_regions
from alpr.paths import shipped
from alpr.recognizers.base import Recognizer, Surveyor
from alpr.recognizers.registry import load_engine, recognizers_for
from alpr.training.checkpoint import replacing
from alpr.training.truth import Truth, load_truth
from alpr.vision.calibration import CALIBRATION_FILE, Calibration, fit_calibration

_FOLD = str.maketrans("OI", "01")
_JITTER = 0.06
"""How far, in its own size, a labelled box is moved: a detector's boxes do not stand as exactly."""
_RIM = 0.3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `alpr train calibration`."""
    parser.add_argument(
        "sets",
        nargs="+",
        metavar="DIR[=REGION]",
        help="folder of pictures or plate crops with truth.csv that nothing was trained on, and its region",
    )
    parser.add_argument("--models", type=Path, metavar="DIR", help="whose calibration (default: the shipped models)")
    parser.add_argument("--seed", type=int, default=1, metavar="N")


def train_model(args: argparse.Namespace) -> int:
    """Read every labelled plate, fit, and write the file beside the models."""
    models = args.models or shipped("models")
    # As it comes out of the fusion, whatever was fitted before.
    engine = replace(load_engine(models, "cpu"), calibration=Calibration())
    pairs: list[tuple[float, bool]] = []
    for text in args.sets:
        folder, _, region = text.partition("=")
        recognizer = recognizers_for(engine, chosen_regions([region] if region else []))[0]
        assert not isinstance(recognizer, Surveyor), "plates are what it reads by default"
        found = list(_read_all(Path(folder), recognizer, Random(args.seed)))  # noqa: S311 - no secret
        print(f"{folder}: {len(found)} plates, {sum(right for _, right in found)} read right", file=sys.stderr)
        pairs += found
    try:
        fitted = fit_calibration(pairs)
    except ValueError as error:
        raise ConfigError(f"train calibration: {error}: give more labelled plates") from None
    before = calibration_error(pairs)
    after = calibration_error([(fitted.probability(raw), right) for raw, right in pairs])
    _write(models, fitted, len(pairs), before, after)
    print(f"calibration error {before} before, {after} after, over {len(pairs)} plates: {models / CALIBRATION_FILE}")
    return 0


def _read_all(folder: Path, recognizer: Recognizer, random: Random) -> Iterator[tuple[float, bool]]:
    truths = load_truth(folder)
    for name, plates in tqdm(truths.items(), unit="picture", disable=not sys.stderr.isatty(), leave=False):
        try:
            picture, _ = load_still(folder / name)
        except CameraError as error:
            print(error, file=sys.stderr)
            continue
        image, rim = _rimmed(picture.bgr())
        for plate in plates:
            box = _moved(plate.box or Box(0, 0, picture.width, picture.height), random)
            reading = recognizer.look(image, Detection(Label.PLATE, box, 1.0).moved(rim, rim)).reading
            if reading.text:
                yield reading.confidence, _right(plate, reading.text)


def _rimmed(image: BgrImage) -> tuple[BgrImage, int]:
    """Repeat a picture's edge round it, for how many pixels: a moved box that reaches the edge would count as cut."""
    rim = round(_RIM * max(image.shape[:2]))
    rimmed = cv2.copyMakeBorder(image, rim, rim, rim, rim, cv2.BORDER_REPLICATE)
    return rimmed.astype(np.uint8, copy=False), rim


def _moved(box: Box, random: Random) -> Box:
    dx, dy = box.width * _JITTER, box.height * _JITTER
    moves = [random.gauss(0, 1) for _ in range(4)]
    return Box(box.x1 + moves[0] * dx, box.y1 + moves[1] * dy, box.x2 + moves[2] * dx, box.y2 + moves[3] * dy)


def _right(plate: Truth, text: str) -> bool:
    """Whether the text is right; labels of crops often do not tell O from 0, or I from 1."""
    return text.translate(_FOLD) == plate.text.translate(_FOLD)


def _write(models: Path, fitted: Calibration, plates: int, before: float, after: float) -> None:
    told = {**asdict(fitted), "plates": plates, "error_before": before, "error_after": after}
    with replacing(models / CALIBRATION_FILE) as file:
        file.write_text(json.dumps(told, indent=2) + "\n", "utf-8")
