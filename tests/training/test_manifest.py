"""A trained model enters the manifest, and the product accepts it."""

from __future__ import annotations

import json

import pytest

from alpr.errors import ModelError
from alpr.recognizers.registry import verify_manifest
from alpr.training.manifest import ModelCard, install_model


def card(name="plate-reader", version="1.2.0"):
    return ModelCard(
        name=name,
        version=version,
        task="text",
        input="x",
        output="y",
        parameters=3,
        origin="here",
        training_data=("drawn plates",),
        licence="Apache-2.0",
        metrics={"exact": 0.9},
    )


def test_a_model_is_installed_with_its_checksum(tmp_path):
    """The check that the product makes at its start passes."""
    built = tmp_path / "built.onnx"
    built.write_bytes(b"weights")
    install_model(tmp_path / "models", built, card())
    assert (tmp_path / "models" / "plate-reader.onnx").read_bytes() == b"weights"
    assert verify_manifest(tmp_path / "models") == ("plate-reader 1.2.0",)


def test_a_new_version_replaces_the_old_one_alone(tmp_path):
    """Other models keep their entries."""
    built = tmp_path / "built.onnx"
    for content, name, version in (
        (b"1", "plate-reader", "1"),
        (b"d", "gate-detector", "1"),
        (b"2", "plate-reader", "2"),
    ):
        built.write_bytes(content)
        install_model(tmp_path, built, card(name, version))
    assert verify_manifest(tmp_path) == ("gate-detector 1", "plate-reader 2")
    assert (tmp_path / "plate-reader.onnx").read_bytes() == b"2"


def test_a_manifest_that_cannot_be_understood_keeps_the_last_model(tmp_path):
    """Nothing is exchanged before everything is known."""
    (tmp_path / "manifest.json").write_text("[")
    (tmp_path / "plate-reader.onnx").write_bytes(b"last good")
    built = tmp_path / "built.onnx"
    built.write_bytes(b"new")
    with pytest.raises(ModelError, match="repair or delete it"):
        install_model(tmp_path, built, card())
    assert (tmp_path / "plate-reader.onnx").read_bytes() == b"last good"


def test_the_entry_tells_what_it_learned_from(tmp_path):
    """Licence, data and figures stand in the manifest."""
    built = tmp_path / "built.onnx"
    built.write_bytes(b"weights")
    install_model(tmp_path, built, card())
    (entry,) = json.loads((tmp_path / "manifest.json").read_text())["models"]
    assert entry["bytes"] == 7
    assert entry["training_data"] == ["drawn plates"]
    assert entry["licence"] == "Apache-2.0"
    assert entry["metrics"] == {"exact": 0.9}
