"""The pipeline: from drawn frames to recordings, with the evidence that belongs to each read."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import numpy as np
import pytest

from alpr.camera.picture import ImagePicture
from alpr.camera.replay import FileSource
from alpr.domain import BgrImage, Box, Capture, Detection, Frame, Kind, Label, Recording, State, Still
from alpr.errors import CameraError
from alpr.inference import Inference
from alpr.pipeline import WatchSettings, bare_vehicle, watch
from alpr.recognizers.base import Recognizer, Surveyor
from alpr.recognizers.passes import PassSettings
from alpr.recognizers.registry import recognizers_for
from alpr.recognizers.zones import ZoneMask
from alpr.status import CameraStatus, Status
from tests.camera.films import BITS, film, numbered
from tests.drawn_plates import empty_street, passing, shipped_engine, street
from tests.drawn_reads import NOON
from tests.fakes import ToldCodes, ToldText, until

Finds = Callable[[BgrImage], list[Detection]]


@dataclass
class ToldDetector:
    """Finds what a function tells of the pixels, after a moment that differs."""

    finds: Finds
    within: Finds = lambda image: []
    shrink: float = 1.0
    pause: float = 0.0
    batch: int = 0
    looked: int = 0

    def detect(self, images: Sequence[BgrImage]) -> list[list[Detection]]:
        self.looked += len(images)
        time.sleep(self.pause * random.random())
        return [self.finds(image) for image in images]

    def detect_within(self, image: BgrImage, box: Box) -> list[Detection]:
        return self.within(image)

    def scale(self, width: int, height: int) -> float:
        return self.shrink


@dataclass
class Drawn:
    """A source of drawn pictures, ten a second; `None` stands for one that was dropped."""

    name: str
    pictures: Sequence[BgrImage | None]
    fault: str = ""
    hang: bool = False
    live: bool = False

    async def frames(self) -> AsyncGenerator[Frame, None]:
        for number, image in enumerate(self.pictures):
            if image is not None:
                seconds = number / 10
                at = NOON + timedelta(seconds=seconds)
                yield Frame(self.name, number, at, seconds, ImagePicture(image))
            await asyncio.sleep(0)
        if self.fault:
            raise CameraError(self.fault)
        if self.hang:
            await asyncio.Event().wait()


@dataclass
class Kept:
    """A recorder that keeps recordings in memory."""

    recordings: list[Recording] = field(default_factory=list)

    async def __call__(self, recording: Recording) -> None:
        self.recordings.append(recording)

    @property
    def captures(self) -> list[Capture]:
        return [capture for recording in self.recordings for capture in recording.captures]

    def told(self) -> list[tuple[str, str]]:
        return [(c.read.state.value, c.read.text) for c in self.captures]


async def _watch(
    source, detector, recognizers: Sequence[Recognizer | Surveyor], settings: WatchSettings | None = None
) -> tuple[Kept, CameraStatus]:
    inference, kept, status = Inference(detector, 2, Status()), Kept(), CameraStatus(source.name)
    try:
        await watch(source, recognizers, settings or WatchSettings(source.name), inference, kept, status)
    finally:
        inference.close()
    return kept, status


def _number(image: BgrImage) -> int:
    """Read the number that a picture of a numbered film shows."""
    middle = image[image.shape[0] // 2, :, 1]
    return sum(1 << bit for bit in range(BITS) if middle[bit * 16 + 8] > 128)


def _width(number: int) -> float:
    return 90.0 + number * 37 % 50


def _passes_of_twenty(image: BgrImage) -> list[Detection]:
    """Find a plate on the first twenty of every thirty pictures, its width telling how good the picture is."""
    number = _number(image)
    if number % 30 >= 20:
        return []
    return [Detection(Label.PLATE, Box(5, 10, 5 + _width(number), 40), 0.9)]


def _barcode_reader() -> ToldText:
    """Read the picture's own number as the text, surer where the plate is wider."""
    return ToldText(lambda image, target: (f"N{_number(image):04}", target.box.width / 150))


async def test_the_picture_is_of_the_very_frame_that_was_read(tmp_path):
    """Two cameras at once, frames dropped, one decoded from a video: previews and finals show what they say.

    Every frame carries its own number, and the text that is read is the number in the pixels that were read.
    """
    film(tmp_path / "film.mp4", 300, fps=25)
    chance = random.Random(3)
    drawn = [numbered(number) if chance.random() > 0.3 else None for number in range(300)]
    statuses = {name: CameraStatus(name) for name in ("film", "drawn")}
    detector = ToldDetector(_passes_of_twenty, pause=0.004)
    inference, kept = Inference(detector, 2, Status()), {name: Kept() for name in statuses}
    sources = {
        "film": FileSource(tmp_path / "film.mp4", statuses["film"], fps=17.0),
        "drawn": Drawn("drawn", drawn),
    }
    settings = {
        "film": WatchSettings("film", motion_gate=False, track_gap=0.3, passes=PassSettings(preview=0.6)),
        "drawn": WatchSettings("drawn", motion_gate=False, track_gap=0.7, passes=PassSettings(preview=0.6)),
    }
    await asyncio.gather(
        *(
            watch(sources[name], [_barcode_reader()], settings[name], inference, kept[name], statuses[name])
            for name in statuses
        )
    )
    inference.close()
    for name in statuses:
        finals = [c for c in kept[name].captures if c.read.state is State.FINAL]
        previews = [c for c in kept[name].captures if c.read.state is State.PREVIEW]
        assert len({c.read.id for c in finals}) == 10
        assert len(previews) >= 10
        for capture in kept[name].captures:
            shown = _number(capture.frame.bgr())
            [look] = [look for look in capture.read.looks if look.kept]
            assert capture.read.camera == name
            assert capture.read.text == look.text == f"N{shown:04}"
            assert capture.read.box == look.box == Box(5, 10, 5 + _width(shown), 40)
            assert capture.crop.shape == (30, round(_width(shown)), 3)
            assert capture.read.frame_time == look.time == pytest.approx(shown / (25 if name == "film" else 10))


async def test_a_moving_plate_is_read_once_by_the_shipped_models():
    """A drawn plate drives by: one preview, one final, one id, the right text, and evidence that shows it."""
    source = Drawn("gate", passing("KLM4607"))
    kept, status = await _watch(source, shipped_engine().detector, recognizers_for(shipped_engine(), ("br",)))
    reads = [c.read for c in kept.captures if c.read.kind is Kind.PLATE]
    assert [(read.state, read.text) for read in reads] == [(State.PREVIEW, "KLM4607"), (State.FINAL, "KLM4607")]
    assert reads[0].id == reads[1].id
    assert len(reads[1].looks) > 2
    shown = round(reads[1].frame_time * 10)
    assert reads[1].box.iou(Box(200 + 12 * shown, 300, 377 + 12 * shown, 348)) > 0.5
    assert (status.frames_taken, status.frames_analysed) == (20, 20)


def _plate_at(x: float) -> list[Detection]:
    return [Detection(Label.PLATE, Box(x, 30, x + 100, 46), 0.9)]


def _sure(text: str = "AB123") -> ToldText:
    return ToldText(lambda image, target: (text, 0.9))


async def test_a_truck_with_a_code_and_a_plate_gives_a_read_of_each():
    """Both kinds at one camera; the truck that carries a code is no unread vehicle."""
    truck = Detection(Label.TRUCK, Box(0, 0, 160, 48), 0.9)
    codes = ToldCodes(lambda image: [("MSKU4135329", 0.95, Box(20, 4, 140, 20))])
    kept, _ = await _watch(
        Drawn("gate", [numbered(n) for n in range(20)]),
        ToldDetector(lambda _: [truck, *_plate_at(10)]),
        [_sure(), codes],
        WatchSettings("gate", motion_gate=False),
    )
    finals = {c.read.kind: c.read for c in kept.captures if c.read.state is State.FINAL}
    assert {kind: read.text for kind, read in finals.items()} == {Kind.PLATE: "AB123", Kind.CONTAINER: "MSKU4135329"}
    assert finals[Kind.CONTAINER].vehicle.type == "truck"
    assert 2 <= codes.surveys <= 6
    assert len(kept.captures) == 4


async def test_a_live_camera_reads_plates_while_a_survey_is_under_way():
    """The survey ends only after plates of later frames were read; what it found counts from its own frame."""
    truck = Detection(Label.TRUCK, Box(0, 0, 160, 48), 0.9)
    looked, waited = threading.Event(), []

    def survey(image):
        waited.append(looked.wait(5))
        return [("MSKU4135329", 0.95, Box(20, 4, 140, 20))]

    def look(image, target):
        if _number(image) >= 3:
            looked.set()
        return "AB123", 0.9

    kept, _ = await _watch(
        Drawn("gate", [numbered(n) for n in range(40)]),
        ToldDetector(lambda _: [truck, *_plate_at(10)]),
        [ToldText(look), ToldCodes(survey)],
        WatchSettings("gate", motion_gate=False, live=True),
    )
    assert waited[0]
    finals = {c.read.kind for c in kept.captures if c.read.state is State.FINAL}
    assert Kind.PLATE in finals


async def test_codes_outside_the_zones_are_not_read():
    """The stack of the neighbour's yard."""
    codes = ToldCodes(lambda image: [("MSKU4135329", 0.95, Box(10, 10, 30, 20))])
    zones = ZoneMask(ignore=(((0.0, 0.0), (0.3, 0.0), (0.3, 1.0), (0.0, 1.0)),))
    settings = WatchSettings("gate", motion_gate=False, zones=zones)
    kept, _ = await _watch(
        Drawn("gate", [numbered(n) for n in range(8)]), ToldDetector(lambda _: []), [codes], settings
    )
    assert (kept.captures, codes.surveys > 0) == ([], True)


async def test_a_car_whose_plate_is_read_is_not_searched_for_codes_when_asked_about_anything():
    """`alpr read` does not know what a picture shows: half a second is spent where it may bring something."""
    codes = ToldCodes(lambda image: [])
    for always in (False, True):
        settings = WatchSettings("gate", motion_gate=False, always_survey=always)
        source = Drawn("gate", [numbered(n) for n in range(4)])
        await _watch(source, ToldDetector(lambda _: _plate_at(10)), [_sure(), codes], settings)
        assert (codes.surveys > 0) is always


async def test_what_is_open_at_the_end_is_recorded():
    """The file is over while the vehicle is still there."""
    kept, _ = await _watch(
        Drawn("gate", [numbered(n) for n in range(6)]), ToldDetector(lambda _: _plate_at(10)), [_sure()]
    )
    assert kept.told() == [("preview", "AB123"), ("final", "AB123")]


async def test_what_is_open_when_the_source_fails_is_recorded():
    """The file breaks off: its error comes through, and what was seen is not lost."""
    source = Drawn("gate", [numbered(n) for n in range(6)], fault="film.mp4: breaks off")
    inference, kept = Inference(ToldDetector(lambda _: _plate_at(10)), 1, Status()), Kept()
    with pytest.raises(CameraError, match="breaks off"):
        await watch(source, [_sure()], WatchSettings("gate"), inference, kept, CameraStatus("gate"))
    assert kept.told()[-1] == ("final", "AB123")
    inference.close()


async def test_what_is_open_when_the_site_ends_is_recorded():
    """Cancelled while it waits for the next frame, the pipeline completes its passes."""
    source = Drawn("gate", [numbered(n) for n in range(6)], hang=True)
    inference, kept, status = (
        Inference(ToldDetector(lambda _: _plate_at(10)), 1, Status()),
        Kept(),
        CameraStatus("gate"),
    )
    task = asyncio.create_task(watch(source, [_sure()], WatchSettings("gate"), inference, kept, status))
    await until(lambda: status.frames_analysed == 6)
    await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert kept.told() == [("preview", "AB123"), ("final", "AB123")]
    inference.close()


async def test_a_capture_that_waits_for_a_full_queue_survives_the_end():
    """Cancelled while the recorder is busy, the pipeline hands over again what was not taken."""
    full, taken = asyncio.Event(), Kept()

    async def record(recording: Recording) -> None:
        if not full.is_set():
            full.set()
            await asyncio.Event().wait()
        await taken(recording)

    inference = Inference(ToldDetector(lambda _: _plate_at(10)), 1, Status())
    source = Drawn("gate", [numbered(n) for n in range(6)], hang=True)
    task = asyncio.create_task(watch(source, [_sure()], WatchSettings("gate"), inference, record, CameraStatus("gate")))
    async with asyncio.timeout(5):
        await full.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert taken.told() == [("preview", "AB123"), ("final", "AB123")]
    inference.close()


async def test_a_still_scene_costs_no_detection():
    """Of six seconds in which nothing moves only every twentieth frame is looked at."""
    detector = ToldDetector(lambda _: [])
    kept, status = await _watch(Drawn("gate", [empty_street()] * 60), detector, [_sure()])
    assert detector.looked == status.frames_analysed == 3
    assert status.frames_taken == 60
    assert kept.recordings == []


async def test_without_the_gate_every_frame_is_looked_at():
    """As the camera's configuration says."""
    detector = ToldDetector(lambda _: [])
    await _watch(Drawn("gate", [empty_street()] * 12), detector, [_sure()], WatchSettings("gate", motion_gate=False))
    assert detector.looked == 12


def _seen_plate(image: BgrImage) -> list[Detection]:
    """Find the white block that `_block` draws."""
    columns = np.flatnonzero(image[115, :, 1] > 240)
    return _plate_at(float(columns[0])) if len(columns) else []


def _block(x: int | None) -> BgrImage:
    image = empty_street().copy()
    if x is not None:
        image[100:130, x : x + 100] = 250
    return image


async def test_a_pass_ends_although_nothing_moves_after_it():
    """A vehicle leaves and the scene comes to rest: the final comes after the gap, not with the next vehicle."""
    frames = [_block(40 * n) for n in range(10)] + [_block(None)] * 40
    kept = Kept()
    at: list[int] = []
    source = Drawn("gate", frames)
    status = CameraStatus("gate")

    async def record(recording: Recording) -> None:
        at.append(status.frames_taken)
        await kept(recording)

    inference = Inference(ToldDetector(_seen_plate), 1, Status())
    await watch(source, [_sure()], WatchSettings("gate"), inference, record, status)
    inference.close()
    assert kept.told() == [("preview", "AB123"), ("final", "AB123")]
    assert at[1] in range(24, 29)


async def test_a_parked_vehicle_that_is_overlooked_at_times_stays_one_pass():
    """Nothing moves for twenty seconds, and every other look misses the unreadable plate: one unread, not ten."""
    frames = [_block(40 * n) for n in range(6)] + [_block(200)] * 200
    looks = iter(range(1000))
    detector = ToldDetector(lambda image: _seen_plate(image) if (n := next(looks)) < 8 or n % 2 else [])
    kept, _ = await _watch(Drawn("gate", frames), detector, [ToldText(lambda image, target: ("AB123", 0.2))])
    assert kept.told() == [("unread", "")]


_CAR = Detection(Label.CAR, Box(100, 50, 500, 300), 0.9)


def _driving(*plates: tuple[int, Box]) -> Finds:
    """Find a car that drives to the right, and plates on it on the pictures of these numbers."""
    looks = iter(range(1000))

    def finds(image: BgrImage) -> list[Detection]:
        number = next(looks)
        moved = 15 * number
        car = replace(_CAR, box=Box(100 + moved, 50, 500 + moved, 300))
        on_it = [Box(b.x1 + moved, b.y1, b.x2 + moved, b.y2) for at, b in plates if at == number]
        return [car, *(Detection(Label.PLATE, box, 0.4) for box in on_it)]

    return finds


async def test_a_vehicle_without_a_plate_is_stored():
    """It drove by and showed none."""
    source = Drawn("gate", [empty_street()] * 15)
    kept, _ = await _watch(source, ToldDetector(_driving()), [_sure()], WatchSettings("gate", motion_gate=False))
    assert [(c.read.kind, c.read.state) for c in kept.captures] == [(Kind.VEHICLE, State.UNREAD)]


async def test_a_vehicle_on_which_a_speck_was_taken_for_a_plate_is_stored():
    """Two faint detections that come to nothing do not make the vehicle vanish."""
    speck = Box(200, 200, 240, 212)
    source = Drawn("gate", [empty_street()] * 15)
    detector = ToldDetector(_driving((4, speck), (5, speck)))
    kept, _ = await _watch(
        source, detector, [ToldText(lambda image, target: ("X1", 0.1))], WatchSettings("gate", motion_gate=False)
    )
    assert [(c.read.kind, c.read.state) for c in kept.captures] == [(Kind.VEHICLE, State.UNREAD)]


async def test_a_vehicle_with_a_plate_is_one_read():
    """The read carries its vehicle; no unread one is stored beside it."""
    plate = Box(250, 220, 350, 250)
    source = Drawn("gate", [empty_street()] * 15)
    detector = ToldDetector(_driving(*((number, plate) for number in range(2, 8))))
    kept, _ = await _watch(source, detector, [_sure()], WatchSettings("gate", direction="in", motion_gate=False))
    assert kept.told() == [("preview", "AB123"), ("final", "AB123")]
    read = kept.captures[-1].read
    assert (read.vehicle.type, read.direction) == ("car", "in")
    assert read.vehicle_box.contains(*read.box.centre)


async def test_a_vehicle_that_is_found_twice_is_one_read():
    """As a whole and as its front, which comes close when the plate is out of sight."""
    shown = iter(range(1000))

    def finds(image: BgrImage) -> list[Detection]:
        number = next(shown)
        left, size = 100.0 + 10 * number, 200.0 + 20 * number + 60 * max(0, number - 6)
        front = Detection(Label.TRUCK, Box(left + 60, 100, left + 60 + size, 100 + size), 0.7)
        car = Detection(Label.CAR, Box(left, 100, left + size, 100 + size), 0.8)
        plate = Detection(Label.PLATE, Box(left + 5, 220, left + 28, 230), 0.9)
        return [front, car, plate] if number < 7 else [front, car]

    source = Drawn("gate", [empty_street()] * 15)
    kept, _ = await _watch(source, ToldDetector(finds), [_sure()], WatchSettings("gate", motion_gate=False))
    assert kept.told() == [("preview", "AB123"), ("final", "AB123")]


async def test_a_small_plate_is_looked_for_in_its_vehicle():
    """Where the picture was shrunk, a vehicle without a plate gets a sharper look, twice a second."""
    sharp = []

    def within(image: BgrImage) -> list[Detection]:
        sharp.append(image.shape)
        return [Detection(Label.PLATE, Box(250, 220, 350, 250), 0.9), _CAR]

    source = Drawn("gate", [empty_street()] * 20)
    detector = ToldDetector(lambda _: [_CAR], within=within, shrink=0.3)
    kept, _ = await _watch(source, detector, [_sure()], WatchSettings("gate", motion_gate=False))
    assert len(sharp) in {4, 5}
    assert kept.told()[-1] == ("final", "AB123")


async def test_zones_hide_what_they_ignore():
    """A plate in an ignored zone is none; the same plate outside it is read."""
    left = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
    for zones, told in (
        (ZoneMask(ignore=(left,)), []),
        (ZoneMask(include=(left,)), [("preview", "AB123"), ("final", "AB123")]),
    ):
        source = Drawn("gate", [empty_street()] * 6)
        settings = WatchSettings("gate", zones=zones, motion_gate=False)
        kept, _ = await _watch(source, ToldDetector(lambda _: _plate_at(300)), [_sure()], settings)
        assert kept.told() == told


async def test_plates_below_the_least_width_are_not_read():
    """The camera's `min_plate_width`, with the shipped models."""
    for width, texts in ((300, set()), (100, {"KLM4607"})):
        recognizers = recognizers_for(shipped_engine(), (), min_plate_width=width)
        kept, _ = await _watch(Drawn("gate", passing("KLM4607", 8)), shipped_engine().detector, recognizers)
        assert {c.read.text for c in kept.captures if c.read.text} == texts


@dataclass
class Stills:
    """A source of stills."""

    pictures: Sequence[BgrImage]
    name: str = "yard"
    live: bool = False

    async def frames(self) -> AsyncGenerator[Frame, None]:
        for number, image in enumerate(self.pictures):
            still = Still(f"/uploads/{number}.jpg", 1000, number)
            yield Frame(self.name, number, NOON, float(number), ImagePicture(image), still)


async def test_stills_are_read_each_for_itself():
    """One final a plate, no previews; a still in which nothing is found is recorded too."""
    source = Stills([street("KLM4607"), empty_street(), street("KLM4607", (300, 280))])
    kept, status = await _watch(source, shipped_engine().detector, recognizers_for(shipped_engine(), ()))
    assert [[c.read.text for c in r.captures] for r in kept.recordings] == [["KLM4607"], [], ["KLM4607"]]
    assert [r.still.path for r in kept.recordings] == ["/uploads/0.jpg", "/uploads/1.jpg", "/uploads/2.jpg"]
    assert {c.read.state for c in kept.captures} == {State.FINAL}
    assert all(len(c.read.looks) == 1 for c in kept.captures)
    assert (status.frames_taken, status.frames_analysed) == (3, 3)


async def test_a_still_read_again_gives_the_same_ids():
    """So that a crash between two steps doubles nothing; two plates of one still differ."""
    two = [*_plate_at(10), *_plate_at(600)]
    recognizer = ToldText(lambda image, target: (f"X{target.box.x1:.0f}", 0.9))
    runs = [(await _watch(Stills([empty_street()]), ToldDetector(lambda _: two), [recognizer]))[0] for _ in range(2)]
    ids = [[(c.read.id, c.read.text) for c in run.captures] for run in runs]
    assert ids[0] == ids[1]
    assert len({read_id for read_id, _ in ids[0]}) == 2


async def test_a_large_vehicle_alone_in_a_still_is_stored_unread():
    """A still of a vehicle without a plate is worth keeping; one of a small vehicle far away is not."""
    for box, states in ((Box(100, 50, 600, 400), [State.UNREAD]), (Box(100, 50, 180, 110), [])):
        car = Detection(Label.CAR, box, 0.9)
        kept, _ = await _watch(Stills([empty_street()]), ToldDetector(lambda _, car=car: [car]), [_sure()])
        assert [c.read.state for c in kept.captures] == states
        assert len(kept.recordings) == 1


def test_bare_vehicle():
    """The largest vehicle on which no plate stands."""
    plate = Detection(Label.PLATE, Box(200, 200, 260, 220), 0.5)
    small = Detection(Label.TRUCK, Box(600, 100, 700, 200), 0.9)
    tiny = Detection(Label.CAR, Box(800, 100, 850, 150), 0.9)
    assert bare_vehicle([_CAR, plate]) is None
    assert bare_vehicle([_CAR, plate, tiny, small]) == small
    assert bare_vehicle([]) is None
