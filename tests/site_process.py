"""The product as a real process: `alpr run` with its log, its signals and its database, and RTSP cameras to watch."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import av
import cv2
import httpx
import numpy as np
import pytest

from tests.drawn_plates import empty_street, street

DEBIAN_PYTHON = "/usr/bin/python3"
RTSP_SERVER = Path(__file__).parent / "camera" / "rtsp_server.py"
NEEDED = (
    "needs Debian's gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-base gstreamer1.0-plugins-good "
    "gstreamer1.0-plugins-bad gstreamer1.0-rtsp"
)
FPS = 25
SIZE = 960, 540
PLATES = {"h264": "KLM4607", "h265": "BXD7042"}
_ROOT = Path(__file__).parents[1]
_CODERS = {"h264": ("libx264", "x264-params"), "h265": ("libx265", "x265-params")}
_BITSTREAM = "aud=1:repeat-headers=1:bframes=0:scenecut=0:log-level=none"


def need_gstreamer() -> None:
    """Skip where GStreamer's RTSP server is missing; fail where tests are run for good."""
    code = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"
    try:
        there = subprocess.run([DEBIAN_PYTHON, "-c", code], capture_output=True, check=False).returncode == 0
    except OSError:
        there = False
    if not there:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(NEEDED)


def free_port() -> int:
    """Find a TCP port of the loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def drive(text: str, *, passing: float = 2.4, empty: float = 1.6) -> Iterator[np.ndarray]:
    """Draw a vehicle that drives by and an empty street after it: BGR `(540, 960, 3) uint8`, 25 a second."""
    frames = int(passing * FPS)
    for number in range(frames):
        yield street(text, (60 + 560 * number // frames, 300), height=44)
    for _ in range(int(empty * FPS)):
        yield empty_street(*SIZE)


def write_clips(folder: Path) -> Path:
    """Write `clip.h264` and `clip.h265`, each with a plate of its own, for the RTSP server."""
    for codec, text in PLATES.items():
        name, key = _CODERS[codec]
        coder = av.CodecContext.create(name, "w")
        coder.width, coder.height = SIZE
        coder.pix_fmt, coder.framerate, coder.gop_size = "yuv420p", FPS, FPS
        coder.time_base, coder.bit_rate = 1 / coder.framerate, 3_000_000
        coder.options = {"preset": "ultrafast", "forced-idr": "1", key: _BITSTREAM}
        packets = []
        for number, image in enumerate(drive(text)):
            frame = av.VideoFrame.from_ndarray(image, format="bgr24")
            frame.pts = number
            packets += coder.encode(frame.reformat(format="yuv420p"))
        (folder / f"clip.{codec}").write_bytes(b"".join(bytes(packet) for packet in [*packets, *coder.encode(None)]))
    return folder


class RtspServer:
    """GStreamer's server on a port that stays the same over its deaths."""

    def __init__(self, clips: Path, *options: str) -> None:
        self.port = free_port()
        self._command = [DEBIAN_PYTHON, RTSP_SERVER, "--clips", clips, "--port", str(self.port), *options]
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def url(self, mount: str, user: str = "") -> str:
        return f"rtsp://{user}{'@' if user else ''}127.0.0.1:{self.port}/{mount}"

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert self._process.stdout
        assert self._process.stdout.readline().startswith(b"READY")

    def send(self, number: signal.Signals) -> None:
        assert self._process
        self._process.send_signal(number)

    def end(self) -> None:
        """Kill it, frozen or not."""
        if self._process:
            self._process.kill()
            self._process.wait()
            if self._process.stdout:
                self._process.stdout.close()
            self._process = None


class Site:
    """A folder with an `alpr.toml`, and the process that runs it."""

    def __init__(self, folder: Path, *, web: bool = True) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.data = folder, folder / "data"
        self.config, self.log = folder / "alpr.toml", folder / "log"
        self.port = free_port() if web else 0
        self.process: subprocess.Popen[bytes] | None = None

    def configure(self, *cameras: dict[str, object], data: Path | None = None) -> None:
        """Write the configuration."""
        self.data = data or self.data
        web = f"port = {self.port}" if self.port else "enabled = false"
        # One thread for the models: as many sites as tests run at once have to fit on a small machine.
        head = f'[store]\ndata = "{self.data}"\n[web]\n{web}\n[log]\nformat = "json"\n[recognition]\nthreads = 1\n'
        tables = ["".join(f"{key} = {json.dumps(value)}\n" for key, value in camera.items()) for camera in cameras]
        self.config.write_text(head + "".join(f"[[camera]]\n{table}" for table in tables))

    def start(self, within: float = 30.0) -> None:
        """Run it until it says that it has started."""
        self.log.write_bytes(b"")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command(), stdout=log, stderr=log, cwd=_ROOT)
        self.until("started", within=within)

    def command(self) -> list[str | Path]:
        return [sys.executable, "-m", "alpr.cli", "run", "--config", self.config]

    def refused(self) -> tuple[int, str]:
        """Run it where it cannot start; return exit code and output."""
        done = subprocess.run(self.command(), capture_output=True, text=True, timeout=30, check=False, cwd=_ROOT)
        return done.returncode, done.stdout + "\n".join(told(done.stderr.splitlines()))

    def send(self, number: signal.Signals) -> None:
        assert self.process
        self.process.send_signal(number)

    def stop(self, number: signal.Signals = signal.SIGTERM, within: float = 15.0) -> int:
        """Send the signal and wait for the end; return the exit code."""
        assert self.process
        self.process.send_signal(number)
        try:
            return self.process.wait(within)
        finally:
            self.process.kill()
            self.process.wait()

    def lines(self, event: str = "", **keys: object) -> list[dict[str, object]]:
        """Return what was logged so far, of this event and with these values."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        return [
            line
            for line in lines
            if (not event or line["event"] == event) and all(line.get(key) == value for key, value in keys.items())
        ]

    def until(self, event: str, count: int = 1, within: float = 15.0, **keys: object) -> dict[str, object]:
        """Wait until the event was logged so many times; return the last line."""
        wait_for(lambda: len(self.lines(event, **keys)) >= count or self.ended(), within, lambda: self.story(event))
        found = self.lines(event, **keys)
        assert len(found) >= count, self.story(event)
        return found[-1]

    def ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def story(self, missing: str) -> str:
        return f"no {missing!r} in:\n{self.log.read_text()[-3000:]}"

    def counters(self) -> dict[str, dict[str, object]]:
        """Ask for the counters by signal; return those of each camera."""
        known = len(self.lines("counters"))
        self.send(signal.SIGUSR1)
        cameras = self.until("counters", known + 1)["cameras"]
        assert isinstance(cameras, dict)
        return cameras

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        """Ask the database, while the process runs."""
        if not (self.data / "alpr.db").exists():
            return []
        with closing(sqlite3.connect(f"file:{self.data}/alpr.db?mode=ro", uri=True, timeout=5)) as database:
            return database.execute(statement).fetchall()

    def add_user(self, name: str, password: str) -> None:
        command = [sys.executable, "-m", "alpr.cli", "user", "--config", self.config]
        arguments = ["add", name, "--role", "guard", "--password-stdin"]
        subprocess.run([*command, *arguments], input=f"{password}\n".encode(), check=True, cwd=_ROOT)

    def check_pictures(self) -> int:
        """Find the pictures of every read as they were stored, and no others; return how many reads there are."""
        found = self.rows("SELECT frame_path, frame_sha256, crop_path, crop_sha256 FROM reads")
        named = {pair for row in found for pair in (row[:2], row[2:])}
        for path, sha256 in named:
            jpeg = (self.data / "images" / str(path)).read_bytes()
            assert hashlib.sha256(jpeg).hexdigest() == sha256, path
            assert cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR) is not None, path
        there = {str(path.relative_to(self.data / "images")) for path in (self.data / "images").rglob("*.jpg*")}
        assert there == {path for path, _ in named}
        return len(found)


@contextmanager
def running(site: Site) -> Iterator[Site]:
    """Start the site, and leave no process behind."""
    try:
        site.start()
        yield site
    finally:
        if site.process:
            site.process.kill()
            site.process.wait()


@contextmanager
def logged_in(site: Site, name: str, password: str) -> Iterator[httpx.Client]:
    """Log in to the site's pages as a browser would."""
    with httpx.Client(base_url=f"http://127.0.0.1:{site.port}", follow_redirects=True, timeout=10) as browser:
        form = browser.get("/login").text
        token = form.split('name="csrf" value="', 1)[1].split('"', 1)[0]
        answer = browser.post("/login", data={"name": name, "password": password, "csrf": token, "next": "/reads"})
        assert answer.status_code == httpx.codes.OK, answer.text
        yield browser


def told(lines: list[str]) -> list[str]:
    """Leave out the log lines: what remains is what a person reads."""
    return [line for line in lines if line and not line.startswith("{")]


def wait_for(condition: Callable[[], object], within: float, why: Callable[[], str] = lambda: "") -> float:
    """Wait for what another process does; return the seconds that it took."""
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < within, f"not within {within:g} s: {why()}"
        time.sleep(0.02)
    return time.monotonic() - begun
