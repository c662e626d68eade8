"""Finding a plate's true edge inside a box that was drawn loosely round it.

A small network learns it from drawn plates pasted into the same photographs, where the corners are known, and
then measures the real ones: eight looks at different places and scales must agree, or the box stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Final

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from alpr.domain import BgrImage
from alpr.training.detector.dice import chance
from alpr.training.detector.pasting import MIRRORED, Quad, height_of, paste, random_quad, shade_of, under
from alpr.training.detector.photo import compressed
from alpr.training.detector.signs import Texture

PATCH: Final = (160, 96)
"""Width and height of what the network looks at."""
_CELL: Final = 4
"""Pixels of a patch per cell of the maps."""
_ALIASES: Final = 0.7
"""Pictures that are shrunk more than this are halved first."""
_LOOKS: Final = (
    (0.0, 0.0, 1.0), (0.05, 0.08, 1.0), (-0.05, -0.08, 1.0), (0.04, -0.08, 0.9), (-0.04, 0.08, 1.12), (0.0, 0.0, 0.85),
    (0.03, 0.03, 1.06), (-0.03, -0.03, 0.95),
)  # fmt: skip
"""How far a look is off the box's middle, as shares of its sides, and how close it is."""
_SHARE: Final = 0.62
"""How much of the patch's width, or height, a labelled box takes."""


class EdgeFinder(nn.Module):
    """Four maps, one a corner, whose centres of mass are the corners; about 0.2 M parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.fine = nn.Sequential(_conv(3, 24, 2), _conv(24, 32, 2), _conv(32, 32))
        self.middle = nn.Sequential(_conv(32, 48, 2), _conv(48, 48))
        self.coarse = nn.Sequential(_conv(48, 96, 2), _conv(96, 96), _conv(96, 96), nn.Conv2d(96, 48, 1))
        self.up = nn.Conv2d(48, 32, 1)
        self.join = nn.Sequential(_conv(32, 32), _conv(32, 32), nn.Conv2d(32, 4, 1))

    def forward(self, patches: Tensor) -> tuple[Tensor, Tensor]:
        """Map BGR 0-255 `(n, 3, 96, 160)` to corners `(n, 4, 2)` in patch pixels and their spread `(n, 4)`."""
        fine = self.fine((patches - 114) / 64)
        middle = self.middle(fine)
        middle = middle + functional.interpolate(self.coarse(middle), scale_factor=2.0, mode="nearest")
        maps = self.join(fine + functional.interpolate(self.up(middle), scale_factor=2.0, mode="nearest")).float()
        rows, columns = maps.shape[2:]
        weight = maps.flatten(2).softmax(2).view(-1, 4, rows, columns)
        x = (torch.arange(columns) + 0.5) * _CELL
        y = (torch.arange(rows) + 0.5) * _CELL
        at_x, at_y = (weight.sum(2) * x).sum(2), (weight.sum(3) * y).sum(2)
        spread = (weight.sum(2) * (x - at_x[..., None]) ** 2).sum(2) + (weight.sum(3) * (y - at_y[..., None]) ** 2).sum(
            2
        )
        return torch.stack([at_x, at_y], -1), (spread + 1e-6).sqrt()


def _conv(before: int, after: int, stride: int = 1) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(before, after, 3, stride, 1, bias=False), nn.BatchNorm2d(after), nn.ReLU(inplace=True)
    )


def patch_at(
    image: BgrImage, box: NDArray[np.float32], move: tuple[float, float] = (0, 0), zoom: float = 1.0
) -> tuple[BgrImage, NDArray[np.float64]]:
    """Cut the patch round a box; return it and the matrix `(2, 3)` from the picture to the patch."""
    width, height = float(box[2] - box[0]), float(box[3] - box[1])
    scale = zoom * min(PATCH[0] * _SHARE / width, PATCH[1] * _SHARE / height)
    x, y = (box[0] + box[2]) / 2 + move[0] * width, (box[1] + box[3]) / 2 + move[1] * height
    matrix = np.array([(scale, 0, PATCH[0] / 2 - scale * x), (0, scale, PATCH[1] / 2 - scale * y)], np.float64)
    if scale < _ALIASES:
        half = cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        patch = cv2.warpAffine(half, matrix * ((2, 2, 1), (2, 2, 1)), PATCH, borderMode=cv2.BORDER_REPLICATE)
    else:
        patch = cv2.warpAffine(image, matrix, PATCH, borderMode=cv2.BORDER_REPLICATE)
    return patch.astype(np.uint8, copy=False), matrix


def drawn_patch(
    random: Random, image: BgrImage, boxes: NDArray[np.float32], textures: Sequence[Texture]
) -> tuple[BgrImage, Quad]:
    """Paste a drawn plate over a labelled one, or elsewhere; return the patch that a loose box round it would give."""
    height, width = image.shape[:2]
    texture = random.choice(textures)
    over = len(boxes) > 0 and chance(random, 0.5)
    wide = max(24.0, random.uniform(0.05, 0.3) * width)
    centre = (random.uniform(0.15, 0.85) * width, random.uniform(0.2, 0.9) * height)
    if over:
        box = boxes[random.randrange(len(boxes))]
        wide = max(24.0, float(box[2] - box[0]) * random.uniform(1.02, 1.25), float(box[3] - box[1]) * texture.aspect)
        centre = float(box[0] + box[2]) / 2, float(box[1] + box[3]) / 2
    quad = random_quad(random, centre, wide, texture.aspect)
    low, high = quad.min(0), quad.max(0)
    size = high - low
    # Labelled boxes stand 0 to 10 % too wide, 0 to 70 % too tall, and not in the middle.
    grown = size * (random.uniform(0.0, 0.1), random.choice((random.uniform(0, 0.7), random.uniform(0.25, 0.5))))
    at = (low + high) / 2 + grown * (random.uniform(-0.4, 0.4), random.uniform(-0.4, 0.4))
    loose = np.concatenate([at - (size + grown) / 2, at + (size + grown) / 2]).astype(np.float32)
    patch, matrix = patch_at(image, loose, (random.gauss(0, 0.05), random.gauss(0, 0.08)), random.uniform(0.85, 1.15))
    moved = (quad @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)
    patch = patch.copy()
    paste(patch, texture, moved, shade_of(random, under(image, quad)))
    return _seen(random, patch), moved


def _seen(random: Random, patch: BgrImage) -> BgrImage:
    """Make a patch as coarse, noisy and dark as those of real cameras."""
    share = random.uniform(0.22, 1.0)
    small = cv2.resize(patch, (round(PATCH[0] * share), round(PATCH[1] * share)), interpolation=cv2.INTER_AREA)
    if chance(random, 0.25):
        length = random.choice((3, 5))
        small = cv2.blur(small, (length, 1) if chance(random, 0.6) else (1, length))
    light = np.clip(255 * random.uniform(0.35, 1.25) * (np.arange(256) / 255) ** random.uniform(0.6, 1.8), 0, 255)
    small = cv2.LUT(small, light.astype(np.uint8))
    if chance(random, 0.5):
        grain = np.random.default_rng(random.getrandbits(32)).normal(0, random.uniform(1, 9), small.shape)
        small = np.clip(small + grain, 0, 255).astype(np.uint8)
    if chance(random, 0.6):
        small = compressed(small.astype(np.uint8, copy=False), random.randint(30, 92))
    if chance(random, 0.15):
        small = cv2.cvtColor(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    return cv2.resize(small, PATCH, interpolation=cv2.INTER_LINEAR).astype(np.uint8, copy=False)


def edge_loss(found: Tensor, spread: Tensor, true: Tensor) -> Tensor:
    """Return the mean error of the corners in pixels; the spread learns to be as large as the error."""
    error = (found - true).abs().sum(-1)
    return (error + (error.detach() - spread).abs() * 0.15).mean()


@torch.inference_mode()
def find_edges(
    finder: EdgeFinder, image: BgrImage, boxes: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the corners `(n, 4, 2)` of plates in loosely drawn boxes `(n, 4)`, and the doubt `(n,)`.

    The doubt is how far the looks disagree at the worst corner, as a share of the plate's height.
    """
    quads = np.zeros((len(boxes), 4, 2), np.float32)
    doubt = np.ones(len(boxes), np.float32)
    for number, box in enumerate(boxes):
        each = _looks(finder, image, box)
        middle = np.median(each, 0).astype(np.float32)
        quads[number] = middle
        doubt[number] = float(np.abs(each - middle).mean(0).max()) / max(1.0, height_of(middle))
    return quads, doubt


def _looks(finder: EdgeFinder, image: BgrImage, box: NDArray[np.float32]) -> NDArray[np.float32]:
    """Look at a box several times, as it is and mirrored; return the corners of each look, `(looks, 4, 2)`."""
    cut = [patch_at(image, box, (x, y), zoom) for x, y, zoom in _LOOKS]
    patches = np.stack([patch for patch, _ in cut]).transpose(0, 3, 1, 2).astype(np.float32)
    found = finder(torch.from_numpy(patches))[0].numpy()
    mirrored = finder(torch.from_numpy(patches[..., ::-1].copy()))[0].numpy()[:, MIRRORED]
    mirrored[..., 0] = PATCH[0] - mirrored[..., 0]
    matrices = np.stack([matrix for _, matrix in cut])
    shift, scale = matrices[:, None, :, 2], matrices[:, :1, :1]
    return np.concatenate([(found - shift) / scale, (mirrored - shift) / scale]).astype(np.float32)
