"""Training the finder of plate edges, a few minutes, and measuring every labelled box with it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Final, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from alpr.training.detector.dice import seeded
from alpr.training.detector.edges import EdgeFinder, drawn_patch, edge_loss, find_edges
from alpr.training.detector.feed import beside
from alpr.training.detector.signs import draw_any_plate
from alpr.training.detector.truth import Faults, Scene, bounds, pictures_of

Say: TypeAlias = Callable[[str], None]
_BATCH: Final = 64
_RATE: Final = 2e-3
_WIDE, _TALL, _OFF = (0.75, 1.15), (0.4, 1.15), (0.12, 0.2)
"""Shares of a labelled box that its plate takes, and how far off its middle may be."""
_LONGEST: Final = 9
"""The longer side over the shorter; plates are 5 to 1, seen from the side less."""
_DOUBT: Final = 0.1
"""Looks that disagree by more of the plate's height than this do not know its edge."""


def drawn_batches(scenes: Sequence[Scene], variety: int, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield patches `(64, 3, 96, 160) uint8` and their corners `(64, 4, 2)` without end."""
    random = seeded(seed)
    pictures = [(scene.boxes, image) for scene, image in pictures_of(scenes, Faults([]))]
    textures = [draw_any_plate(random) for _ in range(variety)]
    while True:
        made = []
        for _ in range(_BATCH):
            boxes, image = random.choice(pictures)
            made.append(drawn_patch(random, image, boxes, textures))
        patches = np.stack([patch for patch, _ in made]).transpose(0, 3, 1, 2)
        yield torch.from_numpy(patches.copy()), torch.from_numpy(np.stack([quad for _, quad in made]))


def fit_edges(scenes: Sequence[Scene], seconds: float, variety: int, seed: int, say: Say) -> EdgeFinder:
    """Train a finder of plate edges for so many seconds on so many drawn plates."""
    torch.manual_seed(seed)
    finder = EdgeFinder()
    finder.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch does not type it
    optimiser = torch.optim.AdamW(finder.parameters(), lr=_RATE, weight_decay=0.01)
    batches = beside(partial(drawn_batches, scenes, variety, seed))
    next(batches)
    started, step, recent = time.monotonic(), 0, 0.0
    while (share := (time.monotonic() - started) / seconds) < 1:
        for group in optimiser.param_groups:
            group["lr"] = _RATE * min(1.0, (step + 1) / 100) * (0.02 + 0.98 * (1 + np.cos(np.pi * share)) / 2)
        patches, corners = next(batches)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            found, spread = finder(patches.float().contiguous(memory_format=torch.channels_last))
        loss = edge_loss(found, spread, corners)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(finder.parameters(), 5.0)
        optimiser.step()
        step += 1
        recent += 0.05 * (float((found.detach() - corners).norm(dim=-1).mean()) - recent) if step > 1 else 20.0
        if step % 100 == 0:
            rate = step * _BATCH / (time.monotonic() - started)
            say(f"edges: step {step}, {share:.0%}, corners off by {recent:.2f} of 160 pixels, {rate:.0f} patches/s")
    finder.eval()
    return finder


def tighten(scene: Scene, image: NDArray[np.uint8], finder: EdgeFinder) -> Scene:
    """Replace the likely corners of labelled plates by measured ones where those are to be trusted."""
    if not len(scene.boxes):
        return scene
    quads, doubt = find_edges(finder, image, scene.boxes)
    sure = (doubt < _DOUBT) & plausible(quads, scene.boxes)
    return replace(scene, quads=np.where(sure[:, None, None], quads, scene.quads).astype(np.float32), exact=sure)


def plausible(quads: NDArray[np.float32], boxes: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Whether corners `(n, 4, 2)` can be those of the plates that were labelled with `boxes` `(n, 4)`."""
    tight = bounds(quads)
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    share_x, share_y = (tight[:, 2] - tight[:, 0]) / width, (tight[:, 3] - tight[:, 1]) / height
    off_x = np.abs((tight[:, 0] + tight[:, 2] - boxes[:, 0] - boxes[:, 2]) / 2) / width
    off_y = np.abs((tight[:, 1] + tight[:, 3] - boxes[:, 1] - boxes[:, 3]) / 2) / height
    sides = np.linalg.norm(quads - np.roll(quads, -1, 1), axis=2)
    even = sides.max(1) / np.maximum(sides.min(1), 1e-3) < _LONGEST
    fits = (_between(share_x, _WIDE) & _between(share_y, _TALL)) & (off_x < _OFF[0]) & (off_y < _OFF[1])
    fitting: NDArray[np.bool_] = even & fits
    return fitting


def _between(values: NDArray[np.float32], limits: tuple[float, float]) -> NDArray[np.bool_]:
    between: NDArray[np.bool_] = (values > limits[0]) & (values < limits[1])
    return between
