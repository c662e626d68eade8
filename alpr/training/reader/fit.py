"""Fit the reader: batches from the feed, AdamW under a cosine of time, averaged weights, checkpoints that resume."""

from __future__ import annotations

import copy
import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - its usual name

from alpr.training.checkpoint import load_checkpoint, save_checkpoint
from alpr.training.reader.crops import LONGEST
from alpr.training.reader.evaluate import Score, TestSet, measure
from alpr.training.reader.feed import Feed, feeding
from alpr.training.reader.material import UNKNOWN, Material
from alpr.training.reader.net import PlateNet
from alpr.training.reader.weights import load_exported

_SLOTS, _CTC, _REGION = 1.5, 0.6, 0.15
"""Weights of the heads' losses."""
_SMOOTHING: Final = 0.02
_DECAY: Final = 0.02
_CLIP: Final = 3.0
_WARM_UP: Final = 200
_LOWEST: Final = 0.01
_AVERAGED: Final = 0.999
_SAVE_EVERY, _MEASURE_EVERY, _SAY_EVERY = 120.0, 300.0, 20.0


@dataclass(frozen=True, slots=True)
class Course:
    """How long and how fast to learn."""

    seconds: float
    batch: int = 64
    rate: float = 1e-3
    seed: int = 0
    work: Path = Path("train-reader")

    @property
    def checkpoint(self) -> Path:
        """Where the progress is kept."""
        return self.work / "checkpoint.pt"

    @property
    def log(self) -> Path:
        """Where the figures over time are kept, one JSON object a line."""
        return self.work / "log.jsonl"


@dataclass(slots=True)
class Progress:
    """How far the training is."""

    step: int = 0
    seen: int = 0
    seconds: float = 0.0


class Trainer:
    """A network, its averaged copy, its optimiser and its progress."""

    def __init__(self, course: Course) -> None:
        torch.manual_seed(course.seed)
        torch.set_num_threads(1)
        self.course = course
        self.progress = Progress()
        self.net: PlateNet = PlateNet().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = copy.deepcopy(self.net).eval()
        decayed = [p for p in self.net.parameters() if p.ndim > 1]
        plain = [p for p in self.net.parameters() if p.ndim <= 1]
        groups = [{"params": decayed, "weight_decay": _DECAY}, {"params": plain, "weight_decay": 0.0}]
        self.optimizer = torch.optim.AdamW(groups, course.rate, betas=(0.9, 0.98))

    def start_from(self, path: Path, crops: NDArray[np.uint8]) -> None:
        """Take the weights of an exported model, or the averaged ones of a checkpoint, as the start of a new training.

        `crops` `(n, 48, 128)` are any pictures of plates; see `load_exported`.
        """
        if path.suffix == ".onnx":
            load_exported(self.net, path, crops)
        else:
            self.net.load_state_dict(load_checkpoint(path)["average"])
        self.average.load_state_dict(self.net.state_dict())

    def resume(self) -> None:
        """Go on from this course's own checkpoint."""
        state = load_checkpoint(self.course.checkpoint)
        self.net.load_state_dict(state["net"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.progress = Progress(**state["progress"])

    def save(self) -> None:
        """Keep everything that a resumed training needs."""
        state = {
            "net": self.net.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "progress": asdict(self.progress),
        }
        save_checkpoint(self.course.checkpoint, state)

    def learn(self, feed: Feed) -> float:
        """Take one step; return its loss."""
        crops, labels = feed.batch(self.course.batch)
        self._set_rate()
        x = torch.from_numpy(crops).float()[:, None].contiguous(memory_format=torch.channels_last)
        self.net.train()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            heads = self.net(x)
        loss = loss_of(heads, torch.from_numpy(labels).long())
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), _CLIP)
        self.optimizer.step()
        self.progress.step += 1
        self.progress.seen += len(crops)
        self._average()
        return float(loss.detach())

    def _set_rate(self) -> None:
        part = min(1.0, self.progress.seconds / self.course.seconds)
        warm = min(1.0, (self.progress.step + 1) / _WARM_UP)
        rate = self.course.rate * warm * max(_LOWEST, 0.5 * (1 + math.cos(math.pi * part)))
        for group in self.optimizer.param_groups:
            group["lr"] = rate

    @torch.no_grad()
    def _average(self) -> None:
        keep = min(_AVERAGED, (self.progress.step + 1) / (self.progress.step + 20))
        torch._foreach_lerp_(list(self.average.parameters()), list(self.net.parameters()), 1 - keep)
        for mean, now in zip(self.average.buffers(), self.net.buffers(), strict=True):
            mean.copy_(now)


def loss_of(heads: tuple[Tensor, Tensor, Tensor], labels: Tensor) -> Tensor:
    """Return the loss of a batch: `labels` is `(n, 13)` as `material.label` makes them.

    Columns cannot tell one row from two, so plates in two rows teach the places alone.
    """
    slots, columns, region = (head.float() for head in heads)
    classes, lengths, one_row, regions = (
        labels[:, :LONGEST],
        labels[:, LONGEST],
        labels[:, LONGEST + 1] > 0,
        labels[:, LONGEST + 2],
    )
    loss = _SLOTS * F.cross_entropy(slots.flatten(0, 1), classes.flatten(), label_smoothing=_SMOOTHING)
    if bool(one_row.any()):
        spoken = columns[one_row].log_softmax(-1).transpose(0, 1)
        widths = torch.full((int(one_row.sum()),), columns.shape[1])
        loss = loss + _CTC * F.ctc_loss(spoken, classes[one_row], widths, lengths[one_row], zero_infinity=True)
    if bool((regions != UNKNOWN).any()):
        loss = loss + _REGION * F.cross_entropy(region, regions, ignore_index=UNKNOWN)
    return loss


def fit(trainer: Trainer, material: Material, sets: Mapping[str, TestSet], told: Callable[[str], None]) -> None:
    """Learn until the time is up; an interruption keeps a checkpoint and ends it as KeyboardInterrupt."""
    course, progress = trainer.course, trainer.progress
    _note(trainer, measure(trainer.average, sets), told)
    with feeding(material, course.seed + 1 + progress.seen) as feed:
        try:
            _steps(trainer, feed, sets, told)
        finally:
            trainer.save()
    _note(trainer, measure(trainer.average, sets), told)


def _steps(trainer: Trainer, feed: Feed, sets: Mapping[str, TestSet], told: Callable[[str], None]) -> None:
    course, progress = trainer.course, trainer.progress
    feed.wait(course.batch)  # the generator's start is no time of learning
    saved = measured = said = time.monotonic()
    before, seen, losses = progress.seconds, progress.seen, 0.0
    started = said
    while progress.seconds < course.seconds:
        losses = 0.98 * losses + 0.02 * trainer.learn(feed) if losses else trainer.learn(feed)
        now = time.monotonic()
        progress.seconds = before + now - started
        if now - said >= _SAY_EVERY:
            rate = (progress.seen - seen) / (now - said)
            told(f"{progress.seconds:6.0f} s  {progress.seen} crops  {rate:.0f}/s  loss {losses:.3f}")
            said, seen = now, progress.seen
        if now - saved >= _SAVE_EVERY:
            trainer.save()
            saved = now
        if now - measured >= _MEASURE_EVERY:
            _note(trainer, measure(trainer.average, sets), told)
            measured = time.monotonic()


def _note(trainer: Trainer, scores: Mapping[str, Score], told: Callable[[str], None]) -> None:
    """Tell the figures and add them to the log."""
    figures: dict[str, Any] = {**asdict(trainer.progress), "scores": {name: asdict(s) for name, s in scores.items()}}
    trainer.course.log.parent.mkdir(parents=True, exist_ok=True)
    with trainer.course.log.open("a", encoding="utf-8") as log:
        log.write(json.dumps(figures) + "\n")
    told("  ".join(f"{name} {score.exact:.1%} ({score.folded:.1%})" for name, score in scores.items()))
