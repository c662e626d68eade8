from __future__ import annotations

import pytest

from alpr.camera.nal import Codec
from alpr.camera.sdp import control_url, video_track
from alpr.errors import CameraError

BASE = "rtsp://192.168.1.20/cam/"
SESSION = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=Media\r\nt=0 0\r\na=control:*\r\n"
H264 = "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:track1\r\n"
AUDIO = "m=audio 0 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=control:track2\r\n"
METADATA = "m=metadata 0 RTP/AVP 107\r\na=rtpmap:107 vnd.onvif.metadata/90000\r\na=control:track3\r\n"


def track(text):
    return video_track(SESSION + text, BASE, "camera gate")


@pytest.mark.parametrize("text", [H264, AUDIO + H264 + METADATA, H264 + METADATA, METADATA + H264])
def test_the_video_track_is_found_among_others(text):
    """Audio and ONVIF metadata around it, which aiortsp confuses, leave the video's control URL alone."""
    found = track(text)
    assert (found.codec, found.payload_type) == (Codec.H264, 96)
    assert (found.setup_url, found.play_url) == (BASE + "track1", BASE)


def test_parameter_sets_survive_a_flag_and_blanks():
    """An fmtp option without `=`, odd spacing and missing padding cost nothing."""
    found = track(H264 + "a=fmtp:96 packetization-mode=1; flag ;sprop-parameter-sets=Z0LAHg, aM48gA ;\r\n")
    assert found.parameters == (b"\x67\x42\xc0\x1e", b"\x68\xce\x3c\x80")


def test_h265_carries_three_kinds_of_parameter_sets_and_perhaps_order_numbers():
    """VPS, SPS and PPS are taken in this order, whatever theirs is; sprop-max-don-diff announces numbers."""
    text = (
        "m=video 0 RTP/AVP 97\r\na=rtpmap:97 H265/90000\r\n"
        "a=fmtp:97 sprop-pps=RAE=;sprop-sps=QgE=;sprop-vps=QAE=;sprop-max-don-diff=1\r\n"
    )
    found = track(text)
    assert (found.codec, found.parameters, found.don) == (Codec.H265, (b"\x40\x01", b"\x42\x01", b"\x44\x01"), True)
    assert not track(text.replace("diff=1", "diff=0")).don


def test_the_first_payload_type_that_can_be_decoded_is_taken():
    """A track that offers several types is read by the map of the right one."""
    text = (
        "m=video 0 RTP/AVP 26 98 96\r\na=rtpmap:96 H264/90000\r\na=rtpmap:98 H265/90000\r\n"
        "a=fmtp:96 sprop-parameter-sets=Z0LAHg==\r\na=control:trackID=1\r\n"
    )
    found = track(text)
    assert (found.codec, found.payload_type, found.parameters) == (Codec.H265, 98, ())


def test_damaged_base64_is_no_reason_to_give_up():
    """The stream carries its parameter sets as well, as a rule."""
    assert track(H264 + "a=fmtp:96 sprop-parameter-sets=Z0LAHg==,A\r\n").parameters == (b"\x67\x42\xc0\x1e",)


@pytest.mark.parametrize(
    ("base", "control", "url"),
    [
        ("rtsp://h/cam", "track1", "rtsp://h/cam/track1"),
        ("rtsp://h/cam/", "/track1", "rtsp://h/cam/track1"),
        ("rtsp://h/cam?channel=1", "trackID=1", "rtsp://h/cam?channel=1/trackID=1"),
        ("rtsp://[::1]:8554/cam", "*", "rtsp://[::1]:8554/cam"),
        ("rtsp://h/cam", "", "rtsp://h/cam"),
        ("rtsp://h/cam", "RTSP://other/x", "RTSP://other/x"),
    ],
)
def test_control_urls_are_joined_as_cameras_mean_it(base, control, url):
    """Relative ones are appended, even behind a query; absolute ones are taken as they are."""
    assert control_url(base, control) == url


def test_an_absolute_session_url_is_what_plays():
    """The aggregate control URL is the session's when it is absolute (RFC 2326, C.1.1)."""
    text = SESSION.replace("control:*", "control:rtsp://192.168.1.20/live") + H264
    found = video_track(text, BASE, "camera gate")
    assert (found.play_url, found.setup_url) == ("rtsp://192.168.1.20/live", "rtsp://192.168.1.20/live/track1")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "sends no video: check the path"),
        (AUDIO + METADATA, "sends no video"),
        ("m=video 0 RTP/AVP 26\r\n", "sends JPEG: set its stream to H.264 or H.265"),
        ("m=video 0 RTP/AVP 99\r\na=rtpmap:99 MP4V-ES/90000\r\n", "sends MP4V-ES: set"),
        (H264.replace("RTP/AVP", "RTP/SAVP"), "encrypts its stream"),
        ("m=video\r\n", "sends an unknown codec"),
    ],
)
def test_what_cannot_be_decoded_is_said(text, message):
    """No video, another codec or encryption: one line that says which, and what to do."""
    with pytest.raises(CameraError, match=f"^camera gate: {message}"):
        track(text)
