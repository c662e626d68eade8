"""`alpr doctor`: examined for real on the machine that runs the tests."""

from __future__ import annotations

import json

import pytest

from alpr.cli import main
from alpr.ops.packages import Distribution, clash, owners
from alpr.ops.speed import Cost, cameras_that_fit, clip, cost, decode_cost, disk_speed, street


@pytest.fixture
def config(tmp_path):
    """Write a small configuration and return its path."""
    path = tmp_path / "alpr.toml"
    path.write_text('[site]\ntimezone = "Europe/Berlin"\n[recognition]\nprovider = "cpu"\n')
    return path


def test_a_healthy_machine(config, tmp_path, capsys):
    """Every stage is measured by running it, and the provider is the one that ran."""
    assert main(["doctor", "--config", str(config), "--json", "--fps", "5"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["problems"] == []
    assert report["provider"] == "CPUExecutionProvider"
    assert len(report["runtimes"]) == 1
    assert set(report["stages"]) == {"decode", "convert", "motion", "jpeg", "detect", "read"}
    assert all(stage["wall_ms"] > 0 for stage in report["stages"].values())
    assert report["fit"]["still"] >= report["fit"]["moving"]
    assert report["disk"]["write_mib_s"] > 0
    assert report["clock"][-6:] in {"+01:00", "+02:00"}
    assert [path.name for path in tmp_path.iterdir()] == ["alpr.toml"], "nothing is left behind"


def test_what_hinders_is_a_problem_and_exit_code_1(config, tmp_path, capsys):
    """Without models the rest is examined all the same, and the report says loudly what is missing."""
    config.write_text(f'[recognition]\nmodels = "{tmp_path}/nothing"\n')
    assert main(["doctor", "--config", str(config)]) == 1
    output = capsys.readouterr().out
    assert "!!! PROBLEM: model" in output
    assert "decode" in output


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ((), "no package provides `onnxruntime`"),
        ((Distribution("onnxruntime-gpu", "1.26"),), None),
        (
            (Distribution("onnxruntime", "1.31"), Distribution("onnxruntime-gpu", "1.26")),
            "`pip uninstall -y onnxruntime && pip install --force-reinstall --no-deps onnxruntime-gpu==1.26`",
        ),
    ],
)
def test_two_owners_of_one_folder(found, said):
    """Two ONNX Runtime packages overwrite each other: the repair is a command to copy."""
    told = clash("onnxruntime", found, "onnxruntime")
    assert told is None if said is None else said in told


def test_owners_are_read_from_what_is_installed():
    """The names come from the installed files, so a package that is unknown today is found as well."""
    assert [owner.name for owner in owners("numpy")] == ["numpy"]
    assert owners("nothing", {}) == ()


def test_the_clip_decodes_in_full():
    """All frames that were encoded come out, at a price."""
    assert decode_cost(clip(street())).cpu_ms > 0


def test_cost_is_the_median_of_runs():
    """At least three runs after the one to warm up."""
    runs = []
    assert cost(lambda: runs.append(1), seconds=0).wall_ms >= 0
    assert len(runs) == 4


def test_cameras_that_fit():
    """25 frames decoded at 4 ms are a tenth of a core; the models of 10 frames at 20 ms a fifth."""
    stages = {name: Cost(1.0, 0.0) for name in ("motion", "convert", "read", "jpeg")}
    stages |= {"decode": Cost(4.0, 4.0), "detect": Cost(20.0, 20.0)}
    fit = cameras_that_fit(stages, fps=10, processors=2)
    assert (fit.moving, fit.still) == (5, 16)


def test_disk_speed_leaves_nothing(tmp_path):
    """The test file is gone afterwards."""
    speed = disk_speed(tmp_path)
    assert speed.write_mib_s > 0
    assert list(tmp_path.iterdir()) == []
