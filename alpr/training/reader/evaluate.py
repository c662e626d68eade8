"""How well a network reads crops that it never learned: exact texts, by set."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray

from alpr.training.reader.crops import RealCrop
from alpr.training.reader.material import Material, pictures, text_of
from alpr.training.reader.net import PlateNet
from alpr.vision.ocr import ALPHABET
from alpr.vision.onnx import open_session

DRAWN: Final = "drawn"
_BATCH = 128
_FOLD = str.maketrans("OQI", "001")


@dataclass(frozen=True, slots=True)
class TestSet:
    """Crops `(n, 48, 128) uint8` and their texts."""

    __test__ = False  # no test of pytest's

    crops: NDArray[np.uint8]
    texts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Score:
    """Shares of texts read exactly, 0 to 1."""

    exact: float
    """By the head that is surer of itself."""
    folded: float
    """The same, O = 0 = Q and I = 1."""
    slots: float
    ctc: float
    count: int


Scores: TypeAlias = Mapping[str, Score]
Inputs: TypeAlias = NDArray[np.float32]


def drawn_set(material: Material, seed: int, count: int) -> TestSet:
    """Draw plates that the training never sees, because its seed is another."""
    drawn = Material(surroundings=material.surroundings, typefaces=60)
    pairs = list(islice(pictures(drawn, seed), count))
    return TestSet(np.stack([crop for crop, _ in pairs]), [text_of(row) for _, row in pairs])


def real_set(crops: Sequence[RealCrop]) -> TestSet:
    """Cut real plates as the product does."""
    return TestSet(np.stack([crop.tight() for crop in crops]), [crop.text for crop in crops])


@torch.no_grad()
def measure(net: PlateNet, sets: Mapping[str, TestSet]) -> dict[str, Score]:
    """Read every set once, one look a crop, the surer head."""

    def read(x: Inputs) -> list[Inputs]:
        return [logits.float().softmax(-1).numpy() for logits in net(torch.from_numpy(x))]

    was = net.training
    net.eval()
    scores = {name: _score(read, each) for name, each in sets.items()}
    net.train(was)
    return scores


def measure_model(path: Path, sets: Mapping[str, TestSet]) -> dict[str, Score]:
    """Read every set with an exported model, in the same way."""
    session = open_session(path, "cpu")
    return {name: _score(lambda x: session.run(x=x), each) for name, each in sets.items()}


def better(after: Mapping[str, Score], before: Mapping[str, Score]) -> bool:
    """Whether real plates are read at least as well, on average over the sets that both have read."""
    real = [name for name in after if name in before and name != DRAWN and after[name].count]
    return sum(after[name].exact - before[name].exact for name in real) >= 0


def _score(read: Callable[[Inputs], Sequence[Inputs]], each: TestSet) -> Score:
    reads: list[tuple[str, str, str]] = []
    for start in range(0, len(each.texts), _BATCH):
        slots, columns = read(each.crops[start : start + _BATCH].astype(np.float32)[:, None])[:2]
        reads.extend(map(_read, slots, columns))
    best, by_slots, by_columns = ([read[i] for read in reads] for i in range(3))
    return Score(
        exact=_share(best, each.texts),
        folded=_share([text.translate(_FOLD) for text in best], [text.translate(_FOLD) for text in each.texts]),
        slots=_share(by_slots, each.texts),
        ctc=_share(by_columns, each.texts),
        count=len(each.texts),
    )


def _share(reads: Sequence[str], texts: Sequence[str]) -> float:
    right = sum(read == text for read, text in zip(reads, texts, strict=True))
    return round(right / len(texts), 4) if texts else 0.0


def _read(slots: Inputs, columns: Inputs) -> tuple[str, str, str]:
    """Return the surer head's text, and both."""
    by_slots, slots_sure = "".join(ALPHABET[i - 1] for i in slots.argmax(-1) if i), float(slots.max(-1).prod())
    best = columns.argmax(-1).tolist()
    by_columns = "".join(
        ALPHABET[now - 1] for before, now in zip((0, *best[:-1]), best, strict=True) if now and now != before
    )
    columns_sure = float(columns.max(-1).prod())
    return (by_slots if slots_sure >= columns_sure else by_columns), by_slots, by_columns
