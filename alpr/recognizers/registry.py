"""The models of `models/`, loaded once, and the recognizers that are made of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from alpr.errors import ModelError
from alpr.recognizers.base import Recognizer
from alpr.recognizers.grammars import FormatGrammar
from alpr.recognizers.plate import PlateRecognizer
from alpr.vision.calibration import Calibration, load_calibration
from alpr.vision.detector import Detector
from alpr.vision.ocr import REGION_HINTS, PlateReader
from alpr.vision.onnx import Provider, open_session
from alpr.vision.textline import LineRecognizer, shipped_line_model

_LINE_PROBE = (1, 3, 48, 160)


@dataclass(frozen=True, slots=True)
class Engine:
    """Every loaded model; shared by all cameras."""

    detector: Detector
    reader: PlateReader
    second: LineRecognizer | None
    calibration: Calibration
    provider: str
    """The execution provider that really runs."""
    fallback: bool
    """Whether a faster provider is installed and does not run."""
    models: tuple[str, ...] = ()
    """Name and version of each model that the manifest knows."""


def load_engine(models: Path, provider: Provider = "auto", *, threads: int = 1, second_opinion: bool = True) -> Engine:
    """Load and try every model.

    `threads` is what one call may use; several calls run side by side. Raises `ModelError` when a file
    is missing, is not what the manifest says, or cannot run.
    """
    if not models.is_dir():
        raise ModelError(f"models {models}: no such folder: reinstall alpr, or set `models` in [recognition]")
    known = verify_manifest(models)
    detector = open_session(models / "gate-detector.onnx", provider, threads)
    reader = open_session(models / "plate-reader.onnx", provider, threads)
    second = open_session(shipped_line_model(), provider, threads, probe=_LINE_PROBE) if second_opinion else None
    return Engine(
        Detector(detector),
        PlateReader(reader),
        LineRecognizer(second) if second else None,
        load_calibration(models),
        detector.provider,
        detector.fallback,
        known,
    )


def recognizers_for(engine: Engine, regions: Sequence[str], *, min_plate_width: int = 0) -> tuple[Recognizer, ...]:
    """Build the recognizers of a camera: one line for each kind."""
    hinted = None if regions else {name: FormatGrammar([name] if name else []) for name in REGION_HINTS}
    plates = PlateRecognizer(
        engine.reader,
        FormatGrammar(regions),
        hinted=hinted,
        second=engine.second,
        calibration=engine.calibration,
        min_width=min_plate_width,
    )
    return (plates,)


def verify_manifest(models: Path) -> tuple[str, ...]:
    """Check the files of `manifest.json` against their SHA-256; files it does not name are the admin's own.

    Returns name and version of each. Raises `ModelError` that names the file that is missing, broken or exchanged.
    """
    path = models / "manifest.json"
    if not path.is_file():
        return ()
    try:
        entries = json.loads(path.read_text("utf-8"))["models"]
        expected = {entry["file"]: entry["sha256"] for entry in entries}
        known = tuple(f"{entry.get('name', entry['file'])} {entry.get('version', '')}".rstrip() for entry in entries)
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"model manifest {path}: cannot be understood ({error}): reinstall alpr") from error
    for name, sha256 in expected.items():
        file = models / name
        if not file.is_file():
            raise ModelError(f"model {file}: no such file, though the manifest names it: reinstall alpr")
        if hashlib.sha256(file.read_bytes()).hexdigest() != sha256:
            raise ModelError(
                f"model {file}: is not the file that the manifest names (truncated or exchanged): "
                "reinstall alpr, or enter the new file's SHA-256 in manifest.json"
            )
    return known
