"""Data folders as they come: what is broken is said in one line and left out."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from alpr.training.detector.truth import Faults, bounds, held_out, likely_quads, load_scenes, pictures_of


@pytest.fixture
def folder(tmp_path):
    """Return a folder with pictures a and b, a broken one, and one that lacks; boxes right and wrong."""
    images = tmp_path / "plates_site" / "images"
    images.mkdir(parents=True)
    for name in ("a.jpg", "val_b.jpg", "c.jpg"):
        cv2.imwrite(str(images / name), np.full((120, 200, 3), 90, np.uint8))
    (images / "broken.jpg").write_bytes(b"no picture")
    (tmp_path / "plates_site" / "truth.csv").write_text(
        "file,x,y,w,h,text\n"
        "images/a.jpg,10,20,60,20,ABC123\n"
        "images/a.jpg,500,20,60,20,\n"
        "images/val_b.jpg,30,30,80,18,\n"
        "images/c.jpg,,,,,\n"
        "images/c.jpg,ten,20,60,20,\n"
        "images/c.jpg,10,20,1,1,\n"
        "images/broken.jpg,10,20,60,20,\n"
        "images/lost.jpg,10,20,60,20,\n"
    )
    return tmp_path


def test_what_is_broken_is_left_out_and_said(folder):
    """Each fault is one line that names the file, the line or the picture; the rest is used."""
    faults = Faults([])
    scenes = load_scenes(folder, ["plates_site", "plates_none"], faults)
    loaded = {scene.path.name: scene for scene, _ in pictures_of(scenes, faults)}
    assert set(loaded) == {"a.jpg", "val_b.jpg", "c.jpg"}
    assert loaded["a.jpg"].boxes.tolist() == [[10, 20, 70, 40]]
    assert len(loaded["a.jpg"].quads) == len(loaded["a.jpg"].exact) == 1
    assert len(loaded["c.jpg"].boxes) == 0
    assert len(faults.lines) == 6
    assert all("\n" not in line for line in faults.lines)
    told = "\n".join(faults.lines)
    for part in (
        "truth.csv:6: x, y, w, h are not four numbers",
        "truth.csv:7: box of 1 x 1 pixels",
        "lost.jpg: no such file",
        "plates_none/truth.csv: no such file",
        "a.jpg: 1 box(es) outside the picture of 200 x 120",
        "broken.jpg: no picture that can be decoded",
    ):
        assert part in told


def test_some_pictures_are_held_out(folder):
    """Pictures with a word in their name are measured, the others trained on; none is both."""
    kept, apart = held_out(load_scenes(folder, ["plates_site"], Faults([])), ("val_", "night"))
    assert sorted(scene.path.name for scene in kept) == ["a.jpg", "broken.jpg", "c.jpg"]
    assert [scene.path.name for scene in apart["val_"]] == ["val_b.jpg"]
    assert apart["night"] == []


def test_loose_boxes_are_cut_to_a_plates_likely_height():
    """The middle 74 % of the height, all of the width."""
    quads = likely_quads(np.array([(10, 20, 110, 60)], np.float32))
    assert quads.shape == (1, 4, 2)
    assert bounds(quads)[0].tolist() == pytest.approx([10, 25.2, 110, 54.8])
    assert quads[0, 0].tolist() == pytest.approx([10, 25.2])
    assert quads[0, 2].tolist() == pytest.approx([110, 54.8])
