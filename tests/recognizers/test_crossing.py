"""Which way somebody drove, told by the line that he crossed."""

from __future__ import annotations

import pytest

from alpr.recognizers.crossing import Course, Line

ACROSS = Line((0.0, 0.5), (1.0, 0.5))
"""Drawn from left to right: whoever comes nearer comes in."""
SHORT = Line((0.4, 0.5), (0.6, 0.5))
UPWARD = Line((0.5, 1.0), (0.5, 0.0))
"""Drawn from the bottom to the top: whoever drives to the right comes in."""
SLANTED = Line((0.2, 0.2), (0.8, 0.8))


def driven(line, *places):
    """Return which way a course of places led."""
    course = Course()
    for place in places:
        course.note(line, place)
    return course.way


@pytest.mark.parametrize(
    ("line", "places", "way"),
    [
        (ACROSS, [(0.5, 0.2), (0.5, 0.8)], "in"),
        (ACROSS, [(0.5, 0.8), (0.5, 0.2)], "out"),
        (ACROSS, [(0.5, 0.1), (0.5, 0.3), (0.5, 0.49)], None),
        (ACROSS, [(0.5, 0.4), (0.5, 0.5), (0.5, 0.6)], "in"),
        (ACROSS, [(0.5, 0.6), (0.5, 0.5), (0.5, 0.4)], "out"),
        (ACROSS, [(0.5, 0.4), (0.5, 0.6), (0.5, 0.4)], None),
        (ACROSS, [(0.5, 0.4), (0.5, 0.6), (0.5, 0.4), (0.5, 0.7)], "in"),
        (ACROSS, [(0.5, 0.5), (0.5, 0.5), (0.5, 0.5)], None),
        (SHORT, [(0.9, 0.2), (0.9, 0.8)], None),
        (SHORT, [(0.1, 0.2), (0.9, 0.8)], "in"),
        (UPWARD, [(0.2, 0.6), (0.9, 0.7)], "in"),
        (UPWARD, [(0.9, 0.6), (0.2, 0.7)], "out"),
        (SLANTED, [(0.9, 0.1), (0.1, 0.9)], "in"),
        (SLANTED, [(0.1, 0.1), (0.9, 0.9)], None),
        (ACROSS, [(0.5, 0.2)], None),
        (ACROSS, [], None),
    ],
)
def test_the_way_over_a_line(line, places, way):
    """Over it, back over it, along it, past its ends, on it: a table."""
    assert driven(line, *places) == way


def test_the_way_goes_on_after_a_break():
    """Who was out of sight while he crossed has crossed all the same; who crossed before or after is counted once."""
    for before, after, way in (
        ([(0.5, 0.2), (0.5, 0.3)], [(0.5, 0.7), (0.5, 0.8)], "in"),
        ([(0.5, 0.2), (0.5, 0.6)], [(0.5, 0.7)], "in"),
        ([(0.5, 0.2), (0.5, 0.3)], [(0.5, 0.4), (0.5, 0.6)], "in"),
        ([(0.5, 0.6), (0.5, 0.7)], [(0.5, 0.8)], None),
    ):
        first, then = Course(), Course()
        for place in before:
            first.note(ACROSS, place)
        for place in after:
            then.note(ACROSS, place)
        first.absorb(then, ACROSS)
        assert first.way == way
