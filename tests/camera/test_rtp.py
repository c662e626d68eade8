from __future__ import annotations

import contextlib
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpr.camera.rtp import Reorder, distance, known_reports, parse_packet
from tests.camera.packetiser import packet, rtp

HEADER = bytes.fromhex("80e0 0102 00000e10 00000007")


def test_a_plain_packet_is_taken_apart():
    """Every field of the fixed header arrives, and the payload without it."""
    parsed = parse_packet(HEADER + b"payload")
    assert (parsed.payload_type, parsed.marker, parsed.sequence) == (96, True, 0x0102)
    assert (parsed.timestamp, parsed.source, parsed.payload) == (3600, 7, b"payload")


@pytest.mark.parametrize(
    ("data", "payload"),
    [
        ("8160 0001 00000000 00000000 deadbeef 4141", b"AA"),
        ("9060 0001 00000000 00000000 abac0001 01020304 4141", b"AA"),
        ("a060 0001 00000000 00000000 4141 000003", b"AA"),
        ("b160 0001 00000000 00000000 deadbeef abac0000 4141 01", b"AA"),
        ("8060 0001 00000000 00000000", b""),
    ],
    ids=["contributing source", "header extension (ONVIF)", "padding (Axis)", "all three", "empty"],
)
def test_extension_and_padding_are_no_payload(data, payload):
    """Neither contributing sources, nor a header extension, nor padding gets into the picture."""
    assert parse_packet(bytes.fromhex(data)).payload == payload


@pytest.mark.parametrize(
    "data",
    [
        "",
        "8060 0001 00000000 000000",
        "0060 0001 00000000 00000000 41",
        "8260 0001 00000000 00000000 deadbeef",
        "9060 0001 00000000 00000000 abac",
        "9060 0001 00000000 00000000 abac0002 01020304",
        "a060 0001 00000000 00000000 4100",
        "a060 0001 00000000 00000000 41ff",
    ],
    ids=["nothing", "short", "version 0", "no source", "half extension", "long extension", "no padding", "all padding"],
)
def test_what_is_cut_short_or_no_rtp_is_refused(data):
    """A packet that contradicts itself is a ValueError, never a wrong payload."""
    with pytest.raises(ValueError, match=r"\w"):
        parse_packet(bytes.fromhex(data))


@given(st.binary(max_size=200))
def test_no_bytes_crash_the_parser(data):
    """Whatever arrives is a packet or a ValueError."""
    with contextlib.suppress(ValueError):
        assert len(parse_packet(data).payload) <= len(data) - 12


@pytest.mark.parametrize(("later", "earlier", "ahead"), [(5, 3, 2), (3, 5, -2), (1, 0xFFFF, 2), (0xFFFF, 1, -2)])
def test_sequence_numbers_wrap(later, earlier, ahead):
    """Distance is counted across the wrap at 2^16."""
    assert distance(later, earlier) == ahead


def numbers(buffer, sequences, now=0.0, source=7):
    return [out.sequence for each in sequences for out in buffer.push(packet(b"A", each, source=source), now)]


@pytest.mark.parametrize("order", list(permutations([0xFFFF, 0, 1])))
def test_swapped_packets_come_out_in_order(order):
    """Packets that overtook one another on the way are put right, across the wrap too."""
    assert numbers(Reorder(), [0xFFFE, *order]) == [0xFFFE, 0xFFFF, 0, 1]


def test_a_packet_twice_comes_out_once():
    """A duplicate is dropped, whether its twin waits or has gone."""
    assert numbers(Reorder(), [1, 1, 3, 3, 2, 2]) == [1, 2, 3]


def test_a_hole_is_given_up_when_too_many_wait_behind_it():
    """A lost packet holds up `depth` others at most."""
    buffer = Reorder(depth=4)
    assert numbers(buffer, [1, 3, 4, 5]) == [1]
    assert numbers(buffer, [6]) == [3, 4, 5, 6]
    assert numbers(buffer, [2]) == []


def test_a_hole_is_given_up_after_a_while():
    """A lost packet of a slow stream holds the others up for 0.1 s at most."""
    buffer = Reorder()
    assert numbers(buffer, [1, 3]) == [1]
    assert numbers(buffer, [4], now=0.09) == []
    assert numbers(buffer, [5], now=0.11) == [3, 4, 5]


@pytest.mark.parametrize(("first", "then", "source"), [(5000, 9, 7), (9, 30000, 7), (9, 10, 8)])
def test_a_camera_that_counts_anew_is_followed(first, then, source):
    """A jump of the sequence, or another source, does not stop the stream."""
    buffer = Reorder()
    assert numbers(buffer, [first, first + 2]) == [first]
    assert numbers(buffer, [then, then + 1], source=source) == [first + 2, then, then + 1]


@given(st.lists(st.tuples(st.integers(0, 0xFFFF), st.integers(0, 2)), max_size=300))
def test_the_jitter_buffer_is_bounded(arrivals):
    """No order of packets makes it hold more than its depth, or give one twice in a row."""
    buffer = Reorder(depth=8)
    given_out = 0
    for sequence, source in arrivals:
        given_out += len(buffer.push(packet(b"A", sequence, source=source), 0.0))
        assert len(buffer._held) <= 8
    assert given_out <= len(arrivals)


SENDER_REPORT = bytes.fromhex("80c80006" + "00" * 24)
BYE = bytes.fromhex("81cb0001 00000007")
EXTENDED = bytes.fromhex("80cf0001 00000007")


@pytest.mark.parametrize(
    ("data", "known", "says_bye"),
    [
        (SENDER_REPORT, SENDER_REPORT, False),
        (SENDER_REPORT + EXTENDED + BYE, SENDER_REPORT + BYE, True),
        (EXTENDED, b"", False),
        (SENDER_REPORT + BYE[:5], SENDER_REPORT, False),
        (b"", b"", False),
        (b"\x80\xc8", b"", False),
        (b"nonsense", b"", False),
    ],
)
def test_unknown_and_damaged_reports_are_left_out(data, known, says_bye):
    """RTCP that aiortsp cannot parse never reaches it; BYE is noticed."""
    assert known_reports(data) == (known, says_bye)


def test_the_test_packets_are_rtp():
    """The packets of these tests are what they say."""
    assert parse_packet(rtp(b"A", 70000, 5, marker=True)).sequence == 70000 - 65536
