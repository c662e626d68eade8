"""`alpr train reader` from a site's own crops to an installed model, and what it says when it cannot."""

from __future__ import annotations

import argparse
import json

import cv2
import pytest

from alpr.cli import main
from alpr.errors import ConfigError
from alpr.ops.train import command as train
from alpr.recognizers.registry import verify_manifest
from alpr.vision.ocr import PlateReader
from alpr.vision.onnx import open_session
from tests.drawn_plates import drawn_plate


@pytest.fixture
def crops(tmp_path):
    """Return a folder of 22 drawn crops with their texts, one of them broken."""
    folder = tmp_path / "site"
    folder.mkdir()
    rows = ["file,x,y,w,h,text"]
    for number in range(22):
        cv2.imwrite(str(folder / f"{number}.png"), drawn_plate(f"AB{number:03}C"))
        rows.append(f"{number}.png,,,,,AB{number:03}C")
    (folder / "0.png").write_bytes(b"")
    (folder / "truth.csv").write_text("\n".join(rows))
    return folder


@pytest.mark.parametrize("missing", ["torch", "onnx"])
def test_without_its_libraries_one_line_says_so(missing, monkeypatch, capsys, tmp_path):
    """Exit code 2, and what to install."""
    monkeypatch.setattr(train, "_NEEDED", (f"no_such_{missing}",))
    assert main(["train", "reader", "--crops", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"train: no_such_{missing} not installed: pip install 'alpr[train]'\n"


def test_the_command_loads_no_torch_before_it_is_needed():
    """`alpr train reader --help` answers at once."""
    parser = argparse.ArgumentParser()
    train.add_arguments(parser)
    args = parser.parse_args(["reader", "--crops", "a", "--crops", "b", "--minutes", "3"])
    assert [path.name for path in args.crops] == ["a", "b"]
    assert args.minutes == 3


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["--minutes", "0"], "--minutes: must be above 0"),
        (["--real", "1"], "--real: must be at least 0 and below 1"),
        (["--init", "a.pt", "--resume"], "--init, --resume: give one of them"),
        (["--from-scratch", "--resume"], "--from-scratch: not with --init or --resume"),
    ],
)
def test_what_makes_no_sense_is_refused(words, fault, capsys, monkeypatch):
    """Before any data is loaded."""
    monkeypatch.setattr(train, "_NEEDED", ())
    assert main(["train", "reader", *words]) == 2
    assert fault in capsys.readouterr().err


@pytest.mark.slow
def test_a_reader_is_taught_and_installed(crops, tmp_path, capsys):
    """Data, training, figures, export, parity and manifest in one command; a second one goes on from there."""
    pytest.importorskip("torch", reason="torch is not installed: pip install 'alpr[train]'")
    pytest.importorskip("onnx", reason="onnx is not installed: pip install 'alpr[train]'")
    models, work = tmp_path / "models", tmp_path / "work"
    words = ["train", "reader", "--crops", str(crops), "--out", str(models), "--work", str(work), "--minutes", "0.02",
             "--typefaces", "8"]  # fmt: skip
    assert main([*words, "--version", "7"]) == 0
    said = capsys.readouterr().out
    assert "0.png: missing or no picture: left out" in said
    assert "installed:" in said
    assert verify_manifest(models) == ("plate-reader 7",)
    (entry,) = json.loads((models / "manifest.json").read_text())["models"]
    assert entry["training_data"] == ["drawn plates", "site (21 crops of this site)"]
    assert entry["training"]["crops_seen"] > 0
    assert PlateReader(open_session(models / "plate-reader.onnx", "cpu")).read([]) == []
    seen = entry["training"]["crops_seen"]
    assert main([*words, "--resume", "--minutes", "0.15"]) in {0, 1}
    log = [json.loads(line) for line in (work / "log.jsonl").read_text().splitlines()]
    assert log[-1]["seen"] > seen
    capsys.readouterr()
    assert main([*words, "--work", str(tmp_path / "third"), "--minutes", "0.05"]) in {0, 1}
    assert f"goes on from {models / 'plate-reader.onnx'}" in capsys.readouterr().out


def test_the_work_folder_without_a_checkpoint_is_told(crops, tmp_path, capsys):
    """There is nothing to resume, and the last good model stays."""
    pytest.importorskip("torch", reason="torch is not installed: pip install 'alpr[train]'")
    words = [
        "train",
        "reader",
        "--crops",
        str(crops),
        "--out",
        str(tmp_path),
        "--work",
        str(tmp_path / "w"),
        "--resume",
    ]
    assert main(words) == 1
    assert "checkpoint.pt: no such file" in capsys.readouterr().err


def test_an_empty_folder_is_refused(tmp_path):
    """Nothing to learn from is a fault of the command, not a model."""
    pytest.importorskip("torch", reason="torch is not installed: pip install 'alpr[train]'")
    parser = argparse.ArgumentParser()
    train.add_arguments(parser)
    args = parser.parse_args(["reader", "--crops", str(tmp_path), "--work", str(tmp_path / "w")])
    with pytest.raises(ConfigError, match=r"truth\.csv"):
        train.train_command(args)
