"""Truth is completed once, and kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from alpr.errors import ModelError
from alpr.training.detector.truth import Scene, likely_quads

pytest.importorskip("torch", reason="torch is not installed: pip install 'alpr[train]'")

from alpr.training.detector.edgefit import plausible
from alpr.training.detector.labels import load_labels, save_labels, with_vehicles


def _scene(*boxes: tuple[float, float, float, float]) -> Scene:
    known = np.array(boxes, np.float32).reshape(-1, 4)
    none = np.zeros((0, 5), np.float32)
    return Scene(
        "f/a.jpg", Path("/data/f/a.jpg"), known, likely_quads(known), np.zeros(len(known), np.bool_), none, none
    )


def test_labels_are_kept(tmp_path):
    """What was saved comes back as it was, pictures without plates too."""
    scenes = [_scene((10, 20, 70, 40)), _scene()]
    save_labels(tmp_path / "labels.npz", scenes)
    for one, other in zip(scenes, load_labels(tmp_path / "labels.npz"), strict=True):
        assert (one.name, one.path) == (other.name, other.path)
        for field in ("boxes", "quads", "exact", "vehicles", "ignored"):
            assert np.array_equal(getattr(one, field), getattr(other, field))
            assert getattr(one, field).dtype == getattr(other, field).dtype


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off"])
def test_a_broken_file_of_labels(tmp_path, content):
    """One line that says what to do."""
    (tmp_path / "labels.npz").write_bytes(content)
    with pytest.raises(ModelError, match=r"labels\.npz: truncated or of another version .*delete the file") as caught:
        load_labels(tmp_path / "labels.npz")
    assert "\n" not in str(caught.value)


def test_vehicles_of_a_teacher():
    """Sure ones are learned, unsure ones ignored; one without a labelled plate may have one that nobody labelled."""
    found = np.array([(1, 0, 0, 200, 100, 0.9), (2, 300, 0, 500, 100, 0.6), (3, 0, 200, 100, 300, 0.2)], np.float32)
    scene = with_vehicles(_scene((80, 60, 120, 75)), found)
    assert scene.vehicles[:, 0].tolist() == [1, 2]
    assert scene.ignored.tolist() == [[1, 0, 200, 100, 300], [0, 300, 0, 500, 100]]


def test_measured_corners_that_cannot_be():
    """They must fill the labelled box from side to side, sit in its middle, and be as even as a plate."""
    box = np.array([(100, 100, 220, 150)], np.float32)
    fitting = np.array([(102, 110), (218, 108), (219, 140), (101, 142)], np.float32)

    def judged(quad: np.ndarray) -> bool:
        return bool(plausible(quad[None].astype(np.float32), box)[0])

    assert judged(fitting)
    assert not judged(fitting * (0.6, 1) + (64, 0))
    assert not judged(fitting + np.float32((0, 14)))
    assert not judged(fitting * (1, 0.3) + (0, 88))
    assert not judged(np.array([(102, 100), (218, 100), (219, 150), (218, 140)], np.float32) * (1, 1.4))
