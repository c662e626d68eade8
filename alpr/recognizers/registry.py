"""The models of `models/`, loaded once, and the recognizers that are made of them."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from alpr.domain import Kind
from alpr.errors import ModelError
from alpr.recognizers.base import Recognizer, Surveyor
from alpr.recognizers.container import ContainerRecognizer
from alpr.recognizers.grammars import FormatGrammar
from alpr.recognizers.plate import PlateRecognizer
from alpr.vision.calibration import Calibration, load_calibration
from alpr.vision.detector import Detector
from alpr.vision.ocr import REGION_HINTS, PlateReader
from alpr.vision.onnx import Provider, open_session
from alpr.vision.textboxes import TextDetector
from alpr.vision.textline import LineRecognizer, shipped_line_model, shipped_text_model

_LINE_PROBE = (1, 3, 48, 160)
_TEXT_PROBE = (1, 3, 64, 64)
_TEXT_THREADS = 2
"""A survey is one long call now and then: 200 ms on two threads, 370 on one."""


@dataclass(frozen=True, slots=True)
class TextReader:
    """What finds and reads lines of text anywhere in a picture."""

    finder: TextDetector
    lines: LineRecognizer


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
    text: TextReader | None = None
    """Loaded where a camera reads containers."""


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


def with_text(engine: Engine, provider: Provider = "auto") -> Engine:
    """Load what reads text anywhere in a picture, unless the engine has it; raises `ModelError`."""
    if engine.text is not None:
        return engine
    threads = min(_TEXT_THREADS, os.cpu_count() or 1)
    finder = open_session(shipped_text_model(), provider, threads, probe=_TEXT_PROBE)
    lines = open_session(shipped_line_model(), provider, threads, probe=_LINE_PROBE)
    return replace(engine, text=TextReader(TextDetector(finder), LineRecognizer(lines)))


def recognizers_for(
    engine: Engine,
    regions: Sequence[str],
    *,
    min_plate_width: int = 0,
    kinds: Collection[Kind] = (Kind.PLATE,),
    owners: Collection[str] = (),
) -> tuple[Recognizer | Surveyor, ...]:
    """Build the recognizers of a camera, those of the kinds that it reads; `owners` are of containers."""
    found: list[Recognizer | Surveyor] = []
    if Kind.PLATE in kinds:
        found.append(_plates(engine, regions, min_plate_width))
    if Kind.CONTAINER in kinds:
        assert engine.text is not None, "with_text loads what containers need"
        found.append(ContainerRecognizer(engine.text.finder, engine.text.lines, owners))
    return tuple(found)


def _plates(engine: Engine, regions: Sequence[str], min_width: int) -> PlateRecognizer:
    hinted = None if regions else {name: FormatGrammar([name] if name else []) for name in REGION_HINTS}
    return PlateRecognizer(
        engine.reader,
        FormatGrammar(regions),
        hinted=hinted,
        second=engine.second,
        calibration=engine.calibration,
        min_width=min_width,
    )


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
