"""Live counters per camera and stage: written where the work happens, shown by the web and `/metrics`.

Plain numbers behind one object; every writer owns its own fields, so no lock is needed for readers
that can live with a value a moment old.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from alpr.domain import utc_now


class CameraState(StrEnum):
    """What a camera is doing, in the words of the pages."""

    STARTING = "starting"
    LIVE = "live"
    RECONNECTING = "reconnecting"
    STALLED = "stalled"
    ENDED = "ended"
    DISABLED = "disabled"


class View(StrEnum):
    """What a camera that is live sees of its scene."""

    CLEAR = "clear"
    BLOCKED = "blocked"
    """Hardly anything: something hangs before the lens, or it is dark or dirty."""
    MOVED = "moved"
    """Another scene than before: somebody has turned it."""


@dataclass(slots=True)
class CameraStatus:
    """Counters of one camera."""

    name: str
    url: str = ""
    """Without its password."""
    state: CameraState = CameraState.STARTING
    since: datetime = field(default_factory=utc_now)
    error: str = ""
    """The last error in words; kept after recovery."""
    reconnects: int = 0
    packets_lost: int = 0
    frames_decoded: int = 0
    frames_taken: int = 0
    """Frames that the pipeline looked at."""
    frames_dropped: int = 0
    """Frames that a newer one replaced before the pipeline took them."""
    frames_analysed: int = 0
    """Frames that passed the motion gate and went through the detector."""
    decode_errors: int = 0
    reads: int = 0
    width: int = 0
    height: int = 0
    codec: str = ""
    last_frame_at: datetime | None = None
    view: View = View.CLEAR
    view_since: datetime = field(default_factory=utc_now)

    def change(self, state: CameraState, error: str = "") -> bool:
        """Move to `state`; return whether that is a change. An empty `error` keeps the last one."""
        changed = state is not self.state
        if changed:
            self.state, self.since = state, utc_now()
        if error:
            self.error = error
        return changed


@dataclass(slots=True)
class StageStatus:
    """How often a stage ran and how long it took."""

    count: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    """Of the thread that ran it; what a model's own threads burn is not in it."""
    recent: deque[float] = field(default_factory=lambda: deque(maxlen=512))

    def add(self, seconds: float, cpu_seconds: float = 0.0) -> None:
        """Count one run of the stage."""
        self.count += 1
        self.seconds += seconds
        self.cpu_seconds += cpu_seconds
        self.recent.append(seconds)

    @property
    def mean_ms(self) -> float:
        """Milliseconds a run, over the recent ones."""
        return 1000 * sum(self.recent) / len(self.recent) if self.recent else 0.0


@dataclass(slots=True)
class Status:
    """Everything that the process counts about itself."""

    started_at: datetime = field(default_factory=utc_now)
    started: float = field(default_factory=time.monotonic)
    cameras: dict[str, CameraStatus] = field(default_factory=dict)
    stages: dict[str, StageStatus] = field(default_factory=dict)
    recorder_queue: int = 0
    """Recordings that wait to be stored, the one in work included."""
    recorder_error: str = ""
    """Why nothing can be stored now; empty when all is well."""
    open_alarms: int = 0
    """Alarms that nobody has acknowledged."""
    sounding_alarm: int = 0
    """The number of the newest of them that is to be heard; 0 for none."""
    mqtt_fault: str = ""
    """Why there is no link to the broker; empty while there is one, and where none is wanted."""
    provider: str = ""
    """The execution provider that the models really run on."""
    fallback: bool = False
    """Whether a faster provider is installed and does not run."""
    models: tuple[str, ...] = ()
    """Name and version of each model."""
    loop_lag: deque[float] = field(default_factory=lambda: deque(maxlen=1200))
    """Seconds that the event loop woke too late, sampled."""

    def camera(self, name: str) -> CameraStatus:
        """Return the counters of the camera, made on first use."""
        return self.cameras.setdefault(name, CameraStatus(name))

    def stage(self, name: str) -> StageStatus:
        """Return the counters of the stage, made on first use."""
        return self.stages.setdefault(name, StageStatus())
