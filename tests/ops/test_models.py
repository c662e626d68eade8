"""`alpr models` on a folder of the shipped models."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import UTC, datetime, timedelta

import pytest

from alpr.cli import main
from alpr.errors import ModelError
from alpr.ops.models import promote, roll_back
from alpr.paths import shipped
from alpr.recognizers.registry import verify_manifest
from alpr.vision.calibration import CALIBRATION_FILE, load_calibration

NOON = datetime(2026, 6, 18, 12, tzinfo=UTC)


@pytest.fixture
def used(tmp_path):
    return shutil.copytree(shipped("models"), tmp_path / "used", ignore=shutil.ignore_patterns("former"))


@pytest.fixture
def newer(tmp_path):
    """Give the same models under another version, calibrated otherwise."""
    folder = shutil.copytree(shipped("models"), tmp_path / "newer", ignore=shutil.ignore_patterns("former"))
    manifest = json.loads((folder / "manifest.json").read_text())
    for model in manifest["models"]:
        model["version"] = "2030.1"
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / CALIBRATION_FILE).write_text(json.dumps({"slope": 0.5, "offset": 0.0}))
    return folder


def test_the_list_names_each_model_with_its_version(used, capsys):
    """Both models stand there as in use, with name, version and size."""
    assert main(["models", "--models", str(used), "list"]) == 0
    out = capsys.readouterr().out
    assert "gate-detector" in out
    assert "plate-reader" in out
    assert "MB" in out
    assert main(["models", "--models", str(used), "list", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["models"]) == 2


def test_whole_models_verify(used, capsys):
    """They are loaded and run, and the provider is said."""
    assert main(["models", "--models", str(used), "verify"]) == 0
    assert "whole, and running on" in capsys.readouterr().out


def test_a_truncated_model_is_named(used, capsys):
    """One line, the file, what to do; exit code 1."""
    reader = used / "plate-reader.onnx"
    reader.write_bytes(reader.read_bytes()[:1000])
    assert main(["models", "--models", str(used), "verify"]) == 1
    assert "plate-reader.onnx: is not the file that the manifest names" in capsys.readouterr().err


def test_promoted_models_are_in_use_and_can_be_taken_back(used, newer):
    """Files, manifest and calibration change together, there and back; a second way back leads to the newer ones."""
    before = verify_manifest(used)
    assert "2030.1" in promote(used, newer, NOON)
    assert all("2030.1" in name for name in verify_manifest(used))
    assert load_calibration(used).slope == 0.5
    roll_back(used, NOON + timedelta(hours=1))
    assert verify_manifest(used) == before
    assert load_calibration(used).slope != 0.5
    roll_back(used, NOON + timedelta(hours=2))
    assert all("2030.1" in name for name in verify_manifest(used))


def test_models_that_do_not_run_are_not_promoted(used, newer):
    """The manifest is right but the file is no model: those in use stay, nothing is laid aside."""
    broken = b"not a model"
    (newer / "plate-reader.onnx").write_bytes(broken)
    manifest = json.loads((newer / "manifest.json").read_text())
    for model in manifest["models"]:
        if model["file"] == "plate-reader.onnx":
            model["sha256"] = hashlib.sha256(broken).hexdigest()
    (newer / "manifest.json").write_text(json.dumps(manifest))
    before = {path.name: path.read_bytes() for path in used.iterdir() if path.is_file()}
    with pytest.raises(ModelError, match=r"plate-reader\.onnx"):
        promote(used, newer, NOON)
    assert {path.name: path.read_bytes() for path in used.iterdir() if path.is_file()} == before
    assert not (used / "former").exists()


def test_three_former_sets_are_kept(used, newer):
    """Older ones are deleted."""
    for hour in range(5):
        promote(used, newer, NOON + timedelta(hours=hour))
    assert len(list((used / "former").iterdir())) == 3


@pytest.mark.parametrize("words", [["rollback"], ["promote", "nowhere"]])
def test_what_cannot_be_done_is_said(used, words, capsys):
    """No former models, no models in the folder: one line and exit code 1."""
    assert main(["models", "--models", str(used), *words]) == 1
    assert capsys.readouterr().err.startswith("models ")
