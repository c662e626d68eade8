"""Vehicles that passed and showed no plate: stored too, with their best picture, never dropped silently."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from alpr.domain import Box, Capture, Detection, Frame, Kind, Label, Read, Reading, State, Vehicle
from alpr.vision.crop import cut
from alpr.vision.tracker import Track

_MIN_HITS = 5
_MIN_SECONDS = 0.6
_MIN_SCORE = 0.55
_MIN_HEIGHT = 0.18
"""Of the frame: a vehicle smaller than this is traffic in the background."""
_MIN_TRAVEL = 0.35
"""In its own widths: what never moved is part of the scene, a parked car of the neighbour's."""
_SAME = 0.4
_MINOR = 0.5
"""Of the area of a vehicle in view that was read: a smaller car beside it is traffic behind the gate."""
_NO_PLATE = Reading("", 0.0, reasons=("no plate seen on it",))


@dataclass(slots=True)
class _Best:
    """The frame on which a vehicle without a plate was seen best."""

    id: str
    first_seen: datetime
    last_seen: datetime
    worth: float
    frame: Frame | None
    """None once a plate is on it: then it is no picture of ours, and frames are the bulk of the memory."""
    box: Box


class UnreadBook:
    """The vehicles of one camera that no plate was tied to."""

    def __init__(self, camera: str, direction: str | None, new_id: Callable[[datetime], str]) -> None:
        self._camera, self._direction, self._new_id = camera, direction, new_id
        self._best: dict[int, _Best] = {}

    def follow(self, track: Track, detection: Detection, frame: Frame, *, has_plate: bool) -> None:
        """Note a vehicle on this frame, and whether a plate is on it."""
        width, height = frame.picture.width, frame.picture.height
        box = detection.box
        inside = box.x1 > 2 and box.y1 > 2 and box.x2 < width - 2 and box.y2 < height - 2  # noqa: PLR2004 - pixels
        worth = detection.score * box.area * (1.0 if inside else 0.5)
        known = self._best.get(track.id)
        if known is None:
            at = frame.captured_at
            known = self._best[track.id] = _Best(self._new_id(at), at, at, worth, frame, box)
        known.last_seen = frame.captured_at
        if has_plate:
            known.frame = None
        if known.frame is not None and worth > known.worth:
            known.worth, known.frame, known.box = worth, frame, box

    def end(self, tracks: Sequence[Track], plated: Sequence[Box]) -> list[Capture]:
        """Return what passed without a plate among the ended tracks; `plated` are vehicles that had one."""
        captures = []
        for track in tracks:
            known = self._best.pop(track.id, None)
            if known and known.frame and self._counts(track, known.box, known.frame, plated):
                captures.append(self._capture(track, known, known.frame))
        return captures

    @staticmethod
    def _counts(track: Track, box: Box, frame: Frame, plated: Sequence[Box]) -> bool:
        return (
            track.hits >= _MIN_HITS
            and track.last_time - track.first_time >= _MIN_SECONDS
            and track.best_score >= _MIN_SCORE
            and track.travelled >= _MIN_TRAVEL
            and box.height >= _MIN_HEIGHT * frame.picture.height
            and not any(box.iou(other) > _SAME for other in plated)
            and not (track.label is not Label.MOTORCYCLE and any(box.area < _MINOR * other.area for other in plated))
        )

    def _capture(self, track: Track, known: _Best, frame: Frame) -> Capture:
        seen = Detection(track.label, known.box, track.best_score)
        capture = unread_vehicle(known.id, self._camera, self._direction, seen, frame)
        read = replace(capture.read, first_seen=known.first_seen, last_seen=known.last_seen)
        return replace(capture, read=read)


def unread_vehicle(read_id: str, camera: str, direction: str | None, seen: Detection, frame: Frame) -> Capture:
    """Make the read of a vehicle that shows no plate, with the frame on which it was seen."""
    at = frame.captured_at
    vehicle = Vehicle(seen.label.value, None, seen.score)
    read = Read(
        read_id, camera, Kind.VEHICLE, State.UNREAD, _NO_PLATE, seen.box, at, frame.time, at, at,
        vehicle=vehicle, vehicle_box=seen.box, direction=direction,
    )  # fmt: skip
    return Capture(read, frame.picture, cut(frame.picture.bgr(), seen.box))
