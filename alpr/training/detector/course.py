"""The whole way from data to a model: truth, edges, training, measuring, export, manifest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch

from alpr.errors import ConfigError, ModelError
from alpr.paths import shipped
from alpr.training.checkpoint import load_checkpoint, replacing, save_checkpoint
from alpr.training.detector.card import NAME, better, describe
from alpr.training.detector.edgefit import Say, fit_edges
from alpr.training.detector.edges import EdgeFinder
from alpr.training.detector.export import export
from alpr.training.detector.fit import Plan, Training, fit, load_photographs
from alpr.training.detector.labels import complete, load_labels, save_labels
from alpr.training.detector.measure import Example, Score, detector_of, drawn_examples, score
from alpr.training.detector.net import DetectorNet, load_weights
from alpr.training.detector.teacher import VehicleTeacher
from alpr.training.detector.truth import Faults, Scene, held_out, load_scenes, pictures_of
from alpr.training.manifest import install_model
from alpr.vision.detector import Detector
from alpr.vision.onnx import open_session

_FEWEST: Final = 20
_EXAMPLES: Final = 150
"""Pictures of a held-out set that are measured while the training goes on."""


@dataclass(frozen=True, slots=True)
class Course:
    """What to train on, from what, for how long, and where it goes."""

    data: Path
    folders: tuple[str, ...]
    held_out: tuple[str, ...]
    work: Path
    out: Path
    seconds: float
    """Of training; 0 measures and exports the checkpoint."""
    edge_seconds: float
    teacher: Path | None = None
    init: Path | None = None
    resume: bool = False
    rate: float = 1e-3
    seed: int = 1
    version: str | None = None
    install_anyway: bool = False
    variety: int = 1500
    """Plates that are drawn ahead."""
    drawn: int = 150
    """Pictures of drawn plates that are measured."""


def run_course(course: Course, say: Say) -> bool:
    """Train a detector, or go on with one; return whether it took the place of the last."""
    torch.set_num_threads(1)
    standing = _standing(course.out, say)
    scenes, apart = _truth(course, standing, say)
    examples = _example_sets(course, scenes, apart)
    training = _begin(course, say)

    def measured(detector: Detector, who: str) -> dict[str, Score]:
        scores = {name: score(detector, several) for name, several in examples.items()}
        for name, each in scores.items():
            say(f"{who}: {name}: {each}")
        return scores

    def examine() -> None:
        measured(detector_of(training.average, "in training"), f"step {training.progress.step}")

    fit(training, scenes, _plan(course), _checkpoint(course), say, examine)
    built = course.work / f"{NAME}.onnx"
    with replacing(built) as unfinished:
        export(training.average, unfinished, [example.image for example in examples["drawn"][:3]])
    before = measured(standing, "standing model") if standing else {}
    after = measured(Detector(open_session(built, "cpu")), "exported")
    if not better(after, before) and not course.install_anyway:
        say(f"the standing model finds more and stays; the new one is {built}")
        say("--export-only --install-anyway installs it")
        return False
    card = describe(training, course.folders, after, course.seed, course.version)
    install_model(course.out, built, card)
    say(f"installed: {course.out / card.file}")
    return True


def _example_sets(
    course: Course, scenes: Sequence[Scene], apart: Mapping[str, list[Scene]]
) -> dict[str, list[Example]]:
    """Return what is measured: each held-out set, and drawn plates on their photographs."""
    held = [scene for several in apart.values() for scene in several]
    ground = load_photographs(held or scenes[:_FEWEST])
    sets = {word.strip("_"): _examples(several) for word, several in apart.items() if several}
    return {**sets, "drawn": drawn_examples(ground, course.drawn, course.seed)}


def _plan(course: Course) -> Plan:
    return Plan(course.seconds, rate=course.rate, seed=course.seed, variety=course.variety)


def _checkpoint(course: Course) -> Path:
    return course.work / "checkpoint.pt"


def _standing(models: Path, say: Say) -> Detector | None:
    """Load the model that a better one shall replace."""
    for folder in (models, shipped("models")):
        path = folder / f"{NAME}.onnx"
        if not path.is_file():
            continue
        try:
            return Detector(open_session(path, "cpu"))
        except ModelError as error:
            say(f"standing model: {error}")
    return None


def _truth(course: Course, standing: Detector | None, say: Say) -> tuple[list[Scene], dict[str, list[Scene]]]:
    kept = course.work / "labels.npz"
    if kept.is_file():
        say(f"labels: those of {kept}")
        return held_out(load_labels(kept), course.held_out)
    faults = Faults([])
    scenes = load_scenes(course.data, course.folders, faults)
    trained, _ = held_out(scenes, course.held_out)
    if len(trained) < _FEWEST:
        where = f"{course.data} ({', '.join(course.folders) or 'no folder'})"
        raise ConfigError(f"train: {len(trained)} pictures in {where}, {_FEWEST} are the least: give more data")
    finder = _edges(course, trained, say)
    teacher = VehicleTeacher(course.teacher) if course.teacher else None
    done = complete(scenes, teacher, standing, finder, faults, say)
    for line in faults.lines:
        say(line)
    say(f"data: {len(faults.lines)} faults, {len(done)} pictures used")
    save_labels(kept, done)
    return held_out(done, course.held_out)


def _edges(course: Course, scenes: Sequence[Scene], say: Say) -> EdgeFinder:
    path = course.work / "edges.pt"
    if path.is_file():
        finder = EdgeFinder()
        try:
            finder.load_state_dict(load_checkpoint(path))
        except RuntimeError as error:
            raise ModelError(f"checkpoint {path}: of another version: delete it and start anew") from error
        finder.eval()
        return finder
    finder = fit_edges(scenes, course.edge_seconds, course.variety, course.seed, say)
    save_checkpoint(path, finder.state_dict())
    return finder


def _examples(scenes: Sequence[Scene]) -> list[Example]:
    every = max(1, len(scenes) // _EXAMPLES)
    return [
        Example(image, scene.quads) for scene, image in pictures_of(scenes[::every], Faults([])) if len(scene.quads)
    ]


def _begin(course: Course, say: Say) -> Training:
    torch.manual_seed(course.seed)
    net, checkpoint = DetectorNet(), _checkpoint(course)
    if course.init is not None:
        weights = load_checkpoint(course.init).get("weights")
        if not isinstance(weights, dict):
            raise ModelError(f"checkpoint {course.init}: has no weights: give one that this training made")
        left = load_weights(net, weights)
        say(f"weights of {course.init}: {len(net.state_dict()) - len(left)} taken, {len(left)} new")
    training = Training(net, _plan(course))
    if course.resume:
        training.resume(checkpoint)
        say(f"going on from {checkpoint}: step {training.progress.step}")
    return training
