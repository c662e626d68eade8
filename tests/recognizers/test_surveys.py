"""Which code continues which pass, and when a survey pays: short stories, told survey by survey."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

import numpy as np

from alpr.camera.picture import ImagePicture
from alpr.domain import Box, Capture, CheckDigit, Detection, Frame, Label, State
from alpr.recognizers.passes import PassSettings
from alpr.recognizers.surveys import SurveyBook, pays
from tests.drawn_reads import NOON
from tests.fakes import ToldCodes, told_code

ONE, OTHER = "MSKU4135329", "CSQU3054383"
BLANK = np.zeros((200, 900, 3), np.uint8)
TRUCK = Detection(Label.TRUCK, Box(0, 0, 900, 200), 0.9)
PLATE = Detection(Label.PLATE, Box(0, 0, 90, 20), 0.9)


def at(x: float, y: float = 20) -> Box:
    return Box(x, y, x + 100, y + 20)


@dataclass
class Story:
    """One camera's book of surveys."""

    captures: list[Capture] = field(default_factory=list)

    def __post_init__(self):
        numbers = count(1)
        self.book = SurveyBook("yard", "in", ToldCodes(lambda _: []), PassSettings(), lambda _: f"pass {next(numbers)}")

    def see(self, time: float, *codes: tuple[str, float, Box]) -> None:
        frame = Frame("yard", 0, NOON + timedelta(seconds=time), time, ImagePicture(BLANK))
        self.captures += self.book.take(frame, [told_code(*code, BLANK) for code in codes], lambda _: None)

    def end(self) -> list[tuple[State, str, int]]:
        self.captures += self.book.end_all()
        done = [c.read for c in self.captures if c.read.state is not State.PREVIEW]
        return [(read.state, read.text, len(read.looks)) for read in done]


def test_a_code_that_drives_by_is_one_read():
    """Further between two looks than it is long: what it says tells that it is the same."""
    story = Story()
    for index in range(5):
        story.see(0.4 * index, (ONE, 0.9, at(150 * index)))
    assert story.end() == [(State.FINAL, ONE, 5)]
    assert {c.read.id for c in story.captures} == {"pass 1"}
    assert (story.captures[0].read.state, story.captures[-1].read.direction) == (State.PREVIEW, "in")
    final = story.captures[-1].read
    assert (final.reading.size_type, final.reading.check_digit) == ("22G1", CheckDigit.AGREES)


def test_two_containers_on_a_truck_are_two_reads():
    """A pair of twenty feet, seen in another order each time."""
    story = Story()
    story.see(0.0, (ONE, 0.9, at(0)), (OTHER, 0.95, at(300)))
    story.see(0.4, (OTHER, 0.95, at(400)), (ONE, 0.9, at(100)))
    assert sorted(story.end()) == [(State.FINAL, OTHER, 2), (State.FINAL, ONE, 2)]


def test_a_misread_look_belongs_to_the_code_it_resembles():
    """Three characters wrong, or at the same place: no read of its own."""
    story = Story()
    story.see(0.0, (ONE, 0.9, at(0)))
    story.see(0.4, ("MSXU4185826", 0.2, at(120)))
    story.see(0.8, ("NNNU0000000", 0.1, at(130)))
    assert story.end() == [(State.FINAL, ONE, 3)]


def test_sisters_are_kept_apart():
    """Two sure codes that differ in two digits are two containers of one owner."""
    story = Story()
    for time in (0.0, 0.4):
        story.see(time, ("SEGU9428262", 0.98, at(0)), ("SEGU9428283", 0.98, at(300)))
    assert [text for _, text, _ in sorted(story.end())] == ["SEGU9428262", "SEGU9428283"]


def test_a_doubtful_code_is_kept_for_review():
    """Never sure enough: stored as unread, with what it might have been and why."""
    story = Story()
    for time in (0.0, 0.4, 0.8):
        story.see(time, (ONE, 0.4, at(10 * time)))
    assert story.end() == [(State.UNREAD, "", 3)]
    read = story.captures[-1].read
    assert read.reading.candidates[0].text == ONE
    assert read.reading.check_digit is CheckDigit.AGREES


def test_a_single_doubtful_look_is_nothing():
    """One survey that saw half a text on a wall."""
    story = Story()
    story.see(0.0, (ONE, 0.3, at(0)))
    assert story.end() == []


def test_what_is_gone_is_completed_and_comes_back_as_another_pass():
    """The same container an hour later is a pass of its own; a moment later it is not."""
    story = Story()
    for time in (0.0, 0.4, 3.2, 3.6, 3600.0, 3600.4):
        story.see(time, (ONE, 0.95, at(0 if time < 100 else 600)))
    assert story.end() == [(State.FINAL, ONE, 4), (State.FINAL, ONE, 2)]


def test_what_does_not_move_stays_in_view():
    """The motion gate holds surveys back: a parked container is not gone."""
    story = Story()
    story.see(0.0, (ONE, 0.95, at(0)))
    story.book.hold(30.0, changed_at=-1.0)
    assert story.book.end(31.0) == []
    assert [(text, sure) for _, text, sure in story.book.found()] == [(ONE, 0.95)]


def test_who_has_left_since_the_last_survey_is_not_held():
    """The picture changed and is quiet again: nobody looked whether the container is there still."""
    story = Story()
    story.see(0.0, (ONE, 0.95, at(0)))
    story.book.hold(30.0, changed_at=0.3)
    assert [capture.read.text for capture in story.book.end(31.0)] == [ONE]


def test_the_next_truck_in_a_queue_has_its_own_code_at_the_same_place():
    """Both are clear, though neither is quite sure: two containers."""
    story = Story()
    for time in (0.0, 0.4, 0.8):
        story.see(time, (ONE, 0.95, at(0)))
    for time in (2.0, 2.4, 2.8):
        story.see(time, (OTHER, 0.93, at(0)))
    assert [text for _, text, _ in story.end()] == [ONE, OTHER]


def test_surveys_come_oftener_while_there_is_something_to_read():
    """A truck, or a code not yet sure: every 0.4 s; else once a second."""
    story = Story()
    assert story.book.due(0.0, [])
    story.see(0.0)
    assert [story.book.due(0.5, found) for found in ([], [PLATE], [TRUCK])] == [False, False, True]
    story.see(1.0, (ONE, 0.7, at(0)))
    assert story.book.due(1.5, [])
    for time in (1.5, 2.0, 2.5):
        story.see(time, (ONE, 0.99, at(0)))
    assert [story.book.due(time, [TRUCK]) for time in (3.0, 3.6)] == [False, True]


def test_a_picture_of_unknown_origin_is_surveyed_where_it_pays():
    """A truck, or nothing that could be read; not beside a car whose plate was."""
    assert [pays([TRUCK], plate_read=True), pays([], plate_read=False), pays([PLATE], plate_read=True)] == [
        True,
        True,
        False,
    ]


def test_a_scene_at_rest_without_a_code_is_not_surveyed_again():
    """Once after it came to rest; while a code is followed, more looks make it surer."""
    story = Story()
    story.see(5.0)
    assert [story.book.knows(changed_at) for changed_at in (4.0, 6.0)] == [True, False]
    story.see(7.0, (ONE, 0.6, at(0)))
    assert not story.book.knows(4.0)
