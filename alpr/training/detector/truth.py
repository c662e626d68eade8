"""Pictures with what is known of them: plates, vehicles, and places where nobody looked."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from alpr.domain import BgrImage
from alpr.errors import CameraError

_SMALLEST: Final = 2
LOOSE: Final = 0.74
"""Share of its height that is plate, of a box drawn by hand round a plate: the middle of those measured."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One picture of a data folder."""

    name: str
    """Folder and file, as `plates_openlpr/images/x.jpg`."""
    path: Path
    boxes: NDArray[np.float32]
    """Plates as labelled, `(n, 4)` as `x1 y1 x2 y2`."""
    quads: NDArray[np.float32]
    """Plates, `(n, 4, 2)`: the corners where `exact`, else those of the box cut to a plate's likely height."""
    exact: NDArray[np.bool_]
    """`(n,)`: whether the corners are to be trusted."""
    vehicles: NDArray[np.float32]
    """`(m, 5)`: class (1 car, 2 truck, 3 bus, 4 motorcycle) and box."""
    ignored: NDArray[np.float32]
    """`(k, 5)`: 0 (perhaps a plate) or 1 (perhaps a vehicle), and box."""

    def picture(self) -> BgrImage:
        """Load the pixels, `(h, w, 3) uint8`; raise `CameraError` when it cannot be decoded."""
        image = cv2.imread(str(self.path), cv2.IMREAD_COLOR)
        if image is None:
            raise CameraError(f"{self.path}: no picture that can be decoded: left out")
        return image.astype(np.uint8, copy=False)


@dataclass(frozen=True, slots=True)
class Faults:
    """What of the data could not be used, one line each."""

    lines: list[str]

    def add(self, line: str) -> None:
        """Note a fault."""
        self.lines.append(line)


def load_scenes(data: Path, folders: Sequence[str], faults: Faults) -> list[Scene]:
    """Load the truth of the folders (each `truth.csv` and `images/`); what is broken is noted and left out."""
    scenes = []
    for folder in folders:
        table = data / folder / "truth.csv"
        if not table.is_file():
            faults.add(f"{table}: no such file: give a folder with truth.csv and images/")
            continue
        for name, boxes in _boxes_by_file(table, faults).items():
            path = data / folder / name
            if not path.is_file():
                faults.add(f"{path}: no such file, though {table.name} names it: left out")
                continue
            scenes.append(_scene(f"{folder}/{name}", path, np.array(boxes, np.float32).reshape(-1, 4)))
    return scenes


def _boxes_by_file(table: Path, faults: Faults) -> dict[str, list[tuple[float, float, float, float]]]:
    boxes: dict[str, list[tuple[float, float, float, float]]] = {}
    with table.open(newline="", encoding="utf-8") as file:
        for line, row in enumerate(csv.DictReader(file), 2):
            name = row.get("file") or ""
            known = boxes.setdefault(name, []) if name else []
            if not row.get("w"):
                continue
            try:
                x, y, w, h = (float(row[key] or "") for key in ("x", "y", "w", "h"))
            except (KeyError, ValueError):
                faults.add(f"{table}:{line}: x, y, w, h are not four numbers: box left out")
                continue
            if min(w, h) < _SMALLEST:
                faults.add(f"{table}:{line}: box of {w:g} x {h:g} pixels: left out")
                continue
            known.append((x, y, x + w, y + h))
    return boxes


def _scene(name: str, path: Path, boxes: NDArray[np.float32]) -> Scene:
    none = np.zeros((0, 5), np.float32)
    return Scene(name, path, boxes, likely_quads(boxes), np.zeros(len(boxes), np.bool_), none, none)


def inside(scene: Scene, width: int, height: int, faults: Faults) -> Scene:
    """Drop the boxes that lie outside the picture."""
    x1, y1, x2, y2 = scene.boxes.T
    within = (x2 > 1) & (y2 > 1) & (x1 < width - 1) & (y1 < height - 1)
    if within.all():
        return scene
    faults.add(f"{scene.path}: {int((~within).sum())} box(es) outside the picture of {width} x {height}: left out")
    return replace(scene, boxes=scene.boxes[within], quads=scene.quads[within], exact=scene.exact[within])


def likely_quads(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Turn hand-drawn boxes `(n, 4)` into upright corners `(n, 4, 2)` of the plate that is likely in them."""
    x1, y1, x2, y2 = boxes.T
    trim = (y2 - y1) * (1 - LOOSE) / 2
    top, bottom = y1 + trim, y2 - trim
    return np.stack([x1, top, x2, top, x2, bottom, x1, bottom], 1).reshape(-1, 4, 2).astype(np.float32)


def bounds(quads: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the upright boxes `(n, 4)` round corners `(n, 4, 2)`."""
    return np.concatenate([quads.min(1), quads.max(1)], 1)


def held_out(scenes: Sequence[Scene], words: Sequence[str]) -> tuple[list[Scene], dict[str, list[Scene]]]:
    """Part the scenes into those to train on and, by word, those whose file name holds it."""
    kept: list[Scene] = []
    apart: dict[str, list[Scene]] = {word: [] for word in words}
    for scene in scenes:
        word = next((w for w in words if w in scene.path.name), None)
        (apart[word] if word is not None else kept).append(scene)
    return kept, apart


def pictures_of(scenes: Sequence[Scene], faults: Faults) -> Iterator[tuple[Scene, BgrImage]]:
    """Load each picture; leave out what is broken and the boxes outside."""
    for scene in scenes:
        try:
            image = scene.picture()
        except CameraError as error:
            faults.add(str(error))
            continue
        yield inside(scene, image.shape[1], image.shape[0], faults), image
