"""The reader's network: a convolutional trunk, two encoder layers, heads by columns, by places and for the region.

1.04 M parameters. Trunk: residual blocks (He et al. 2016) down to 3 x 32 columns; encoder: pre-norm self-attention
(Vaswani et al. 2017); columns are trained by CTC (Graves et al. 2006), places by learned queries.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - its usual name

from alpr.training.reader.crops import LONGEST
from alpr.vision.ocr import CLASSES, REGION_HINTS

_WIDTHS: Final = (32, 64, 96, 128)
_BLOCKS: Final = (0, 1, 1, 1)
"""Residual blocks at each width."""
_ROWS, _COLUMNS = 3, 32
_HEADS: Final = 4


def _conv(inputs: int, outputs: int, size: int = 3, stride: int | tuple[int, int] = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class Residual(nn.Module):
    """Two convolutions beside the identity."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = _conv(width, width)
        self.second = nn.Sequential(nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width))

    def forward(self, x: Tensor) -> Tensor:
        """Map `(n, width, h, w)` onto itself."""
        y: Tensor = self.second(self.first(x))
        return F.relu(x + y)


class EncoderLayer(nn.Module):
    """Self-attention and a feed-forward step, each with its norm before it."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(width)
        self.joint = nn.Linear(width, 3 * width)
        self.mixed = nn.Linear(width, width)
        self.forward_norm = nn.LayerNorm(width)
        self.wide = nn.Linear(width, 2 * width)
        self.narrow = nn.Linear(2 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Map `(n, tokens, width)` onto itself."""
        count, tokens, width = x.shape
        joint = self.joint(self.attention_norm(x)).reshape(count, tokens, 3, _HEADS, width // _HEADS)
        query, key, value = joint.permute(2, 0, 3, 1, 4).unbind(0)
        weights = torch.softmax(query @ key.transpose(-1, -2) * (width // _HEADS) ** -0.5, -1)
        x = x + self.mixed((weights @ value).transpose(1, 2).reshape(count, tokens, width))
        wide: Tensor = self.narrow(F.relu(self.wide(self.forward_norm(x))))
        return x + wide


class PlateNet(nn.Module):
    """Grey `(n, 1, 48, 128)`, 0 to 255, in; logits of `slots`, `ctc` and `region` out."""

    def __init__(self) -> None:
        super().__init__()
        width = _WIDTHS[-1]
        starts = (
            _conv(1, _WIDTHS[0], 5, 2),
            _conv(_WIDTHS[0], _WIDTHS[1], 3, 2),
            _conv(_WIDTHS[1], _WIDTHS[2], 3, (2, 1)),
            _conv(_WIDTHS[2], _WIDTHS[3], 3, (2, 1)),
        )
        self.trunk = nn.Sequential(
            *(
                nn.Sequential(start, *(Residual(wide) for _ in range(blocks)))
                for start, wide, blocks in zip(starts, _WIDTHS, _BLOCKS, strict=True)
            )
        )
        self.position = nn.Parameter(torch.randn(1, _ROWS * _COLUMNS, width) * 0.02)
        self.encoder = nn.Sequential(EncoderLayer(width), EncoderLayer(width))
        self.norm = nn.LayerNorm(width)
        self.places = nn.Parameter(torch.randn(1, LONGEST, width) * 0.1)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.slots = nn.Linear(width, CLASSES)
        self.columns = nn.Linear(width, CLASSES)
        self.region = nn.Linear(width, len(REGION_HINTS))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return logits `(n, 10, 37)`, `(n, 32, 37)` and `(n, 4)`."""
        mean = x.mean((2, 3), keepdim=True)
        deviation = (x - mean).pow(2).mean((2, 3), keepdim=True).sqrt()
        seen = self.trunk((x - mean) / (deviation + 4.0))
        tokens = seen.flatten(2).transpose(1, 2) + self.position.to(seen.dtype)
        tokens = self.norm(self.encoder(tokens))
        count, _, width = tokens.shape
        places = self.places.expand(count, -1, -1)
        looks = torch.softmax(places @ self.key(tokens).transpose(1, 2) * (2 * width**-0.5), -1)
        slots = self.slots(looks @ self.value(tokens) + places)
        columns = self.columns(tokens.reshape(count, _ROWS, _COLUMNS, width).mean(1))
        return slots, columns, self.region(tokens.mean(1))


class Exported(nn.Module):
    """The network as the product runs it: probabilities out."""

    def __init__(self, net: PlateNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Return `slots`, `ctc` and `region` as probabilities."""
        return tuple(logits.float().softmax(-1) for logits in self.net(x))
