"""A gate as the guard sees it: the vehicle that is there, what waits behind it, and who came before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from alpr.access import Verdict
from alpr.domain import State
from alpr.status import CameraState
from alpr.stay import VisitState
from alpr.web.reads.detail import Option, Picture, Rectangle
from alpr.web.reads.view import ReadRow, read_row, vehicle_words
from alpr.web.verdict_view import HitLine, hit_line
from alpr.web.view import Fact, moment, percent, sentence, span
from alpr.web.visits.view import dwell_words
from alpr.web.words.language import gettext as _
from alpr.web.words.language import later

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from alpr.barrier.gates import Barriers
    from alpr.domain import Box
    from alpr.status import CameraStatus, Status
    from alpr.stay import Visit
    from alpr.store.hits import Hit
    from alpr.store.reads import StoredRead
    from alpr.store.visits import Standing

_PRESENT = timedelta(minutes=2)
"""So long a vehicle may still stand there; afterwards the page says that it shows the last one."""
_MOST_SPOKEN = 12
_SPOKEN = {
    Verdict.ALLOWED: later("Allowed"),
    Verdict.DENIED: later("Denied"),
    Verdict.WATCH: later("Watch"),
    Verdict.UNKNOWN: later("Unknown"),
    Verdict.UNREAD: later("Unread"),
}


@dataclass(frozen=True, slots=True)
class Gate:
    """A place to watch: one camera, or the cameras of one barrier."""

    name: str
    cameras: tuple[str, ...]

    @property
    def path(self) -> str:
        """The address of its page."""
        return f"/gate/{quote(self.name, safe='')}"

    def url(self, *, kiosk: bool = False, read: str = "", deed: str = "", done: str = "") -> str:
        """Return the address of its page at a read, or of a deed there."""
        said = {"read": read, "kiosk": "1" if kiosk else "", "done": done}
        told = {name: value for name, value in said.items() if value}
        return f"{self.path}{'/' + deed if deed else ''}{'?' + urlencode(told) if told else ''}"


@dataclass(frozen=True, slots=True)
class Place:
    """A gate to choose."""

    gate: Gate
    shape: str
    state: str
    last: ReadRow | None


@dataclass(frozen=True, slots=True)
class Scene:
    """The frame with the boxes of vehicle and plate."""

    frame: Picture
    box: Rectangle | None
    vehicle_box: Rectangle | None


@dataclass(frozen=True, slots=True)
class AtGate:
    """The vehicle that is shown large."""

    row: ReadRow
    scene: Scene | None
    crop: Picture | None
    hit: HitLine | None
    """The entry that decided."""
    title: str
    """Who it is, in the largest words after the plate."""
    facts: tuple[Fact, ...]
    candidates: tuple[Option, ...]
    present: bool
    """Whether it came just now."""


def gates(status: Status, barriers: Barriers) -> tuple[Gate, ...]:
    """Return every place to watch: barriers with their cameras first, then each camera that is switched on."""
    live = [name for name, camera in status.cameras.items() if camera.state is not CameraState.DISABLED]
    groups = [Gate(one.name, tuple(sorted(one.habits.cameras))) for one in barriers if one.habits.cameras]
    named = {group.name for group in groups}
    return (*groups, *(Gate(name, (name,)) for name in live if name not in named))


def choices(every: Iterable[Gate]) -> tuple[Gate, ...]:
    """Return what there is to choose: a camera that has a barrier to itself is not told twice."""
    known = tuple(every)
    alone = {gate.cameras[0] for gate in known if len(gate.cameras) == 1 and gate.name != gate.cameras[0]}
    return tuple(gate for gate in known if gate.name not in alone)


def state_words(cameras: Sequence[CameraStatus]) -> tuple[str, str]:
    """Return the shape and the words for the cameras of a gate: `live`, `1 of 2 cameras live`."""
    live = sum(camera.state is CameraState.LIVE for camera in cameras)
    if live == len(cameras):
        return "", _("live")
    shape = "slow" if live else "lost"
    if len(cameras) == 1:
        return shape, _("not live")
    return shape, _("%(live)s of %(all)s cameras live") % {"live": live, "all": len(cameras)}


def at_gate(stored: StoredRead, hits: Sequence[Hit], facts: Iterable[Fact], zone: ZoneInfo, now: datetime) -> AtGate:
    """Show a read as the vehicle at the gate; `facts` are what else is known of it."""
    read, evidence = stored.read, stored.evidence
    row = read_row(stored, zone, now)
    lines = [hit_line(one) for one in hits]
    hit = next((line for line in lines if line.applies), None)
    title = _title(stored, hit, lines)
    # Of a crop that another system cut out itself nobody knows the size.
    width, height = round(read.box.width) or 440, round(read.box.height) or 120
    crop = Picture(row.crop, width, height, _("The plate from the same frame"))
    vehicle = Fact(_("Vehicle"), row.vehicle)
    return AtGate(
        row=row,
        scene=_scene(stored) if evidence.frame_path else None,
        crop=crop if row.crop and read.reading.text else None,
        hit=hit,
        title=title,
        facts=tuple(fact for fact in (*facts, *_list_facts(hit, title), vehicle) if fact.words),
        candidates=tuple(Option(one.text, percent(one.confidence)) for one in read.reading.candidates[:3]),
        present=now - read.last_seen < _PRESENT,
    )


def standing_facts(standing: Standing, read_id: str, zone: ZoneInfo, now: datetime) -> tuple[Fact, ...]:
    """Say whether a vehicle was inside before this read, since when, and when it was here last."""
    before = [one.visit for one in standing.visits if read_id not in one.visit.reads[:1]]
    here = next((one for one in before if one.state is VisitState.OPEN and standing.inside), None)
    since = here.entered if here else None
    inside = _("no")
    if since is not None:
        inside = _("yes, since %(time)s (%(span)s)") % {
            "time": _when(since, zone, now),
            "span": dwell_words(now - since),
        }
    last = next((one for one in before if one is not here), None)
    return Fact(_("Inside"), inside), Fact(_("Last visit"), _last_visit(last, zone, now))


def _last_visit(visit: Visit | None, zone: ZoneInfo, now: datetime) -> str:
    if visit is None:
        return _("none before")
    began = _when(visit.entered or visit.left or visit.last_seen, zone, now)
    dwell = visit.dwell(now)
    if dwell is None:
        return began
    return _("%(time)s, for %(span)s") % {"time": began, "span": dwell_words(dwell)}


def _when(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    shown = moment(at, zone, now)
    return shown.clock[:5] if shown.today else f"{shown.day}, {shown.clock[:5]}"


def waiting_words(rows: Sequence[StoredRead], now: datetime) -> str:
    """Say how long the first of those who wait does."""
    return _("longest %(span)s") % {"span": span((now - rows[0].read.captured_at).total_seconds())} if rows else ""


def newest_first(found: Iterable[StoredRead]) -> list[StoredRead]:
    """Order reads of several cameras, leaving out what a person has said is none."""
    known = (one for one in found if one.read.state is not State.DISMISSED)
    return sorted(known, key=lambda one: (one.read.captured_at, one.read.id), reverse=True)


def spoken_words(stored: StoredRead, hits: Sequence[Hit]) -> str:
    """Return what is said aloud of a read: verdict, whose it is, the plate letter by letter."""
    if stored.verdict is None:
        return ""
    owner = next((one.company or one.owner for one in hits if one.applies), "")
    letters = " ".join(stored.read.text[:_MOST_SPOKEN])
    return ". ".join(part for part in (_(_SPOKEN[stored.verdict]), owner, letters) if part)


def _title(stored: StoredRead, hit: HitLine | None, lines: Sequence[HitLine]) -> str:
    if hit is not None:
        named = ", ".join(filter(None, (hit.owner, hit.company)))
        # What is to be done comes first where the guard must not just wave through.
        return hit.note or named if hit.value in {"denied", "watch"} else named or hit.note
    if not stored.read.text:
        return _("Type what you see, or register a visitor")
    if lines:
        return f"{lines[0].list_name}: {lines[0].reason}"
    return _("On no list") if stored.verdict is Verdict.UNKNOWN else ""


def _list_facts(hit: HitLine | None, title: str) -> Iterable[Fact]:
    if hit is None:
        return
    named = ", ".join(filter(None, (hit.owner, hit.company)))
    if named != title:
        yield Fact(_("Whose it is"), named)
    if hit.note != title:
        yield Fact(_("Note"), hit.note)


def _scene(stored: StoredRead) -> Scene:
    read, evidence = stored.read, stored.evidence
    href = f"/reads/{read.id}/frame.jpg?v={evidence.frame_sha256[:8]}"
    what = vehicle_words(read.vehicle) if read.vehicle else _("Vehicle")
    alt = sentence(
        _("%(what)s at %(camera)s; a box marks where the text stands") % {"what": what, "camera": read.camera}
    )
    return Scene(
        Picture(href, evidence.frame_width, evidence.frame_height, alt),
        _rectangle(read.box) if read.reading.text else None,
        _rectangle(read.vehicle_box) if read.vehicle_box else None,
    )


def _rectangle(box: Box) -> Rectangle:
    return Rectangle(round(box.x1), round(box.y1), round(box.width), round(box.height))
