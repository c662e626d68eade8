"""What `alpr read` and `alpr bench` share: the models, without a server and without a database."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from alpr.camera.folder import load_still
from alpr.config import region_code
from alpr.domain import Capture, Frame, Still
from alpr.errors import ConfigError
from alpr.inference import Inference
from alpr.paths import shipped
from alpr.pipeline import WatchSettings, read_still
from alpr.recognizers.base import Recognizer
from alpr.recognizers.passes import PassSettings
from alpr.recognizers.registry import load_engine, recognizers_for
from alpr.status import Status


@dataclass(frozen=True, slots=True)
class Reader:
    """Loaded models and their counters."""

    inference: Inference
    recognizers: tuple[Recognizer, ...]
    status: Status
    provider: str
    passes: PassSettings

    async def still(self, frame: Frame) -> list[Capture]:
        """Read everything in one still."""
        if frame.still is None:
            return []
        settings = WatchSettings(frame.camera, passes=self.passes)
        return await read_still(frame, frame.still, self.recognizers, settings, self.inference)


def add_model_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what every command that reads pictures takes."""
    parser.add_argument(
        "--region",
        action="append",
        default=[],
        metavar="R",
        help="region whose plate formats are usual: us, eu, br, or a country code; repeat it or separate by commas",
    )
    parser.add_argument("--models", type=Path, metavar="DIR", help="folder of the models (default: the shipped ones)")
    parser.add_argument("--threads", type=int, default=1, metavar="N", help="threads that one model call may use (1)")
    parser.add_argument("--provider", choices=("auto", "cpu", "cuda", "tensorrt"), default="auto")
    parser.add_argument("--no-second-opinion", action="store_true", help="never ask the general text recogniser")
    parser.add_argument(
        "--accept", type=float, default=PassSettings().accept, metavar="P", help="least confidence of a read"
    )


def open_reader(args: argparse.Namespace) -> Reader:
    """Load the models as the arguments say; raise ConfigError for an unknown region, ModelError for a bad model."""
    regions = chosen_regions(args.region)
    engine = load_engine(
        args.models or shipped("models"),
        args.provider,
        threads=args.threads,
        second_opinion=not args.no_second_opinion,
    )
    status = Status()
    passes = PassSettings(accept=args.accept)
    inference = Inference(engine.detector, 1, status)
    return Reader(inference, recognizers_for(engine, regions), status, engine.provider, passes)


def chosen_regions(given: Sequence[str]) -> tuple[str, ...]:
    """Split `--region us,eu` into known codes; raise ConfigError with a suggestion for another."""
    try:
        return tuple(region_code(code) for text in given for code in text.split(",") if code.strip())
    except ValueError as error:
        raise ConfigError(f"--region: {error}") from None


def still_frame(path: Path, number: int) -> Frame:
    """Load one still as a frame; raise CameraError when it is no usable picture."""
    picture, at = load_still(path)
    about = path.stat()
    return Frame(path.name, number, at, 0.0, picture, Still(str(path), about.st_size, about.st_mtime_ns))
