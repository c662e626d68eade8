"""Visits kept up to date read by read: always what a fresh look at all reads would find."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from alpr.site.visits.book import Change, VisitBook
from alpr.site.visits.sightings import Sightings
from alpr.stay import Sighting
from tests.site.entries import seen
from tests.site.sighted import LIMITS, after, paired, sighted, told
from tests.site.traffic_drawn import traffic

NOW = after(24 * 60)


def book_of(sightings) -> VisitBook:
    """Return a book that has taken these up one after the other."""
    book = VisitBook(LIMITS)
    for one in sightings:
        book.put(one)
    return book


def test_a_read_changes_the_visit_that_it_belongs_to():
    """The way out closes its visit, and leaves that of another and that of the day before alone; twice is once."""
    before = [sighted(-1500, "in", "AB123"), sighted(-1440, "out", "AB123")]
    book = book_of([*before, sighted(0, "in", "AB123"), sighted(1, "in", "XY77")])
    out = sighted(60, "out", "AB123")
    change = book.put(out)
    assert (told(change.gone), told(change.new)) == (["open in@0"], ["closed in@0 out@60"])
    assert book.put(out) == Change()
    assert told(book.visits(NOW)) == ["closed in@-1500 out@-1440", "closed in@0 out@60", "open in@1"]


def test_a_corrected_read_moves_to_the_visit_of_its_text():
    """What was read surely but wrongly is put right by hand: two visits change, no third."""
    misread = sighted(60, "out", "QQ55")
    book = book_of([sighted(0, "in", "AB123"), misread, sighted(1, "in", "XY77")])
    change = book.correct(replace(misread, reading=seen("AB123", 0.5)))
    assert told(change.gone) == ["open in@0", "missed in out@60"]
    assert told(change.new) == ["closed in@0 out@60"]


def test_a_read_taken_back_opens_its_visit_again():
    """Dropping the way out leaves the vehicle inside; dropping what is not there changes nothing."""
    book = book_of([sighted(0, "in", "AB123"), sighted(60, "out", "AB123")])
    change = book.drop("out@60")
    assert (told(change.gone), told(change.new)) == (["closed in@0 out@60"], ["open in@0"])
    assert book.drop("out@60") == Change()


def test_nobody_is_inside_for_ever_in_a_book_either():
    """The book gives up whoever was not seen for three days, without a read telling it."""
    book = book_of([sighted(0, "in", "AB123")])
    assert [told(book.visits(after(60 * 24 * days))) for days in (3, 4)] == [["open in@0"], ["missed out in@0"]]


@settings(deadline=None)
@given(reads=traffic(), chance=st.randoms(use_true_random=False))
def test_a_book_holds_what_a_fresh_look_finds(reads: list[Sighting], chance):
    """Reads come in any order, some as a preview first, some are taken back: the rest is what counts."""
    previews = [replace(one, final=False, reading=seen("XY77")) for one in reads if one.final]
    mixed = [*reads, *previews]
    chance.shuffle(mixed)
    book = book_of(mixed)
    assert book.visits(NOW) == paired(reads)
    for one in reads[::2]:
        book.drop(one.id)
    assert book.visits(NOW) == paired(reads[1::2])


@settings(deadline=None)
@given(reads=traffic(), place=st.integers(0, 24), text=st.sampled_from(("AB12", "XY77", "KLM9")))
def test_a_correction_changes_only_visits_that_it_touches(reads: list[Sighting], place: int, text: str):
    """A visit changes only if a chain of like texts leads from it to the read, as it was or as it is now."""
    if not reads:
        return
    was = reads[place % len(reads)]
    now = replace(was, reading=seen(text))
    corrected = [now if one is was else one for one in reads]
    near = _around(reads, was) | _around(corrected, now)
    before, later = set(paired(reads)), set(paired(corrected))
    assert all(set(visit.reads) <= near for visit in before ^ later)
    book = book_of(reads)
    change = book.correct(now)
    assert book.visits(NOW) == paired(corrected)
    assert {read for visit in (*change.gone, *change.new) for read in visit.reads} <= near


def _around(reads: list[Sighting], one: Sighting) -> set[str]:
    known = Sightings(LIMITS.missed_after)
    for read in reads:
        known.put(read)
    return known.around(one.id)
