"""Matching: which entries fit a read, how surely, and what follows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpr.access import Decision, Entry, ListKind, MatchKind, Verdict
from alpr.domain import Reading, canonical
from alpr.site.lists.matching import Index
from alpr.site.schedule import parse_schedule
from tests.site.entries import BERLIN, NOON, entry, read_of, seen

ALLOW, DENY, WATCH = ListKind.ALLOW, ListKind.DENY, ListKind.WATCH
EXACT, WILDCARD, CONFUSABLE = MatchKind.EXACT, MatchKind.WILDCARD, MatchKind.CONFUSABLE


def decide(reading: Reading, *entries: Entry, **changes) -> Decision:
    return Index(entries, BERLIN).decide(read_of(reading, **changes), NOON)


@pytest.mark.parametrize(
    ("text", "pattern", "kind"),
    [
        ("AB123CD", "ab-123 cd", EXACT),
        ("AB123CD", "AB*", WILDCARD),
        ("AB123CD", "*CD", WILDCARD),
        ("AB123CD", "*23*", WILDCARD),
        ("AB123CD", "AB?23CD", WILDCARD),
        ("AB123CD", "??????D", WILDCARD),
        ("B123XY77", "В123ХУ77", EXACT),  # noqa: RUF001  Cyrillic, as typed in the east
        ("8X4821", "BX4821", CONFUSABLE),
        ("AB12O", "AB120", CONFUSABLE),
        ("ABI23", "AB123", CONFUSABLE),
        ("AB1Z3", "AB123", CONFUSABLE),
        ("8X4821", "BX*", CONFUSABLE),
        ("8X4821", "XX4821", None),
        ("AB123", "AB124", None),
        ("AB123", "AB12", None),
        ("AB123", "AB1234", None),
        ("88123", "BB123", None),
        ("AB123CD", "AB?CD", None),
        ("AB123CD", "CD*", None),
    ],
)
def test_an_entry_fits_exactly_by_wildcard_or_with_look_alikes(text, pattern, kind):
    """A B read as 8 is near; an X is not, nor are two doubtful places, nor one plain edit of a short plate."""
    matches = decide(seen(text), entry(pattern)).matches
    assert [match.kind for match in matches] == ([kind] if kind else [])


def test_what_the_reader_holds_possible_counts_by_its_own_probability():
    """A runner-up of 30 % is a match of 30 %; one of 4 % is none; a second choice may have another length."""
    reading = seen("8X4821", 0.6, 0.7, XX4821=0.3, XY4821=0.04, X4821=0.12)
    found = decide(reading, *(entry(text, number=n) for n, text in enumerate(("XX4821", "XY4821", "X4821")))).matches
    assert {match.entry.pattern: round(match.probability, 2) for match in found} == {"XX4821": 0.3, "X4821": 0.12}
    assert {match.kind for match in found} == {CONFUSABLE}


def test_a_look_alike_is_as_likely_as_the_read_says_and_never_impossible():
    """A sure 8 may still be a B, an unsure one more so, and O for 0 most of all."""
    sure, unsure = seen("8X4821", 0.97, 0.99), seen("8X4821", 0.55, 0.6, BX4821=0.35)
    chances = [decide(reading, entry("BX4821")).matches[0].probability for reading in (sure, unsure)]
    assert chances[0] == pytest.approx(0.97 * 0.15 / 0.99)
    assert chances[1] == pytest.approx(0.35)
    assert decide(seen("AB12O"), entry("AB120")).matches[0].probability > chances[0]


@pytest.mark.parametrize(
    ("reading", "entries", "verdict", "opens", "reason"),
    [
        (seen("AB123"), [entry("AB123", owner="Meyer")], Verdict.ALLOWED, True, "Staff: Meyer"),
        (seen("AB123"), [entry("AB124")], Verdict.UNKNOWN, False, "on no list"),
        (Reading("", 0.0), [entry("*")], Verdict.UNREAD, False, "could not be read"),
        (seen("AB123"), [entry("AB*")], Verdict.ALLOWED, False, "Staff; fits AB*"),
        (seen("AB123"), [entry("AB*", opens_inexact=True)], Verdict.ALLOWED, True, "Staff; fits AB*"),
        (seen("A8123"), [entry("AB123")], Verdict.ALLOWED, False, "Staff; matched with B = 8"),
        (seen("A8123"), [entry("AB123", opens_inexact=True)], Verdict.ALLOWED, True, "Staff; matched with B = 8"),
        (seen("AB123"), [entry("AB123", WATCH)], Verdict.WATCH, False, "Wanted"),
        (
            seen("AB123"),
            [entry("AB123"), entry("AB123", DENY, 2)],
            Verdict.DENIED,
            False,
            "Banned; also on Staff, but deny beats allow",
        ),
        (seen("AB123"), [entry("AB123"), entry("AB123", WATCH, 2)], Verdict.ALLOWED, True, "Staff; also on Wanted"),
        (
            seen("AB120", 0.55, 0.6, AB12O=0.4),
            [entry("AB120"), entry("AB12O", DENY, 2)],
            Verdict.DENIED,
            False,
            "Banned; matched with O = 0; also on Staff, but deny beats allow",
        ),
        (
            seen("AB120"),
            [entry("AB120"), entry("AB12O", DENY, 2)],
            Verdict.ALLOWED,
            False,
            "Staff; may be AB12O of Banned: nothing opens by itself",
        ),
        (
            seen("A8123"),
            [entry("A8123"), entry("AB123", DENY, 2)],
            Verdict.ALLOWED,
            False,
            "Staff; may be AB123 of Banned: nothing opens by itself",
        ),
        (seen("AB123"), [entry("AB*"), entry("AB123", number=2)], Verdict.ALLOWED, True, "Staff"),
    ],
)
def test_deny_beats_allow_beats_watch_and_nothing_opens_inexactly(reading, entries, verdict, opens, reason):
    """The reason says whose it is, how it fits, and what contradicts it."""
    decision = decide(reading, *entries)
    assert (decision.verdict, decision.opens, decision.reason) == (verdict, opens, reason)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"valid_until": NOON - timedelta(days=2)}, "expired 2 days ago"),
        ({"valid_until": NOON}, "expired a moment ago"),
        ({"valid_from": NOON + timedelta(hours=1)}, "valid from 2026-06-17 13:00"),
        ({"cameras": frozenset({"gate-out", "yard"})}, "holds at gate-out, yard only"),
        ({"schedule": parse_schedule("Mon-Fri 06:00-11:30")}, "holds Mon-Fri 06:00-11:30 only"),
    ],
)
def test_an_entry_that_does_not_hold_there_and_then_is_told_but_decides_nothing(changes, reason):
    """A deny entry that is over denies nobody, an allow entry that is over lets nobody in."""
    decision = decide(seen("AB123"), entry("AB123", **changes))
    assert (decision.verdict, decision.opens) == (Verdict.UNKNOWN, False)
    assert decision.reason == f"Staff: is AB123; {reason}"
    assert [match.applies for match in decision.matches] == [False]
    assert decide(seen("AB123"), entry("AB123"), entry("AB123", DENY, 2, **changes)).opens


def test_an_entry_holds_at_its_gates_in_its_hours_and_before_its_end():
    """The last moment before the end counts."""
    held = entry(
        "AB123",
        cameras=frozenset({"gate-in"}),
        schedule=parse_schedule("Wed 11:30-12:30"),
        valid_from=NOON,
        valid_until=NOON + timedelta(microseconds=1),
    )
    assert decide(seen("AB123"), held).opens


_PLATES = st.text("ABDGIOQSZ0125678X", min_size=1, max_size=8)


@given(text=_PLATES, patterns=st.lists(_PLATES | st.text("AB08*?", min_size=1, max_size=5)))
def test_only_what_folds_alike_fits_and_what_was_read_is_found(text, patterns):
    """Without runners-up a plain entry fits a read only by look-alikes; the very text always fits, exactly."""
    entries = [entry(pattern, number=number) for number, pattern in enumerate([*patterns, text])]
    found = {match.entry.id: match for match in decide(seen(text), *entries).matches}
    assert found[len(patterns)].kind is EXACT
    for match in found.values():
        assert 0.0 < match.probability <= 1.0
        if not {"*", "?"} & set(match.entry.pattern):
            assert canonical(match.entry.pattern) == canonical(text)
            assert (match.kind is EXACT) == (match.entry.pattern == text)
