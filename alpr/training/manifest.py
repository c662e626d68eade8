"""`manifest.json`: what each shipped model is, what it learned from, and the SHA-256 that it is checked against."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from alpr.errors import ModelError
from alpr.training.checkpoint import replacing

MANIFEST: Final = "manifest.json"


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What the manifest says of a model beside its size and checksum."""

    name: str
    version: str
    task: str
    input: str
    output: str
    parameters: int
    origin: str
    training_data: tuple[str, ...]
    licence: str
    metrics: Mapping[str, Any]
    training: Mapping[str, Any] = field(default_factory=dict)
    """Seed, seconds, pictures seen, fonts: what a repetition needs to know."""

    @property
    def file(self) -> str:
        """The model's file in the folder of models."""
        return f"{self.name}.onnx"


def install_model(models: Path, built: Path, card: ModelCard) -> None:
    """Put a finished model in the place of the last one and enter it into the manifest.

    Both are written beside their places first and renamed one after the other.
    Raises ModelError when the manifest that is there cannot be understood, StoreError when the disk refuses.
    """
    content = built.read_bytes()
    path = models / MANIFEST
    others = [entry for entry in _entries(path) if entry.get("name") != card.name]
    entry = {
        "name": card.name,
        "file": card.file,
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        **{key: value for key, value in asdict(card).items() if key != "name"},
    }
    entries = sorted([*others, entry], key=lambda each: str(each["name"]))
    with replacing(path) as manifest, replacing(models / card.file) as model:
        manifest.write_text(json.dumps({"models": entries}, indent=2) + "\n", "utf-8")
        model.write_bytes(content)


def _entries(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        return []
    try:
        entries = json.loads(path.read_text("utf-8"))["models"]
        return [dict(entry) for entry in entries]
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"model manifest {path}: cannot be understood ({error}): repair or delete it") from error
