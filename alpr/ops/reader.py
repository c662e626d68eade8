"""What `alpr read` and `alpr bench` share: the models, without a server and without a database."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from alpr.camera.folder import load_still
from alpr.config import region_code
from alpr.domain import Capture, Frame, Kind, Still
from alpr.errors import ConfigError
from alpr.inference import Inference
from alpr.paths import shipped
from alpr.pipeline import WatchSettings, read_still
from alpr.recognizers.base import Recognizer, Surveyor
from alpr.recognizers.passes import PassSettings
from alpr.recognizers.registry import load_engine, recognizers_for, with_text
from alpr.status import Status

_KINDS = {
    "auto": (Kind.PLATE, Kind.CONTAINER),
    "both": (Kind.PLATE, Kind.CONTAINER),
    "plate": (Kind.PLATE,),
    "container": (Kind.CONTAINER,),
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Loaded models and their counters."""

    inference: Inference
    recognizers: tuple[Recognizer | Surveyor, ...]
    status: Status
    provider: str
    passes: PassSettings
    always_survey: bool = True
    """Whether containers are looked for beside plates where no truck is."""

    async def still(self, frame: Frame) -> list[Capture]:
        """Read everything in one still."""
        if frame.still is None:
            return []
        return await read_still(frame, frame.still, self.recognizers, self.settings(frame.camera), self.inference)

    def settings(self, camera: str) -> WatchSettings:
        """Return how a source by this name is read."""
        return WatchSettings(camera, passes=self.passes, always_survey=self.always_survey)


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
    parser.add_argument(
        "--reads",
        choices=("auto", "plate", "container", "both"),
        default="auto",
        help="what is read (auto: plates, and containers where a truck or no plate is seen; bench: what the truth has)",
    )
    parser.add_argument(
        "--owner",
        action="append",
        default=[],
        metavar="CODE",
        help="owner of containers that comes often, such as MSCU",
    )
    parser.add_argument("--no-second-opinion", action="store_true", help="never ask the general text recogniser")
    parser.add_argument(
        "--accept", type=float, default=PassSettings().accept, metavar="P", help="least confidence of a read"
    )


def open_reader(args: argparse.Namespace, workers: int = 1) -> Reader:
    """Load the models for so many pictures at once.

    Raises ConfigError for an unknown region, ModelError for a bad model.
    """
    regions = chosen_regions(args.region)
    engine = load_engine(
        args.models or shipped("models"),
        args.provider,
        threads=args.threads,
        second_opinion=not args.no_second_opinion,
    )
    status = Status()
    passes = PassSettings(accept=args.accept)
    inference = Inference(engine.detector, workers, status)
    kinds = _KINDS[args.reads]
    if Kind.CONTAINER in kinds:
        engine = with_text(engine, args.provider)
    recognizers = recognizers_for(engine, regions, kinds=kinds, owners=[owner.upper() for owner in args.owner])
    return Reader(inference, recognizers, status, engine.provider, passes, always_survey=args.reads != "auto")


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
