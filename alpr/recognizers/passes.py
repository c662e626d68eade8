"""What becomes one read: the open passes of one camera, from first look to final.

A plate track opens a pass; its looks are fused; once sure enough it is given out as a preview, and
completed under the same id when the track ends. A track that breaks off and comes back with the same
text continues its pass, and so does a parked vehicle that something drove in front of.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alpr.domain import Box, Capture, Frame, Read, Reading, State
from alpr.recognizers.base import Fuser, Sight
from alpr.recognizers.crossing import Line
from alpr.recognizers.fixtures import Fixtures
from alpr.recognizers.onepass import (
    Carrier,
    Pass,
    Seen,
    better,
    mostly_on_vehicle_of,
    on_one_vehicle,
    shown_looks,
    unread,
)
from alpr.recognizers.zones import ZoneMask
from alpr.vision.crop import is_cut
from alpr.vision.tracker import Track

_MAX_LOOKS = 32
_SURE = 0.97
_SURE_LOOKS = 3
_SILENT_LOOKS = 5
"""Looks that saw nothing legible, after which a plate is asked now and then only: most likely it is none."""
_BETTER = 1.25
_LOOK_ON = 1.0
_LOOK_AGAIN = 2.0
_ASK_AGAIN = 0.5
_LESS_DOUBT = 0.5
_SAME_PLACE = 0.3
_STANDS = 0.5
"""Of its own width, that a plate may wander and its vehicle still be parked."""
_SAME_VEHICLE = 0.4
_MOMENT = 1.0
_BRIEF = 0.4
_SOMETHING = 0.05
"""Least confidence in some text for a plate: below it the reader saw a lamp, a kerb, or dirt. A vehicle that shows
nothing else is kept as one without a plate."""
_CERTAIN = 0.75
_CERTAIN_HITS = 10
"""Score and detections with which it is a plate whatever the reader says: lamps and kerbs score below 0.65."""
_MUCH = 0.5
"""A second text on a vehicle that is half as strong as the first is a plate of its own, of a car close by."""


_NO_ZONES = ZoneMask()


@dataclass(frozen=True, slots=True)
class PassSettings:
    """How sure is sure enough, and how long a pass is remembered."""

    accept: float = 0.6
    """Least confidence of a read: 1 - 1 / 2.5, as a read that is stored wrong costs 2.5 that go to review unread."""
    preview: float = 0.9
    preview_looks: int = 2
    merge_gap: float = 8.0
    """Seconds within which the same text is the same pass, wherever it stands."""
    blink: float = 1.0
    """Seconds for which a plate may vanish from a vehicle, or be misread at its place, and be the same."""
    doubt: float = 0.5
    """Seconds out of sight after which a track has to show the same text to be the same pass."""
    park_memory: float = 600.0
    """Seconds within which the same text at the same place is the same pass."""
    min_hits: int = 5
    """Detections that an unread plate needs to be kept: less is a lamp, a sticker, a shadow."""
    min_score: float = 0.5
    min_width: float = 32.0
    """Pixels that it must have been wide at its best: less could not have been read anyway."""
    line: Line | None = None
    """Tells the direction by who crosses it, in the place of the camera's own."""
    zones: ZoneMask = _NO_ZONES
    """Whose names reads carry."""
    one_per_vehicle: bool = True
    """Whether what shares a vehicle with a better read is left out; a still keeps all that it shows."""
    once_whole: bool = True
    """Whether a text counts as unread until a look saw all of its plate; a still shows it only once."""


class PassBook:
    """The passes of one camera and one kind."""

    def __init__(
        self,
        camera: str,
        direction: str | None,
        recognizer: Fuser,
        settings: PassSettings,
        new_id: Callable[[datetime], str],
    ) -> None:
        self._camera, self._direction = camera, direction
        self._recognizer = recognizer
        self._settings = settings
        self._new_id = new_id
        self._by_track: dict[int, Pass] = {}
        self._closed: list[Pass] = []
        self._fixtures = Fixtures()

    def wants(self, track: Track, time: float) -> bool:
        """Whether another look at the track is worth its milliseconds."""
        known = self._by_track.get(track.id)
        if known is None:
            return True
        waited = time - known.last_look
        sure = known.looks >= _SURE_LOOKS and known.reading.confidence >= _SURE
        silent = known.looks >= _SILENT_LOOKS and known.reading.confidence < _SOMETHING
        if not (sure or silent):
            return known.looks < _MAX_LOOKS or waited >= _LOOK_ON
        grown = track.box.height > _BETTER * max(seen.sight.box.height for seen in known.seen)
        return grown or waited >= (_LOOK_AGAIN if sure else _ASK_AGAIN)

    def sights(self, track: Track) -> list[Sight[Any]]:
        """Return the sights kept of the track's pass."""
        known = self._by_track.get(track.id)
        return [seen.sight for seen in known.seen] if known else []

    def reading(self, track: Track) -> Reading | None:
        """Return what the track's pass reads by now, None without a pass."""
        known = self._by_track.get(track.id)
        return known.reading if known else None

    def follow(self, track: Track, frame: Frame, carrier: Carrier | None) -> list[Capture]:
        """Note that the track was there on this frame; open its pass when it is new.

        A track that was out of sight for long may have been taken over by the next vehicle: its pass is
        completed (and returned), and goes on only if the next looks read the same text.
        """
        finals = self.end([track]) if track.gap > self._settings.doubt and track.id in self._by_track else []
        known = self._by_track.get(track.id)
        if known is None:
            at, time = frame.captured_at, frame.time
            known = self._by_track[track.id] = Pass(self._new_id(at), at, at, time, time, track.box, tracks={track.id})
        known.last_seen, known.last_time, known.last_box = frame.captured_at, frame.time, track.box
        place = _place(track.box, frame)
        known.zone = self._settings.zones.name_at(*place) or known.zone
        if self._settings.line is not None:
            known.course.note(self._settings.line, place)
        known.hits += 1
        known.moves.note(track.box, carrier)
        known.best_score = max(known.best_score, track.best_score)
        if carrier:
            known.carrier = carrier
            known.vehicle = better(known.vehicle, carrier.vehicle)
        return finals

    def add(self, track: Track, frame: Frame, sight: Sight[Any], reading: Reading) -> Capture | None:
        """Take one more look and what all looks read now; return a preview when it has become due."""
        known = self._by_track[track.id]
        seen = Seen(sight, frame.time, known.carrier)
        known.looks += 1
        known.last_look = frame.time
        known.whole = known.whole or not is_cut(sight.box, frame.picture.width, frame.picture.height)
        known.reading = reading
        known.keep(seen, frame)
        if known.given is None and (earlier := self._earlier(known)):
            known = self._continue(earlier, known, track)
        return self._preview(known)

    def accounts_for(self, vehicle: int) -> bool:
        """Whether a plate on the vehicle of this track is known well enough to be stored; then it will be."""
        carried = [p for p in self._by_track.values() if p.carrier and p.carrier.track == vehicle]
        for known in carried:
            known.counted_on = known.counted_on or bool(known.given) or self._settled(known) or self._solid(known)
        return any(known.counted_on for known in carried)

    def carriers(self, since: float) -> list[Box]:
        """Return where the vehicles stood whose plates were read and in view at `since` or later."""
        read = (p for p in [*self._by_track.values(), *self._closed] if self._settled(p) and p.last_time >= since)
        return [p.carrier.box for p in read if p.carrier]

    def end(self, tracks: Sequence[Track]) -> list[Capture]:
        """Close the passes whose last track ended; return their finals."""
        finals = []
        for track in tracks:
            known = self._by_track.pop(track.id, None)
            if known is None:
                continue
            known.tracks.discard(track.id)
            if not known.tracks and (final := self._final(known)):
                finals.append(final)
                self._closed = [*self._closed[-31:], known]
                self._release(known.last_time)
        return finals

    def _release(self, time: float) -> None:
        """Let go of the frames of passes that are over for good or for long: they are the bulk of the memory."""
        for known in self._closed:
            if time - known.last_time > self._settings.merge_gap:
                known.pictures.clear()

    def _earlier(self, known: Pass) -> Pass | None:
        """Find the pass that this new one continues, the most recent first."""
        others = {id(p): p for p in [*self._closed, *self._by_track.values()] if p is not known}
        return next((other for other in reversed(others.values()) if self._continues(known, other)), None)

    def _continues(self, known: Pass, other: Pass) -> bool:
        """Whether the new pass is the other one going on: same text and near, or same vehicle still unread."""
        settings = self._settings
        gap = known.first_time - other.last_time
        on_one = known.carrier is not None and other.carrier is not None and known.carrier.track == other.carrier.track
        riding = settings.one_per_vehicle and gap <= settings.merge_gap and on_one_vehicle(known, other)
        if not self._settled(other):
            # What would not be kept as unread needs nobody to complete it: it was a lamp, or a glimpse.
            carried = riding or (on_one and gap <= settings.blink)
            return gap > 0 and carried and self._solid(other) and mostly_on_vehicle_of(other, known)
        if not self._settled(known):
            return False
        near = other.last_box.iou(known.last_box) > _SAME_PLACE
        # Its vehicle was followed all the while, but the plate not: two texts of which one is doubtful are one.
        doubtful = riding and min(known.reading.confidence, other.reading.confidence) < settings.preview
        loosely = doubtful or ((near or on_one) and gap <= settings.blink)
        if self._recognizer.same(known.reading.text, other.reading.text, loosely=loosely):
            parked = near and known.moves.travelled <= _STANDS
            return gap <= settings.merge_gap or (parked and gap <= settings.park_memory)
        return False

    def _continue(self, earlier: Pass, known: Pass, track: Track) -> Pass:
        """Let the earlier pass go on with the new track, all looks together."""
        self._by_track[track.id] = earlier
        earlier.tracks.add(track.id)
        self._closed = [p for p in self._closed if p is not earlier]
        earlier.absorb(known)
        if self._settings.line is not None:
            earlier.course.absorb(known.course, self._settings.line)
        earlier.reading = self._recognizer.fuse([seen.sight for seen in earlier.seen])
        return earlier

    def _preview(self, known: Pass) -> Capture | None:
        """Return a preview when it is due: the first, one with another text, or one with half the doubt of the last."""
        settings, given = self._settings, known.given
        sure = known.reading.confidence >= settings.preview and self._settled(known)
        if known.looks < settings.preview_looks or not sure:
            return None
        if given is None:
            if self._explained(known) or self._fixtures.explain(known):
                return None
        elif given.state is not State.PREVIEW or not _tells_more(known.reading, given.reading):
            return None
        return self._capture(known, State.PREVIEW)

    def _final(self, known: Pass) -> Capture | None:
        if not known.pictures:
            return None
        state = State.FINAL if self._settled(known) else State.UNREAD
        if known.given is not None:
            return self._capture(known, state)
        if self._fixtures.explain(known):
            return None
        kept = state is State.FINAL or known.counted_on or self._solid(known)
        if not kept or self._explained(known):
            return None
        return self._capture(known, state)

    def _solid(self, known: Pass) -> bool:
        """Whether a plate was there for certain, though it could not be read."""
        settings = self._settings
        widest = max((seen.sight.box.width for seen in known.seen), default=0.0)
        certain = known.best_score >= _CERTAIN and known.hits >= _CERTAIN_HITS
        return (
            known.hits >= settings.min_hits
            and known.best_score >= settings.min_score
            and widest >= settings.min_width
            and (certain or known.reading.confidence >= _SOMETHING)
        )

    def _explained(self, known: Pass) -> bool:
        """Whether a stronger pass of the same vehicle was read: this is its other plate, a sticker, a slogan."""
        if not self._settings.one_per_vehicle:
            return False
        others = [p for p in [*self._closed, *self._by_track.values()] if p is not known]
        mine = self._strength(known)
        return any(_MUCH * self._strength(p) > mine and _together(known, p) for p in others)

    def _strength(self, known: Pass) -> float:
        """Return how much speaks for a pass: 0 for one that could not be read."""
        return known.reading.confidence * len(known.reading.text) * min(known.hits, 10) if self._settled(known) else 0.0

    def _settled(self, known: Pass) -> bool:
        seen = known.whole or not self._settings.once_whole
        return seen and bool(known.reading.text) and known.reading.confidence >= self._settings.accept

    def _capture(self, known: Pass, state: State) -> Capture:
        text = known.reading.text
        _, kept, frame = known.pictures.get(text) or max(known.pictures.values(), key=lambda held: held[0])
        read = Read(
            id=known.id,
            camera=self._camera,
            kind=self._recognizer.kind,
            state=state,
            reading=known.reading if state is not State.UNREAD else unread(known.reading),
            box=kept.sight.box,
            captured_at=frame.captured_at,
            frame_time=frame.time,
            first_seen=known.first_seen,
            last_seen=known.last_seen,
            looks=shown_looks(known, kept),
            vehicle=known.vehicle,
            vehicle_box=kept.carrier.box if kept.carrier else None,
            direction=known.course.way if self._settings.line is not None else self._direction,
            zone=known.zone,
        )
        known.given = read
        return Capture(read, frame.picture, kept.sight.crop)


def _place(box: Box, frame: Frame) -> tuple[float, float]:
    """Return the middle of a box in fractions of the picture."""
    x, y = box.centre
    return x / frame.picture.width, y / frame.picture.height


def _tells_more(now: Reading, before: Reading) -> bool:
    """Whether somebody who acts on previews wants to know: a barrier may wait for more certainty."""
    surer = before.confidence < _SURE and (1 - now.confidence) <= _LESS_DOUBT * (1 - before.confidence)
    return now.text != before.text or surer


def _together(known: Pass, stronger: Pass) -> bool:
    """Whether two passes were on one vehicle, or in view at the same time and not on two."""
    if on_one_vehicle(known, stronger):
        return True
    if known.first_time > stronger.last_time + _MOMENT or stronger.first_time > known.last_time + _MOMENT:
        return False
    mine, theirs = known.carrier, stronger.carrier
    if mine is None or theirs is None:
        # No vehicle tells them apart: what is short-lived beside the other is a part of it.
        return known.hits < _BRIEF * stronger.hits
    return mine.track == theirs.track or mine.box.iou(theirs.box) > _SAME_VEHICLE
