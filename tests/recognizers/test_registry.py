"""The folder of models: checked against its manifest before anything is loaded."""

from __future__ import annotations

import json
import shutil

import pytest

from alpr.errors import ModelError
from alpr.paths import shipped
from alpr.recognizers.registry import load_engine, verify_manifest


@pytest.fixture
def models(tmp_path):
    """Return a copy of the shipped models."""
    return shutil.copytree(shipped("models"), tmp_path / "models")


def test_the_shipped_models_are_what_their_manifest_says():
    """Every file that ships is named, and none is broken."""
    verify_manifest(shipped("models"))
    entries = json.loads((shipped("models") / "manifest.json").read_text())["models"]
    assert {entry["file"] for entry in entries} == {path.name for path in shipped("models").glob("*.onnx")}
    for entry in entries:
        assert entry["bytes"] == (shipped("models") / entry["file"]).stat().st_size
        assert entry["licence"]
        assert entry["training_data"]


def _refused(models, words: str) -> None:
    with pytest.raises(ModelError, match=words) as caught:
        load_engine(models, "cpu")
    assert str(models) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_truncated_model(models):
    """Named, with what to do."""
    whole = (models / "plate-reader.onnx").read_bytes()
    (models / "plate-reader.onnx").write_bytes(whole[:-5])
    _refused(models, r"plate-reader\.onnx: is not the file that the manifest names \(truncated or exchanged\)")


def test_exchanged_models(models):
    """The reader in the detector's place is noticed before it runs."""
    shutil.copy(models / "plate-reader.onnx", models / "gate-detector.onnx")
    _refused(models, r"gate-detector\.onnx: is not the file")


def test_a_model_that_is_gone(models):
    """A file that the manifest names has to be there."""
    (models / "gate-detector.onnx").unlink()
    _refused(models, r"gate-detector\.onnx: no such file, though the manifest names it")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"models": [{}]}', '{"models": 3}', '{"models": [{"file": "a"}]}'])
def test_a_broken_manifest(models, text):
    """It is named, not guessed at."""
    (models / "manifest.json").write_text(text)
    _refused(models, r"manifest\.json: cannot be understood")


def test_a_manifest_of_bytes(models):
    """A manifest that is no text is broken as well."""
    (models / "manifest.json").write_bytes(b"\xff\xfe\x00{")
    _refused(models, r"manifest\.json: cannot be understood")


def test_own_models_without_a_manifest(models):
    """An admin's own folder needs none; its files still have to be of the right kind."""
    (models / "manifest.json").unlink()
    assert load_engine(models, "cpu", second_opinion=False).second is None
    shutil.copy(models / "plate-reader.onnx", models / "gate-detector.onnx")
    _refused(models, r"gate-detector\.onnx: input .* not a detector")


def test_no_folder(tmp_path):
    """Said before a file in it is missed."""
    _refused(tmp_path / "nothing", "no such folder: reinstall alpr")
