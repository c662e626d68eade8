"""What the site takes of what it is told, and what it makes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from alpr.domain import CheckDigit, Kind, State
from alpr.exchange.admission import Admitted, Station, Terms, admit
from alpr.exchange.told import Refused, Told

NOW = datetime(2026, 3, 1, 8, 0, 30, tzinfo=UTC)
AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
TERMS = Terms(
    zone=ZoneInfo("Europe/Berlin"),
    stations={
        ("", "south"): Station("south"),
        ("", "b8a44f960ace"): Station("south"),
        ("parking", "1"): Station("deck-1", "in"),
        ("other", "1"): Station("ramp"),
    },
)


def told(**changes):
    return replace(Told(camera=("south",), at=AT, text="AB123CD", confidence=0.9, external_id="7"), **changes)


def test_what_is_told_becomes_a_read_with_its_source():
    """It is complete, and its name is kept."""
    admitted = admit(told(), "parking", TERMS, NOW)
    assert isinstance(admitted, Admitted)
    read = admitted.read
    assert (read.source, read.external_id, read.camera, read.state) == ("parking", "7", "south", State.FINAL)
    assert (read.first_seen, read.last_seen, read.captured_at) == (AT, AT, AT)


@pytest.mark.parametrize(
    ("source", "names", "station"),
    [
        ("parking", ("SOUTH",), "south"),
        ("parking", ("defaultID", "B8A44F960ACE"), "south"),
        ("parking", ("1",), "deck-1"),
        ("other", ("1",), "ramp"),
    ],
)
def test_a_camera_is_known_by_any_of_its_names(source, names, station):
    """The same number at two systems is two cameras."""
    assert admit(told(camera=names), source, TERMS, NOW).read.camera == station


def test_a_camera_that_nobody_knows_is_refused_or_kept():
    """As the configuration says; kept under a name that may stand in paths."""
    stranger = told(camera=("Süd/../Tor 3",), camera_field="data.camera_id")
    refused = admit(stranger, "parking", TERMS, NOW)
    assert isinstance(refused, Refused)
    assert refused.faults[0].field == "data.camera_id"
    assert "nobody knows the camera `Süd/../Tor 3`" in refused.faults[0].message
    kept = admit(stranger, "parking", replace(TERMS, unknown_camera="keep"), NOW)
    assert kept.read.camera == "S-d-..-Tor-3"
    assert kept.notes[0].field == "data.camera_id"
    assert not kept.station.opens


def test_a_time_without_its_zone_is_refused_or_that_of_the_site():
    """As the configuration says."""
    naive = told(at=AT.replace(tzinfo=None), time_field="datetime")
    refused = admit(naive, "parking", TERMS, NOW)
    assert (refused.faults[0].field, "no time zone" in refused.faults[0].message) == ("datetime", True)
    kept = admit(naive, "parking", replace(TERMS, naive_time="site"), NOW)
    assert kept.read.captured_at == AT - timedelta(hours=1)


@pytest.mark.parametrize(
    "moment", [NOW + timedelta(seconds=121), NOW + timedelta(days=400), datetime(1970, 1, 1, 0, 0, 9, tzinfo=UTC)]
)
def test_a_clock_that_is_wrong_is_refused_or_the_time_of_arrival_taken(moment):
    """In the future beyond what is forgiven, or never set."""
    refused = admit(told(at=moment), "parking", TERMS, NOW)
    assert refused.faults[0].field == "captured_at"
    kept = admit(told(at=moment), "parking", replace(TERMS, bad_clock="arrival"), NOW)
    assert (kept.read.captured_at, kept.notes[0].field) == (NOW, "captured_at")


def test_a_clock_that_is_a_little_ahead_is_forgiven():
    """Two minutes, unless the configuration says otherwise."""
    ahead = NOW + timedelta(seconds=119)
    assert admit(told(at=ahead), "parking", TERMS, NOW).read.captured_at == ahead


def test_times_that_make_no_sense_beside_the_reads_own_are_left_out():
    """First and last seen are within a day of it and not in the future."""
    read = admit(told(first_seen=AT - timedelta(days=9), last_seen=NOW + timedelta(days=1)), "p", TERMS, NOW).read
    assert (read.first_seen, read.last_seen) == (AT, AT)


def test_the_same_event_has_the_same_id_and_another_one_another():
    """By source and name; without a name by what it says, however often it is sent."""
    first, again = (admit(told(), "parking", TERMS, NOW).read.id for _ in range(2))
    assert first == again
    assert admit(told(), "other-park", TERMS, NOW).read.id != first
    nameless = [admit(told(external_id="", **changes), "p", TERMS, NOW).read.id for changes in ({}, {}, {"text": "X1"})]
    assert nameless[0] == nameless[1] != nameless[2]


def test_the_role_of_the_camera_wins_over_the_direction_that_is_told():
    """What the configuration says of a camera holds for all its reads."""
    assert admit(told(camera=("1",), direction="out"), "parking", TERMS, NOW).read.direction == "in"
    assert admit(told(direction="out"), "parking", TERMS, NOW).read.direction == "out"


def test_a_vehicle_without_text_is_an_unread_vehicle():
    """As our own cameras store them."""
    read = admit(told(text="", vehicle="truck", confidence=0.0), "parking", TERMS, NOW).read
    assert (read.kind, read.state, read.vehicle.type) == (Kind.VEHICLE, State.UNREAD, "truck")


def test_a_system_that_does_not_say_how_sure_it_is_is_not_believed_blindly():
    """Its reads are as unsure as can be, and say why."""
    reading = admit(told(confidence=None), "parking", TERMS, NOW).read.reading
    assert (reading.confidence, reading.reasons) == (0.0, ("not said how sure",))


@pytest.mark.parametrize(
    ("sent", "text", "digit"),
    [
        ("CSQU 305438 3", "CSQU3054383", CheckDigit.AGREES),
        ("csqu305438", "CSQU3054383", CheckDigit.COMPUTED),
        ("CSQU3054384", "CSQU3054384", CheckDigit.DIFFERS),
        ("CSQ305", "CSQ305", CheckDigit.DIFFERS),
    ],
)
def test_the_code_of_a_container_is_written_as_ours_are(sent, text, digit):
    """Without spaces, its check digit looked at, and computed where the sender left it out."""
    reading = admit(told(text=sent, kind=Kind.CONTAINER, size_type="45G1"), "yard", TERMS, NOW).read.reading
    assert (reading.text, reading.check_digit, reading.size_type) == (text, digit, "45G1")
    assert bool(reading.reasons) == (digit is not CheckDigit.AGREES)
