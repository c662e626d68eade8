"""Completing the truth of photographs: vehicles by a teacher, plates that nobody labelled, tight corners."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from alpr.domain import BgrImage, Label
from alpr.errors import ModelError
from alpr.training.checkpoint import replacing
from alpr.training.detector.edgefit import Say, tighten
from alpr.training.detector.edges import EdgeFinder
from alpr.training.detector.teacher import VehicleTeacher
from alpr.training.detector.truth import Faults, Scene, pictures_of
from alpr.vision.detector import Detector

_SURE_VEHICLE: Final = 0.4
_PERHAPS_VEHICLE: Final = 0.12
_PERHAPS_PLATE_ON: Final = 0.25
"""A vehicle of this score without a labelled plate may have one that nobody labelled."""


def complete(
    scenes: Sequence[Scene], teacher: VehicleTeacher | None, standing: Detector | None, finder: EdgeFinder | None,
    faults: Faults, say: Say,
) -> list[Scene]:  # fmt: skip
    """Add vehicles, places to ignore and measured corners to every picture that can be decoded."""
    done = []
    for scene, image in pictures_of(scenes, faults):
        known = with_vehicles(scene, teacher.vehicles(image, _PERHAPS_VEHICLE)) if teacher else scene
        known = _with_strays(known, image, standing) if standing else known
        done.append(tighten(known, image, finder) if finder else known)
        if len(done) % 500 == 0:
            say(f"labels: {len(done)} of {len(scenes)} pictures")
    plates, exact = sum(len(s.boxes) for s in done), sum(int(s.exact.sum()) for s in done)
    vehicles = sum(len(s.vehicles) for s in done)
    say(f"labels: {len(done)} pictures, {plates} plates, {exact} of them with measured corners, {vehicles} vehicles")
    return done


def with_vehicles(scene: Scene, found: NDArray[np.float32]) -> Scene:
    """Add what a teacher found, `(n, 6)` with scores: sure vehicles, places to ignore."""
    score = found[:, 5]
    unsure = np.concatenate([np.ones((len(found), 1), np.float32), found[:, 1:5]], 1)[score <= _SURE_VEHICLE]
    bare = np.array([_bare(box, scene.boxes) for box in found[:, 1:5]], np.bool_)
    plateless = found[(score > _PERHAPS_PLATE_ON) & bare][:, :5].copy() if len(found) else found[:, :5]
    plateless[:, 0] = 0
    return replace(
        scene, vehicles=found[score > _SURE_VEHICLE][:, :5], ignored=np.concatenate([scene.ignored, unsure, plateless])
    )


def _bare(vehicle: NDArray[np.float32], plates: NDArray[np.float32]) -> bool:
    x, y = (plates[:, 0] + plates[:, 2]) / 2, (plates[:, 1] + plates[:, 3]) / 2
    on = (x > vehicle[0]) & (x < vehicle[2]) & (y > vehicle[1]) & (y < vehicle[3])
    return not bool(on.any())


def _with_strays(scene: Scene, image: BgrImage, standing: Detector) -> Scene:
    """Ignore what the standing detector takes for a plate and nobody labelled: it is one as often as not."""
    [found] = standing.detect([image])
    boxes = [(0, d.box.x1, d.box.y1, d.box.x2, d.box.y2) for d in found if d.label is Label.PLATE]
    rows = np.array(boxes, np.float32).reshape(-1, 5)
    stray = np.array([not _meets(row[1:], scene.boxes) for row in rows], np.bool_)
    return replace(scene, ignored=np.concatenate([scene.ignored, rows[stray]])) if len(rows) else scene


def _meets(box: NDArray[np.float32], plates: NDArray[np.float32]) -> bool:
    low, high = np.maximum(box[:2], plates[:, :2]), np.minimum(box[2:], plates[:, 2:])
    return bool((high > low).all(1).any())


def save_labels(path: Path, scenes: Sequence[Scene]) -> None:
    """Keep completed truth for a later start."""
    arrays = {}
    for number, scene in enumerate(scenes):
        for field in ("boxes", "quads", "exact", "vehicles", "ignored"):
            arrays[f"{number}/{field}"] = getattr(scene, field)
    with replacing(path) as unfinished, unfinished.open("wb") as file:
        np.savez(
            file, names=np.array([s.name for s in scenes]), paths=np.array([str(s.path) for s in scenes]), **arrays
        )


def load_labels(path: Path) -> list[Scene]:
    """Load what `save_labels` kept; raise `ModelError` when it is broken."""
    try:
        with path.open("rb") as file, np.load(file) as kept:
            return [
                Scene(
                    str(name), Path(str(picture)), kept[f"{n}/boxes"], kept[f"{n}/quads"], kept[f"{n}/exact"],
                    kept[f"{n}/vehicles"], kept[f"{n}/ignored"],
                )
                for n, (name, picture) in enumerate(zip(kept["names"], kept["paths"], strict=True))
            ]  # fmt: skip
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise ModelError(f"labels {path}: truncated or of another version ({error}): delete the file") from error
