from __future__ import annotations

import queue
import sys
import textwrap
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from alpr.camera.decoder import open_decoder
from alpr.camera.depacketiser import Depacketiser
from alpr.camera.nal import Codec
from alpr.errors import CameraError
from alpr.status import CameraStatus
from tests.camera.clips import HEIGHT, PICTURES, WIDTH, number_of, units
from tests.camera.packetiser import packets

T0 = datetime(2026, 1, 1, tzinfo=UTC)
WAIT = 20

CHILD = textwrap.dedent("""
    import sys, av
    context = av.CodecContext.create(sys.argv[1], "r")
    context.thread_count = 1
    size = tuple(map(int, sys.argv[2:4]))
    for packet in iter(lambda: context.parse(sys.stdin.buffer.read1(65536)), None):
        for each in packet:
            for frame in context.decode(each):
                assert (frame.width, frame.height) == size
                sys.stdout.buffer.write(frame.to_ndarray(format="yuv420p").tobytes())
                sys.stdout.buffer.flush()
""")


class Gallery:
    """Collects what a decoder delivers."""

    def __init__(self):
        self.arrived = queue.Queue()

    def __call__(self, picture, captured_at):
        self.arrived.put((number_of(picture.luma()), captured_at))

    def take(self, count):
        return [self.arrived.get(timeout=WAIT) for _ in range(count)]


def access_units(codec, *, count=PICTURES):
    depacketiser = Depacketiser(codec)
    return [unit for each in packets(codec, units(codec)[:count]) for unit in depacketiser.push(each)]


def at(number):
    return T0 + timedelta(seconds=number / 25)


@pytest.fixture
def status():
    return CameraStatus("gate-in")


@pytest.fixture
def opened(status):
    """Open decoders and see to it that each has ended after the test."""
    decoders = []

    def start(kind, codec, deliver, **options):
        decoders.append(open_decoder(kind, codec, deliver, status, **options))
        return decoders[-1]

    yield start
    for decoder in decoders:
        decoder.close()
        decoder.done.exception(timeout=WAIT)


@pytest.mark.parametrize("kind", ["auto", "software", "cuda"])
@pytest.mark.parametrize("codec", list(Codec))
def test_every_picture_comes_with_its_own_time(opened, status, kind, codec):
    """Pictures arrive in order with the arrival of their own access unit; without a GPU `cuda` decodes as well."""
    gallery = Gallery()
    decoder = opened(kind, codec, gallery)
    for number, unit in enumerate(access_units(codec, count=20)):
        decoder.put(unit, at(number))
    assert gallery.take(20) == [(number, at(number)) for number in range(20)]
    assert (status.frames_decoded, status.decode_errors) == (20, 0)
    assert (status.width, status.height, status.codec) == (WIDTH, HEIGHT, codec.value)


def test_asking_for_a_gpu_that_is_not_there_is_said(opened, monkeypatch):
    """The fall-back to software is never silent, and pictures come nevertheless."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    gallery = Gallery()
    with capture_logs() as logs:
        decoder = opened("cuda", Codec.H264, gallery)
        for number, unit in enumerate(access_units(Codec.H264, count=3)):
            decoder.put(unit, at(number))
        gallery.take(3)
    assert [(entry["event"], entry["camera"]) for entry in logs] == [("decoder_fell_back_to_software", "gate-in")]


def test_pictures_are_thinned_evenly(opened, status):
    """All are decoded, `max_fps` of them delivered: of 25 a second thinned to 10, ten."""
    gallery = Gallery()
    decoder = opened("software", Codec.H264, gallery, max_fps=10)
    for number, unit in enumerate(access_units(Codec.H264, count=26)):
        decoder.put(unit, at(number))
    assert [number for number, _ in gallery.take(11)] == [0, 2, 5, 7, 10, 12, 15, 17, 20, 22, 25]
    assert status.frames_decoded == 26


@pytest.mark.parametrize("codec", list(Codec))
def test_a_lost_packet_costs_the_rest_of_its_group_and_shows_no_wrong_picture(opened, status, codec):
    """After a loss the next picture delivered is the next key picture."""
    gallery = Gallery()
    decoder = opened("software", codec, gallery)
    depacketiser = Depacketiser(codec)
    sent = list(packets(codec, units(codec)[:50]))
    hole = next(i for i, each in enumerate(sent) if each.timestamp == 3600 * 5) + 1
    seen = []
    for each in sent[:hole] + sent[hole + 1 :]:
        for unit in depacketiser.push(each):
            decoder.put(unit, at(unit.timestamp / 3600))
        if each.timestamp == 3600 * 24 and each.marker:
            seen += gallery.take(5)
    seen += gallery.take(25)
    assert [number for number, _ in seen] == [*range(5), *range(25, 50)]
    assert (status.decode_errors, status.frames_decoded) == (0, 30)


def test_garbage_costs_the_pictures_until_the_next_key_picture(opened, status):
    """A unit that cannot be decoded is counted; decoding goes on with the next key picture."""
    gallery = Gallery()
    decoder = opened("software", Codec.H264, gallery)
    good = access_units(Codec.H264, count=30)
    broken = type(good[0])(b"\0\0\0\1\x65" + b"\xff" * 2000, 0, key=True, corrupt=False)
    for number, unit in enumerate([good[0], good[1], broken, *good[25:30]]):
        decoder.put(unit, at(number))
    assert [number for number, _ in gallery.take(7)] == [0, 1, 25, 26, 27, 28, 29]
    assert status.decode_errors == 1


def test_a_closed_decoder_ends(opened):
    """Closing ends the thread without an error."""
    decoder = opened("software", Codec.H265, Gallery())
    decoder.close()
    assert decoder.done.result(timeout=WAIT) is None


def test_a_fault_of_ours_reaches_whoever_waits(opened):
    """An error in taking the picture is not swallowed by the thread."""

    def deliver(picture, captured_at):
        raise LookupError("ours")

    decoder = opened("software", Codec.H264, deliver)
    decoder.put(access_units(Codec.H264, count=1)[0], at(0))
    with pytest.raises(LookupError, match="ours"):
        decoder.done.result(timeout=WAIT)


@pytest.fixture
def child(tmp_path):
    """Write a decoder program as on a Jetson, but in software."""
    script = tmp_path / "child.py"
    script.write_text(CHILD)
    return f"{sys.executable} {script} {{demuxer}} {{width}} {{height}}"


@pytest.mark.parametrize("codec", list(Codec))
def test_a_child_process_decodes(opened, status, child, codec):
    """Every picture comes back from the child, in order, with its time; the command was told codec and size."""
    gallery = Gallery()
    decoder = opened("child", codec, gallery, command=child)
    for number, unit in enumerate(access_units(codec, count=20)):
        decoder.put(unit, at(number))
    # A parser ends a picture only where the next one begins.
    assert gallery.take(19) == [(number, at(number)) for number in range(19)]
    assert (status.width, status.height) == (WIDTH, HEIGHT)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("no-such-decoder {codec}", "decoder no-such-decoder cannot be started"),
        ("sh -c 'echo out of memory >&2; exit 3'", r"decoder sh ended \(3\): out of memory"),
        ("sh {wrong}", "decoder sh cannot be started"),
    ],
)
def test_a_child_that_fails_is_said(opened, command, message):
    """Its end is a CameraError with its last words and what to do."""
    decoder = opened("child", Codec.H264, Gallery(), command=command)
    decoder.put(access_units(Codec.H264, count=1)[0], at(0))
    with pytest.raises(CameraError, match=f"^camera gate-in: the {message}.*decoder_command"):
        decoder.done.result(timeout=WAIT)


def test_a_child_that_crashes_in_the_middle_is_noticed(opened, status, child):
    """A decoder killed while it works ends with an error; nothing hangs."""
    gallery = Gallery()
    decoder = opened("child", Codec.H264, gallery, command=child)
    for number, unit in enumerate(access_units(Codec.H264, count=10)):
        decoder.put(unit, at(number))
    gallery.take(5)
    decoder._process.kill()
    with pytest.raises(CameraError, match=r"ended \(-9\)"):
        decoder.done.result(timeout=WAIT)


def test_a_child_is_closed_with_its_decoder(opened, child):
    """Closing kills the child and is no error."""
    decoder = opened("child", Codec.H264, gallery := Gallery(), command=child)
    for number, unit in enumerate(access_units(Codec.H264, count=3)):
        decoder.put(unit, at(number))
    gallery.take(1)
    decoder.close()
    assert decoder.done.result(timeout=WAIT) is None
    assert decoder._process.returncode is not None
