"""The HTML page of `alpr bench --report`: figures, reliability, and a picture of every error; one file, no requests."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from jinja2 import Environment, FileSystemLoader

from alpr.camera.folder import load_still
from alpr.domain import BgrImage
from alpr.errors import CameraError, StoreError
from alpr.ops.bench.stills import Judged, StillBench
from alpr.paths import shipped
from alpr.vision.crop import cut

_WIDTH = 420
_QUALITY = 82


@dataclass(frozen=True, slots=True)
class _Card:
    """One error: what it says, and its picture as a data address."""

    file: str
    truth: str
    told: str
    picture: str


def write_report(path: Path, folder: Path, bench: StillBench, result: Mapping[str, Any]) -> None:
    """Write the page; raise StoreError when the file cannot be written."""
    templates = Environment(loader=FileSystemLoader(shipped("templates")), autoescape=True)
    page = templates.get_template("bench.html").render(
        folder=folder.name,
        figures={key: value for key, value in result.items() if isinstance(value, int | float)},
        stages={key: (value, result["cpu_ms"].get(key)) for key, value in result["ms"].items()},
        bins=result["reliability"],
        rapidocr=result.get("rapidocr"),
        compare=result.get("compare"),
        errors=[_card(folder, each) for each in bench.wrong],
        unreadable=bench.unreadable,
        false_reads=bench.false_reads,
    )
    try:
        path.write_text(page, "utf-8")
    except OSError as error:
        raise StoreError(f"report {path}: {error.strerror}: name another file with --report") from error


def _card(folder: Path, judged: Judged) -> _Card:
    try:
        picture, _ = load_still(folder / judged.file)
    except CameraError:
        return _Card(judged.file, judged.outcome.truth, judged.outcome.told, "")
    image = picture.bgr()
    box = judged.truth.box
    shown = image if box is None else cut(image, box.grown(0.6, 1.2).clipped(picture.width, picture.height))
    return _Card(judged.file, judged.outcome.truth, judged.outcome.told, _data_address(shown))


def _data_address(image: BgrImage) -> str:
    height, width = image.shape[:2]
    size = (_WIDTH, max(1, round(height * _WIDTH / width)))
    method = cv2.INTER_AREA if width > _WIDTH else cv2.INTER_CUBIC
    resized = np.ascontiguousarray(cv2.resize(image, size, interpolation=method))
    data = cv2.imencode(".jpg", resized, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes()
    return f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"
