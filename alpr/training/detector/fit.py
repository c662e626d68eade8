"""The training loop: batches from one process beside, averaged weights, a checkpoint every few minutes."""

from __future__ import annotations

import copy
import math
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from alpr.errors import ModelError
from alpr.training.checkpoint import load_checkpoint, save_checkpoint
from alpr.training.detector.clutter import draw_no_plate
from alpr.training.detector.dice import seeded
from alpr.training.detector.edgefit import Say
from alpr.training.detector.feed import beside
from alpr.training.detector.loss import Loss, Truth, measure
from alpr.training.detector.net import DetectorNet
from alpr.training.detector.photo import expose
from alpr.training.detector.scenes import Photograph, compose, photograph, seen_only
from alpr.training.detector.signs import draw_any_plate
from alpr.training.detector.truth import Faults, Scene, pictures_of

_SIZES: Final = ((384, 384), (512, 288), (448, 320), (320, 448), (576, 352))
_DECAY: Final = 0.03
_SMOOTH: Final = 0.998
_WARM_UP: Final = 150
_CLIP: Final = 5
"""From so many on, pictures whose names differ in their time alone are frames of one clip."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how fast to train."""

    seconds: float
    batch: int = 16
    rate: float = 1e-3
    seed: int = 1
    checkpoint_every: float = 120.0
    measure_every: float = 600.0
    variety: int = 1500
    """Plates that are drawn ahead, to be hung again and again in another light."""


@dataclass(slots=True)
class Progress:
    """How far a training has come; what a checkpoint keeps."""

    step: int = 0
    seconds: float = 0.0
    pictures: int = 0


class Training:
    """A network, its running average and its optimiser."""

    def __init__(self, net: DetectorNet, plan: Plan) -> None:
        net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch does not type it
        self.net = net
        self.average = copy.deepcopy(net).eval()
        self.progress = Progress()
        self._plan = plan
        matrices = [p for p in net.parameters() if p.ndim > 1]
        others = [p for p in net.parameters() if p.ndim <= 1]
        groups = [{"params": matrices, "weight_decay": _DECAY}, {"params": others, "weight_decay": 0.0}]
        self._optimiser = torch.optim.AdamW(groups, lr=plan.rate, betas=(0.9, 0.99))

    def step(self, images: Tensor, truth: Truth) -> Loss:
        """Learn from one batch of BGR images `(n, h, w, 3) uint8`."""
        share = min(1.0, self.progress.seconds / max(1.0, self._plan.seconds))
        rate = self._plan.rate * min(1.0, (self.progress.step + 1) / _WARM_UP)
        for group in self._optimiser.param_groups:
            group["lr"] = rate * (0.02 + 0.98 * (1 + math.cos(math.pi * share)) / 2)
        self.net.train()
        pixels = images.permute(0, 3, 1, 2).float().contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            found = self.net(pixels)
        loss = measure(found, truth)
        self._optimiser.zero_grad(set_to_none=True)
        loss.total.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 10.0)
        self._optimiser.step()
        self.progress.step += 1
        self.progress.pictures += len(images)
        self._follow()
        return loss

    @torch.no_grad()
    def _follow(self) -> None:
        """Let the averaged weights follow, faster at the start."""
        keep = min(_SMOOTH, (1 + self.progress.step) / (10 + self.progress.step))
        for mean, now in zip(self.average.state_dict().values(), self.net.state_dict().values(), strict=True):
            if mean.dtype.is_floating_point:
                mean.lerp_(now, 1 - keep)
            else:
                mean.copy_(now)

    def state(self) -> dict[str, Any]:
        """Return all that a later start needs."""
        progress = self.progress
        return {
            "net": self.net.state_dict(),
            "weights": self.average.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "progress": {"step": progress.step, "seconds": progress.seconds, "pictures": progress.pictures},
        }

    def resume(self, path: Path) -> None:
        """Go on from a checkpoint; raise `ModelError` when it is broken or of another version."""
        state = load_checkpoint(path)
        try:
            self.net.load_state_dict(state["net"])
            self.average.load_state_dict(state["weights"])
            self._optimiser.load_state_dict(state["optimiser"])
            self.progress = Progress(**state["progress"])
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise ModelError(f"checkpoint {path}: of another version: delete it and start anew") from error


def batches(scenes: Sequence[Scene], batch: int, variety: int, seed: int) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Yield images `(n, h, w, 3) uint8`, rows `(n, g, 15)` and ignored `(n, i, 5)`, padded with -1, without end."""
    random = seeded(seed)
    photographs = load_photographs(scenes)
    plates = [draw_any_plate(random) for _ in range(variety)]
    others = [draw_no_plate(random) for _ in range(variety // 5 + 1)]
    while True:
        size = random.choice(_SIZES)
        samples = [compose(random, photographs, plates, others, size) for _ in range(batch)]
        samples = [seen_only(sample, expose(random, sample.image)) for sample in samples]
        images = np.stack([sample.image for sample in samples])
        yield torch.from_numpy(images), padded([s.rows for s in samples]), padded([s.ignored for s in samples])


def load_photographs(scenes: Sequence[Scene]) -> list[Photograph]:
    """Load all pictures; those to be seen more often are there several times (the pixels once).

    The frames of a clip are much alike and count less, rare kinds of vehicles more.
    """
    clips = Counter(_clip(scene) for scene in scenes)
    shelf = []
    for scene, image in pictures_of(scenes, Faults([])):
        often = 1 if clips[_clip(scene)] >= _CLIP else 3
        if (scene.vehicles[:, 0] > 1).any():
            often = round(often * 2.5)
        shelf += [photograph(scene, image)] * often
    return shelf


def _clip(scene: Scene) -> str:
    """Return the name without the time of the frame, as in `ride_t1054`."""
    return re.sub(r"_t\d+$", "", scene.path.stem)


def padded(rows: Sequence[NDArray[np.float32]]) -> Tensor:
    """Stack `(k, c)` arrays of several lengths to `(n, longest, c)`, the rest -1."""
    stacked = np.full((len(rows), max(1, *(len(r) for r in rows)), rows[0].shape[1]), -1, np.float32)
    for number, each in enumerate(rows):
        stacked[number, : len(each)] = each
    return torch.from_numpy(stacked)


def fit(
    training: Training, scenes: Sequence[Scene], plan: Plan, checkpoint: Path, say: Say, examine: Callable[[], None]
) -> None:
    """Train until the plan's seconds are spent; checkpoint on the way, and when interrupted."""
    progress = training.progress
    if progress.seconds >= plan.seconds:
        return
    source = beside(partial(batches, scenes, plan.batch, plan.variety, plan.seed + progress.step))
    next(source)
    clock = time.monotonic()
    saved = examined = progress.seconds
    waited, parts = 0.0, np.zeros(4)
    try:
        while progress.seconds < plan.seconds:
            before = time.monotonic()
            images, rows, ignored = next(source)
            waited += time.monotonic() - before
            loss = training.step(images, Truth(rows, ignored))
            progress.seconds += time.monotonic() - clock
            clock = time.monotonic()
            parts += (loss.score, loss.box, loss.corners, loss.iou)
            if progress.step % 50 == 0:
                _report(say, progress, plan, parts / 50, waited)
                parts[:], waited = 0, 0.0
            if progress.seconds - saved > plan.checkpoint_every:
                saved = progress.seconds
                save_checkpoint(checkpoint, training.state())
            if progress.seconds - examined > plan.measure_every:
                examined = progress.seconds
                examine()
                clock = time.monotonic()
    finally:
        save_checkpoint(checkpoint, training.state())


def _report(say: Say, progress: Progress, plan: Plan, parts: NDArray[np.float64], waited: float) -> None:
    score, box, corners, iou = parts.tolist()
    say(
        f"step {progress.step}, {progress.seconds / plan.seconds:.0%}, score {score:.3f}, box {box:.3f}, "
        f"corners {corners:.3f}, IoU {iou:.3f}, {progress.pictures / max(1.0, progress.seconds):.1f} pictures/s, "
        f"waited {waited:.1f} s"
    )
