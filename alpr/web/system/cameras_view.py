"""Camera health in words and shapes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from alpr.status import CameraState, CameraStatus, View
from alpr.web.view import Fact, Moment, counted, moment, sentence, span
from alpr.web.words.language import decimal, later, number
from alpr.web.words.language import gettext as _
from alpr.web.words.said import in_language

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from alpr.status import Status

_WORDS = {
    CameraState.STARTING: (later("starting"), "slow", later("Connecting for the first time.")),
    CameraState.LIVE: (later("live"), "", later("Pictures are coming in.")),
    CameraState.RECONNECTING: (later("lost"), "lost", later("No connection; it is tried again by itself.")),
    CameraState.STALLED: (
        later("stalled"),
        "lost",
        later("Connected, but no new pictures come; the connection is made anew."),
    ),
    CameraState.ENDED: (later("ended"), "lost", later("The source has come to its end.")),
    CameraState.DISABLED: (later("switched off"), "lost", later("Switched off in alpr.toml (enabled = false).")),
}
_VIEWS = {
    View.BLOCKED: (
        later("covered"),
        "slow",
        later(
            "The picture shows hardly anything: look whether something hangs before the lens, or it is dark or dirty."
        ),
    ),
    View.MOVED: (
        later("turned"),
        "slow",
        later("The camera sees another scene than before: look whether somebody has turned it."),
    ),
}
_WINDOW = 10.0
_NEEDS = {CameraState.RECONNECTING: "lost", CameraState.STALLED: "fix"}


@dataclass(frozen=True, slots=True)
class Health:
    """All cameras at a glance: one shape each (empty = live)."""

    shapes: tuple[str, ...]
    live: int
    count: int

    @property
    def words(self) -> str:
        """`3 of 4 cameras live`."""
        return _("%(live)s of %(cameras)s live") % {"live": self.live, "cameras": counted(self.count, "camera")}


@dataclass(frozen=True, slots=True)
class CameraCard:
    """One camera on the page of cameras."""

    name: str
    state: str
    shape: str
    icon: str
    needs: bool
    sentence: str
    since: Moment
    error: str
    facts: tuple[Fact, ...]
    reads_href: str
    live_href: str
    picture: str
    """Empty before the first one."""
    width: int
    height: int


class FrameRates:
    """Frames a second, from the counters as the pages look at them; the last ten seconds count."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._seen: dict[str, deque[tuple[float, int]]] = {}

    def look(self, camera: CameraStatus) -> float | None:
        """Note the counter of decoded frames; return the rate, or nothing while there is too little to say."""
        now = self._clock()
        seen = self._seen.setdefault(camera.name, deque())
        seen.append((now, camera.frames_decoded))
        while len(seen) > 2 and seen[1][0] <= now - _WINDOW:  # noqa: PLR2004  two ends make a rate
            seen.popleft()
        (start, before), (end, after) = seen[0], seen[-1]
        return (after - before) / (end - start) if end - start >= 1 else None


def health_of(status: Status) -> Health:
    """Sum the cameras up; those switched off on purpose do not count."""
    cameras = [camera for camera in status.cameras.values() if camera.state is not CameraState.DISABLED]
    shapes = tuple(camera_words(camera)[1] for camera in cameras)
    return Health(shapes, live=sum(camera.state is CameraState.LIVE for camera in cameras), count=len(cameras))


def camera_words(camera: CameraStatus) -> tuple[str, str, str]:
    """Name the state, its shape (empty = live) and say it in a sentence."""
    known = _VIEWS.get(camera.view) if camera.state is CameraState.LIVE else None
    state, shape, words = known or _WORDS[camera.state]
    return _(state), shape, _(words)


def last_error(camera: CameraStatus) -> str:
    """Say the last error as a sentence without the camera's name."""
    return sentence(in_language(camera.error.removeprefix(f"camera {camera.name}: ")))


def camera_card(
    camera: CameraStatus, fps: float | None, zone: ZoneInfo, now: datetime, *, pictured: bool
) -> CameraCard:
    """Say how a camera does; `fps` is frames decoded a second, if known, `pictured` whether it ever gave a picture."""
    state, shape, words = camera_words(camera)
    live_href = f"/live/{quote(camera.name, safe='')}"
    return CameraCard(
        name=camera.name,
        state=state,
        shape=shape,
        icon=_NEEDS.get(camera.state, "note"),
        needs=camera.state in _NEEDS or (camera.state is CameraState.LIVE and camera.view is not View.CLEAR),
        sentence=words,
        since=moment(camera.since, zone, now),
        error=_error(camera),
        facts=_facts(camera, fps, now),
        reads_href=f"/reads?{urlencode({'camera': camera.name})}",
        live_href=live_href,
        picture=f"{live_href}/picture.jpg" if pictured else "",
        width=camera.width or 1280,
        height=camera.height or 720,
    )


def _error(camera: CameraStatus) -> str:
    """Say the last error, and that it is past once the camera is live again."""
    if not camera.error:
        return ""
    words = last_error(camera)
    return _("Last error: %(words)s") % {"words": words} if camera.state is CameraState.LIVE else words


def _facts(camera: CameraStatus, fps: float | None, now: datetime) -> tuple[Fact, ...]:
    picture = f"{camera.width} \N{MULTIPLICATION SIGN} {camera.height}" if camera.width else _("not known yet")
    if camera.codec:
        picture += f", {camera.codec}"
    if fps is not None:
        picture += f", {decimal(fps)} fps"
    counts = {"n": number(camera.frames_dropped), "all": number(camera.frames_decoded)}
    dropped = _("%(n)s of %(all)s frames, replaced by newer ones") % counts
    taken = {"n": number(camera.frames_analysed), "all": number(camera.frames_taken)}
    decoding = counted(camera.decode_errors, "decoding error")
    return (
        Fact(_("Picture"), picture),
        Fact(_("Last picture"), _since(camera.last_frame_at, now)),
        Fact(_("Frames"), _("%(n)s of %(all)s analysed") % taken),
        Fact(_("Dropped"), dropped if camera.frames_dropped else _("none")),
        Fact(_("Lost"), f"{counted(camera.packets_lost, 'packet')}, {decoding}"),
        Fact(_("Reconnects"), number(camera.reconnects)),
        Fact(_("Reads"), _("%(n)s since the start") % {"n": number(camera.reads)}),
        *([Fact(_("Address"), camera.url)] if camera.url else []),
    )


def _since(at: datetime | None, now: datetime) -> str:
    if at is None:
        return _("none yet")
    seconds = (now - at).total_seconds()
    if seconds < 2:  # noqa: PLR2004
        return _("now")
    words = _("%(n)s s") % {"n": round(seconds)} if seconds < 60 else span(seconds)  # noqa: PLR2004
    return _("%(span)s ago") % {"span": words}
