"""The weights of an exported reader, taken back into the network, so that a training goes on from the model in use."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor, nn

from alpr.errors import ModelError
from alpr.training.reader.net import PlateNet

_ENOUGH: Final = 256
"""Crops that show how the channels are spread."""
_OTHER: Final = "not a plate reader of this version's shape: train with --from-scratch, or --init another"


@torch.no_grad()
def load_exported(net: PlateNet, path: Path, crops: NDArray[np.uint8]) -> None:
    """Give `net` the weights of the model at `path`; crops `(n, 48, 128)` show how its channels are spread.

    An export has each normalisation folded into its convolution. It is unfolded again, with the spread of the channels
    on these crops, so that the network answers as the model does and can learn on. Raises ModelError when the file is
    no reader of this shape.
    """
    model = _loaded(path)
    known = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
    steps = [(step.op_type, [known[name] for name in step.input if name in known]) for step in model.graph.node]
    convolutions = [values for kind, values in steps if kind == "Conv"]
    products = [values[0].T for kind, values in steps if kind == "MatMul" and values]
    taken: dict[str, NDArray[np.float32]] = {
        name.removeprefix("net."): value for name, value in known.items() if name.startswith("net.")
    }
    positions = [value for value in known.values() if value.shape == tuple(net.position.shape)]
    linear = [
        name for name, each in net.named_modules() if isinstance(each, nn.Linear) and f"{name}.weight" not in taken
    ]
    layers = [name for name, each in net.named_modules() if isinstance(each, nn.Conv2d)]
    if len(convolutions) != len(layers) or len(products) != len(linear) or len(positions) != 1:
        raise ModelError(f"model {path}: {_OTHER}")
    taken["position"] = positions[0]
    taken |= {f"{name}.weight": value for name, value in zip(linear, products, strict=True)}
    taken |= {f"{name}.weight": weight for name, (weight, _) in zip(layers, convolutions, strict=True)}
    try:
        net.load_state_dict({name: torch.from_numpy(value.copy()) for name, value in taken.items()}, strict=False)
    except RuntimeError as error:
        raise ModelError(f"model {path}: {_OTHER}") from error
    _unfold(net, [bias for _, bias in convolutions], torch.from_numpy(crops[:_ENOUGH]).float()[:, None])


def _loaded(path: Path) -> onnx.ModelProto:
    try:
        return onnx.load(str(path))
    except OSError as error:
        raise ModelError(f"model {path}: {error.strerror}") from error
    except Exception as error:  # protobuf's own, which onnx does not name
        raise ModelError(f"model {path}: truncated or no ONNX model") from error


def _unfold(net: PlateNet, biases: list[NDArray[np.float32]], x: Tensor) -> None:
    """Let each normalisation leave what it is given as it is, but for the bias that was folded with it."""
    norms = [each for each in net.modules() if isinstance(each, nn.BatchNorm2d)]
    hooks = []
    for norm, bias in zip(norms, biases, strict=True):

        def spread(norm: nn.BatchNorm2d, given: tuple[Tensor], bias: NDArray[np.float32] = bias) -> None:
            mean, variance = given[0].mean((0, 2, 3)), given[0].var((0, 2, 3))
            assert norm.running_mean is not None
            assert norm.running_var is not None
            norm.running_mean.copy_(mean)
            norm.running_var.copy_(variance)
            norm.weight.copy_((variance + norm.eps).sqrt())
            norm.bias.copy_(torch.from_numpy(bias.copy()) + mean)

        hooks.append(norm.register_forward_pre_hook(spread))
    was = net.training
    net.eval()
    net(x)
    net.train(was)
    for hook in hooks:
        hook.remove()
