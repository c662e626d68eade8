"""The detector: boxes in the right place, one for each thing, and model files that fail in one line."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from alpr.domain import Box, Detection, Label
from alpr.errors import ModelError
from alpr.paths import shipped
from alpr.vision.detector import Detector, letterbox, one_vehicle_each, suppress
from alpr.vision.onnx import Session, open_session
from tests.drawn_plates import empty_street, shipped_engine, street


class _Told:
    """An ONNX session that says the same whatever it sees: rows of `x1 y1 x2 y2` and scores, perhaps corners."""

    def __init__(
        self,
        *rows: tuple[float, ...],
        shape: tuple[int | str, ...] = (1, 3, 384, 640),
        corners: tuple[float, ...] | None = None,
    ) -> None:
        self._outputs = [np.array(rows, np.float32).reshape(-1, len(rows[0]) if rows else 9)]
        if corners:
            self._outputs.append(np.array([corners] * len(rows), np.float32))
        self._shape = shape
        self.seen: list[tuple[int, ...]] = []

    def get_inputs(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(name="images", shape=list(self._shape))]

    def run(self, outputs: None, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        self.seen.append(inputs["images"].shape)
        return [np.repeat(output[None], len(inputs["images"]), 0) for output in self._outputs]


def _detector(*rows: tuple[float, ...], provider: str = "CPUExecutionProvider", **told) -> Detector:
    return Detector(Session(Path("told.onnx"), provider, fallback=False, inner=_Told(*rows, **told)))


_OPEN = ("n", 3, "height", "width")
_CORNERS = (101.0, 104.0, 160.0, 100.0, 159.0, 116.0, 100.0, 120.0)


def _plate(x: float, score: float = 0.8) -> tuple[float, ...]:
    return (x, 100, x + 60, 120, score, 0, 0, 0, 0)


def test_suppress_keeps_the_best_of_what_overlaps():
    """Of two boxes on one thing the surer stays; what stands apart stays too; best first."""
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [50, 0, 60, 10], [50, 0, 60, 4]], np.float32)
    assert suppress(boxes, np.array([0.5, 0.9, 0.6, 0.7], np.float32)) == [1, 3, 2]


def test_suppress_nothing():
    """No boxes, none kept."""
    assert suppress(np.zeros((0, 4), np.float32), np.zeros(0, np.float32)) == []


@pytest.mark.parametrize(
    ("width", "height", "scale"), [(640, 384, 1.0), (1280, 720, 0.5), (320, 100, 2.0), (300, 1200, 0.32), (1, 1, 384.0)]
)
def test_letterbox(width, height, scale):
    """The picture fills one side, stands at the top left, and the rest is grey 114."""
    blob, told = letterbox(np.full((height, width, 3), 200, np.uint8), 640, 384)
    assert blob.shape == (1, 3, 384, 640)
    assert blob.dtype == np.float32
    assert told == pytest.approx(scale)
    right, bottom = round(width * scale), round(height * scale)
    assert (blob[0, :, : bottom - 1, : right - 1] == 200).all()
    assert (blob[0, :, bottom + 1 :] == 114).all()
    assert (blob[0, :, :, right + 1 :] == 114).all()


def test_a_van_is_not_car_and_truck():
    """Two vehicle labels on one place: the surer stays. A plate on a vehicle, and a vehicle beside, stay."""
    car = Detection(Label.CAR, Box(0, 0, 100, 60), 0.6)
    truck = Detection(Label.TRUCK, Box(2, 0, 102, 60), 0.7)
    plate = Detection(Label.PLATE, Box(0, 0, 100, 60), 0.5)
    beside = Detection(Label.CAR, Box(80, 0, 180, 60), 0.5)
    assert one_vehicle_each([car, truck, plate, beside]) == [truck, plate, beside]


def test_boxes_come_in_pixels_of_the_picture():
    """A picture twice as large as the input gives boxes twice as large, widths true and best first."""
    found = _detector(_plate(100, 0.5), (10, 20, 300, 200, 0, 0.9, 0, 0, 0)).detect(
        [np.zeros((768, 1280, 3), np.uint8)]
    )
    assert [d.label for d in found[0]] == [Label.CAR, Label.PLATE]
    assert found[0][0].box == Box(20, 40, 600, 400)
    plate = found[0][1].box
    assert (plate.x1, plate.x2) == (200, 320)
    assert sum((plate.y1, plate.y2)) == pytest.approx(440)
    assert 0.7 * 40 < plate.height < 40


def test_corners_come_with_the_plates_of_models_that_know_them():
    """Corners in pixels of the picture beside a box as the model gave it; vehicles have none."""
    detector = _detector(_plate(100, 0.5), (10, 20, 300, 200, 0, 0.9, 0, 0, 0), corners=_CORNERS)
    [[vehicle, plate]] = detector.detect([np.zeros((768, 1280, 3), np.uint8)])
    assert vehicle.corners is None
    assert plate.box == Box(200, 200, 320, 240)
    assert plate.corners == ((202, 208), (320, 200), (318, 232), (200, 240))


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (1920, 1080, (384, 640)),
        (1280, 960, (384, 512)),
        (800, 800, (384, 384)),
        (300, 1200, (384, 96)),
        (4000, 20, (32, 640)),
    ],
)
def test_an_open_model_looks_at_no_more_than_the_picture_needs(width, height, expected):
    """On the processor the input is the picture's shape in multiples of 32, within 640 x 384."""
    detector = _detector(_plate(100), shape=_OPEN)
    detector.detect([np.zeros((height, width, 3), np.uint8)])
    assert detector._session.inner.seen == [(1, 3, *expected)]


def test_a_processor_takes_pictures_one_by_one():
    """A batch costs a processor as much for each picture, so none has to wait for the others."""
    detector = _detector(_plate(100), shape=_OPEN)
    assert detector.batch == 1
    assert len(detector.detect([np.zeros((384, 640, 3), np.uint8)] * 3)) == 3
    assert len(detector._session.inner.seen) == 3


def test_other_hardware_takes_all_pictures_in_one_run():
    """Pictures of several shapes go in one batch of the full size, each with its own scale."""
    detector = _detector(_plate(100), shape=_OPEN, provider="CUDAExecutionProvider", corners=_CORNERS)
    assert detector.batch == 0
    large, small = detector.detect([np.zeros((768, 1280, 3), np.uint8), np.zeros((384, 384, 3), np.uint8)])
    assert detector._session.inner.seen == [(2, 3, 384, 640)]
    assert large[0].box == Box(200, 200, 320, 240)
    assert small[0].box == Box(100, 100, 160, 120)
    assert small[0].corners == ((101, 104), (160, 100), (159, 116), (100, 120))
    assert detector.detect([]) == []


def test_what_is_too_faint_is_left_out():
    """Scores below the floor are no detections."""
    assert (
        _detector(_plate(100, 0.1), _plate(300, 0.31)).detect([np.zeros((384, 640, 3), np.uint8)])[0][0].box.x1 == 300
    )


def test_what_stands_in_the_grey_border_is_nothing():
    """A wide picture leaves a border below it: a box in there has no place in the picture."""
    [found] = _detector((100, 300, 160, 320, 0.9, 0, 0, 0, 0)).detect([np.zeros((270, 960, 3), np.uint8)])
    assert found == []


def test_a_look_within_gives_boxes_of_the_whole_picture():
    """The box that the part shows at x = 100 lies 100 pixels (times the scale) right of the part's corner."""
    detector = _detector(_plate(100))
    image = np.zeros((1080, 1920, 3), np.uint8)
    part = Box(1000, 500, 1582, 848)  # grown by 5 % on each side: 640.2 x 382.8
    [found] = detector.detect_within(image, part)
    assert found.corners is None
    assert found.box.x1 == pytest.approx(1000 - 29.1 + 100, abs=1.5)
    assert found.box.width == pytest.approx(60, abs=1)


def test_corners_of_a_look_within_lie_in_the_whole_picture():
    """Corners move with the box."""
    detector = _detector(_plate(100), corners=_CORNERS)
    [found] = detector.detect_within(np.zeros((1080, 1920, 3), np.uint8), Box(1000, 500, 1582, 848))
    assert found.corners is not None
    (x, y), *_ = found.corners
    assert (x - found.box.x1, y - found.box.y1) == (pytest.approx(1, abs=0.1), pytest.approx(4, abs=0.1))


@pytest.mark.parametrize("box", [Box(1900, 1060, 1960, 1120), Box(-50, -50, 20, 20), Box(0, 0, 1920, 1080)])
def test_a_look_at_the_edge_stays_in_the_picture(box):
    """Vehicles at the edge are looked at as far as they show."""
    for found in _detector(_plate(100)).detect_within(np.zeros((1080, 1920, 3), np.uint8), box):
        assert 0 <= found.box.x1 < found.box.x2 <= 1921
        assert 0 <= found.box.y1 < found.box.y2 <= 1081


def test_the_shipped_model_finds_a_drawn_plate():
    """One plate, within a few pixels of where it was drawn."""
    [found] = shipped_engine().detector.detect([street("ABC1234", (400, 300))])
    [plate] = [d for d in found if d.label is Label.PLATE]
    assert plate.box.iou(Box(400, 300, 577, 348)) > 0.6


def test_the_shipped_model_finds_nothing_in_an_empty_street():
    """No plate where none is."""
    [found] = shipped_engine().detector.detect([empty_street()])
    assert [d for d in found if d.label is Label.PLATE] == []


def test_a_model_of_another_kind():
    """The reader's file in the detector's place is refused by name."""
    with pytest.raises(ModelError, match=r"plate-reader\.onnx: input .* not a detector") as caught:
        Detector(open_session(shipped("models") / "plate-reader.onnx", "cpu"))
    assert "\n" not in str(caught.value)


def test_a_detector_with_other_classes():
    """A model of the right input and the wrong output says so at its first run."""
    detector = _detector((0, 0, 1, 1, 0.5, 0.5))
    with pytest.raises(ModelError, match=r"told\.onnx: 6 columns, expected 9"):
        detector.detect([np.zeros((384, 640, 3), np.uint8)])


@pytest.mark.parametrize("shape", [("n", 3, "h", 640), (1, 1, 384, 640), (1, 3, 384)])
def test_a_detector_of_another_shape(shape):
    """One open side, one channel, three axes: not this version's detector."""
    with pytest.raises(ModelError, match="not a detector of this version"):
        _detector(shape=shape)
