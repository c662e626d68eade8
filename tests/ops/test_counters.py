"""The counters in one line: what the process costs, how late its loop is, what each stage and camera did."""

from __future__ import annotations

import json

from alpr.ops.counters import counters
from alpr.status import CameraState, Status


def test_counters_fit_in_one_line_of_json():
    """Nothing but plain values: the log line is JSON, and carries no address of a camera."""
    status = Status()
    camera = status.camera("gate-in")
    camera.url, camera.frames_decoded, camera.reads = "rtsp://192.0.2.1/", 250, 3
    camera.change(CameraState.LIVE)
    status.stage("detect").add(0.02)
    status.stage("detect").add(0.04)
    status.loop_lag.extend(number / 1000 for number in range(101))
    told = json.loads(json.dumps(counters(status)))
    assert told["cameras"]["gate-in"]["state"] == "live"
    assert (told["cameras"]["gate-in"]["frames_decoded"], told["cameras"]["gate-in"]["reads"]) == (250, 3)
    assert told["stages"] == {"detect": {"count": 2, "mean_ms": 30.0}}
    assert told["loop_lag_ms"] == {"p50": 50.0, "p99": 99.0, "max": 100.0}
    assert told["rss_mb"] > 10
    assert told["threads"] >= 1
    assert told["files"] >= 3
    assert "192.0.2.1" not in json.dumps(told)


def test_counters_before_anything_ran():
    """A process that has just begun has no lag to tell."""
    told = counters(Status())
    assert (told["loop_lag_ms"], told["stages"], told["cameras"]) == ({}, {}, {})
