from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpr.camera.rtspmessage import MAX_HEADER, Interleaved, MessageParser, Request, Response

OK = b"RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: 3\r\n\r\nabc"
PACKET = b"$\x00\x00\x04\xde\xad\xbe\xef"


def parse(*chunks):
    parser = MessageParser()
    return [message for chunk in chunks for message in parser.parse(chunk)]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_messages_and_packets_come_out_whatever_the_segments(size):
    """A stream cut anywhere gives the same messages, even behind the first letter of one."""
    stream = PACKET + OK + PACKET + b"OPTIONS * RTSP/1.0\r\nCSeq: 9\r\n\r\n" + PACKET
    messages = parse(*(stream[at : at + size] for at in range(0, len(stream), size)))
    packet = Interleaved(0, b"\xde\xad\xbe\xef")
    response = Response(200, "OK", {"cseq": "2", "content-length": "3"}, b"abc", 2)
    assert messages == [packet, response, packet, Request("OPTIONS", {"cseq": "9"}, 9), packet]


@pytest.mark.parametrize(
    ("text", "status", "headers"),
    [
        (b"RTSP/1.0 200\r\nCSeq: 1\r\n\r\n", 200, {"cseq": "1"}),
        (b"RTSP/2.0 404 Not Found\r\nCSeq: 1\r\n\r\n", 404, {"cseq": "1"}),
        (b"RTSP/1.0 401 No\r\nX: \xff\r\n\r\n", 401, {"x": "\ufffd"}),
        (b"RTSP/1.0 401 No\r\nA: 1\r\na: 2\r\n\r\n", 401, {"a": "1, 2"}),
        (b"RTSP/1.0 200 OK\r\nA: 1\r\n  2\r\n\r\n", 200, {"a": "1 2"}),
        (b"\r\nRTSP/1.0 200 OK\nA: 1\n\n", 200, {"a": "1"}),
        (b"RTSP/1.0 200 OK\r\nno colon\r\nContent-Length: x\r\n\r\n", 200, {"content-length": "x"}),
    ],
    ids=["no reason", "version 2", "not UTF-8", "repeated", "folded", "bare newlines", "nonsense"],
)
def test_odd_answers_are_understood(text, status, headers):
    """What some cameras write and aiortsp hangs up over is read for what it means."""
    (message,) = parse(text)
    assert (message.status, message.headers) == (status, headers)


def test_bytes_that_are_no_message_are_skipped():
    """A camera whose interleaving slips is followed again from the next packet or answer."""
    assert parse(b"\x80\x60garbage\r\nmore garbage" + PACKET) == [Interleaved(0, b"\xde\xad\xbe\xef")]
    assert [type(message) for message in parse(b"\x01\x02\r\n" + OK)] == [Response]


def test_a_web_server_is_told_apart():
    """HTTP on the port is an error at once, not a silence."""
    with pytest.raises(ValueError, match="HTTP"):
        parse(b"HTTP/1.1 400 Bad Request\r\n\r\n")


@pytest.mark.parametrize(
    "text",
    [b"RTSP/1.0 200 OK\r\n" + b"A: 1\r\n" * (MAX_HEADER // 6), b"RTSP/1.0 200 OK\r\nContent-Length: 9999999\r\n\r\n"],
)
def test_a_message_without_end_is_refused(text):
    """Neither header nor body may grow without bound."""
    with pytest.raises(ValueError, match=r"without end|above 1 MiB"):
        parse(text)


@given(st.lists(st.binary(max_size=80) | st.sampled_from([OK, PACKET, b"RTSP/1.0 2", b"\r\n\r\n"]), max_size=20))
def test_no_bytes_crash_the_parser(chunks):
    """Whatever arrives gives messages or a ValueError, and the rest kept is bounded by what arrived."""
    parser = MessageParser()
    for chunk in chunks:
        try:
            list(parser.parse(chunk))
        except ValueError:
            return
        assert len(parser._buffer) <= sum(map(len, chunks))
