"""`alpr doctor`: what this machine really does, each claim proved by a run: provider, decoder, disk, speed."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import av
import cv2
import numpy as np
from av.codec.hwaccel import hwdevices_available
from tqdm import tqdm

from alpr.config import Config
from alpr.configfile import config_path, load_config
from alpr.domain import BgrImage, Box, utc_now
from alpr.errors import AlprError, ModelError
from alpr.ops.check.command import MODELS, nearest_existing, unwritable
from alpr.ops.packages import Distribution, clash, owners
from alpr.ops.speed import Cost, DiskSpeed, Fit, cameras_that_fit, clip, cores, cost, decode_cost, disk_speed, street
from alpr.paths import shipped
from alpr.vision.detector import Detector
from alpr.vision.motion import MotionGate
from alpr.vision.ocr import PlateReader, reader_crop
from alpr.vision.onnx import Session, open_session

_PLATE = Box(850, 750, 1050, 810)
_SCARCE_GIB = 5.0
_SLOW_FSYNC_MS = 50.0
_PRODUCT_BEGAN = 2026


@dataclass(slots=True)
class Report:
    """What was found; `problems` hinder the work, `warnings` do not."""

    runtimes: tuple[Distribution, ...] = ()
    opencv: tuple[Distribution, ...] = ()
    provider: str | None = None
    """The execution provider that really ran an inference."""
    pyav: str = av.__version__
    ffmpeg: str = av.ffmpeg_version_info
    hardware_decoders: list[str] = field(default_factory=list)
    """What FFmpeg was built for; whether the driver is there shows only when a camera uses it."""
    cores: int = field(default_factory=cores)
    stages: dict[str, Cost] = field(default_factory=dict)
    fps: float = 10.0
    fit: Fit | None = None
    data: str = ""
    disk: DiskSpeed | None = None
    clock: str = ""
    timezone: str = "UTC"
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `alpr doctor` takes."""
    parser.add_argument("--fps", type=float, default=10.0, help="frames looked at per camera and second (default 10)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def doctor_command(args: argparse.Namespace) -> int:
    """Examine the machine and print the report; return 1 when something hinders the work."""
    path = config_path(args.config)
    # Without a file the machine can be examined all the same, with the defaults.
    config = load_config(path) if args.config or os.access(path, os.F_OK) else Config()
    report = examined(config, args.fps, shown=sys.stderr.isatty())
    print(json.dumps(asdict(report), indent=2) if args.json else "\n".join(_lines(report)))
    return 1 if report.problems else 0


def examined(config: Config, fps: float, *, shown: bool = False) -> Report:
    """Run every examination; what fails becomes a problem in the report."""
    report = Report(fps=fps, data=str(config.store.data), timezone=config.site.timezone)
    image = street()
    steps: dict[str, Callable[[], None]] = {
        "packages": lambda: _packages(report),
        "clock": lambda: _clock(report),
        "data folder": lambda: _disk(report, config.store.data),
        "decoder": lambda: _decoder(report, image),
        "pictures": lambda: _pictures(report, image),
        "models": lambda: _models(report, config, image),
    }
    with tqdm(steps.items(), disable=not shown, leave=False) as progress:
        for name, step in progress:
            progress.set_description(name)
            try:
                step()
            except AlprError as error:
                report.problems.append(str(error))
    if not report.problems:
        report.fit = cameras_that_fit(report.stages, fps, report.cores)
    return report


def _packages(report: Report) -> None:
    report.runtimes = owners("onnxruntime")
    report.opencv = owners("cv2")
    for package, found, plain in (
        ("onnxruntime", report.runtimes, "onnxruntime"),
        ("cv2", report.opencv, "opencv-python"),
    ):
        if fault := clash(package, found, plain):
            report.problems.append(fault)


def _clock(report: Report) -> None:
    now = utc_now()
    report.clock = datetime.now(ZoneInfo(report.timezone)).isoformat(timespec="seconds")
    if now.year < _PRODUCT_BEGAN:
        report.problems.append(
            f"clock: it is {now:%Y-%m-%d} on this machine: every read would carry a wrong time; "
            "set the clock (`timedatectl set-ntp true`)"
        )


def _disk(report: Report, data: Path) -> None:
    if problem := unwritable(data):
        report.problems.append(f"data folder {data}: {problem}")
        return
    report.disk = disk_speed(nearest_existing(data))
    if report.disk.free_gib < _SCARCE_GIB:
        report.warnings.append(f"data folder {data}: only {report.disk.free_gib:.1f} GiB free")
    if report.disk.fsync_ms > _SLOW_FSYNC_MS:
        report.warnings.append(
            f"data folder {data}: {report.disk.fsync_ms:.0f} ms until a write is safe: an SD card? Use an SSD"
        )


def _decoder(report: Report, image: BgrImage) -> None:
    report.hardware_decoders = list(hwdevices_available())
    report.stages["decode"] = decode_cost(clip(image))


def _pictures(report: Report, image: BgrImage) -> None:
    frame = av.VideoFrame.from_ndarray(image, format="bgr24").reformat(format="yuv420p")
    report.stages["convert"] = cost(lambda: frame.to_ndarray(format="bgr24"), 0.3)
    luma, gate = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.uint8, copy=False), MotionGate()
    report.stages["motion"] = cost(lambda: gate.moved(luma, 0.0), 0.3)
    report.stages["jpeg"] = cost(lambda: cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 90]), 0.3)


def _models(report: Report, config: Config, image: BgrImage) -> None:
    folder = config.recognition.models or shipped("models")
    detector_session, reader_session = (
        open_session(folder / name, config.recognition.provider, threads=1) for name in MODELS
    )
    detector, reader = Detector(detector_session), PlateReader(reader_session)
    report.stages["detect"] = cost(lambda: detector.detect([image]), 1.5)
    crop = reader_crop(image, _PLATE)
    report.stages["read"] = cost(lambda: reader.read([crop]), 0.5)
    report.provider = _provider_in_use(detector_session)
    if detector_session.fallback:
        report.warnings.append(
            f"models run on {report.provider}, although the installed ONNX Runtime has a faster provider: "
            "driver, CUDA or cuDNN are missing or too old for it"
        )


def _provider_in_use(session: Session) -> str:
    """Return the first provider that the session kept, asked after real inferences."""
    providers = session.inner.get_providers()
    if not providers:
        raise ModelError(f"model {session.path}: no execution provider is left: reinstall ONNX Runtime")
    return str(providers[0])


def _lines(report: Report) -> list[str]:
    lines = [
        _line("ONNX Runtime", ", ".join(f"{owner.name} {owner.version}" for owner in report.runtimes) or "none"),
        _line("models run on", report.provider or "nothing"),
        _line("decoder", f"PyAV {report.pyav}, FFmpeg {report.ffmpeg}; built for {_listed(report.hardware_decoders)}"),
        _line("OpenCV", ", ".join(f"{owner.name} {owner.version}" for owner in report.opencv) or "none"),
        _line("clock", f"{report.clock} ({report.timezone})"),
        _line("data folder", report.data + (f": {_disk_words(report.disk)}" if report.disk else "")),
        "",
        "stage              ms   processor ms   (full HD, one at a time)",
        *(f"{name:12} {stage.wall_ms:8.1f} {stage.cpu_ms:14.1f}" for name, stage in report.stages.items()),
    ]
    if report.fit:
        lines += ["", _fit_words(report.fit, report.cores, report.fps)]
    lines += [f"warning: {warning}" for warning in report.warnings]
    banner = "!" * 12
    return lines + [f"{banner} PROBLEM: {problem}" for problem in report.problems]


def _line(label: str, value: str) -> str:
    return f"{label:14} {value}"


def _listed(words: list[str]) -> str:
    return ", ".join(words) or "software only"


def _disk_words(disk: DiskSpeed) -> str:
    return f"{disk.free_gib:.0f} GiB free, {disk.write_mib_s:.0f} MiB/s, {disk.fsync_ms:.1f} ms until a write is safe"


def _fit_words(fit: Fit, processors: int, fps: float) -> str:
    return (
        f"{processors} processor cores carry {fit.moving} full-HD cameras at {fps:g} frames a second "
        f"with traffic all the time, {fit.still} while nothing moves"
    )
