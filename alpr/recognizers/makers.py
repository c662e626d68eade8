"""Which models make a read, by name and version: what later comparisons of versions go by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from alpr.domain import Kind


@dataclass(frozen=True, slots=True)
class Makers:
    """Name and version of the models behind a read; empty where nobody says."""

    detector: str = ""
    reader: str = ""


def makers_of(models: Sequence[str]) -> Callable[[Kind], Makers]:
    """Return which of the loaded models make reads of a kind; `models` are names with their versions."""
    detector = _named(models, "gate-detector")
    plates = _named(models, "plate-reader")
    containers = _named(models, "container-reader") or f"text-line {_rapidocr()}".strip()

    def of(kind: Kind) -> Makers:
        return Makers(detector, containers if kind is Kind.CONTAINER else plates)

    return of


def no_makers(_kind: Kind) -> Makers:
    """Say nothing about models."""
    return Makers()


def _named(models: Sequence[str], name: str) -> str:
    return next((model for model in models if model.partition(" ")[0] == name), "")


def _rapidocr() -> str:
    """Return the version of the package that the text line model comes with."""
    try:
        return version("rapidocr")
    except PackageNotFoundError:
        return ""
