"""The tracker: one thing keeps one id, in seconds, whatever frames are missing."""

from __future__ import annotations

import pytest

from alpr.domain import Box, Detection, Label
from alpr.vision.tracker import Tracker


def _plate(x: float, y: float = 100.0, width: float = 60.0, score: float = 0.8) -> Detection:
    return Detection(Label.PLATE, Box(x, y, x + width, y + width / 3), score)


def _car(x: float, y: float = 0.0, width: float = 300.0, label: Label = Label.CAR) -> Detection:
    return Detection(label, Box(x, y, x + width, y + 0.7 * width), 0.8)


def _ids(tracker: Tracker, story: list[tuple[float, list[Detection]]]) -> list[list[int]]:
    """Play a story of (time, detections); return the ids that each frame's detections got."""
    ids = []
    for time, detections in story:
        ids.append([track.id for track, _ in tracker.update(detections, time)])
        tracker.ended(time)
    return ids


STORIES = {
    "standing still": ([(t / 10, [_plate(100)]) for t in range(5)], [[1]] * 5),
    "driving": ([(t / 10, [_plate(100 + 25 * t)]) for t in range(6)], [[1]] * 6),
    "five frames dropped on the way": (
        [(0.0, [_plate(100)]), (0.1, [_plate(120)]), (0.2, [_plate(140)]), (0.8, [_plate(260)])],
        [[1]] * 4,
    ),
    "driving fast at five frames a second": ([(t / 5, [_plate(100 + 40 * t)]) for t in range(5)], [[1]] * 5),
    "away for longer than the gap": ([(0.0, [_plate(100)]), (2.0, []), (2.1, [_plate(100)])], [[1], [], [2]]),
    "away for less than the gap": ([(0.0, [_plate(100)]), (1.0, []), (1.2, [_plate(102)])], [[1], [], [1]]),
    "coming nearer": ([(t / 10, [_plate(100, width=60 * 1.15**t)]) for t in range(8)], [[1]] * 8),
    "of a sudden three times as large": ([(0.0, [_plate(100)]), (0.1, [_plate(70, width=180)])], [[1], [2]]),
    "jumping across the picture": ([(0.0, [_plate(100)]), (0.1, [_plate(700)])], [[1], [2]]),
    "two side by side": ([(t / 10, [_plate(100 + t), _plate(300 + t)]) for t in range(4)], [[1, 2]] * 4),
    "two in the other order of detection": ([(0.0, [_plate(100), _plate(300)]), (0.1, [_plate(301), _plate(101)])],
                                            [[1, 2], [2, 1]]),
    "two that cross": (
        [(t / 10, [_plate(100 + 40 * t), _plate(500 - 40 * t, y=130)]) for t in range(11)],
        [[1, 2]] * 11,
    ),
    "a plate inside its vehicle": (
        [(t / 10, [_car(100 + 5 * t), _plate(200 + 5 * t)]) for t in range(4)],
        [[1, 2]] * 4,
    ),
    "a plate as large as a vehicle": ([(0.0, [_car(100, width=60)]), (0.1, [_plate(100)])], [[1], [2]]),
    "a van that is taken for a truck at times": (
        [(0.0, [_car(100)]), (0.1, [_car(103, label=Label.TRUCK)]), (0.2, [_car(106)])],
        [[1]] * 3,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STORIES)
def test_who_is_who(name):
    """Each thing keeps its id, and another thing gets another."""
    story, ids = STORIES[name]
    assert _ids(Tracker(), story) == ids


def test_ids_count_up_per_tracker():
    """Two cameras never share the ids of one counter: each begins at 1."""
    one, other = Tracker(), Tracker()
    assert _ids(one, [(0.0, [_plate(100), _plate(400)])]) == [[1, 2]]
    assert _ids(other, [(0.0, [_plate(100)])]) == [[1]]


def test_a_track_ends_once():
    """What was not seen for longer than the gap is given back, once."""
    tracker = Tracker(gap=1.0)
    tracker.update([_plate(100)], 0.0)
    assert tracker.ended(1.0) == []
    assert [track.id for track in tracker.ended(1.1)] == [1]
    assert tracker.ended(5.0) == []
    assert list(tracker.tracks) == []


def test_all_end_with_the_source():
    """At the end of a source every live track is given back."""
    tracker = Tracker()
    tracker.update([_plate(100), _car(0)], 0.0)
    assert len(tracker.end_all()) == 2
    assert tracker.end_all() == []


def test_a_parked_vehicle_stays_while_nothing_moves():
    """Frames that the motion gate holds back count as seen: an hour later it is the same track, without a gap."""
    tracker = Tracker(gap=1.5)
    tracker.update([_car(100)], 0.0)
    for second in range(1, 3600):
        tracker.hold(float(second))
        assert tracker.ended(float(second)) == []
    [(track, _)] = tracker.update([_car(101)], 3600.0)
    assert (track.id, track.hits) == (1, 2)
    assert track.gap == pytest.approx(0.0)


@pytest.mark.parametrize(("interval", "absence", "gap"), [(0.1, 1.0, 0.9), (1.0, 1.0, 0.0), (1.0, 3.0, 2.0)])
def test_only_what_is_longer_than_the_usual_interval_is_an_absence(interval: float, absence: float, gap: float):
    """A camera that gives one picture a second has not lost a vehicle for a second."""
    tracker = Tracker(gap=5.0)
    for frame in range(10):
        tracker.update([_car(100)], frame * interval)
    [(track, _)] = tracker.update([_car(101)], 9 * interval + absence)
    assert track.gap == pytest.approx(gap)


@pytest.mark.parametrize(("back_at", "stretch"), [(660, 0), (400, 1)])
def test_who_comes_back_elsewhere_than_expected_may_be_another(back_at: float, stretch: int):
    """After a second out of sight a box where it was heading is the same thing's; one far behind may not be."""
    tracker = Tracker(gap=5.0)
    for tenth in range(5):
        tracker.update([_car(100 + 40 * tenth)], tenth / 10)
    [(track, _)] = tracker.update([_car(back_at)], 1.4)
    assert (track.id, track.stretch) == (1, stretch)


def test_what_left_before_the_scene_came_to_rest_ends():
    """A vehicle that was not on the last frame that moved is not held: its track ends after the gap."""
    tracker = Tracker(gap=1.5)
    tracker.update([_car(100)], 0.0)
    tracker.update([], 0.1)
    for tenth in range(2, 20):
        tracker.hold(tenth / 10)
    assert [track.id for track in tracker.ended(1.9)] == [1]


def test_one_stays_and_one_leaves():
    """Only what was seen last is held."""
    tracker = Tracker(gap=1.5)
    tracker.update([_car(100), _car(800)], 0.0)
    tracker.update([_car(100)], 0.1)
    tracker.hold(1.0)
    tracker.hold(2.0)
    assert [track.id for track in tracker.ended(2.0)] == [2]


def test_travel_is_measured_in_own_widths():
    """How far the centre came from where it began, at most: there and back again counts as there."""
    tracker = Tracker()
    for time, x in ((0.0, 100), (1.0, 250), (2.0, 400), (3.0, 250), (4.0, 100)):
        [(track, _)] = tracker.update([_car(x)], time)
    assert track.id == 1
    assert track.travelled == pytest.approx(1.0)


def test_the_label_is_what_it_was_taken_for_most():
    """One frame as a truck does not make a car a truck."""
    tracker = Tracker()
    for time, label in ((0.0, Label.TRUCK), (0.1, Label.CAR), (0.2, Label.CAR)):
        [(track, _)] = tracker.update([_car(100, label=label)], time)
    assert track.label is Label.CAR


def test_two_frames_of_the_same_moment():
    """A clock that stands still harms nothing."""
    tracker = Tracker()
    assert _ids(tracker, [(1.0, [_plate(100)]), (1.0, [_plate(104)]), (1.1, [_plate(108)])]) == [[1], [1], [1]]
