"""Plates: what is the same, what is too short, and the shipped models on drawn plates."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from alpr.domain import Box, Detection, Label
from alpr.recognizers.plate import _MARGINS, _MORE_MARGINS, _crops
from alpr.recognizers.registry import recognizers_for
from tests.drawn_plates import drawn_plate, empty_street, shipped_engine, street


@pytest.fixture(scope="module")
def recognizer():
    """Return the recognizer of plates without regions."""
    return recognizers_for(shipped_engine(), (), min_plate_width=40)[0]


@pytest.mark.parametrize(
    ("one", "other", "strictly", "loosely"),
    [
        ("AB1234", "AB1234", True, True),
        ("ABO123", "AB0123", True, True),
        ("AQ0123", "A0D123", True, True),
        ("AB1Z34", "A81234", True, True),
        ("GS1234", "651234", True, True),
        ("AB1234", "AB1235", False, True),
        ("AB1234", "AB134", False, True),
        ("AB1234", "AB5678", False, False),
        ("AB1", "AB2", False, True),
        ("AB1234", "XY987", False, False),
        ("ABC1234", "1234ABC", False, False),
    ],
)
def test_same(recognizer, one, other, strictly, loosely):
    """Strictly look-alikes only, so that tailgating trucks stay two; loosely a third of the characters, either way."""
    for a, b in ((one, other), (other, one)):
        assert recognizer.same(a, b, loosely=False) is strictly
        assert recognizer.same(a, b, loosely=True) is loosely


def test_targets(recognizer):
    """Plates that are wide enough; vehicles are for the pipeline."""
    wide = Detection(Label.PLATE, Box(0, 0, 40, 12), 0.5)
    narrow = Detection(Label.PLATE, Box(0, 0, 39, 12), 0.9)
    car = Detection(Label.CAR, Box(0, 0, 400, 300), 0.9)
    assert recognizer.targets([wide, narrow, car]) == [wide]


def _target(text: str, at: tuple[int, int], height: int) -> Detection:
    width = drawn_plate(text, height).shape[1]
    return Detection(Label.PLATE, Box(at[0], at[1], at[0] + width, at[1] + height), 0.9)


@pytest.mark.parametrize("text", ["ABC1234", "KLM4607"])
def test_a_look_at_a_drawn_plate(recognizer, text):
    """The text, sure enough, with the crop and box that it came from."""
    sight = recognizer.look(street(text), _target(text, (400, 300), 48))
    assert sight.reading.text == text
    assert sight.reading.confidence > 0.5
    assert sight.crop.shape[0] >= 48
    assert 0 < sight.quality <= 1


def test_a_plate_in_two_rows(recognizer):
    """Both rows are read, the upper one first."""
    rows = [cv2.resize(drawn_plate(text, 60), (190, 60), interpolation=cv2.INTER_AREA) for text in ("AB12", "CDEF")]
    image = empty_street().copy()
    image[300:420, 400:590] = np.vstack(rows)
    reading = recognizer.look(image, Detection(Label.PLATE, Box(400, 300, 590, 420), 0.9)).reading
    assert reading.text == "AB12CDEF"


def test_several_looks_are_surer_than_one(recognizer):
    """Looks at several sizes say the same text, with no less confidence than the best of them alone."""
    sights = [recognizer.look(street("KLM4607", height=h), _target("KLM4607", (400, 300), h)) for h in (24, 32, 48)]
    reading = recognizer.fuse(sights)
    assert reading.text == "KLM4607"
    assert reading.confidence >= max(sight.reading.confidence for sight in sights) - 0.02
    assert recognizer.fuse(sights[:1]) == sights[0].reading


def test_a_plate_cut_by_the_edge_is_doubted(recognizer):
    """Half a plate is never sure, alone or in company; once the whole one was seen, only that counts."""
    whole = _target("KLM4607", (400, 300), 48)
    scene = street("KLM4607")
    cut = scene[:, : int(whole.box.x2 - 0.2 * whole.box.width)]
    shown = Detection(Label.PLATE, Box(whole.box.x1, whole.box.y1, cut.shape[1], whole.box.y2), 0.9)
    half = recognizer.look(cut, shown)
    assert half.reading.confidence < 0.6
    assert "cut off by the edge of the picture" in half.reading.reasons
    assert recognizer.fuse([half, half]).confidence < 0.6
    both = recognizer.fuse([half, recognizer.look(scene, whole)])
    assert both.text == "KLM4607"
    assert both.confidence > 0.5
    assert not both.reasons


def test_a_picture_of_nothing_but_a_plate_is_not_cut(recognizer):
    """A crop that somebody made reaches from edge to edge."""
    crop = drawn_plate("KLM4607", 48)
    height, width = crop.shape[:2]
    sight = recognizer.look(crop, Detection(Label.PLATE, Box(0, 0, width, height), 0.9))
    assert sight.reading.text == "KLM4607"
    assert not sight.reading.reasons


def test_a_crop_without_letters_is_not_read(recognizer):
    """A blank board gives no text that would be accepted."""
    image = street("")
    sight = recognizer.look(image, Detection(Label.PLATE, Box(100, 20, 220, 50), 0.6))
    assert sight.reading.confidence < 0.4


def test_the_region_repairs_what_looks_alike():
    """The same look, with the site's region, names its country."""
    recognizer = recognizers_for(shipped_engine(), ("br",))[0]
    sight = recognizer.look(street("ABC1D23"), _target("ABC1D23", (400, 300), 48))
    assert (sight.reading.text, sight.reading.region) == ("ABC1D23", "br")


def test_an_unsure_look_takes_more_crops():
    """What is sure at once costs four crops, and so does what says next to nothing; what is between gets all help."""
    recognizer = recognizers_for(shipped_engine(), ())[0]
    image, target = street("KLM4607"), _target("KLM4607", (400, 300), 48)
    looks = [recognizer.look(cv2.GaussianBlur(image, (0, 0), blur), target) for blur in (0.5, 3, 14)]
    crops = [len(look.evidence.margins) for look in looks]
    assert crops == [len(_MARGINS), len(_MARGINS) + len(_MORE_MARGINS), len(_MARGINS)]
    assert [look.evidence.second is not None for look in looks] == [False, True, False]
    assert looks[0].reading.confidence > looks[1].reading.confidence > looks[2].reading.confidence


def test_a_badge_is_doubted_where_plates_say_no_words():
    """It keeps its text and says why; several looks do not make a plate of it; where owners wish, it may be one."""
    image, target = street("KRALLYE"), _target("KRALLYE", (400, 300), 48)
    told = recognizers_for(shipped_engine(), ("br",))[0]
    sight = told.look(image, target)
    for reading in (sight.reading, told.fuse([sight, sight, sight])):
        assert reading.text == "KRALLYE"
        assert reading.confidence <= 0.5
        assert "lettering rather than a plate" in reading.reasons
    wished = recognizers_for(shipped_engine(), ("us",))[0].look(image, target).reading
    assert wished.text == "KRALLYE"
    assert wished.confidence > 0.6


def _askew(box: Box, drop: float) -> Detection:
    corners = ((box.x1, box.y1), (box.x2, box.y1 + drop), (box.x2, box.y2), (box.x1, box.y2 - drop))
    return Detection(Label.PLATE, box, 0.9, corners)


def test_corners_straighten_every_second_crop():
    """With corners two of the four crops are warped by them; with corners that cannot be, none is."""
    image = street("ABC1234")
    box = _target("ABC1234", (400, 300), 48).box
    upright = _crops(image, Detection(Label.PLATE, box, 0.9), _MARGINS)
    turned = _crops(image, _askew(box, 12.0), _MARGINS)
    assert [np.array_equal(a, b) for a, b in zip(upright, turned, strict=True)] == [True, False, True, False]
    for impossible in (
        _askew(box, 60.0),
        Detection(Label.PLATE, box, 0.9, ((0, 0), (50, 0), (50, 10), (0, 10))),
        Detection(Label.PLATE, box, 0.9, ((box.x2, box.y1), (box.x1, box.y1), (box.x1, box.y2), (box.x2, box.y2))),
    ):
        assert all(np.array_equal(a, b) for a, b in zip(upright, _crops(image, impossible, _MARGINS), strict=True))
