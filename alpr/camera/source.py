"""A camera's URL to the source of its frames.

| url                                        | read by                                    | full? |
|--------------------------------------------|--------------------------------------------|-------|
| `rtsp://` `rtsps://`                       | our RTSP client; FFmpeg if `backend` says so | newest wins |
| `mjpeg+http(s)://`                         | FFmpeg: a multipart stream of JPEGs        | newest wins |
| `hls+http(s)://`                           | FFmpeg: a playlist, paced by its own time  | newest wins |
| `snapshot+http(s)://`                      | one picture a request, every `poll` seconds | newest wins |
| `http(s)://….m3u8`                         | as `hls+http(s)://`                        | newest wins |
| `http(s)://` with `mjpg`, `mjpeg` or `action=stream` in it, or `backend = "ffmpeg"` | as `mjpeg+http(s)://` | newest wins |
| any other `http(s)://`                     | as `snapshot+http(s)://`                   | newest wins |
| `file:///film.mp4`, or the path of a file, `realtime` | played as a camera films, once or in a `loop` | newest wins |
| the same, not `realtime`                   | as fast as its frames are taken            | waits |
| `folder:///uploads`, or the path of a folder | each complete still once                 | waits |
"""  # noqa: E501 - a table

from __future__ import annotations

import os
import random
import re
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from alpr.camera.address import address_of
from alpr.camera.decoder import Decoder, open_decoder
from alpr.camera.ffmpeg import FfmpegLink
from alpr.camera.folder import FolderRules, FolderSource, Ledger
from alpr.camera.latest import Latest
from alpr.camera.link import Deliver, Link
from alpr.camera.live import LiveSource, Patience
from alpr.camera.nal import Codec
from alpr.camera.replay import FileSource, ReplayLink
from alpr.camera.rtsp import RtspLink
from alpr.camera.snapshot import SnapshotLink
from alpr.config import Camera
from alpr.domain import Frame, utc_now
from alpr.errors import CameraError
from alpr.status import CameraStatus
from alpr.urls import path_of, redacted, scheme_of, url_fault

_STREAMING: Final = re.compile(r"mjpe?g|action=stream", re.IGNORECASE)
_LUMPS: Final = 10.0  # a playlist gives its pictures a segment at a time: that much more patience
_WATCHDOG_FIRST: Final = 1.0  # the watchdog knows best what a silence is: the links' own timeouts come later


class Source(Protocol):
    """Where the frames of one camera, file or folder come from."""

    name: str
    live: bool
    """The newest frame wins; otherwise the source waits and loses nothing."""

    def frames(self) -> AsyncGenerator[Frame, None]:
        """Yield frames, asked for once: live sources and folders for ever, healing themselves; files until their end.

        A file read as fast as it goes raises CameraError when it cannot be read. An async generator:
        close it (`contextlib.aclosing`) or cancel its consumer, and everything behind it is closed.
        """
        ...


class Medium(StrEnum):
    """What kind of source an address stands for."""

    RTSP = "rtsp"
    STREAM = "stream"
    PLAYLIST = "playlist"
    SNAPSHOT = "snapshot"
    FILE = "file"
    FOLDER = "folder"


@dataclass(frozen=True, slots=True)
class Clocks:
    """Time and chance, passed in by tests."""

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = utc_now
    chance: Callable[[], float] = random.random


def open_source(
    camera: Camera,
    status: CameraStatus,
    *,
    ledger: Ledger | None = None,
    timezone: tzinfo = UTC,
    clocks: Clocks | None = None,
) -> Source:
    """Make the source of a camera; nothing is connected or opened before its frames are asked for.

    `ledger` remembers a folder's stills over restarts, `timezone` is that of their EXIF times. Raises
    CameraError when the URL is impossible.
    """
    if fault := url_fault(camera.url):
        raise CameraError(f"camera {camera.name}: the url {fault}")
    clocks = clocks or Clocks()
    status.url = redacted(camera.url)
    medium = medium_of(camera.url, camera.backend)
    path = Path(path_of(camera.url)).expanduser()
    if medium is Medium.FOLDER:
        rules = FolderRules(camera.pattern, camera.settle, camera.poll, timezone)
        return FolderSource(path, status, rules=rules, ledger=ledger, now=clocks.now, clock=clocks.monotonic)
    if medium is Medium.FILE and not camera.realtime:
        return FileSource(path, status, fps=camera.fps, loop=camera.loop, now=clocks.now)
    latest = Latest(camera.fps, status, clock=clocks.monotonic)
    return LiveSource(
        _link(camera, status, medium, latest),
        latest,
        status,
        Patience(stall=_stall(camera, medium)),
        ends=medium is Medium.FILE and not camera.loop,
        clock=clocks.monotonic,
        chance=clocks.chance,
    )


def medium_of(url: str, backend: str = "aiortsp") -> Medium:
    """Tell what a possible URL stands for; only for a plain path the disk is asked whether it is a folder."""
    scheme = scheme_of(url)
    if scheme in {"", "file", "folder"}:
        return _medium_of_path(scheme, Path(path_of(url)).expanduser())
    if scheme in {"rtsp", "rtsps"}:
        return Medium.STREAM if backend == "ffmpeg" else Medium.RTSP
    said = {"mjpeg": Medium.STREAM, "hls": Medium.PLAYLIST, "snapshot": Medium.SNAPSHOT}.get(scheme.partition("+")[0])
    if said:
        return said
    address = url.split("://", 1)[1].partition("/")[2]
    if address.partition("?")[0].lower().endswith(".m3u8"):
        return Medium.PLAYLIST
    streaming = backend == "ffmpeg" or _STREAMING.search(address)
    return Medium.STREAM if streaming else Medium.SNAPSHOT


def _medium_of_path(scheme: str, path: Path) -> Medium:
    if scheme:
        return Medium(scheme)
    # os.path says False where Path raises: behind a folder without permission, or for a name too long.
    if os.path.isdir(path):  # noqa: PTH112
        return Medium.FOLDER
    return Medium.FILE if path.suffix or os.path.isfile(path) else Medium.FOLDER  # noqa: PTH113


def _stall(camera: Camera, medium: Medium) -> float:
    """Return how long the camera may be silent: what is asked for rarely is silent in between."""
    if medium is Medium.SNAPSHOT:
        return camera.stall_timeout + camera.poll
    return camera.stall_timeout + (_LUMPS if medium is Medium.PLAYLIST else 0.0)


def _link(camera: Camera, status: CameraStatus, medium: Medium, latest: Latest) -> Link:
    if medium is Medium.FILE:
        return ReplayLink(Path(path_of(camera.url)).expanduser(), status, loop=camera.loop)
    address = address_of(camera)
    timeout = _stall(camera, medium) + _WATCHDOG_FIRST
    if medium is Medium.SNAPSHOT:
        return SnapshotLink(address, status, poll=camera.poll, timeout=camera.stall_timeout, unchanged=latest.touch)
    if medium is Medium.RTSP:
        decoder = partial(_decoder, camera, status)
        return RtspLink(address, decoder, status, transport=camera.transport, timeout=timeout)
    segmented = medium is Medium.PLAYLIST
    return FfmpegLink(address, status, segmented=segmented, transport=camera.transport, timeout=timeout)


def _decoder(camera: Camera, status: CameraStatus, codec: Codec, deliver: Deliver) -> Decoder:
    return open_decoder(camera.decoder, codec, deliver, status, command=camera.decoder_command)
