"""`alpr train detector` on a handful of drawn pictures: from data to an installed model, interrupted and not."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace

import cv2
import numpy as np
import pytest

from alpr.errors import ConfigError, ModelError
from alpr.ops.train.detector import add_arguments, train_model
from alpr.vision.detector import Detector
from alpr.vision.onnx import open_session
from tests.drawn_plates import street

pytest.importorskip("torch", reason="torch is not installed: pip install 'alpr[train]'")
pytest.importorskip("onnx", reason="onnx is not installed: pip install 'alpr[train]'")

from alpr.training.detector.card import better, describe
from alpr.training.detector.course import Course, run_course
from alpr.training.detector.fit import Plan, Training
from alpr.training.detector.measure import Score
from alpr.training.detector.net import DetectorNet


@pytest.fixture
def data(tmp_path):
    """Return a folder of drawn streets: 22 to train on, two held out, one broken."""
    images = tmp_path / "data" / "plates_site" / "images"
    images.mkdir(parents=True)
    rows = ["file,x,y,w,h,text"]
    for number in range(24):
        name = f"{'val_' if number < 2 else ''}{number}.png"
        x, y = 60 + 7 * number, 150 + 3 * number
        cv2.imwrite(str(images / name), street("ABC1234", (x, y), height=30, size=(480, 288)))
        rows.append(f"images/{name},{x - 2},{y - 6},115,42,")
    (images / "broken.png").write_bytes(b"")
    rows.append("images/broken.png,1,1,50,20,")
    (images.parent / "truth.csv").write_text("\n".join(rows))
    return tmp_path / "data"


def _course(data, **changes) -> Course:
    course = Course(
        data=data,
        folders=("plates_site",),
        held_out=("val_",),
        work=data.parent / "work",
        out=data.parent / "models",
        seconds=2.0,
        edge_seconds=1.0,
        seed=1,
        variety=12,
        drawn=4,
    )
    return replace(course, **changes)


@pytest.mark.slow
def test_from_data_to_a_file(data):
    """Labels, edges, checkpoint and ONNX file are made; what is no better than the standing model stays out."""
    said: list[str] = []
    assert not run_course(_course(data), said.append)
    work = data.parent / "work"
    assert {"labels.npz", "edges.pt", "checkpoint.pt", "gate-detector.onnx"} <= {path.name for path in work.iterdir()}
    assert not list(work.glob(".*"))
    told = "\n".join(said)
    assert "broken.png: no picture that can be decoded" in told
    assert "standing model: val: 2 plates" in told
    assert "the standing model finds more and stays" in told
    assert not (data.parent / "models" / "gate-detector.onnx").exists()
    said.clear()
    assert run_course(_course(data, seconds=0, resume=True, install_anyway=True), said.append)
    assert any(line.startswith("going on from") for line in said)
    assert any(line.startswith("labels: those of") for line in said)
    [entry] = json.loads((data.parent / "models" / "manifest.json").read_text())["models"]
    assert entry["name"] == "gate-detector"
    assert Detector(open_session(data.parent / "models" / entry["file"], "cpu"))


def test_broken_files_are_told_in_one_line(data):
    """A truncated checkpoint or label file is named with what to do; a broken standing model is no obstacle."""
    work = data.parent / "work"
    work.mkdir()
    (work / "edges.pt").write_bytes(b"cut off")
    with pytest.raises(ModelError, match=r"edges\.pt: truncated or no checkpoint"):
        run_course(_course(data), lambda _: None)
    models = data.parent / "models"
    models.mkdir()
    (models / "gate-detector.onnx").write_bytes(b"cut off")
    said: list[str] = []
    with pytest.raises(ModelError, match="edges"):
        run_course(_course(data), said.append)
    assert any("gate-detector.onnx: cannot be loaded" in line for line in said)


def test_too_few_pictures(data):
    """A folder without enough pictures is refused before anything is trained."""
    with pytest.raises(ConfigError, match=r"train: 0 pictures in .*plates_none.*: give more data"):
        run_course(_course(data, folders=("plates_none",)), lambda _: None)


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["--minutes", "0"], "--minutes: must be above 0"),
        (["--edge-minutes", "-1"], "--edge-minutes: must be above 0"),
        (["--init", "a.pt", "--resume"], "--init, --resume: give one of them"),
    ],
)
def test_arguments_that_cannot_be(tmp_path, words, fault):
    """Each is told before anything is loaded."""
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    with pytest.raises(ConfigError) as caught:
        train_model(parser.parse_args(["--data", str(tmp_path), *words]))
    assert fault in caught.value.faults


def test_a_command_without_data(tmp_path):
    """The command finds the folders itself, and says when there is none."""
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    args = parser.parse_args(["--data", str(tmp_path), "--work", str(tmp_path / "w")])
    with pytest.raises(ConfigError, match=r"train: 0 pictures in .*\(no folder\)"):
        train_model(args)


def _score(found: float, tightly: float) -> Score:
    return Score(100, 1.0, found, tightly, 0.8, 0.1, 0.2)


@pytest.mark.parametrize(
    ("after", "expected"),
    [((0.97, 0.9), True), ((0.97, 0.7), False), ((0.90, 0.95), False), ((0.966, 0.9), True)],
)
def test_better(after, expected):
    """Tighter boxes and no plate lost; a first model is better than none."""
    assert better({"val": _score(*after)}, {"val": _score(0.97, 0.8)}) is expected
    assert better({"val": _score(*after)}, {})


def test_what_the_manifest_says(data):
    """Figures that are numbers, the data by name and licence, and what a repetition needs."""
    training = Training(DetectorNet(), Plan(10))
    card = describe(
        training, ("plates_romania", "plates_site"), {"val": replace(_score(0.9, 0.8), corners=np.nan)}, 4, "7"
    )
    assert card.version == "7"
    assert card.training_data[:2] == ("plates_romania (534 pictures, MIT)", "plates_site (of this site)")
    assert "corners" not in card.metrics["val"]
    assert card.training["seed"] == 4
    json.dumps([dict(card.metrics), dict(card.training)], allow_nan=False)
