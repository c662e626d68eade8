"""`alpr train calibration` on drawn plates."""

from __future__ import annotations

import json
import shutil

import cv2
import pytest

from alpr.cli import main
from alpr.paths import shipped
from alpr.vision.calibration import CALIBRATION_FILE, load_calibration
from tests.drawn_plates import street


@pytest.fixture
def models(tmp_path):
    return shutil.copytree(shipped("models"), tmp_path / "models", ignore=shutil.ignore_patterns(CALIBRATION_FILE))


def plates(folder, count: int):
    """Draw plates, of which every third is labelled otherwise than it says."""
    folder.mkdir()
    rows = ["file,x,y,w,h,text"]
    for number in range(count):
        text = f"KLM4{number % 90 + 10:03}"
        cv2.imwrite(str(folder / f"{number}.png"), street(text))
        rows.append(f"{number}.png,400,300,177,48,{'XXX0000' if number % 3 == 0 else text}")
    (folder / "truth.csv").write_text("\n".join(rows))
    return folder


def test_reads_that_are_often_wrong_become_less_sure(tmp_path, models, capsys):
    """Two of three were right: reads that the fusion was certain of come out near two thirds."""
    assert main(["train", "calibration", str(plates(tmp_path / "plates", 60)), "--models", str(models)]) == 0
    assert "over 60 plates" in capsys.readouterr().out
    told = json.loads((models / CALIBRATION_FILE).read_text())
    assert told["error_after"] < told["error_before"]
    assert 0.5 < load_calibration(models).probability(0.99) < 0.85


def test_too_few_plates_leave_the_old_calibration(tmp_path, models, capsys):
    """One line, exit code 2, and no file."""
    assert main(["train", "calibration", str(plates(tmp_path / "plates", 6)), "--models", str(models)]) == 2
    assert "give more labelled plates" in capsys.readouterr().err
    assert not (models / CALIBRATION_FILE).exists()


def test_a_region_that_nobody_knows(tmp_path, models, capsys):
    """Told with what was probably meant."""
    folder = plates(tmp_path / "plates", 1)
    assert main(["train", "calibration", f"{folder}=uss", "--models", str(models)]) == 2
    assert "unknown region `uss`" in capsys.readouterr().err
