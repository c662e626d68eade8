"""A change makes anew the visits near it, and not the years before: what is parted stays as it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alpr.site.likeness import hypotheses
from alpr.site.visits.pairing import aged, began, pair
from alpr.site.visits.reshaping import Shape, Stretch, Turn, Wanted, joined, reshape
from alpr.site.visits.sightings import Seen
from alpr.stay import Sighting
from tests.site.entries import seen
from tests.site.sighted import LIMITS, after, sighted
from tests.site.traffic_drawn import traffic

DAY = 24 * 60
LATER = after(60 * DAY)


def shown(one: Sighting) -> Seen:
    return Seen(one, hypotheses(one.reading))


def changed(near, before, after_it, since=None, until=60 * DAY):
    """Reshape around one read, everything from `since` on being known."""
    turn = Turn(before and shown(before), after_it and shown(after_it))
    known = Stretch(None if since is None else after(since), after(until))
    return reshape([turn], [shown(one) for one in near], {one.id for one in near}, known, LIMITS)


def year(*ways):
    """Make a year of days on which the same car passes these ways, an hour apart."""
    return [sighted(day * DAY + hour * 60, way, "AB123") for day in range(365) for hour, way in enumerate(ways)]


@pytest.mark.parametrize(
    ("ways", "new", "most"),
    [
        (("in", "out"), sighted(364 * DAY + 120, "in", "AB123"), 3),
        (("in", "out"), sighted(200 * DAY + 30, "by", "AB123"), 3),
        (("in",), sighted(365 * DAY, "in", "AB123"), 2),
        (("out",), sighted(200 * DAY + 30, "out", "AB123"), 3),
        (("in", "by"), sighted(365 * DAY, "in", "AB123"), 4),
    ],
    ids=["back again", "in the yard", "a site without a way out", "a site without a way in", "seen inside"],
)
def test_a_year_of_every_day_is_not_made_anew(ways, new, most):
    """However long the chain of reads, only those of the visits that can change are asked."""
    near = [one for one in year(*ways) if abs(one.at - new.at) <= timedelta(days=5)]
    since = (new.at - timedelta(days=5) - after(0)).total_seconds() / 60
    until = (new.at + timedelta(days=5) - after(0)).total_seconds() / 60
    shape = changed(near, None, new, since, until)
    assert isinstance(shape, Shape)
    assert len(shape.reads) <= most


def test_more_is_asked_for_where_the_past_is_not_clear():
    """Who came in before what is known may still be inside: an earlier moment is wanted."""
    near = [sighted(day * DAY, "by", "AB123") for day in range(1, 6)]
    assert changed(near, None, sighted(6 * DAY, "out", "AB123"), since=DAY) == Wanted(
        earlier=True, until=after(60 * DAY)
    )
    found = changed([sighted(0, "in", "AB123"), *near], None, sighted(6 * DAY, "out", "AB123"))
    assert isinstance(found, Shape)
    assert [visit.reads for visit in found.visits] == [("in@0", *(one.id for one in near), f"out@{6 * DAY}")]


def test_later_reads_are_asked_for_while_somebody_is_inside():
    """Who comes in may be seen for three days more."""
    wanted = changed([], None, sighted(0, "in", "AB123"), until=60)
    assert wanted == Wanted(earlier=False, until=after(3 * DAY))


def test_what_hangs_together():
    """Rows with a common word are one, by any chain."""
    assert joined([["a"], ["b", "c"], ["d"], ["c", "a"], ["e", "d"]]) == [[0, 1, 3], [2, 4]]


@settings(deadline=None)
@given(
    reads=traffic(), text=st.sampled_from(("AB12", "XY77", "A81Z")), place=st.integers(0, 24), kind=st.integers(0, 2)
)
def test_the_rest_stays_as_it_was(reads, text, place, kind):
    """A read that comes, goes or is corrected: the visits of its shape are new, all others those of before."""
    if not reads:
        return
    reads = [replace(one, final=True) for one in reads]
    was = reads[place % len(reads)]
    now = replace(was, reading=seen(text)) if kind == 1 else None
    before, others = pair(reads, LIMITS, LATER), [one for one in reads if one is not was]
    if kind == 2:
        before, was, now = pair(others, LIMITS, LATER), None, was
    left = [*others, now] if now else others
    shape = changed(others, was, now)
    assert isinstance(shape, Shape)
    kept = [visit for visit in before if not shape.reads & set(visit.reads)]
    fresh = pair(left, LIMITS, LATER)
    made = [aged(visit, LIMITS, LATER) for visit in shape.visits]
    assert sorted([*kept, *made], key=began) == list(fresh)
    assert all(set(visit.reads) <= shape.reads for visit in before if shape.reads & set(visit.reads))
