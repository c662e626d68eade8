from __future__ import annotations

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpr.camera.decodethread import FFMPEG_NAMES, software_context
from alpr.camera.depacketiser import MAX_BYTES, MAX_NALS, Depacketiser, Piece, h264_pieces, h265_pieces
from alpr.camera.nal import Codec
from alpr.camera.picture import VideoPicture
from tests.camera.clips import number_of, units
from tests.camera.packetiser import nals, packet, packets

IDR, SLICE = b"\x65\x88\x84", b"\x41\x9a\x02"
SPS, PPS = b"\x67\x42\xc0\x1e", b"\x68\xce\x3c\x80"
START = b"\0\0\0\1"


@pytest.mark.parametrize(
    ("payload", "pieces"),
    [
        ("65888440", [Piece(bytes.fromhex("65888440"))]),
        ("78 0002 6742 0003 68ce3c", [Piece(b"\x67\x42"), Piece(b"\x68\xce\x3c")]),
        ("79 0007 0002 6742", [Piece(b"\x67\x42")]),
        ("7c 85 8884", [Piece(b"\x65\x88\x84", first=True, last=False)]),
        ("7c 05 aabb", [Piece(b"\xaa\xbb", first=False, last=False)]),
        ("7c 45 cc", [Piece(b"\xcc", first=False, last=True)]),
        ("7c c5 88", [Piece(b"\x65\x88")]),
        ("7d 85 0001 8884", [Piece(b"\x65\x88\x84", first=True, last=False)]),
        ("60", []),
        ("7e 01", []),
    ],
    ids=["single", "STAP-A", "STAP-B", "FU-A start", "FU-A", "FU-A end", "FU-A alone", "FU-B", "0", "30 reserved"],
)
def test_h264_payloads_are_taken_apart(payload, pieces):
    """Each payload structure of RFC 6184 gives its NAL units, with the header of fragments put together again."""
    assert h264_pieces(bytes.fromhex(payload)) == pieces


@pytest.mark.parametrize(
    ("payload", "pieces", "don"),
    [
        ("2601 af09", [Piece(b"\x26\x01\xaf\x09")], False),
        ("2601 0005 af09", [Piece(b"\x26\x01\xaf\x09")], True),
        ("6001 0003 400101 0003 420101", [Piece(b"\x40\x01\x01"), Piece(b"\x42\x01\x01")], False),
        ("6001 0000 0003 400101 00 0003 420101", [Piece(b"\x40\x01\x01"), Piece(b"\x42\x01\x01")], True),
        ("6201 93 af09", [Piece(b"\x26\x01\xaf\x09", first=True, last=False)], False),
        ("6201 93 0005 af09", [Piece(b"\x26\x01\xaf\x09", first=True, last=False)], True),
        ("6201 13 aabb", [Piece(b"\xaa\xbb", first=False, last=False)], True),
        ("6201 53 cc", [Piece(b"\xcc", first=False, last=True)], False),
        ("7e01 00", [], False),
    ],
    ids=["single", "single DON", "AP", "AP DOND", "FU start", "FU start DON", "FU", "FU end", "63 unspecified"],
)
def test_h265_payloads_are_taken_apart(payload, pieces, don):
    """Each payload structure of RFC 7798 gives its NAL units, without their decoding order numbers."""
    assert h265_pieces(bytes.fromhex(payload), don=don) == pieces


@pytest.mark.parametrize("payload", ["", "78", "78 00", "78 0000", "78 0005 6742", "79 0007", "7c", "7c 85", "7a 00"])
def test_h264_payloads_cut_short_are_refused(payload):
    """Half a NAL unit is never taken for a whole one."""
    with pytest.raises(ValueError, match=r"cut short|empty|without|not supported"):
        h264_pieces(bytes.fromhex(payload))


@pytest.mark.parametrize(
    ("payload", "don"),
    [
        ("", False),
        ("26", False),
        ("2601 0005", True),
        ("6001 00", False),
        ("6001 0004 4001", False),
        ("6201 93", False),
        ("6201 93 0005", True),
        ("6401 00", False),
    ],
)
def test_h265_payloads_cut_short_are_refused(payload, don):
    """Half a NAL unit is never taken for a whole one."""
    with pytest.raises(ValueError, match=r"cut short|without|not supported"):
        h265_pieces(bytes.fromhex(payload), don=don)


def numbers_in(codec, access_units):
    context = software_context(codec)
    found = [context.decode(av.Packet(unit.data)) for unit in access_units]
    frames = [frame for group in found for frame in group] + context.decode(None)
    return [number_of(VideoPicture(frame).luma()) for frame in frames]


@pytest.mark.parametrize(
    ("codec", "don", "limit"),
    [
        (Codec.H264, False, 1400),
        (Codec.H265, False, 1400),
        (Codec.H265, True, 1400),
        (Codec.H264, False, 60000),
        (Codec.H265, False, 60000),
    ],
)
def test_real_video_comes_back_whole(codec, don, limit):
    """What an encoder made and a packetiser cut is put together byte by byte, and every picture decodes."""
    clip = units(codec)[:30]
    depacketiser = Depacketiser(codec, don=don)
    out = [unit for each in packets(codec, clip, limit=limit, don=don) for unit in depacketiser.push(each)]
    assert [sorted(nals(unit.data)) for unit in out] == [sorted(nals(unit)) for unit in clip]
    assert [unit.key for unit in out] == [number % 25 == 0 for number in range(30)]
    assert not any(unit.corrupt for unit in out)
    assert depacketiser.lost == 0
    assert numbers_in(codec, out) == list(range(30))
    assert FFMPEG_NAMES[codec] in {"h264", "hevc"}


@pytest.mark.parametrize("codec", list(Codec))
@pytest.mark.parametrize("lost", [0, 1, 5, 40])
def test_a_lost_packet_marks_its_picture_and_no_other(codec, lost):
    """The picture with the hole is corrupt, perhaps the one behind it; those before and after are not."""
    sent = list(packets(codec, units(codec)[:30]))
    hole = next(i for i, each in enumerate(sent) if each.timestamp == 3600 * 25) + lost
    depacketiser = Depacketiser(codec)
    out = [unit for i, each in enumerate(sent) if i != hole for unit in depacketiser.push(each)]
    corrupt = [unit.timestamp // 3600 for unit in out if unit.corrupt]
    assert sent[hole].timestamp // 3600 in corrupt
    assert len(corrupt) <= 2
    assert min(corrupt) >= 25
    assert depacketiser.lost == 1


def push(depacketiser, *payloads, first=0, timestamp=0, marker=True):
    """Send the payloads as one access unit and return what comes out."""
    return [
        unit
        for i, payload in enumerate(payloads)
        for unit in depacketiser.push(packet(payload, first + i, timestamp, marker=marker and i == len(payloads) - 1))
    ]


def test_parameter_sets_of_the_description_go_before_a_key_picture():
    """A camera that sends them in its SDP alone is decodable, and after an error again."""
    depacketiser = Depacketiser(Codec.H264, [SPS, PPS])
    (key,) = push(depacketiser, IDR)
    assert key.data == START + SPS + START + PPS + START + IDR
    (other,) = push(depacketiser, SLICE, first=1, timestamp=1)
    assert other.data == START + SLICE
    assert not other.key


def test_parameter_sets_of_the_stream_replace_those_of_the_description():
    """The newest parameter sets are those that later key pictures get."""
    depacketiser = Depacketiser(Codec.H264, [b"\x67old", b"\x68old"])
    (first,) = push(depacketiser, SPS, PPS, IDR)
    assert first.data == START + SPS + START + PPS + START + IDR
    (second,) = push(depacketiser, IDR, first=3, timestamp=1)
    assert second.data == START + SPS + START + PPS + START + IDR


def test_parameter_sets_with_a_marker_of_their_own_stay_with_their_picture():
    """Some cameras end SPS and PPS like pictures, with other timestamps: they belong to the next picture."""
    depacketiser = Depacketiser(Codec.H264)
    assert push(depacketiser, SPS) == []
    assert push(depacketiser, PPS, first=1, timestamp=1) == []
    (key,) = push(depacketiser, IDR, first=2, timestamp=2)
    assert (key.data, key.timestamp) == (START + SPS + START + PPS + START + IDR, 2)


def test_a_camera_that_never_sets_the_marker_is_understood():
    """A new timestamp ends a picture as well."""
    depacketiser = Depacketiser(Codec.H264)
    assert push(depacketiser, IDR, marker=False) == []
    (key,) = push(depacketiser, SLICE, first=1, timestamp=1, marker=False)
    assert (key.data, key.corrupt) == (START + IDR, False)


@pytest.mark.parametrize(
    "payloads",
    [
        (b"\x7c\x05\xaa", b"\x7c\x45\xbb"),
        (b"\x7c\x85\x88", b"\x7c\x05\xaa"),
        (b"\x7c\x85\x88", IDR),
        (b"\x78\0\x05\x67", IDR),
        (b"\x65\x08\x84",),
    ],
    ids=["no beginning", "no end", "interrupted", "damaged aggregate", "later slice alone"],
)
def test_a_picture_that_is_not_whole_is_corrupt(payloads):
    """A fragment without beginning or end, or a picture whose first slice is missing, is said to be corrupt."""
    (unit,) = push(Depacketiser(Codec.H264), *payloads)
    assert unit.corrupt


def test_a_gradual_refresh_counts_as_a_beginning():
    """A recovery point lets decoding begin where a camera never sends an IDR."""
    (unit,) = push(Depacketiser(Codec.H264), b"\x06\x06\x01\x84", SLICE)
    assert unit.key


@pytest.mark.parametrize(("sequence", "source", "lost"), [(20000, 7, 19999), (65000, 7, 0), (1, 8, 0)])
def test_a_camera_that_counts_anew_is_followed_at_once(sequence, source, lost):
    """A jump of the sequence number or another source costs one picture, not the stream."""
    depacketiser = Depacketiser(Codec.H264)
    depacketiser.push(packet(IDR, 0, marker=True))
    (jumped,) = depacketiser.push(packet(IDR, sequence, 1, marker=True, source=source))
    (after,) = depacketiser.push(packet(IDR, sequence + 1, 2, marker=True, source=source))
    assert (jumped.corrupt, after.corrupt, depacketiser.lost) == (True, False, lost)


def test_late_and_empty_packets_change_nothing():
    """A duplicate, a packet behind its turn and an empty one to keep the way open are ignored."""
    depacketiser = Depacketiser(Codec.H264)
    push(depacketiser, IDR, first=5)
    assert push(depacketiser, IDR, first=5) == []
    assert push(depacketiser, IDR, first=4) == []
    assert push(depacketiser, b"", first=6) == []
    (unit,) = push(depacketiser, SLICE, first=7, timestamp=1)
    assert not unit.corrupt


def test_a_picture_without_end_is_dropped():
    """A stream that never ends its picture takes 8 MiB at most, and the next picture is whole again."""
    depacketiser = Depacketiser(Codec.H264)
    body = bytes(60_000)
    push(depacketiser, b"\x7c\x85" + body, marker=False)
    for number in range(1, MAX_BYTES // len(body) + 10):
        push(depacketiser, b"\x7c\x05" + body, first=number, marker=False)
        assert sum(map(len, depacketiser._parts or [])) <= MAX_BYTES
    assert depacketiser._parts is None
    (unit,) = push(depacketiser, IDR, first=number + 1)
    assert unit.corrupt
    (unit,) = push(depacketiser, IDR, first=number + 2, timestamp=1)
    assert not unit.corrupt


@pytest.mark.parametrize("codec", list(Codec))
@given(st.lists(st.tuples(st.binary(max_size=40), st.integers(0, 3), st.integers(0, 3), st.booleans()), max_size=60))
def test_no_camera_crashes_the_depacketiser(codec, arrivals):
    """Random payloads, gaps and markers never raise, and never make it hold more than was sent."""
    depacketiser = Depacketiser(codec, [SPS])
    sequence = 0
    for payload, step, timestamp, marker in arrivals:
        sequence += step
        depacketiser.push(packet(payload, sequence, timestamp, marker=marker))
        assert len(depacketiser._nals) <= MAX_NALS


@given(st.data())
def test_no_truncation_crashes_the_depacketiser(data):
    """Real packets cut anywhere never raise; what comes out whole is marked only when something was cut."""
    sent = list(packets(Codec.H264, units(Codec.H264)[:3]))
    depacketiser = Depacketiser(Codec.H264)
    for each in sent[:12]:
        cut = data.draw(st.integers(0, len(each.payload)))
        depacketiser.push(packet(each.payload[:cut], each.sequence, each.timestamp, marker=each.marker))
