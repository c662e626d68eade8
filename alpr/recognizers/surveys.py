"""What a camera's surveys become: when the next one pays, and which code continues which pass.

A survey costs half a second, so it is done now and then, and oftener while there is something to read. Between two of
them a truck goes further than its code is long: what was read tells which code is which, the place only helps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from alpr.domain import Capture, Detection, Frame, Label
from alpr.recognizers.base import Sight, Surveyor
from alpr.recognizers.onepass import Carrier
from alpr.recognizers.passes import PassBook, PassSettings
from alpr.vision.fusion import edit_distance
from alpr.vision.tracker import Track

_BUSY: Final = 0.4
"""Seconds from one survey to the next while something is being read, or a truck is in view."""
_IDLE: Final = 1.0
_NO_TRUCK: Final = 3.0
"""Seconds while nothing but cars is in view: one of them might be a truck, close up."""
_SURE: Final = 0.97
_SURE_LOOKS: Final = 3
_GAP: Final = 3.0
"""Seconds out of sight after which a code has passed."""
_AGAIN: Final = 3.5
"""Seconds after which the same code is another pass: a crane swings back, a queue of trucks does not."""
_LOADED: Final = frozenset({Label.TRUCK, Label.BUS, Label.VAN})
_ALIKE: Final = 4
"""Characters that two looks at one code may differ in."""
_NEAR: Final = 0.3
_CLEAR: Final = 0.8
"""Confidence of two texts above which they are two codes, if they have little in common, though at one place."""
_MIN_HITS: Final = 2
_MIN_SCORE: Final = 0.2
_ACCEPT: Final = 0.5
"""More likely right than not: structure and check digit are weighed already; of drawn codes none above was wrong."""

CarrierOf = Callable[[Sight[Any]], Carrier | None]


@dataclass(slots=True)
class _Followed:
    track: Track
    text: str
    confidence: float


class SurveyBook:
    """The codes of one camera and one kind, from survey to survey."""

    def __init__(
        self,
        camera: str,
        direction: str | None,
        surveyor: Surveyor,
        settings: PassSettings,
        new_id: Callable[[datetime], str],
    ) -> None:
        """Take what `PassBook` takes; two codes on one truck are two passes."""
        settings = replace(
            settings,
            min_hits=min(settings.min_hits, _MIN_HITS),
            min_score=_MIN_SCORE,
            accept=min(settings.accept, _ACCEPT),
            one_per_vehicle=False,
            once_whole=False,  # the standard's structure tells whether a code is whole
            doubt=_GAP,
            merge_gap=min(settings.merge_gap, _AGAIN),
        )
        self.passes = PassBook(camera, direction, surveyor, settings, new_id)
        self._surveyor = surveyor
        self._followed: list[_Followed] = []
        self._next_id = 1
        self._last = float("-inf")

    @property
    def surveyor(self) -> Surveyor:
        """What finds and reads the codes."""
        return self._surveyor

    def due(self, time: float, detections: Sequence[Detection]) -> bool:
        """Whether a survey of the frame at this time is worth its half second."""
        unsure = any(each.confidence < _SURE or each.track.hits < _SURE_LOOKS for each in self._followed)
        loaded = any(detection.label in _LOADED for detection in detections)
        if unsure or (loaded and not self._followed):
            return time - self._last >= _BUSY
        cars = not loaded and any(detection.label.is_vehicle for detection in detections)
        return time - self._last >= (_NO_TRUCK if cars else _IDLE)

    def knows(self, changed_at: float) -> bool:
        """Whether a survey since the picture last changed found no code in it: another would find none either."""
        return not self._followed and self._last > changed_at

    def take(self, frame: Frame, sights: Sequence[Sight[Any]], carrier_of: CarrierOf) -> list[Capture]:
        """Take what a survey saw; return the previews and finals that it brings."""
        self._last = frame.time
        captures = self.end(frame.time)
        free = list(self._followed)
        for sight in sights:
            known = _best_match(sight, free)
            if known is None:
                known = self._begin(sight, frame.time)
            else:
                free.remove(known)
                known.track.see(code_detection(sight), frame.time)
            captures += self._look(known, frame, sight, carrier_of(sight))
        return captures

    def hold(self, time: float, changed_at: float) -> None:
        """Nothing moves: what the last survey saw is there still, if the picture has not changed since."""
        if self._last < changed_at:
            return
        for each in self._followed:
            if each.track.last_time >= self._last:
                each.track.last_time = time

    def found(self) -> list[tuple[Track, str, float]]:
        """Return the codes in view, with what they read by now and how sure that is."""
        return [(each.track, each.text, each.confidence) for each in self._followed]

    def end(self, time: float) -> list[Capture]:
        """Return the finals of what has been out of sight for long."""
        gone = [each.track for each in self._followed if time - each.track.last_time > _GAP]
        self._followed = [each for each in self._followed if each.track not in gone]
        return self.passes.end(gone)

    def end_all(self) -> list[Capture]:
        """Return the finals of everything: the source is over."""
        gone, self._followed = [each.track for each in self._followed], []
        return self.passes.end(gone)

    def _begin(self, sight: Sight[Any], time: float) -> _Followed:
        track = Track.begun(self._next_id, code_detection(sight), time)
        self._next_id += 1
        self._followed.append(_Followed(track, sight.reading.text, sight.reading.confidence))
        return self._followed[-1]

    def _look(self, known: _Followed, frame: Frame, sight: Sight[Any], carrier: Carrier | None) -> list[Capture]:
        captures = self.passes.follow(known.track, frame, carrier)
        reading = self._surveyor.fuse([*self.passes.sights(known.track), sight])
        preview = self.passes.add(known.track, frame, sight, reading)
        now = self.passes.reading(known.track) or reading
        known.text, known.confidence = now.text, now.confidence
        return [*captures, preview] if preview else captures


def pays(detections: Sequence[Detection], *, plate_read: bool) -> bool:
    """Whether a picture of unknown origin is worth a survey: it shows a truck, or no plate that can be read."""
    return not plate_read or any(detection.label in _LOADED for detection in detections)


def code_detection(sight: Sight[Any]) -> Detection:
    """Return where a code was seen, as a detection."""
    return Detection(Label.CONTAINER, sight.box, sight.quality)


def _best_match(sight: Sight[Any], followed: Sequence[_Followed]) -> _Followed | None:
    """Find the code that this sight continues: the same text but for misread characters, the nearest in place."""
    ranked = [
        (rank, -each.track.box.iou(sight.box), index)
        for index, each in enumerate(followed)
        if (rank := _rank(sight, each)) is not None
    ]
    return followed[min(ranked)[2]] if ranked else None


def _rank(sight: Sight[Any], known: _Followed) -> int | None:
    """Return how many characters differ, None for another code."""
    differ = edit_distance(sight.reading.text, known.text)
    sureness = min(sight.reading.confidence, known.confidence)
    near = known.track.box.iou(sight.box) > _NEAR and sureness <= _CLEAR
    if differ == 0 or (sureness <= _SURE and (differ <= _ALIKE or near)):
        return differ
    return None
