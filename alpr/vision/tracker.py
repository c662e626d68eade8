"""Follows boxes through the frames of one camera, in seconds and not in frames.

Greedy association of predicted boxes with detections, surest pairs first, in the manner of SORT
(Bewley 2016) with a constant-velocity prediction. Ids count up per tracker, so two cameras never
share one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from alpr.domain import Box, Detection, Label

_MIN_OVERLAP = 0.15
_REACH = 0.8
"""A thing may jump this many of its own sizes between looks, and as many again per second."""
_GROWTH = 1.6
"""Its size may change by this factor between looks, and by half as much again (in the logarithm) in a second."""
_SMOOTH = 0.5
_ABSENT = 0.5
"""Seconds out of sight after which only a box where it was expected is surely the same thing's."""
_EXPECTED = 0.3
_USUAL = 0.2
_LONG_INTERVAL = 10.0


@dataclass(slots=True)
class Track:
    """One physical thing followed through frames of one camera."""

    id: int
    box: Box
    first_time: float
    last_time: float
    velocity: tuple[float, float] = (0.0, 0.0)
    """Pixels per second of the centre."""
    hits: int = 1
    best_score: float = 0.0
    travelled: float = 0.0
    """Greatest distance of the centre from where it was first seen, in own widths."""
    gap: float = 0.0
    """Seconds, beyond the usual interval of frames, that it was out of sight before it was last seen."""
    stretch: int = 0
    """Counts up when it comes back where it was not expected: another thing may have taken its place."""
    labels: Counter[Label] = field(default_factory=Counter)
    start: tuple[float, float] = (0.0, 0.0)

    @classmethod
    def begun(cls, number: int, detection: Detection, time: float) -> Track:
        """Return the track that begins with this detection."""
        box = detection.box
        track = cls(number, box, time, time, best_score=detection.score, start=box.centre)
        track.labels[detection.label] += 1
        return track

    @property
    def label(self) -> Label:
        """What the thing was most often taken for."""
        return self.labels.most_common(1)[0][0]

    def predicted(self, time: float) -> Box:
        """Return where the box should be at `time`."""
        dt = min(time - self.last_time, 1.0)
        dx, dy = self.velocity[0] * dt, self.velocity[1] * dt
        return Box(self.box.x1 + dx, self.box.y1 + dy, self.box.x2 + dx, self.box.y2 + dy)

    def see(self, detection: Detection, time: float) -> None:
        """Take a detection as the thing's place at `time`."""
        (x, y), (old_x, old_y), dt = detection.box.centre, self.box.centre, time - self.last_time
        if dt > 0:
            fresh = (x - old_x) / dt, (y - old_y) / dt
            keep = _SMOOTH if self.hits > 1 else 0.0
            self.velocity = (
                keep * self.velocity[0] + (1 - keep) * fresh[0],
                keep * self.velocity[1] + (1 - keep) * fresh[1],
            )
        moved = ((x - self.start[0]) ** 2 + (y - self.start[1]) ** 2) ** 0.5
        self.travelled = max(self.travelled, moved / max(detection.box.width, 1.0))
        self.box, self.last_time = detection.box, time
        self.hits += 1
        self.best_score = max(self.best_score, detection.score)
        self.labels[detection.label] += 1


class Tracker:
    """The live tracks of one camera; plates and vehicles never match each other."""

    def __init__(self, gap: float = 1.5) -> None:
        """Take the seconds after which a thing that is not seen has left."""
        self._gap = gap
        self._tracks: list[Track] = []
        self._next_id = 1
        self._now = float("-inf")
        self._interval = 0.0

    @property
    def tracks(self) -> Sequence[Track]:
        """The live tracks."""
        return self._tracks

    def update(self, detections: Sequence[Detection], time: float) -> list[tuple[Track, Detection]]:
        """Match the detections of one frame to tracks, new ones included; pairs in order of detection."""
        usual = self._interval
        self._tick(time)
        pairs: dict[int, Track] = {}
        taken: set[int] = set()
        for _, index, track in sorted(self._affinities(detections, time), key=lambda pair: -pair[0]):
            if index not in pairs and track.id not in taken:
                pairs[index] = track
                taken.add(track.id)
                # A slow camera's interval is no absence: only what is longer than usual counts.
                track.gap = max(0.0, time - track.last_time - usual)
                astray = track.predicted(time).iou(detections[index].box) < _EXPECTED
                track.stretch += track.gap > _ABSENT and astray
                track.see(detections[index], time)
        for index, detection in enumerate(detections):
            if index not in pairs:
                pairs[index] = self._begin(detection, time)
        return [(pairs[index], detection) for index, detection in enumerate(detections)]

    def hold(self, time: float) -> None:
        """Nothing moved since the last frame: what was seen there is there still, what was not has gone on leaving."""
        for track in self._tracks:
            if track.last_time == self._now:
                track.last_time = time
        self._tick(time)

    def ended(self, time: float) -> list[Track]:
        """Remove and return the tracks that were not seen for longer than the gap."""
        gone = [track for track in self._tracks if time - track.last_time > self._gap]
        self._tracks = [track for track in self._tracks if time - track.last_time <= self._gap]
        return gone

    def end_all(self) -> list[Track]:
        """Remove and return every track: the source is over."""
        gone, self._tracks = self._tracks, []
        return gone

    def _tick(self, time: float) -> None:
        """Take the time of a frame, and what is the usual interval between two."""
        step = time - self._now
        if 0 < step < _LONG_INTERVAL:
            self._interval += _USUAL * (step - self._interval) if self._interval else step
        self._now = time

    def _begin(self, detection: Detection, time: float) -> Track:
        track = Track.begun(self._next_id, detection, time)
        self._next_id += 1
        self._tracks.append(track)
        return track

    def _affinities(self, detections: Sequence[Detection], time: float) -> list[tuple[float, int, Track]]:
        return [
            (affinity, index, track)
            for track in self._tracks
            for index, detection in enumerate(detections)
            if track.label.is_vehicle == detection.label.is_vehicle
            and (affinity := _affinity(track, detection.box, time)) > 0
        ]


def _affinity(track: Track, box: Box, time: float) -> float:
    """Return how well the box continues the track: above 1 by overlap, below by nearness, 0 not at all."""
    expected = track.predicted(time)
    dt = min(max(time - track.last_time, 0.0), 1.0)
    ratio = max(box.width, 1.0) / max(track.box.width, 1.0)
    limit = _GROWTH ** (1 + 0.5 * dt)
    if not 1 / limit < ratio < limit:
        return 0.0
    overlap = expected.iou(box)
    if overlap >= _MIN_OVERLAP:
        return 1 + overlap
    (x, y), (px, py) = box.centre, expected.centre
    reach: float = _REACH * (1 + dt) * max(box.width, track.box.width)
    distance = ((x - px) ** 2 + (y - py) ** 2) ** 0.5
    return float(max(0.0, 1 - distance / reach))
