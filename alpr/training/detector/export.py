"""From weights to `gate-detector.onnx`: any number of pictures of any size, checked against torch."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from alpr.domain import BgrImage
from alpr.errors import ModelError
from alpr.training.detector.net import DetectorNet
from alpr.vision.detector import letterbox
from alpr.vision.onnx import open_session

_OPSET: Final = 17
_PIXELS, _SCORES = 0.5, 1e-3
"""How far ONNX Runtime may be from torch, where anything scores at all."""
_FLOOR: Final = 0.01
_SHAPES: Final = ((640, 384), (512, 384), (384, 384))


class _Exported(nn.Module):
    """The network with the outputs that the product reads."""

    def __init__(self, net: DetectorNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, bgr: Tensor) -> tuple[Tensor, Tensor]:
        """Return `out` `(n, anchors, 9)` and `corners` `(n, anchors, 8)`."""
        found = self.net(bgr)
        return torch.cat([found.boxes, found.logits.sigmoid()], -1), found.corners


def export(net: DetectorNet, path: Path, pictures: Sequence[BgrImage]) -> None:
    """Write the network as ONNX.

    Raises `ModelError` when ONNX Runtime says something else than torch on the pictures.
    """
    exported = _Exported(net).eval()
    example = torch.zeros(2, 3, 384, 640)
    axes = {"bgr": {0: "n", 2: "height", 3: "width"}, "out": {0: "n", 1: "anchors"}, "corners": {0: "n", 1: "anchors"}}
    with warnings.catch_warnings(), torch.no_grad():
        # The exporter by tracing keeps a small graph; its successor is recommended in a warning.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            exported, (example,), str(path), input_names=["bgr"], output_names=["out", "corners"], dynamic_axes=axes,
            opset_version=_OPSET, dynamo=False,
        )  # fmt: skip
    _check(exported, path, pictures)


def _check(exported: _Exported, path: Path, pictures: Sequence[BgrImage]) -> None:
    session = open_session(path, "cpu", probe=(1, 3, 64, 64))
    for width, height in _SHAPES:
        batch = np.concatenate([letterbox(picture, width, height)[0] for picture in pictures])
        with torch.inference_mode():
            said = [output.numpy() for output in exported(torch.from_numpy(batch))]
        pixels, scores = _differences(said, session.run(bgr=batch))
        if pixels > _PIXELS or scores > _SCORES:
            raise ModelError(
                f"model {path}: ONNX Runtime and torch differ by {pixels:.2f} pixels and {scores:.4f} in score "
                f"at {width} x {height}: not exported"
            )


def _differences(one: Sequence[NDArray[np.float32]], other: Sequence[NDArray[np.float32]]) -> tuple[float, float]:
    """Return the largest difference in pixels, of anchors that find something, and in score."""
    scores = float(np.abs(one[0][..., 4:] - other[0][..., 4:]).max())
    seen = one[0][..., 4:].max(-1) > _FLOOR
    if not seen.any():
        return 0.0, scores
    boxes = float(np.abs(one[0][seen][:, :4] - other[0][seen][:, :4]).max())
    return max(boxes, float(np.abs(one[1][seen] - other[1][seen]).max())), scores
