"""What the running process counts about itself, for one log line: on SIGUSR1, and when it ends."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import asdict

import psutil

from alpr.status import CameraStatus, Status

_TOLD = (
    *("frames_decoded", "frames_taken", "frames_dropped", "frames_analysed", "reads"),
    *("decode_errors", "packets_lost", "reconnects"),
)


def counters(status: Status) -> dict[str, object]:
    """Return what the process costs, how late its loop is, and the counts of its stages and cameras.

    Milliseconds, megabytes (of a million bytes) and seconds, as the names say; rates follow from two lines.
    """
    return {
        "up_s": round(time.monotonic() - status.started, 1),
        **_process(),
        "loop_lag_ms": _spread(status.loop_lag),
        "recorder_queue": status.recorder_queue,
        "recorder_error": status.recorder_error,
        "stages": {
            name: {"count": stage.count, "mean_ms": round(stage.mean_ms, 1)}
            for name, stage in sorted(status.stages.items())
        },
        "cameras": {name: _camera(camera) for name, camera in status.cameras.items()},
    }


def _process() -> dict[str, object]:
    process = psutil.Process()
    with process.oneshot():
        spent = process.cpu_times()
        return {
            "cpu_s": round(spent.user + spent.system, 2),
            "rss_mb": round(process.memory_info().rss / 1e6, 1),
            "threads": process.num_threads(),
            "files": process.num_fds(),
        }


def _spread(seconds: Collection[float]) -> Mapping[str, float]:
    ordered = sorted(seconds)
    if not ordered:
        return {}
    last = len(ordered) - 1
    places = {"p50": last // 2, "p99": int(0.99 * last), "max": last}
    return {name: round(1000 * ordered[place], 1) for name, place in places.items()}


def _camera(camera: CameraStatus) -> Mapping[str, object]:
    counted = asdict(camera)
    return {"state": camera.state.value, **{name: counted[name] for name in _TOLD}}
