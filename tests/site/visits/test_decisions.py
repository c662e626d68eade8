"""What people decided about visits, laid over what reads tell."""

from __future__ import annotations

import pytest

from alpr.site.visits.decisions import Decision, Deed, decided
from alpr.stay import VisitState
from tests.site.sighted import after, paired, sighted

CAME = sighted(0, "in", "AB123")
SEEN = sighted(30, "by", "AB123")
LEFT = sighted(60, "out", "AB123")
ELSE = sighted(50, "out", "ZZ99")
NOW = 24 * 60


def said(deed, read, at, other=None, number=1):
    """Make a decision at a minute after the morning began."""
    return Decision(number, deed, read, other, after(at), "anna")


def laid(sightings, *decisions, now=NOW):
    """Return state, end in minutes and who decided, of each visit by its beginning."""
    found = sorted(decided(paired(sightings, now), decisions), key=lambda one: one.visit.last_seen)
    start = after(0)
    return [
        (one.visit.state.value, one.visit.left and (one.visit.left - start).total_seconds() / 60, one.by)
        for one in found
    ]


@pytest.mark.parametrize(
    ("sightings", "decision", "result"),
    [
        ([CAME], said(Deed.CLOSE, "in@0", 45), [("closed", 45, "anna")]),
        ([CAME, SEEN], said(Deed.CLOSE, "in@0", 20), [("open", None, "")]),
        ([CAME, LEFT], said(Deed.CLOSE, "in@0", 45), [("closed", 60, "")]),
        ([CAME, LEFT], said(Deed.CLOSE, "in@0", 90), [("closed", 60, "")]),
        ([CAME], said(Deed.CLOSE, "gone", 45), [("open", None, "")]),
        ([CAME, LEFT], said(Deed.REOPEN, "in@0", 70), [("open", None, "anna")]),
        ([CAME, LEFT], said(Deed.REOPEN, "in@0", 50), [("closed", 60, "")]),
        ([LEFT], said(Deed.REOPEN, "out@60", 70), [("missed in", 60, "")]),
        ([CAME, ELSE], said(Deed.MERGE, "in@0", 80, "out@50"), [("closed", 50, "anna")]),
        ([CAME, ELSE], said(Deed.MERGE, "out@50", 80, "in@0"), [("closed", 50, "anna")]),
        ([CAME, SEEN], said(Deed.MERGE, "in@0", 80, "by@30"), [("open", None, "")]),
        ([CAME], said(Deed.MERGE, "in@0", 80, "gone"), [("open", None, "")]),
    ],
)
def test_a_decision_over_what_reads_tell(sightings, decision, result):
    """It holds until reads tell otherwise, and means nothing where its reads are no more."""
    assert laid(sightings, decision) == result


def test_the_last_word_counts():
    """Closed, said to be inside, closed again; in whatever order the words are handed over."""
    words = [
        said(Deed.CLOSE, "in@0", 45, number=1),
        said(Deed.REOPEN, "in@0", 60, number=2),
        said(Deed.CLOSE, "in@0", 90, number=3),
    ]
    assert laid([CAME], *words[:2]) == [("open", None, "anna")]
    assert laid([CAME], *reversed(words)) == [("closed", 90, "anna")]


def test_three_visits_become_one():
    """Merges chain; the visit has the reads of all, and the id of the one that began first."""
    other = sighted(20, "by", "KL55"), sighted(10, "in", "KL55")
    merges = said(Deed.MERGE, "in@0", 80, "in@10"), said(Deed.MERGE, "out@50", 90, "in@10", number=2)
    (one,) = decided(paired([CAME, ELSE, *other]), merges)
    assert (one.visit.id, set(one.visit.reads)) == ("in@0", {"in@0", "in@10", "by@20", "out@50"})
    assert (one.visit.state, one.visit.entered) == (VisitState.CLOSED, after(0))
