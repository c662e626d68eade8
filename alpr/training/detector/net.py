"""The detector's network: anchor-free on strides 8, 16 and 32, about 1.15 M parameters (after FCOS and PAN).

An anchor is a cell of one of the three maps. Each tells scores of plate, car, truck, bus and motorcycle, a box, and
the four corners of the plate in that box.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

STRIDES: Final = (8, 16, 32)
CLASSES: Final = 5
"""Plate, car, truck, bus, motorcycle."""
_WIDTHS: Final = (32, 48, 96, 128)
_NECK: Final = 48
_STEM: Final = 6
"""Width of the first kernel, in steps of 4."""
_UPRIGHT: Final = (-1.0, -1.0, 1.0, -1.0, 1.0, 1.0, -1.0, 1.0)
"""Corners of the box itself, in halves of its size from its middle."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the network says of a batch, for every anchor."""

    logits: Tensor
    """`(n, anchors, 5)`."""
    boxes: Tensor
    """`(n, anchors, 4)`: `x1 y1 x2 y2` in input pixels."""
    corners: Tensor
    """`(n, anchors, 8)`: x y of top left, top right, bottom right, bottom left in input pixels."""
    centres: Tensor
    """`(anchors, 2)`: x y of the cells' middles."""
    strides: Tensor
    """`(anchors, 1)`."""


class Layer(nn.Module):
    """Convolution, normalisation, and mostly a ReLU."""

    def __init__(self, before: int, after: int, kernel: int = 3, stride: int = 1, *, active: bool = True) -> None:
        super().__init__()
        padding = 1 if kernel == _STEM else (kernel - 1) // 2
        self.conv = nn.Conv2d(before, after, kernel, stride, padding, bias=False)
        self.norm = nn.BatchNorm2d(after, eps=1e-3, momentum=0.03)
        self.active = active

    def forward(self, x: Tensor) -> Tensor:
        """Map `(n, before, h, w)` to `(n, after, h / stride, w / stride)`."""
        x = self.norm(self.conv(x))
        return functional.relu(x, inplace=True) if self.active else x


class Residual(nn.Module):
    """Two layers beside a shortcut."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = Layer(width, width)
        self.second = Layer(width, width, active=False)

    def forward(self, x: Tensor) -> Tensor:
        """Keep the shape."""
        return functional.relu(x + self.second(self.first(x)), inplace=True)


class Pyramid(nn.Module):
    """Spatial pyramid pooling: the same map at four reaches."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.narrow = Layer(width, width // 2, 1)
        self.join = Layer(width * 2, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Keep the shape."""
        reaches = [self.narrow(x)]
        for _ in range(3):
            reaches.append(functional.max_pool2d(reaches[-1], 5, 1, 2))
        joined: Tensor = self.join(torch.cat(reaches, 1))
        return joined


class DetectorNet(nn.Module):
    """Takes BGR 0-255 `(n, 3, H, W)` float32, H and W multiples of 32."""

    def __init__(self) -> None:
        super().__init__()
        stem, fine, middle, coarse = _WIDTHS
        self.stem = Layer(3, stem, _STEM, 4)
        self.stage8 = nn.Sequential(Layer(stem, fine, 3, 2), Residual(fine), Residual(fine))
        self.stage16 = nn.Sequential(Layer(fine, middle, 3, 2), Residual(middle), Residual(middle))
        self.stage32 = nn.Sequential(Layer(middle, coarse, 3, 2), Residual(coarse), Pyramid(coarse))
        self.side32, self.side16, self.side8 = Layer(coarse, _NECK, 1), Layer(middle, _NECK, 1), Layer(fine, _NECK, 1)
        self.blend16, self.blend8 = Layer(_NECK, _NECK), Layer(_NECK, _NECK)
        self.down16, self.down32 = Layer(_NECK, _NECK, 3, 2), Layer(_NECK, _NECK, 3, 2)
        self.heads = nn.ModuleList(nn.Sequential(Layer(_NECK, _NECK), Layer(_NECK, _NECK)) for _ in STRIDES)
        self.scores = nn.ModuleList(_output(CLASSES, (-4.6,) * CLASSES) for _ in STRIDES)
        self.extents = nn.ModuleList(_output(4, (0.5, 0.5, 1.4, 1.2)) for _ in STRIDES)
        self.outlines = nn.ModuleList(_output(8, _UPRIGHT) for _ in STRIDES)

    def forward(self, x: Tensor) -> Found:
        """Tell what every anchor finds."""
        maps = self._maps(x)
        logits, extents, outlines, cells, strides = [], [], [], [], []
        with torch.autocast("cpu", enabled=False):
            for number, stride in enumerate(STRIDES):
                features = maps[number].float()
                logits.append(_rows(self.scores[number](features)))
                extents.append(_rows(self.extents[number](features)))
                outlines.append(_rows(self.outlines[number](features)))
                cells.append(_cells(features))
                strides.append(torch.full_like(cells[-1][:, :1], float(stride)))
            return _decoded(
                torch.cat(logits, 1),
                torch.cat(extents, 1),
                torch.cat(outlines, 1),
                torch.cat(cells),
                torch.cat(strides),
            )

    def _maps(self, x: Tensor) -> list[Tensor]:
        fine = self.stage8(self.stem((x - 114.0) / 64.0))
        middle = self.stage16(fine)
        coarse = self.side32(self.stage32(middle))
        middle = self.blend16(self.side16(middle) + _doubled(coarse))
        fine = self.blend8(self.side8(fine) + _doubled(middle))
        middle = middle + self.down16(fine)
        coarse = coarse + self.down32(middle)
        return [head(features) for head, features in zip(self.heads, (fine, middle, coarse), strict=True)]


def _output(width: int, bias: tuple[float, ...]) -> nn.Conv2d:
    layer = nn.Conv2d(_NECK, width, 1)
    nn.init.normal_(layer.weight, std=0.01)
    assert layer.bias is not None
    layer.bias.data = torch.tensor(bias)
    return layer


def _rows(maps: Tensor) -> Tensor:
    """Turn `(n, c, h, w)` into `(n, h * w, c)`."""
    return maps.flatten(2).transpose(1, 2)


def _cells(features: Tensor) -> Tensor:
    """Return column and row of every cell, `(h * w, 2)`; written so that an export keeps h and w open."""
    y, x = torch.meshgrid(torch.arange(features.shape[2]), torch.arange(features.shape[3]), indexing="ij")
    return torch.stack([x, y], -1).reshape(-1, 2).float()


def _doubled(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="nearest")


def _decoded(logits: Tensor, extents: Tensor, outlines: Tensor, cells: Tensor, strides: Tensor) -> Found:
    middle = (extents[..., :2] + cells) * strides
    half = torch.exp(extents[..., 2:].clamp(-4, 5)) * strides / 2
    corners = middle.repeat(1, 1, 4) + outlines * half.repeat(1, 1, 4)
    return Found(logits, torch.cat([middle - half, middle + half], -1), corners, (cells + 0.5) * strides, strides)


def load_weights(net: DetectorNet, state: dict[str, Tensor]) -> list[str]:
    """Take over the weights whose names and shapes fit; return the names of those that stay as they were."""
    own = net.state_dict()
    fitting = {name: value for name, value in state.items() if name in own and own[name].shape == value.shape}
    own.update(fitting)
    net.load_state_dict(own)
    return sorted(set(own) - set(fitting))
