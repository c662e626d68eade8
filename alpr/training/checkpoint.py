"""Files that a training writes: whole or not at all, so that an interruption leaves the last good one."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alpr.errors import ModelError, StoreError
from alpr.store.disk import disk_fault, make_folder, sync_file, sync_folder


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Lend a name beside `path` to write to; put it in the place of `path` when the block ends well.

    A killed process leaves `path` as it was. Raises StoreError when the disk refuses.
    """
    unfinished = path.with_name(f".{path.name}.tmp")
    try:
        make_folder(path.parent)
        try:
            yield unfinished
            sync_file(unfinished)
            unfinished.replace(path)
            sync_folder(path.parent)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"{path}: {disk_fault(error)}") from error


def save_checkpoint(path: Path, state: Mapping[str, Any]) -> None:
    """Keep weights, optimiser and progress; tensors, numbers, texts and containers of them only."""
    import torch  # noqa: PLC0415  # only a training needs it

    with replacing(path) as unfinished:
        torch.save(dict(state), unfinished)


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Load what `save_checkpoint` kept. Raises ModelError when the file is missing or broken."""
    import torch  # noqa: PLC0415  # only a training needs it

    if not path.is_file():
        raise ModelError(f"checkpoint {path}: no such file: start without it")
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, EOFError, OSError, ValueError, KeyError, pickle.UnpicklingError) as error:
        raise ModelError(f"checkpoint {path}: truncated or no checkpoint: delete it and start anew") from error
    if not isinstance(state, dict):
        raise ModelError(f"checkpoint {path}: holds no training state: delete it and start anew")
    return state
