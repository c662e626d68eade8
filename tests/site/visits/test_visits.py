"""How reads pair up into visits: the stories of a gate, and what holds whatever the reads are."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alpr.domain import Kind, Read, Vehicle
from alpr.site.visits.pairing import pair
from alpr.stay import Sighting, VisitState, Way, sighting
from tests.site.entries import read_of, seen
from tests.site.sighted import LIMITS, MORNING, after, paired, sighted, told
from tests.site.traffic_drawn import traffic

STORIES = {
    "in and out": (
        [(0, "in", "B-MW 1234"), (60, "out", "BMW1234")],
        ["closed in@0 out@60"],
    ),
    "still inside": ([(0, "in", "AB123")], ["open in@0"]),
    "nobody saw it come": ([(0, "out", "AB123")], ["missed in out@0"]),
    "it came again, so it had left": (
        [(0, "in", "AB123"), (300, "in", "AB123"), (400, "out", "AB123")],
        ["missed out in@0", "closed in@300 out@400"],
    ),
    "it left again, so it had come": (
        [(0, "in", "AB123"), (60, "out", "AB123"), (120, "out", "AB123")],
        ["closed in@0 out@60", "missed in out@120"],
    ),
    "front and rear plate are one passage": (
        [(0, "in", "AB123"), (0.1, "in", "AB123"), (60, "out", "AB123"), (60.1, "out", "AB123")],
        ["closed in@0 in@0.1 out@60 out@60.1"],
    ),
    "parked at the gate for half an hour": (
        [(4.9 * turn, "in", "AB123") for turn in range(7)] + [(60, "out", "AB123")],
        ["closed in@0 in@4.9 in@9.8 in@14.7 in@19.6 in@24.5 in@29.4 out@60"],
    ),
    "turned round before the gate": (
        [(0, "in", "AB123"), (0.3, "out", "AB123")],
        ["closed in@0 out@0.3"],
    ),
    "left and back within the minute: it never left": (
        [(0, "in", "AB123"), (60, "out", "AB123"), (60.5, "in", "AB123"), (90, "out", "AB123")],
        ["closed in@0 out@60 in@60.5 out@90"],
    ),
    "left and back after two minutes: two visits": (
        [(0, "in", "AB123"), (60, "out", "AB123"), (62, "in", "AB123")],
        ["closed in@0 out@60", "open in@62"],
    ),
    "whoever passes inside is inside, and neither comes nor goes": (
        [(0, "in", "AB123"), (30, "by", "AB123"), (60, "out", "AB123"), (70, "by", "AB123"), (80, "by", "XY9")],
        ["closed in@0 by@30 out@60"],
    ),
    "the way out was misread": (
        [(0, "in", "AB123"), (60, "out", "A8123"), (120, "in", "AB123")],
        ["closed in@0 out@60", "open in@120"],
    ),
    "the way in was misread": (
        [(0, "out", "AB123"), (60, "in", "A8123"), (120, "out", "AB123")],
        ["missed in out@0", "closed in@60 out@120"],
    ),
    "the rear camera always misreads": (
        [(0, "in", "AO123"), (0.1, "in", "A0123"), (60, "out", "AO123"), (60.1, "out", "A0123")],
        ["closed in@0 in@0.1 out@60 out@60.1"],
    ),
    "misread and never read again: it was the one that came later": (
        [(0, "in", "A8123"), (120, "in", "AB123")],
        ["missed out in@0", "open in@120"],
    ),
    "two plates that look alike, both inside": (
        [(0, "in", "AB123"), (20, "in", "A8123"), (60, "out", "AB123"), (61, "out", "A8123")],
        ["closed in@0 out@60", "closed in@20 out@61"],
    ),
    "the misread one was inside, the other had left": (
        [(0, "in", "AB123"), (30, "out", "AB123"), (40, "in", "A8123"), (90, "out", "AB123")],
        ["closed in@0 out@30", "closed in@40 out@90"],
    ),
    "back within the minute, and nobody had seen it come: the way in counts": (
        [(0, "out", "AB123"), (0.5, "in", "AB123")],
        ["missed in out@0", "open in@0.5"],
    ),
    "a vehicle is not inside twice": (
        [(0, "in", "AB123"), (50, "in", "A8123"), (60, "out", "A8123"), (100, "out", "A8123")],
        ["missed out in@0", "closed in@50 out@60", "missed in out@100"],
    ),
    "too long ago, whoever looked like it in between": (
        [(0, "in", "AB123"), (2880, "in", "A8123"), (2940, "out", "A8123"), (5760, "out", "AB123")],
        ["missed out in@0", "closed in@2880 out@2940", "missed in out@5760"],
    ),
    "passing under a misread text": (
        [(0, "in", "AB123"), (30, "by", "A8123"), (60, "out", "AB123")],
        ["closed in@0 by@30 out@60"],
    ),
    "another plate is another vehicle": (
        [(0, "in", "AB123"), (60, "out", "AB124")],
        ["open in@0", "missed in out@60"],
    ),
}


@pytest.mark.parametrize(("events", "visits"), STORIES.values(), ids=STORIES)
def test_the_reads_of_a_story_pair_up(events, visits):
    """Minutes, way and text of each read give these visits, in whatever order they come."""
    sightings = [sighted(*event) for event in events]
    assert told(paired(sightings)) == visits
    assert told(paired(reversed(sightings))) == visits


def test_nobody_is_inside_for_ever():
    """Who was not seen for three days has left; who passes a camera inside is still there."""
    entry, passing = sighted(0, "in", "AB123"), sighted(2 * 24 * 60, "by", "AB123")
    days = timedelta(days=1).total_seconds() / 60
    assert [told(paired([entry], now=now * days)) for now in (3, 3.1)] == [["open in@0"], ["missed out in@0"]]
    assert [one.state for one in paired([entry, passing], now=4.9 * days)] == [VisitState.OPEN]
    assert [one.state for one in paired([entry, passing], now=5.1 * days)] == [VisitState.MISSED_OUT]
    late = sighted(4 * days, "out", "AB123")
    assert [one.state for one in paired([entry, late], now=5 * days)] == [VisitState.MISSED_OUT, VisitState.MISSED_IN]


def test_a_runner_up_of_the_reader_joins_what_no_look_alike_would():
    """The reader itself doubted between V and Y: its second choice is the text that came in."""
    doubted = sighted(60, "out", "AY123", reading=seen("AY123", 0.6, 0.7, AV123=0.3))
    (visit,) = paired([sighted(0, "in", "AV123"), doubted])
    assert (visit.state, visit.text) == (VisitState.CLOSED, "AV123")
    assert 0.05 < visit.confidence < 1


@pytest.mark.parametrize(
    ("vehicle", "visits"),
    [
        (Vehicle("car", "red"), 1),
        (Vehicle("car", "blue"), 1),
        (Vehicle("van", "red"), 1),
        (Vehicle("truck", "blue"), 2),
        (None, 1),
    ],
)
def test_a_look_alike_of_another_type_and_colour_is_another_vehicle(vehicle, visits):
    """One 8 for B joins what differs in type or in colour, not in both; the same text joins in any case."""
    other = sighted(60, "out", "A8123", vehicle=vehicle)
    assert len(paired([sighted(0, "in", "AB123"), other])) == visits
    assert len(paired([sighted(0, "in", "A8123"), other])) == 1


def test_the_vehicle_decides_between_two_that_look_alike():
    """The one that left misread was the blue van, not the red car that came after it."""
    van = Vehicle("van", "blue")
    inside = [sighted(0, "in", "AB128", vehicle=van), sighted(5.5, "in", "A8128")]
    misread = sighted(60, "out", "AB12B", vehicle=van)
    assert told(paired([*inside, misread])) == ["closed in@0 out@60", "open in@5.5"]


def test_a_container_is_no_plate():
    """Code and plate of the same letters never pair."""
    box = sighted(0, "in", "MSKU1234565", kind=Kind.CONTAINER)
    assert told(paired([box, sighted(9, "out", "MSKU1234565")])) == ["open in@0", "missed in out@9"]


def test_a_final_read_replaces_its_preview():
    """One id counts once, and the final text is the one that pairs."""
    preview = sighted(0, "in", "A1123", final=False)
    final = replace(preview, reading=seen("AB123", 0.8), final=True)
    for order in ([preview, final], [final, preview, final]):
        (visit,) = paired([*order, sighted(60, "out", "AB123")])
        assert (visit.text, visit.reads) == ("AB123", ("in@0", "out@60"))


def test_a_visit_tells_when_and_how_long():
    """Entered, left, dwell; one that is open dwells until now, and where an end was missed nobody knows."""
    (closed,) = paired([sighted(0, "in", "AB123"), sighted(0.5, "out", "AB123")])
    assert (closed.id, closed.entered, closed.left) == ("in@0", MORNING, after(0.5))
    assert (closed.dwell(after(99)), closed.turned_round) == (timedelta(seconds=30), True)
    (inside,) = paired([sighted(0, "in", "AB123")])
    assert (inside.dwell(after(99)), inside.turned_round) == (timedelta(minutes=99), False)
    (unknown,) = paired([sighted(0, "out", "AB123")])
    assert unknown.dwell(after(99)) is None


def test_a_read_is_seen_with_its_cameras_direction():
    """No direction means passing; what could not be read is no sighting."""
    reading = seen("AB123")
    ways = {direction: sighting(read_of(reading, direction=direction)) for direction in ("in", "out", None)}
    assert [one and one.way for one in ways.values()] == [Way.IN, Way.OUT, Way.PASSING]
    assert sighting(read_of(seen(""))) is None
    assert isinstance(read_of(reading), Read)


@pytest.mark.parametrize(("minutes", "visits"), [(4, 1), (7, 2_000)])
def test_a_sign_that_is_read_for_days_costs_little(minutes, visits):
    """Two thousand reads under two texts take a tenth of a second, as one passage or as many."""
    reads = [sighted(minutes * turn, "in", ("ST0P11", "STOP11")[turn % 2]) for turn in range(2_000)]
    began = time.perf_counter()
    assert len(paired(reads, now=0)) == visits
    assert time.perf_counter() - began < 3


@settings(deadline=None)
@given(reads=traffic(), chance=st.randoms(use_true_random=False))
def test_any_order_and_repetition_gives_the_same_visits(reads: list[Sighting], chance: random.Random):
    """Reads that come late, twice, or as a preview first, change nothing in the end."""
    previews = [replace(one, final=False, reading=seen("QQ00")) for one in reads if one.final]
    mixed = [*reads, *previews, *chance.choices(reads, k=len(reads))] if reads else []
    chance.shuffle(mixed)
    assert paired(mixed) == paired(reads)


@settings(deadline=None)
@given(reads=traffic())
def test_every_gate_read_is_in_one_visit(reads: list[Sighting]):
    """None is lost and none counted twice; those who pass are in one visit at most."""
    visits = paired(reads)
    inside = [read for visit in visits for read in visit.reads]
    assert len(inside) == len(set(inside))
    assert {one.id for one in reads if one.way is not Way.PASSING} <= set(inside)
    for visit in visits:
        assert (visit.entered is None) == (visit.state is VisitState.MISSED_IN)
        assert (visit.left is None) == (visit.state in {VisitState.OPEN, VisitState.MISSED_OUT})


@settings(deadline=None)
@given(reads=traffic(), now=st.integers(0, 100_000))
def test_nobody_inside_was_last_seen_before_the_limit(reads: list[Sighting], now: int):
    """Whatever was read and missed, the list of who is inside holds nobody of long ago."""
    visits = pair(reads, LIMITS, after(now))
    assert all(
        after(now) - visit.last_seen <= LIMITS.missed_after for visit in visits if visit.state is VisitState.OPEN
    )
