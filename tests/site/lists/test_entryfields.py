"""Entries as people type them: what is meant, and every fault in words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpr.access import ListKind
from alpr.site.lists.entryfields import EntryFaultsError, FieldFault, ListFacts, entry_fields, parse_entry
from alpr.site.schedule import parse_schedule
from tests.site.entries import BERLIN, entry

FACTS = ListFacts("Staff", ListKind.ALLOW, BERLIN, ("gate-in", "gate-out"))


def test_an_entry_is_read_from_what_people_type():
    """Days are those of the site, the last one included; small letters and spaces do not matter."""
    typed = {
        "plate": " b-xk  48* ",
        "owner": "Meyer",
        "valid_from": "2026-03-29",
        "valid_until": "2026-03-29",
        "cameras": "gate-out , gate-in",
        "schedule": "Mon-Fri 6:00-18:00",
        "opens_inexact": "Yes",
    }
    assert parse_entry(typed, FACTS, 7) == entry(
        "B-XK 48*",
        number=7,
        owner="Meyer",
        opens_inexact=True,
        valid_from=datetime(2026, 3, 28, 23, tzinfo=UTC),
        valid_until=datetime(2026, 3, 29, 22, tzinfo=UTC),
        cameras=frozenset({"gate-in", "gate-out"}),
        schedule=parse_schedule("Mon-Fri 06:00-18:00"),
    )


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("plate", "", "needs at least one letter or digit"),
        ("plate", "*", "needs at least one letter or digit"),
        ("plate", "AB%", "has the sign %, which no plate has: * stands for any run, ? for any one character"),
        ("plate", "A" * 33, "is longer than 32 characters"),
        ("owner", "x" * 201, "is longer than 200 characters"),
        ("valid_until", "18.6.2026", "'18.6.2026' is no day or time: write 2026-06-18 or 2026-06-18 17:30"),
        ("valid_until", "9999-12-31", "'9999-12-31' is no day or time: write 2026-06-18 or 2026-06-18 17:30"),
        ("cameras", "gate-im", "no camera is called gate-im: did you mean gate-in?"),
        ("cameras", "roof", "no camera is called roof"),
        ("schedule", "Mon-Fri", "'Mon-Fri' is no window: write it as Mon-Fri 06:00-18:00"),
        ("opens_inexact", "perhaps", "'perhaps' is neither yes nor no"),
    ],
)
def test_a_fault_names_its_field_and_what_to_do(field, typed, words):
    """The others are told at the same time."""
    with pytest.raises(EntryFaultsError) as refused:
        parse_entry({"plate": "AB123", field: typed}, FACTS)
    assert refused.value.faults == (FieldFault(field, words),)


def test_all_faults_are_told_at_once():
    """An end before the beginning is one of them."""
    typed = {"valid_from": "2026-06-18 12:00", "valid_until": "2026-06-18 11:00", "cameras": "roof"}
    with pytest.raises(EntryFaultsError) as refused:
        parse_entry(typed, FACTS)
    assert [fault.field for fault in refused.value.faults] == ["plate", "valid_until", "cameras"]


_WORDS = st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), max_size=20).map(
    lambda text: " ".join(text.split())
)
_MOMENTS = st.none() | st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ENTRIES = st.builds(
    entry,
    st.text("AB08 -*", min_size=1, max_size=9).map(lambda text: " ".join(f"X{text}".split())),
    number=st.just(0),
    owner=_WORDS,
    company=_WORDS,
    note=_WORDS,
    opens_inexact=st.booleans(),
    valid_until=_MOMENTS,
    cameras=st.frozensets(st.sampled_from(["gate-in", "gate-out"])),
    schedule=st.sampled_from(["", "Fri 22:00-06:00", "Mon-Fri 06:00-18:00; Sat,Sun 00:00-24:00"]).map(parse_schedule),
)


@given(ENTRIES)
def test_what_is_written_means_the_same_entry_again(given_entry):
    """Down to the microsecond, and in the hour that the clocks show twice."""
    assert parse_entry(entry_fields(given_entry, BERLIN), FACTS) == given_entry
