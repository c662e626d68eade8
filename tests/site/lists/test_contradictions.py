"""Entries that contradict each other are told before a vehicle comes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpr.access import ListKind
from alpr.domain import fold
from alpr.site.glob import align
from alpr.site.lists.contradictions import contradictions
from alpr.site.lists.patterns import Patterns, meet
from alpr.site.schedule import overlap, parse_schedule
from tests.site.entries import NOON, entry

DENY = ListKind.DENY


@pytest.mark.parametrize(
    ("allowed", "denied", "words"),
    [
        ("AB123", "ab-123", "Staff allows AB123 as ab-123, Banned denies it: deny beats allow"),
        ("AB123", "AB123", "Staff allows AB123, Banned denies it: deny beats allow"),
        ("AB123", "AB*", "Staff allows AB123 as AB*, Banned denies it: deny beats allow"),
        ("AB*", "AB123", "Staff allows AB* as AB123, Banned denies it: deny beats allow"),
        ("AB*", "*23", "Staff allows AB* as *23, Banned denies it: deny beats allow"),
        ("AB123", "A8I23", "A8I23 of Banned and AB123 of Staff look alike"),
        ("AB123", "AB124", None),
        ("AB?", "AB12", None),
        ("AB*", "CD*", None),
    ],
)
def test_one_vehicle_cannot_be_allowed_and_denied_unnoticed(allowed, denied, words):
    """Wildcards are looked through, look-alikes are told as what they are."""
    found = contradictions([entry(allowed), entry(denied, DENY, 2)], NOON)
    assert [pair.words for pair in found] == ([words] if words else [])


@pytest.mark.parametrize(
    "changes",
    [
        {"valid_until": NOON},
        {"valid_until": NOON + timedelta(days=1), "cameras": frozenset({"gate-out"})},
        {"valid_from": NOON + timedelta(days=9)},
        {"schedule": parse_schedule("Mon-Fri 18:00-06:00")},
    ],
)
def test_entries_that_never_hold_together_do_not_contradict(changes):
    """One is over, at another gate, later, or at night."""
    allowed = entry(
        "AB123",
        cameras=frozenset({"gate-in"}),
        valid_until=NOON + timedelta(days=8),
        schedule=parse_schedule("Mon-Fri 06:00-18:00"),
    )
    assert contradictions([allowed, entry("AB123", DENY, 2)], NOON)
    assert not contradictions([allowed, entry("AB123", DENY, 2, **changes)], NOON)


def test_many_are_told_up_to_a_limit_and_look_alikes_last():
    """A fleet that is allowed and denied must not fill the page."""
    entries = [entry(f"AB{number}") for number in range(300)]
    denied = [entry("A810", DENY, 1000), *(entry(f"AB{number}", DENY, 1001 + number) for number in range(300))]
    found = contradictions(entries + denied, NOON)
    assert len(found) == 100
    assert [pair.alike for pair in found] == sorted(pair.alike for pair in found)


_GLOBS = st.text("AB*?", min_size=1, max_size=6)


@given(_GLOBS, _GLOBS, st.text("AB", max_size=6))
def test_patterns_that_one_text_fits_meet(one, other, text):
    """And a text meets a pattern exactly when it fits it."""
    if align(one, text) is not None and align(other, text) is not None:
        assert meet(one, other)
    assert meet(one, text) == (align(one, text) is not None)


@given(_GLOBS, _GLOBS)
def test_the_index_finds_what_meets(one, other):
    """Whichever of the two is the wild one."""
    folded = fold(other)
    assert bool(list(Patterns([entry(one)]).meeting(folded))) == meet(fold(one), folded)


def test_hours_overlap_over_midnight_and_the_end_of_the_week():
    """Always overlaps with everything."""
    sunday, monday = parse_schedule("Sun 22:00-06:00"), parse_schedule("Mon 05:00-07:00")
    assert overlap(sunday, monday)
    assert not overlap(sunday, parse_schedule("Mon 06:00-07:00"))
    assert overlap((), monday)
