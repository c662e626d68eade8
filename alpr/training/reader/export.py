"""From weights to `plate-reader.onnx`: exported beside its place, compared with torch, measured, then installed."""

from __future__ import annotations

import copy
import time
import warnings
from pathlib import Path
from statistics import median
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from alpr.errors import ModelError
from alpr.training.reader.net import Exported, PlateNet
from alpr.vision.ocr import CROP_HEIGHT, CROP_WIDTH
from alpr.vision.onnx import open_session

_NAMES: Final = ("slots", "ctc", "region")
_PARITY: Final = 1e-3
_OPSET: Final = 17
_RUNS: Final = 200


def export_onnx(net: PlateNet, path: Path, crops: NDArray[np.uint8]) -> float:
    """Write the network to `path` and compare it with torch on crops `(n, 48, 128)`; return the largest difference.

    Raises ModelError when a probability differs by more than 0.001.
    """
    plain = copy.deepcopy(net).to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    exported = Exported(plain).eval()
    shape = torch.zeros(1, 1, CROP_HEIGHT, CROP_WIDTH)
    axes = {name: {0: "n"} for name in ("x", *_NAMES)}
    with warnings.catch_warnings(), torch.no_grad():
        # The exporter by tracing keeps a small graph; its successor is recommended in a warning.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            exported, (shape,), str(path), input_names=["x"], output_names=list(_NAMES), dynamic_axes=axes,
            opset_version=_OPSET, dynamo=False,
        )  # fmt: skip
    difference = _difference(exported, path, crops.astype(np.float32)[:, None])
    if difference > _PARITY:
        raise ModelError(f"model {path}: differs by {difference:.4f} from the network it was made of: not installed")
    return difference


@torch.no_grad()
def _difference(exported: Exported, path: Path, x: NDArray[np.float32]) -> float:
    given = open_session(path, "cpu").run(x=x)
    wanted = [head.numpy() for head in exported(torch.from_numpy(x))]
    return max(float(np.abs(one - other).max()) for one, other in zip(given, wanted, strict=True))


def milliseconds(path: Path) -> float:
    """Return the median time of one crop on one thread."""
    session = open_session(path, "cpu", 1)
    x = np.random.default_rng(0).random((1, 1, CROP_HEIGHT, CROP_WIDTH), np.float32) * np.float32(255)
    times: list[float] = []
    for _ in range(_RUNS):
        started = time.perf_counter()
        session.run(x=x)
        times.append(1000 * (time.perf_counter() - started))
    return median(times)
