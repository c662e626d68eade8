"""Camera addresses: what is possible, credentials apart, nothing secret shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpr.urls import credentials_apart, path_of, redacted, url_fault


@pytest.mark.parametrize(
    "url",
    [
        "rtsp://10.0.0.5/stream1",
        "rtsps://cam.example:322/",
        "rtsp://admin:p%40ss@10.0.0.5:554/a?b=c&d=e",
        "rtsp://admin:p@ss@10.0.0.5/",
        "rtsp://[fe80::1]:554/x",
        "http://camera",
        "snapshot+https://cam/x.jpg",
        "HLS+HTTP://cam/x.m3u8",
        "file:///srv/gate.mp4",
        "file:clips/gate 1.mp4",
        "folder:///srv/stills",
        "/srv/gate.mp4",
        "clips/with space.mp4",
        "rtsp://kamera-ä.example/x",
    ],
)
def test_possible_addresses(url):
    """Every documented kind of address is accepted."""
    assert url_fault(url) is None


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "is empty"),
        ("rstp://10.0.0.5/x", "did you mean `rtsp`?"),
        ("gopher://x/", "known are rtsp"),
        ("rtsp:10.0.0.5/x", "two slashes"),
        ("rtsp:///stream1", "no host"),
        ("rtsp://admin:pw@/stream1", "no host"),
        ("rtsp://10.0.0.5:99999/x", "the port `99999`"),
        ("rtsp://10.0.0.5:0/x", "the port `0`"),
        ("rtsp://10.0.0.5:rtsp/x", "the port `rtsp`"),
        ("rtsp://10.0.0.5/a b", "a space"),
        ("rtsp://10.0.0.256/x", "no IP address"),
        ("rtsp://[zz::1]/x", "no IPv6 address"),
        ("rtsp://cam!/x", "no name of a machine"),
        ("rtsp://10.0.0.5/x\n", "line break"),
        ("192.168.1.20:554/stream1", "write `rtsp://192.168.1.20:554/stream1`"),
        ("file://", "no path"),
    ],
)
def test_impossible_addresses(url, said):
    """Every impossible address is told in words that say what to do."""
    assert said in (url_fault(url) or "")


def test_raw_special_characters_in_a_password_are_told_without_showing_it():
    """A `#` or `/` in the password breaks the URL: the message says how to write it, not what it was."""
    fault = url_fault("rtsp://admin:geheim#1/2@10.0.0.5/x")
    assert "percent-encoded" in fault
    assert "geheim" not in fault


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("rtsp://u:p@h/x", ("rtsp://h/x", "u", "p")),
        ("rtsp://u:p%40%2F@h:554/x?y", ("rtsp://h:554/x?y", "u", "p@/")),
        ("rtsp://u:p@q@h/x", ("rtsp://h/x", "u", "p@q")),
        ("rtsp://u@h", ("rtsp://h", "u", None)),
        ("rtsp://u:@h", ("rtsp://h", "u", "")),
        ("rtsp://h/a@b", ("rtsp://h/a@b", None, None)),
        ("file:///srv/a@b.mp4", ("file:///srv/a@b.mp4", None, None)),
        ("clips/a@b.mp4", ("clips/a@b.mp4", None, None)),
    ],
)
def test_credentials_apart(url, expected):
    """User name and password come out of the URL, percent-decoded."""
    assert credentials_apart(url) == expected


@pytest.mark.parametrize(
    ("url", "path"),
    [("file:///srv/a.mp4", "/srv/a.mp4"), ("file:a.mp4", "a.mp4"), ("folder://in/x", "in/x"), ("/srv/a", "/srv/a")],
)
def test_path_of(url, path):
    """Two slashes after `file:` are optional, so that a relative path needs no thought."""
    assert path_of(url) == path


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("open rtsp://u:pw@h/x failed", "open rtsp://u:***@h/x failed"),
        ("rtsp://u:p@q:r@h:554/x", "rtsp://u:***@h:554/x"),
        ("rtsp://:pw@h/x", "rtsp://:***@h/x"),
        ("rtsp://u:1234@h/x", "rtsp://u:***@h/x"),
        ("http://h:8080/a@b", "http://h:8080/a@b"),
        ("http://h/s.cgi?loginuse=a&loginpas=pw&x=1", "http://h/s.cgi?loginuse=a&loginpas=***&x=1"),
        ("http://h/?Password=pw#f", "http://h/?Password=***#f"),
        ("Authorization: Basic dTpw\r\nCSeq: 2", "Authorization: ***\r\nCSeq: 2"),
        ("nothing secret: u@h", "nothing secret: u@h"),
    ],
)
def test_redacted(text, shown):
    """Passwords in URLs and Authorization headers are hidden, the rest stays readable."""
    assert redacted(text) == shown


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="\"'<>/?#"), min_size=1))
def test_no_password_survives(secret):
    """Whatever characters a password in a URL has, it is not shown."""
    assert redacted(f"rtsp://user:x{secret}y@10.0.0.5/stream") == "rtsp://user:***@10.0.0.5/stream"
