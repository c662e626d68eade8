"""What the network should have said, and how far off it was."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from alpr.training.detector.net import Found

_TOP: Final = 9
"""Anchors that may answer for one thing."""
_SCORE, _BOX, _CORNERS = 1.5, 2.5, 1.5
_VEHICLE_SCORE, _VEHICLE_BOX = 0.5, 0.6
"""A plate weighs more than a vehicle."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What is in a batch: rows `(n, g, 15)` and ignored `(n, i, 5)` as in `scenes`, padded with class -1."""

    rows: Tensor
    ignored: Tensor


@dataclass(frozen=True, slots=True)
class Assigned:
    """Which anchors answer for what."""

    picture: Tensor
    anchor: Tensor
    thing: Tensor
    weight: Tensor
    """How well each fits, 0 to 1; all of shape `(positives,)`."""


@dataclass(frozen=True, slots=True)
class Loss:
    """The sum to be made smaller, and its parts for the log."""

    total: Tensor
    score: float
    box: float
    corners: float
    iou: float


@torch.no_grad()
def assign(found: Found, rows: Tensor) -> Assigned:
    """Give each thing the anchors near its middle that already answer best (task alignment, TOOD, ICCV 2021)."""
    boxes, valid = rows[..., 1:5], rows[..., 0] >= 0
    labels = rows[..., 0].clamp(0).long()
    iou = _pairwise_iou(boxes, found.boxes)
    scores = found.logits.sigmoid().gather(2, labels[:, None].expand(-1, found.logits.shape[1], -1)).transpose(1, 2)
    fit = scores.sqrt() * iou**4 + 1e-6 * iou + 1e-9
    fit = fit * (_near(boxes, found) & valid[..., None])
    best, index = fit.topk(_TOP, 2)
    chosen = torch.zeros_like(fit, dtype=torch.bool).scatter_(2, index, best > 0)
    # An anchor that two things claim belongs to the one that it covers better.
    owner = iou.masked_fill(~chosen, -1).argmax(1)
    chosen = chosen & (functional.one_hot(owner, rows.shape[1]).transpose(1, 2) > 0)
    fit = fit * chosen
    weight = fit / (fit.amax(2, keepdim=True) + 1e-9) * (iou * chosen).amax(2, keepdim=True)
    picture, thing, anchor = chosen.nonzero(as_tuple=True)
    return Assigned(picture, anchor, thing, weight[picture, thing, anchor])


def _near(boxes: Tensor, found: Found) -> Tensor:
    """Whether an anchor lies on a thing and not far from its middle, `(n, g, anchors)`."""
    near = None
    for axis in (0, 1):
        middle = (boxes[..., axis] + boxes[..., axis + 2])[..., None] / 2
        half = (boxes[..., axis + 2] - boxes[..., axis])[..., None] / 2
        away = (found.centres[:, axis] - middle).abs()
        stride = found.strides[:, 0]
        here = (away < torch.maximum(half, stride * 0.75)) & (away < torch.maximum(half * 0.8, stride * 2.5))
        near = here if near is None else near & here
    assert near is not None
    return near


def _pairwise_iou(one: Tensor, other: Tensor) -> Tensor:
    """Return `(n, g, a)` of boxes `(n, g, 4)` and `(n, a, 4)`."""
    low = torch.maximum(one[:, :, None, :2], other[:, None, :, :2])
    high = torch.minimum(one[:, :, None, 2:], other[:, None, :, 2:])
    shared = (high - low).clamp(0).prod(-1)
    area_one = (one[..., 2:] - one[..., :2]).clamp(0).prod(-1)[:, :, None]
    area_other = (other[..., 2:] - other[..., :2]).prod(-1)[:, None]
    return shared / (area_one + area_other - shared + 1e-7)


def measure(found: Found, truth: Truth) -> Loss:
    """Compare what the network says with the truth of the batch."""
    given = assign(found, truth.rows)
    rows = truth.rows[given.picture, given.thing]
    labels = rows[:, 0].long()
    norm = max(8.0, float(given.weight.sum()))
    target = torch.zeros_like(found.logits)
    target[given.picture, given.anchor, labels] = given.weight
    keep = _counted(found, truth.ignored)
    keep[given.picture, given.anchor] = 1.0
    score = _score_loss(found.logits, target, keep) / norm
    weight = given.weight * torch.where(labels == 0, 1.0, _VEHICLE_BOX) * rows[:, 13]
    iou, closeness = _complete_iou(found.boxes[given.picture, given.anchor], rows[:, 1:5])
    box = ((1 - closeness) * weight).sum() / norm
    corners = _corner_loss(found.corners[given.picture, given.anchor], rows, given.weight * rows[:, 14]) / norm
    total = _SCORE * score + _BOX * box + _CORNERS * corners
    mean = float((iou.detach() * rows[:, 13]).sum() / rows[:, 13].sum().clamp(1))
    return Loss(total, float(score.detach()), float(box.detach()), float(corners.detach()), mean)


def _score_loss(logits: Tensor, target: Tensor, keep: Tensor) -> Tensor:
    """Varifocal loss (Zhang et al., CVPR 2021)."""
    guess = logits.detach().sigmoid()
    weight = torch.where(target > 0, target, 0.75 * guess**2) * keep
    weight = weight * torch.tensor([1.0] + [_VEHICLE_SCORE] * (logits.shape[2] - 1))
    return (functional.binary_cross_entropy_with_logits(logits, target, reduction="none") * weight).sum()


def _counted(found: Found, ignored: Tensor) -> Tensor:
    """Return 0 for scores of anchors in places where nobody looked, else 1: `(n, anchors, 5)`."""
    x, y = found.centres[:, 0], found.centres[:, 1]
    low_x, low_y, high_x, high_y = (ignored[..., n, None] for n in range(1, 5))
    covered = (x > low_x) & (x < high_x) & (y > low_y) & (y < high_y)
    keep = torch.ones_like(found.logits)
    keep[..., 0] = (~(covered & (ignored[..., :1] == 0)).any(1)).float()
    keep[..., 1:] = (~(covered & (ignored[..., :1] == 1)).any(1)).float()[..., None]
    return keep


def _corner_loss(found: Tensor, rows: Tensor, weight: Tensor) -> Tensor:
    """Sum of the corners' distances as shares of the plate's height, smooth below a twentieth."""
    tall = (rows[:, 4] - rows[:, 2]).clamp(4.0)[:, None]
    error = functional.smooth_l1_loss(found / tall, rows[:, 5:13] / tall, reduction="none", beta=0.05)
    return (error.mean(1).clamp(max=2.0) * weight).sum()


def _complete_iou(found: Tensor, true: Tensor) -> tuple[Tensor, Tensor]:
    """Return IoU and CIoU (Zheng et al., AAAI 2020) of paired boxes `(p, 4)`."""
    size, size_true = found[:, 2:] - found[:, :2], true[:, 2:] - true[:, :2]
    shared = (torch.minimum(found[:, 2:], true[:, 2:]) - torch.maximum(found[:, :2], true[:, :2])).clamp(0).prod(-1)
    iou = shared / (size.prod(-1) + size_true.prod(-1) - shared + 1e-7)
    hull = torch.maximum(found[:, 2:], true[:, 2:]) - torch.minimum(found[:, :2], true[:, :2])
    apart = (found[:, :2] + found[:, 2:] - true[:, :2] - true[:, 2:]) / 2
    angle = torch.atan(size[:, 0] / (size[:, 1] + 1e-7)) - torch.atan(size_true[:, 0] / (size_true[:, 1] + 1e-7))
    shape = 4 / math.pi**2 * angle**2
    with torch.no_grad():
        share = shape / (shape - iou + 1 + 1e-7)
    return iou, iou - (apart**2).sum(-1) / ((hull**2).sum(-1) + 1e-7) - share * shape
