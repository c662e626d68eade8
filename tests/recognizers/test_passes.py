"""What becomes one read: passes as short stories, told frame by frame."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

import numpy as np
import pytest

from alpr.camera.picture import ImagePicture
from alpr.domain import Box, Capture, Detection, Frame, Label, Reading, State, Vehicle
from alpr.recognizers.crossing import Line
from alpr.recognizers.onepass import Carrier, unread
from alpr.recognizers.passes import PassBook, PassSettings
from alpr.recognizers.zones import ZoneMask
from alpr.vision.tracker import Tracker
from tests.drawn_reads import NOON
from tests.fakes import ToldText


@dataclass
class Story:
    """One camera's pass book; `see` shows it a frame with plates, each a text, how sure, and where."""

    settings: PassSettings = field(default_factory=PassSettings)
    captures: list[Capture] = field(default_factory=list)

    def __post_init__(self):
        numbers = count(1)
        self.tracker = Tracker()
        self.told: dict[Box, tuple[str, float]] = {}
        self.recognizer = ToldText(lambda image, target: self.told[target.box])
        self.book = PassBook("gate", "in", self.recognizer, self.settings, lambda at: f"pass {next(numbers)}")
        self.frames: dict[float, Frame] = {}

    def see(self, time: float, *plates: tuple, carriers: dict[int, Carrier] | None = None, score: float = 0.8) -> None:
        """Show a frame: plates as `(text, confidence, x)`, and if need be their width and height."""
        frame = Frame("gate", len(self.frames), NOON + timedelta(seconds=time), time, ImagePicture(_blank()))
        self.frames[time] = frame
        detections = []
        for text, confidence, x, *size in plates:
            width, height = [*size, *(80, 25)[len(size) :]]
            box = Box(x, 100, x + width, 100 + height)
            self.told[box] = text, confidence
            detections.append(Detection(Label.PLATE, box, score))
        tracked = self.tracker.update(detections, time)
        wanted = [pair for pair in tracked if self.book.wants(pair[0], time)]
        for index, (track, _) in enumerate(tracked):
            self.captures += self.book.follow(track, frame, (carriers or {}).get(index))
        for track, detection in wanted:
            sight = self.recognizer.look(frame.picture.bgr(), detection)
            reading = self.recognizer.fuse([*self.book.sights(track), sight])
            capture = self.book.add(track, frame, sight, reading)
            self.captures += [capture] if capture else []
        self.captures += self.book.end(self.tracker.ended(time))

    def rest(self, start: float, end: float) -> None:
        """Let nothing move for a while."""
        for tenth in range(int(start * 10), int(end * 10)):
            self.tracker.hold(tenth / 10)
            self.captures += self.book.end(self.tracker.ended(tenth / 10))

    def over(self) -> list[tuple[str, str, str]]:
        """End the source; return what was given out as (id, state, text)."""
        self.captures += self.book.end(self.tracker.end_all())
        return [(c.read.id, c.read.state.value, c.read.text) for c in self.captures]


def _blank() -> np.ndarray:
    return np.zeros((300, 2000, 3), np.uint8)


def _drive(story: Story, start: float, text: str, *, frames: int = 8, x: float = 100, sure: float = 0.9) -> float:
    """Let a plate drive by at ten frames a second; return when it was last seen."""
    for number in range(frames):
        story.see(start + number / 10, (text, sure, x + 10 * number))
    return start + (frames - 1) / 10


def _on(track: int, x: float, kind: str = "car", colour: str | None = None, sure: float = 0.8) -> Carrier:
    return Carrier(track, Vehicle(kind, colour, sure), Box(x - 100, 0, x + 180, 160))


def test_one_pass_gives_one_preview_and_one_final_under_one_id():
    """However often it is looked at."""
    story = Story()
    _drive(story, 0.0, "AB123")
    assert story.over() == [("pass 1", "preview", "AB123"), ("pass 1", "final", "AB123")]
    final = story.captures[-1].read
    assert (final.camera, final.direction, final.frame_time in story.frames) == ("gate", "in", True)
    assert (final.first_seen, final.last_seen) == (NOON, NOON + timedelta(seconds=0.7))


def test_a_preview_waits_until_it_is_sure():
    """Looks below the preview's floor give only a final."""
    story = Story()
    _drive(story, 0.0, "AB123", sure=0.7)
    assert story.over() == [("pass 1", "final", "AB123")]


def test_a_preview_comes_again_only_when_its_text_changes():
    """A better look that says otherwise corrects the preview, under the same id."""
    story = Story(PassSettings(preview=0.85))
    _drive(story, 0.0, "AB128", sure=0.88, frames=4)
    story.see(0.4, ("AB123", 0.95, 140))
    story.see(0.5, ("AB123", 0.95, 150))
    given = story.over()
    assert given == [("pass 1", "preview", "AB128"), ("pass 1", "preview", "AB123"), ("pass 1", "final", "AB123")]


def test_a_preview_comes_again_when_it_has_become_much_surer():
    """A barrier may wait for it while the vehicle stands there: told once more at half the doubt, not at each look."""
    story = Story(PassSettings(preview=0.85))
    _drive(story, 0.0, "AB123", sure=0.86, frames=4)
    for tenth in range(4, 12):
        story.see(tenth / 10, ("AB123", 0.95, 140))
    previews = [c.read.reading.confidence for c in story.captures if c.read.state is State.PREVIEW]
    assert previews[0] < 0.9 <= previews[-1]
    assert 2 <= len(previews) <= 3


def test_the_evidence_is_the_frame_of_the_kept_look():
    """Of several looks that read the text, the best; its box, crop, time and picture belong together."""
    story = Story()
    for time, width in ((0.0, 60), (0.1, 75), (0.2, 70)):
        story.see(time, ("AB123", 0.9, 100, width))
    story.over()
    final = story.captures[-1]
    [kept] = [look for look in final.read.looks if look.kept]
    assert final.read.frame_time == kept.time == 0.1
    assert final.frame is story.frames[0.1].picture
    assert final.read.box == kept.box == Box(100, 100, 175, 125)
    assert final.crop.shape[1] == 75
    assert len(final.read.looks) == 3


def test_the_evidence_shows_the_text_even_if_a_sharper_frame_read_otherwise():
    """The sharpest look read another text than the one that was believed: it is not the evidence."""
    story = Story()
    story.see(0.0, ("AB123", 0.95, 100, 60))
    story.see(0.1, ("A8123", 0.5, 100, 80))
    story.see(0.2, ("AB123", 0.9, 100, 62))
    story.over()
    final = story.captures[-1].read
    assert (final.text, final.frame_time) == ("AB123", 0.2)


@pytest.mark.parametrize("away", [0.8, 2.0, 6.0])
def test_a_broken_track_with_the_same_text_goes_on(away):
    """Behind a post for some seconds, and elsewhere in the picture: one read."""
    story = Story()
    last = _drive(story, 0.0, "AB123")
    story.see(last + away - 0.1)
    _drive(story, last + away, "AB123", x=500)
    given = story.over()
    assert {read_id for read_id, _, _ in given} == {"pass 1"}
    assert story.captures[-1].read.last_seen == NOON + timedelta(seconds=last + away + 0.7)


def test_the_same_text_much_later_is_another_pass():
    """A vehicle that comes back after a minute, elsewhere, passes a second time."""
    story = Story()
    _drive(story, 0.0, "AB123")
    story.see(30.0)
    _drive(story, 60.0, "AB123", x=900)
    assert [given[0] for given in story.over() if given[1] == "final"] == ["pass 1", "pass 2"]


def test_the_next_vehicle_takes_over_the_track_but_not_the_pass():
    """The tracker goes on with the next plate at the same place: another text is another read."""
    story = Story()
    last = _drive(story, 0.0, "AB123")
    _drive(story, last + 1.0, "XY987", x=170)
    finals = [given for given in story.over() if given[1] == "final"]
    assert finals == [("pass 1", "final", "AB123"), ("pass 2", "final", "XY987")]


def test_two_tailgating_trucks_are_two_reads():
    """One digit apart and a moment apart: never merged."""
    story = Story()
    last = _drive(story, 0.0, "AB1234")
    story.see(last + 1.6)
    _drive(story, last + 1.7, "AB1235")
    assert [text for _, state, text in story.over() if state == "final"] == ["AB1234", "AB1235"]


def test_a_misread_moment_at_the_same_place_is_the_same_pass():
    """A plate that blinks and comes back one character off, where it stood, is not a second vehicle."""
    story = Story()
    for tenth in range(8):
        story.see(tenth / 10, ("AB1234", 0.95, 100))
    for tenth in range(14, 18):
        story.see(tenth / 10, ("AB1284", 0.6, 100))
    assert {read_id for read_id, _, _ in story.over()} == {"pass 1"}


def test_a_doubtful_text_on_a_vehicle_that_was_followed_all_the_while_is_the_same_pass():
    """Frames were dropped and the plate is far by now: a text nearly the same, not sure, is no second vehicle."""
    for vehicle, ids in ((1, {"pass 1"}), (2, {"pass 1", "pass 2"})):
        story = Story()
        for tenth in range(8):
            story.see(tenth / 10, ("AB1234", 0.95, 100 + 10 * tenth), carriers={0: _on(1, 100 + 10 * tenth)})
        for tenth in range(25, 28):
            story.see(tenth / 10, ("AB1284", 0.6, 900), carriers={0: _on(vehicle, 900)})
        assert {read_id for read_id, _, _ in story.over()} == ids


def test_a_plate_that_is_read_late_completes_what_was_unread_on_its_vehicle():
    """One read with its text, not an unread one beside it; another vehicle's stays unread."""
    for vehicle, finals in ((1, {("pass 1", "AB123")}), (2, {("pass 1", ""), ("pass 2", "AB123")})):
        story = Story()
        for tenth in range(8):
            story.see(tenth / 10, ("AB123", 0.2, 100 + 10 * tenth), carriers={0: _on(1, 100 + 10 * tenth)})
        for tenth in range(30, 36):
            story.see(tenth / 10, ("AB123", 0.95, 900), carriers={0: _on(vehicle, 900)})
        given = story.over()
        last = {read_id: text for read_id, _, text in given}
        assert set(last.items()) == finals


def test_an_illegible_rest_of_a_pass_is_no_unread_vehicle():
    """What is seen of a plate that was read, later and on the same vehicle, adds nothing."""
    story = Story()
    for tenth in range(8):
        story.see(tenth / 10, ("AB123", 0.95, 100), carriers={0: _on(1, 100)})
    for tenth in range(40, 48):
        story.see(tenth / 10, ("Q7", 0.1, 900), carriers={0: _on(1, 900)})
    assert {text for _, _, text in story.over()} == {"AB123"}


def test_a_parked_vehicle_stays_one_open_read():
    """Ten minutes at the gate, looked at every two seconds: a preview, and one final when it leaves."""
    story = Story()
    for second in range(0, 600, 2):
        story.see(float(second), ("AB123", 0.9, 100))
        story.rest(second + 0.1, second + 2.0)
    assert [c.read.state for c in story.captures] == [State.PREVIEW]
    assert story.over()[-1] == ("pass 1", "final", "AB123")
    assert story.captures[-1].read.last_seen == NOON + timedelta(seconds=598)


def test_something_driving_in_front_of_a_parked_vehicle_does_not_split_it():
    """Hidden for half a minute, the parked one is the same pass; what drove by has its own."""
    story = Story()
    for tenth in range(10):
        story.see(tenth / 10, ("PARK1", 0.9, 100))
    for tenth in range(10, 20):
        story.see(tenth / 10, ("DRIVE2", 0.9, 600 + 15 * tenth))
    story.see(10.0)
    for tenth in range(300, 310):
        story.see(tenth / 10, ("PARK1", 0.9, 100))
    given = story.over()
    assert {(read_id, text) for read_id, _, text in given} == {("pass 1", "PARK1"), ("pass 2", "DRIVE2")}


def test_a_parked_vehicle_that_rolled_in_is_known_where_it_stands():
    """Its best looks are from further back; where it was last seen is what counts."""
    story = Story()
    for tenth in range(12):
        story.see(tenth / 10, ("PARK1", 0.99, 100 + 30 * tenth, 90 - tenth))
    for tenth in range(12, 40):
        story.see(tenth / 10, ("PARK1", 0.99, 430, 79))
    story.see(10.0)
    story.see(60.0, ("PARK1", 0.99, 431, 79))
    story.see(60.1, ("PARK1", 0.99, 431, 79))
    assert {read_id for read_id, _, _ in story.over()} == {"pass 1"}


def test_who_drives_the_same_way_a_minute_later_passes_twice():
    """Where the second time ends the first one ended too; only a vehicle that stood there is the same pass."""
    story = Story()
    for start in (0.0, 60.0):
        end = _drive(story, start, "AB123", sure=0.8, frames=16)
        story.see(end + 2)
    assert [(read_id, state) for read_id, state, _ in story.over()] == [("pass 1", "final"), ("pass 2", "final")]


def test_a_lamp_that_a_vehicle_drives_over_is_none_of_its_plates():
    """What stands there long before, illegible, takes neither the vehicle's read nor its time."""
    story = Story()
    for tenth in range(20):
        story.see(tenth / 10, ("11", 0.02, 400, 40), score=0.35)
    for tenth in range(20, 24):
        story.see(tenth / 10, ("11", 0.02, 400, 40), carriers={0: _on(7, 400)}, score=0.35)
    for tenth in range(25, 33):
        story.see(tenth / 10, ("AB123", 0.95, 350 + 8 * tenth), carriers={0: _on(7, 350 + 8 * tenth)})
    story.see(4.0, ("11", 0.02, 400, 40), score=0.35)
    given = story.over()
    assert {text for _, _, text in given} == {"AB123"}
    assert story.captures[-1].read.first_seen == NOON + timedelta(seconds=2.5)


def test_a_lamp_on_what_looks_like_a_vehicle_is_no_plate_of_the_next_one():
    """A booth that is taken for a vehicle all the time, with a lamp that is taken for a plate."""
    story = Story()
    for tenth in range(30):
        story.see(tenth / 10, ("11", 0.02, 400, 40), carriers={0: _on(7, 400)}, score=0.6)
    for tenth in range(31, 39):
        story.see(tenth / 10, ("AB123", 0.95, 350 + 8 * tenth), carriers={0: _on(7, 350 + 8 * tenth)})
    assert {text for _, _, text in story.over()} == {"AB123"}
    assert story.captures[-1].read.first_seen == NOON + timedelta(seconds=3.1)


def test_a_plate_that_a_vehicle_counts_on_is_kept():
    """It looked like something once, so its vehicle is not kept as one without a plate: then the plate is."""
    story = Story()
    for tenth in range(12):
        story.see(tenth / 10, ("AB123", 0.2 if tenth < 6 else 0.0, 400), carriers={0: _on(7, 400)})
        counted = story.book.accounts_for(7)
    assert counted
    [known] = story.book._by_track.values()
    known.reading = Reading("AB123", 0.01)
    assert [state for _, state, _ in story.over()] == ["unread"]


@pytest.mark.parametrize(("score", "kept"), [(0.8, ["unread"]), (0.6, [])], ids=["a plate", "a lamp"])
def test_what_is_a_plate_for_certain_is_kept_however_little_it_says(score, kept):
    """Dirt, or letters that no format knows: the detector was sure a dozen times."""
    story = Story()
    for tenth in range(12):
        story.see(tenth / 10, ("FK4W3L", 0.02, 400 + 5 * tenth), score=score)
    assert [state for _, state, _ in story.over()] == kept


def test_what_says_nothing_is_asked_seldom():
    """A lamp costs five looks and then two a second; once it has grown it is looked at again."""
    story = Story()
    for tenth in range(30):
        story.see(tenth / 10, ("", 0.0, 400, 40))
    [silent] = story.book._by_track.values()
    before = silent.looks
    assert before < 12
    story.see(3.0, ("AB123", 0.95, 400, 52, 35))
    assert silent.looks == before + 1


def test_what_could_not_be_read_is_kept():
    """A plate that was there for certain and illegible is stored, with what it might have been."""
    story = Story()
    _drive(story, 0.0, "AB123", sure=0.2)
    [(read_id, state, text)] = story.over()
    assert (read_id, state, text) == ("pass 1", "unread", "")
    reading = story.captures[0].read.reading
    assert reading.candidates[0].text == "AB123"
    assert reading.reasons == ("not sure enough: AB123 at 20%",)


@pytest.mark.parametrize(
    ("frames", "score", "width"), [(4, 0.8, 80), (8, 0.4, 80), (8, 0.8, 30)], ids=["brief", "faint", "narrow"]
)
def test_specks_are_dropped(frames, score, width):
    """What was seen for four frames only, faintly, or was too narrow ever to be read is no plate."""
    story = Story()
    for number in range(frames):
        story.see(number / 10, ("AB123", 0.2, 100, width), score=score)
    assert story.over() == []


def test_a_speck_that_is_read_surely_is_no_speck():
    """Two frames are enough for a text above the floor."""
    story = Story()
    _drive(story, 0.0, "AB123", frames=2)
    assert [state for _, state, _ in story.over()] == ["preview", "final"]


def test_the_slogan_on_the_same_vehicle_is_left_out():
    """Of two texts on one vehicle the one that much more speaks for is the read."""
    story = Story()
    for tenth in range(10):
        plates = [("AB123", 0.95, 100)] + ([("TAXI", 0.45, 300)] if tenth in (4, 5) else [])
        story.see(tenth / 10, *plates, carriers={0: _on(1, 100), 1: _on(1, 100)})
    assert {text for _, _, text in story.over()} == {"AB123"}


def test_two_vehicles_side_by_side_are_two_reads():
    """Each with its own vehicle, however much more speaks for one of them."""
    story = Story()
    for tenth in range(10):
        plates = [("AB123", 0.95, 100)] + ([("XY987", 0.9, 900)] if tenth > 6 else [])
        story.see(tenth / 10, *plates, carriers={0: _on(1, 100), 1: _on(2, 900)})
    assert {text for _, _, text in story.over()} == {"AB123", "XY987"}


def test_the_vehicle_is_the_one_seen_best_and_keeps_its_colour():
    """A surer look at its type that tells no colour does not take the colour away."""
    story = Story()
    story.see(0.0, ("AB123", 0.9, 100), carriers={0: _on(7, 100, "truck", "red", 0.6)})
    story.see(0.1, ("AB123", 0.9, 100), carriers={0: _on(7, 100, "bus", None, 0.9)})
    story.see(0.2, ("AB123", 0.9, 100), carriers={0: _on(7, 100, "truck", "blue", 0.5)})
    story.over()
    assert story.captures[-1].read.vehicle == Vehicle("bus", "red", 0.9)


def test_a_sign_that_vehicles_drive_past_is_no_read():
    """The text stays where it is while two lorries go by under it; from then on it is known, whatever passes."""
    story = Story()
    for number in range(40):
        lorry = 7 if number < 20 else 8
        story.see(number / 10, ("STOP24", 0.6, 900), carriers={0: _on(lorry, 700 + 20 * (number % 20), "truck")})
    story.see(8.0)
    story.see(30.0, ("STOP24", 0.9, 900), carriers={0: _on(9, 880, "truck")})
    assert story.over() == []


def test_a_plate_goes_with_its_vehicle():
    """One that rolls in, stands, and rolls out again is a plate; so is one whose vehicle's box jumps once."""
    story = Story()
    for number in range(10):
        story.see(number / 10, ("KLM123", 0.9, 100 + 30 * number), carriers={0: _on(1, 100 + 30 * number)})
    for number in range(10):
        x = 400 if number != 5 else 700
        story.see(20 + number / 10, ("PARK77", 0.9, 400), carriers={0: _on(2, x)})
    assert [text for _, state, text in story.over() if state == "final"] == ["KLM123", "PARK77"]


def test_memory_stays_small_however_long_it_stands():
    """At most two pictures and eight looks of one pass are held, and nothing of ended tracks."""
    story = Story()
    for number in range(400):
        story.see(number / 10, (f"AB{number % 50:03}", 0.3, 100, 80 + number % 7))
        held = story.book._by_track[1]
        assert len(held.pictures) <= 2
        assert len(held.seen) <= 8
    story.over()
    assert not story.book._by_track


def test_a_busy_day_holds_few_frames():
    """After hundreds of passes the frames of those that are over for good have been let go."""
    story = Story()
    for number in range(100):
        _drive(story, 20.0 * number, f"AB{number:03}", frames=3)
        story.see(20.0 * number + 5)
    assert len(story.book._closed) <= 32
    assert sum(len(known.pictures) for known in story.book._closed) <= 2
    assert len({read_id for read_id, _, _ in story.over()}) == 100


def test_a_pass_whose_frames_were_let_go_can_go_on():
    """A parked vehicle seen again after minutes is completed with a frame of its return."""
    story = Story()
    for tenth in range(5):
        story.see(tenth / 10, ("PARK1", 0.9, 100))
    story.see(5.0)
    _drive(story, 20.0, "OTHER7", x=900)
    story.see(40.0)
    for tenth in range(5):
        story.see(60 + tenth / 10, ("PARK1", 0.9, 100))
    assert story.over()[-1] == ("pass 1", "final", "PARK1")
    final = story.captures[-1]
    assert final.frame is story.frames[final.read.frame_time].picture
    assert final.read.frame_time >= 60


def test_looking_again_costs_little_once_it_is_sure():
    """A sure read is looked at every two seconds, or when it has come much nearer; an unsure one at every frame."""
    story = Story()
    for tenth in range(5):
        story.see(tenth / 10, ("AB123", 0.99, 100))
    [track] = story.tracker.tracks
    assert not story.book.wants(track, 0.5)
    assert story.book.wants(track, 2.5)
    track.box = Box(100, 100, 180, 140)
    assert story.book.wants(track, 0.5)


@pytest.mark.parametrize(
    ("reading", "told"),
    [
        (Reading("", 0.0), "nothing legible"),
        (Reading("", 0.3, reasons=("too few characters",)), "too few characters"),
        (Reading("AB1", 0.25), "not sure enough: AB1 at 25%"),
    ],
)
def test_an_abstention_says_why(reading, told):
    """Unread, with the reason, and never with a text."""
    abstained = unread(reading)
    assert (abstained.text, abstained.reasons) == ("", (told,))


@pytest.mark.parametrize(("line", "way"), [(((0.09, 1.0), (0.09, 0.0)), "in"), (((0.09, 0.0), (0.09, 1.0)), "out")])
def test_a_line_tells_the_direction(line, way):
    """Who crosses the camera's line comes or leaves, whichever way the camera itself is said to look."""
    story = Story(PassSettings(line=Line(*line)))
    _drive(story, 0.0, "AB123", frames=10)
    story.over()
    assert (story.captures[0].read.direction, story.captures[-1].read.direction) == (None, way)


def test_who_turns_before_the_line_goes_neither_way():
    """A line that was not crossed gives no direction."""
    story = Story(PassSettings(line=Line((0.5, 1.0), (0.5, 0.0))))
    _drive(story, 0.0, "AB123")
    story.over()
    assert story.captures[-1].read.direction is None


def test_a_read_says_in_which_named_zone_it_was():
    """The last one it was in, of those that have a name."""
    bays = tuple(
        (name, ((x, 0.0), (x + 0.02, 0.0), (x + 0.02, 1.0), (x, 1.0))) for name, x in (("a", 0.07), ("b", 0.09))
    )
    story = Story(PassSettings(zones=ZoneMask(named=bays)))
    _drive(story, 0.0, "AB123")
    story.over()
    assert (story.captures[0].read.zone, story.captures[-1].read.zone) == ("a", "b")
    elsewhere = Story(PassSettings(zones=ZoneMask(named=bays)))
    _drive(elsewhere, 0.0, "AB123", x=1000)
    elsewhere.over()
    assert elsewhere.captures[-1].read.zone is None


def test_a_plate_that_the_edge_always_cut_is_unread():
    """Half a plate is another plate: nobody saw how it goes on."""
    story = Story()
    for tenth in range(8):
        story.see(tenth / 10, ("AB12", 0.95, 0))
    assert [(state, text) for _, state, text in story.over()] == [("unread", "")]


def test_a_plate_that_came_in_over_the_edge_is_read():
    """One look at the whole of it is enough."""
    story = Story()
    for tenth in range(8):
        story.see(tenth / 10, ("AB1234", 0.95, 20 * tenth))
    assert story.over()[-1][1:] == ("final", "AB1234")


def test_a_still_may_cut_a_plate():
    """It shows the vehicle only once."""
    story = Story(PassSettings(once_whole=False))
    for tenth in range(8):
        story.see(tenth / 10, ("AB1234", 0.95, 0))
    assert story.over()[-1][1:] == ("final", "AB1234")
