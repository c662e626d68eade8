"""One coroutine per camera: frames in, captures out.

Gate → detect → track → look → fuse → capture. Everything heavy runs on the inference worker; what
becomes a read is decided by pure code in `recognizers/`; this file only says in which order.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime

from alpr.camera.source import Source
from alpr.domain import (
    BgrImage,
    Capture,
    Detection,
    Frame,
    Kind,
    Label,
    Recording,
    Still,
    Vehicle,
    new_read_id,
    still_read_id,
)
from alpr.inference import Inference
from alpr.live import LiveView, Mark
from alpr.recognizers.base import Recognizer, Surveyor
from alpr.recognizers.onepass import Carrier
from alpr.recognizers.passes import PassBook, PassSettings
from alpr.recognizers.surveys import SurveyBook, code_detection, pays
from alpr.recognizers.unread import UnreadBook, unread_vehicle
from alpr.recognizers.zones import ZoneMask
from alpr.status import CameraStatus
from alpr.surveying import Scene, Surveying
from alpr.vision.colour import vehicle_colour
from alpr.vision.motion import MotionGate
from alpr.vision.tracker import Track, Tracker

_SECOND_LOOK_EVERY = 0.5
_ONE_VEHICLE = 0.4
_STILL_VEHICLE = 0.08
"""Share of a still that a vehicle must fill to be stored although no plate is on it."""

Record = Callable[[Recording], Awaitable[None]]
Tracked = Sequence[tuple[Track, Detection]]
Readers = Sequence[Recognizer | Surveyor]


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """How one camera is watched."""

    camera: str
    direction: str | None = None
    zones: ZoneMask = field(default_factory=ZoneMask)
    motion_gate: bool = True
    track_gap: float = 1.5
    passes: PassSettings = field(default_factory=PassSettings)
    always_survey: bool = True
    """Whether pictures are surveyed that show plates and no truck, too."""
    live: bool = False
    """Whether frames go by whether they are looked at or not: then nothing may keep the next one waiting for long."""


async def watch(
    source: Source,
    recognizers: Readers,
    settings: WatchSettings,
    inference: Inference,
    record: Record,
    status: CameraStatus,
    live: LiveView | None = None,
) -> None:
    """Turn one camera's frames into recordings until the source ends or the task is cancelled.

    What is still open then is completed and recorded, so nothing that was seen is lost.
    """
    live = live or LiveView()
    sequence = _Sequence(recognizers, settings, inference, status, live)
    try:
        async with aclosing(source.frames()) as frames:
            async for frame in frames:
                status.frames_taken += 1
                if frame.still is not None:
                    captures = await read_still(frame, frame.still, recognizers, settings, inference)
                    status.frames_analysed += 1
                    live.publish(frame, tuple(_read_mark(capture) for capture in captures))
                    await record(Recording(settings.camera, tuple(captures), frame.still))
                else:
                    await sequence.take(frame)
                    await _record_due(sequence.due, settings.camera, record)
    finally:
        sequence.close()
        await _record_due(sequence.due, settings.camera, record)


async def _record_due(due: list[Capture], camera: str, record: Record) -> None:
    """Hand over what is due; it stays due when that is cancelled, so that the end hands it over."""
    if due:
        await record(Recording(camera, tuple(due)))
        due.clear()


class _Sequence:
    """The state of one moving picture: what is tracked, and which passes are open."""

    def __init__(
        self,
        recognizers: Readers,
        settings: WatchSettings,
        inference: Inference,
        status: CameraStatus,
        live: LiveView,
    ) -> None:
        self._settings, self._inference, self._status = settings, inference, status
        self._live = live
        self.due: list[Capture] = []
        """Previews and finals that have not been recorded yet."""
        self._marks: tuple[Mark, ...] = ()
        self._gate = MotionGate()
        self._tracker = Tracker(settings.track_gap)
        self._vehicles = UnreadBook(settings.camera, settings.direction, new_read_id)
        about = settings.camera, settings.direction
        self._books = [
            (r, PassBook(*about, r, settings.passes, new_read_id)) for r in recognizers if not isinstance(r, Surveyor)
        ]
        self._surveys = [
            Surveying(SurveyBook(*about, s, settings.passes, new_read_id), inference, settings.zones)
            for s in recognizers
            if isinstance(s, Surveyor)
        ]
        self._passes = [*(book for _, book in self._books), *(survey.book.passes for survey in self._surveys)]
        self._sharp_looks: dict[int, float] = {}
        self._changed_at = float("-inf")

    async def take(self, frame: Frame) -> None:
        """Look at one frame; the previews and finals that it brings become due."""
        picture, time = frame.picture, frame.time
        if self._settings.motion_gate and not await self._inference.call(
            "motion", self._gate.moved, picture.luma(), time
        ):
            self._hold(time)
            self._live.publish(frame, self._marks)  # nothing moved: what was found is where it was
            self._end(self._tracker.ended(time))
            return
        if self._gate.changed:
            self._changed_at = time
        else:
            # A frame that is looked at only because it is its turn: what is not found again was overlooked.
            self._hold(time)
        self._status.frames_analysed += 1
        # Held from here on, so that detector and readers share one conversion, off the event loop.
        image = await self._inference.call("convert", picture.bgr)
        detections = await self._detect(frame)
        tracked = self._tracker.update(detections, time)
        for recognizer, book in self._books:
            await self._look(recognizer, book, frame, image, tracked)
        for survey in self._surveys:
            await self._survey(survey, frame, image, tracked)
        vehicles = [(track, detection) for track, detection in tracked if detection.label.is_vehicle]
        plated = [d.box for track, d in vehicles if any(book.accounts_for(track.id) for book in self._passes)]
        for track, detection in vehicles:
            # A vehicle that is found twice, as a whole and its front, say, is one.
            has_plate = any(detection.box.iou(box) > _ONE_VEHICLE for box in plated)
            self._vehicles.follow(track, detection, frame, has_plate=has_plate)
        self._marks = self._found(tracked) if self._live.watched(self._settings.camera) else ()
        self._live.publish(frame, self._marks)
        self._end(self._tracker.ended(time))

    def close(self) -> None:
        """Complete everything that is open."""
        self.due += [capture for survey in self._surveys for capture in survey.end_all()]
        self._end(self._tracker.end_all())

    async def _detect(self, frame: Frame) -> list[Detection]:
        found, _ = await _find(frame, self._settings.zones, self._inference, lambda bare: self._due(bare, frame.time))
        return found

    def _due(self, vehicle: Detection, time: float) -> bool:
        """Whether the track nearest to the vehicle has waited long enough for its next sharp look."""
        track = max(self._tracker.tracks, key=lambda t: t.box.iou(vehicle.box), default=None)
        key = track.id if track else 0
        if time - self._sharp_looks.get(key, float("-inf")) < _SECOND_LOOK_EVERY:
            return False
        live = {t.id for t in self._tracker.tracks}
        self._sharp_looks = {k: at for k, at in self._sharp_looks.items() if k in live} | {key: time}
        return True

    async def _look(
        self, recognizer: Recognizer, book: PassBook, frame: Frame, image: BgrImage, tracked: Tracked
    ) -> None:
        targets = set(recognizer.targets([detection for _, detection in tracked]))
        chosen = [(track, detection) for track, detection in tracked if detection in targets]
        wanted = {track.id for track, _ in chosen if book.wants(track, frame.time)}
        # All are followed before one is read: what is in view on this frame is nothing that came back as another.
        for track, detection in chosen:
            self.due += book.follow(track, frame, _carrier(detection, tracked, image if track.id in wanted else None))
        for track, detection in chosen:
            if track.id not in wanted:
                continue
            if capture := await self._inference.call("read", _read, recognizer, book, track, frame, image, detection):
                self.due.append(capture)

    async def _survey(self, survey: Surveying, frame: Frame, image: BgrImage, tracked: Tracked) -> None:
        found = [detection for _, detection in tracked]
        worth_it = self._settings.always_survey or pays(found, plate_read=self._plate_read(tracked))
        worth_it = worth_it and not survey.book.knows(self._changed_at)

        def carrier_of(code: Detection) -> Carrier | None:
            return _carrier(code, tracked, image)

        seen = Scene(frame, image, found, carrier_of)
        self.due += await survey.take(seen, worth_it=worth_it, live=self._settings.live)

    def _plate_read(self, tracked: Tracked) -> bool:
        readings = (book.reading(track) for _, book in self._books for track, _ in tracked)
        return any(reading is not None and reading.confidence >= self._settings.passes.accept for reading in readings)

    def _hold(self, time: float) -> None:
        self._tracker.hold(time)
        for survey in self._surveys:
            survey.book.hold(time, self._changed_at)

    def _found(self, tracked: Tracked) -> tuple[Mark, ...]:
        """Mark what stands in the frame, plates with what their pass reads by now."""
        marks = []
        for track, detection in tracked:
            readings = [reading for _, book in self._books if (reading := book.reading(track))]
            text, confidence = (readings[0].text, readings[0].confidence) if readings else ("", 0.0)
            marks.append(Mark(detection.box, detection.label, text, confidence))
        codes = (code for survey in self._surveys for code in survey.book.found())
        marks += [Mark(track.box, Label.CONTAINER, text, confidence) for track, text, confidence in codes]
        return tuple(marks)

    def _end(self, tracks: Sequence[Track]) -> None:
        self.due += [capture for _, book in self._books for capture in book.end(tracks)]
        for track in tracks:
            if track.label.is_vehicle:
                plated = [box for book in self._passes for box in book.carriers(track.first_time)]
                self.due += self._vehicles.end([track], plated)


async def read_still(
    frame: Frame, still: Still, recognizers: Readers, settings: WatchSettings, inference: Inference
) -> list[Capture]:
    """Read everything in one still; the same still gives the same ids again."""
    picture = frame.picture
    found, bare = await _find(frame, settings.zones, inference, lambda _: True)
    tracked = Tracker().update(found, frame.time)
    image = picture.bgr()
    count = iter(range(1_000_000))

    def new_id(_: datetime) -> str:
        return still_read_id(settings.camera, still, next(count))

    captures: list[Capture] = []
    passes = replace(settings.passes, min_hits=1, one_per_vehicle=False, once_whole=False)
    for recognizer in recognizers:
        if isinstance(recognizer, Surveyor):
            if settings.always_survey or pays(found, plate_read=any(capture.read.text for capture in captures)):
                survey = SurveyBook(settings.camera, settings.direction, recognizer, passes, new_id)
                sights = await inference.call("survey", recognizer.survey, image)
                kept = [s for s in sights if settings.zones.keep([code_detection(s)], picture.width, picture.height)]
                captures += survey.take(frame, kept, lambda s: _carrier(code_detection(s), tracked, image))
                captures += survey.end_all()
            continue
        book = PassBook(settings.camera, settings.direction, recognizer, passes, new_id)
        targets = set(recognizer.targets(found))
        for track, detection in tracked:
            if detection in targets:
                book.follow(track, frame, _carrier(detection, tracked, image))
                sight = await inference.call("read", recognizer.look, image, detection)
                book.add(track, frame, sight, sight.reading)
        captures += book.end([track for track, _ in tracked])
    large = bare is not None and bare.box.area >= _STILL_VEHICLE * picture.width * picture.height
    if bare is not None and large and not captures:
        captures = [unread_vehicle(new_id(frame.captured_at), settings.camera, settings.direction, bare, frame)]
    return captures


async def _find(
    frame: Frame, zones: ZoneMask, inference: Inference, due: Callable[[Detection], bool]
) -> tuple[list[Detection], Detection | None]:
    """Detect in the whole picture, then sharper on a vehicle without a plate, where that would show more and is due.

    Return everything found, and the vehicle on which the first look saw no plate.
    """
    picture = frame.picture
    found = zones.keep(await inference.detect(picture), picture.width, picture.height)
    bare = bare_vehicle(found)
    if bare is None or not inference.shrinks(picture) or not due(bare):
        return found, bare
    sharper = await inference.detect_within(picture, bare.box)
    plates = [d for d in sharper if d.label is Label.PLATE]
    return found + zones.keep(plates, picture.width, picture.height), bare


def _read_mark(capture: Capture) -> Mark:
    read = capture.read
    labels = {Kind.PLATE: Label.PLATE, Kind.CONTAINER: Label.CONTAINER}
    return Mark(read.box, labels[read.kind] if read.text else Label.CAR, read.text, read.reading.confidence)


def bare_vehicle(found: Sequence[Detection]) -> Detection | None:
    """Return the largest vehicle on which no plate was found."""
    plates = [d for d in found if d.label is Label.PLATE]
    bare = [d for d in found if d.label.is_vehicle and not any(_carries(d, plate) for plate in plates)]
    return max(bare, key=lambda d: d.box.area, default=None)


def _carries(vehicle: Detection, plate: Detection) -> bool:
    return vehicle.box.contains(*plate.box.centre)


def _carrier(plate: Detection, tracked: Tracked, image: BgrImage | None) -> Carrier | None:
    """Tie a plate to the smallest vehicle round it; the colour is told only where there is an `image`."""
    round_it = [(t, d) for t, d in tracked if d.label.is_vehicle and _carries(d, plate)]
    if not round_it:
        return None
    track, vehicle = min(round_it, key=lambda pair: pair[1].box.area)
    colour = vehicle_colour(image, vehicle.box) if image is not None else None
    return Carrier(track.id, Vehicle(track.label.value, colour, vehicle.score), vehicle.box, track.stretch)


def _read(
    recognizer: Recognizer, book: PassBook, track: Track, frame: Frame, image: BgrImage, target: Detection
) -> Capture | None:
    """Take one more look: all of it off the event loop, since a pass that goes on fuses once more."""
    sight = recognizer.look(image, target)
    return book.add(track, frame, sight, recognizer.fuse([*book.sights(track), sight]))
