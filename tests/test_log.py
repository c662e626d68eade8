"""Log lines: one format for ours and the libraries', on one stream, with nothing secret in them."""

from __future__ import annotations

import io
import json
import logging
import warnings

import pytest
import structlog

from alpr.log import configure_logging


@pytest.fixture
def stream():
    """Give a stream to log to."""
    return io.StringIO()


def test_json_lines_carry_event_keys_and_logger(stream):
    """A machine gets one object a line: event, level, logger, time and the keys."""
    configure_logging("info", "json", stream)
    structlog.get_logger("alpr.camera").info("camera lost", camera="gate-in", attempts=3)
    line = json.loads(stream.getvalue())
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "camera lost",
        "level": "info",
        "logger": "alpr.camera",
        "camera": "gate-in",
        "attempts": 3,
    }


@pytest.mark.parametrize("style", ["console", "json"])
def test_no_password_gets_out(stream, style):
    """Not in keys, nested values, URLs, exceptions, nor the lines of libraries."""
    configure_logging("debug", style, stream)
    log = structlog.get_logger("alpr")
    log.info("open rtsp://u:geheim@h/x", url="rtsp://u:geheim@h", password="geheim", api_token="geheim")
    log.info("nested", table={"secret": "geheim", "urls": ["http://u:geheim@h"]}, error=OSError("http://u:geheim@h"))
    logging.getLogger("library").warning("cannot open %s", "rtsp://u:geheim@h/x")
    logging.getLogger("aiortsp").debug("send Authorization: Basic geheim")
    try:
        raise OSError("rtsp://u:geheim@h/x")  # noqa: TRY301
    except OSError:
        log.exception("failed")
        logging.getLogger("library").exception("failed")
    shown = stream.getvalue()
    assert "geheim" not in shown
    assert shown.count("Traceback") == 2
    assert "rtsp://u:***@h/x" in shown


def test_the_level_holds_for_all(stream):
    """What is below the level is not written, from us or from libraries."""
    configure_logging("warning", "console", stream)
    structlog.get_logger("alpr").info("quiet")
    logging.getLogger("library").info("quiet")
    assert stream.getvalue() == ""
    structlog.get_logger("alpr").warning("loud")
    assert "loud" in stream.getvalue()


def test_chatty_libraries_are_heard_at_debug_only(stream):
    """Each request of an HTTP client is no news for the person who runs the box."""
    configure_logging("info", "console", stream)
    logging.getLogger("httpcore").info("GET")
    assert stream.getvalue() == ""
    configure_logging("debug", "console", stream)
    logging.getLogger("httpcore").info("GET")
    assert "GET" in stream.getvalue()


def test_warnings_become_log_lines(stream):
    """A Python warning of a library goes the same way."""
    configure_logging("info", "json", stream)
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        logging.captureWarnings(capture=False)
        logging.captureWarnings(capture=True)
        warnings.warn("old ways", UserWarning, stacklevel=1)
    assert "old ways" in json.loads(stream.getvalue())["event"]


def test_configuring_again_doubles_nothing(stream):
    """A reload of the configuration gives each line once."""
    configure_logging("info", "console", stream)
    configure_logging("info", "console", stream)
    structlog.get_logger("alpr").info("once")
    assert stream.getvalue().count("once") == 1
