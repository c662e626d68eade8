"""`alpr train`: one command a model, from data to the ONNX file and its entry in the manifest."""

from __future__ import annotations

import argparse
from importlib import import_module
from importlib.util import find_spec
from typing import Final

from alpr.errors import ConfigError

_MODELS: Final = {
    "reader": ("teach the plate reader", "alpr.ops.train.reader"),
    "detector": ("teach the detector of vehicles and plates", "alpr.ops.train.detector"),
    "calibration": ("learn how often reads of each confidence are right", "alpr.ops.train.calibration"),
}
"""Each module has `add_arguments(parser)` and `train_model(args) -> exit code`, and imports no torch at its top."""
_NEEDED: Final = ("torch", "onnx")
_WITHOUT_TORCH: Final = {"calibration"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add a subcommand for each model."""
    models = parser.add_subparsers(dest="model", required=True, metavar="MODEL")
    for name, (text, module) in _MODELS.items():
        subparser = models.add_parser(name, help=text, description=f"{text.capitalize()}.")
        import_module(module).add_arguments(subparser)


def train_command(args: argparse.Namespace) -> int:
    """Teach the model that was asked for."""
    if args.model not in _WITHOUT_TORCH:
        require_libraries()
    code: int = import_module(_MODELS[args.model][1]).train_model(args)
    return code


def require_libraries() -> None:
    """Raise ConfigError where the libraries that only a training needs are missing."""
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise ConfigError(f"train: {' and '.join(missing)} not installed: pip install 'alpr[train]'")
