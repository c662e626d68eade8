"""Logging: structlog and the loggers of libraries, to standard error, for people or as JSON, redacted."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from typing import Literal, TextIO

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

from alpr.urls import redacted

_SECRET_KEY = re.compile(r"passw|pwd|secret|token|authorization|cookie|api_?key", re.IGNORECASE)
_HIDDEN = "***"
_CHATTY = (
    *("aiosqlite", "alembic", "apprise", "asyncio", "httpcore", "httpx", "mqtt", "multipart", "PIL"),
    *("aiortsp", "rtsp_client", "rtcp.sink", "rtp.session"),
)
"""Libraries whose `info` is of no use to the person who runs the box."""


def configure_logging(
    level: Literal["debug", "info", "warning", "error"] = "info",
    style: Literal["console", "json"] = "console",
    stream: TextIO | None = None,
) -> None:
    """Send every log line of the process to `stream` (standard error), with secrets hidden.

    Standard output stays clean: it is the interface of commands such as `alpr read --json`.
    """
    target = stream or sys.stderr
    handler = logging.StreamHandler(target)
    handler.setFormatter(_formatter(style, colours=target.isatty()))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.DEBUG if level == "debug" else logging.WARNING)
    # It writes every address, and those of webhooks hold their secrets in the path.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    _adopt("RapidOCR", target, handler.formatter)
    logging.captureWarnings(capture=True)
    structlog.configure(
        processors=[*_described(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Hide passwords in URLs anywhere in the event, and whatever a key calls password, token or secret."""
    return {key: _hidden(key, value) for key, value in event.items()}


def _adopt(name: str, target: TextIO, formatter: logging.Formatter | None) -> None:
    """Give a logger that does not propagate our handler, before the library gives it one of its own."""
    handler = logging.StreamHandler(target)
    handler.setFormatter(formatter)
    handler.setLevel(logging.WARNING)
    logging.getLogger(name).handlers[:] = [handler]


def _hidden(key: str, value: object) -> object:
    if _SECRET_KEY.search(key) and value not in ("", None):
        return _HIDDEN
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(inner): _hidden(str(inner), item) for inner, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_hidden("", item) for item in value]
    # Whatever else it is, the renderer would print it as text: so it is text from here on.
    return redacted(str(value))


def _described() -> list[Processor]:
    """Return what every line gets, ours and the libraries' alike."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _formatter(style: Literal["console", "json"], *, colours: bool) -> logging.Formatter:
    renderer: Processor
    if style == "json":
        renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    else:
        renderer = structlog.dev.ConsoleRenderer(
            colors=colours, exception_formatter=structlog.dev.plain_traceback, pad_event_to=30
        )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_described(),
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            # Before the redaction, because the text of an exception may hold a URL too.
            structlog.processors.format_exc_info,
            redact,
            renderer,
        ],
    )
