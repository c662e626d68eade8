"""The system in one sentence, what needs somebody, and cards of facts."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from alpr import __version__
from alpr.status import CameraState
from alpr.web.cameras_view import camera_words, last_error
from alpr.web.deliveries_view import sentence_of
from alpr.web.language import decimal, later, ngettext, number
from alpr.web.language import gettext as _
from alpr.web.view import Fact, counted, moment, sentence, span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from alpr.status import CameraStatus, StageStatus, Status
    from alpr.store.deliveries import Backlog
    from alpr.store.usage import Usage

_SOON: Final = 14.0
"""Days: a disk that is full by then needs somebody now."""
_SCARCE: Final = 0.97
_LATE: Final = 0.1
"""Seconds that the loop may wake late once in twenty times."""
_LONG_QUEUE: Final = 16
_NEVER: Final = 3650.0
_CHART: Final = (240.0, 320.0, 80.0, 8.0)
"""Today's x, the right edge, and the y of empty and of full."""
_PROVIDERS: Final = {
    "cpu": later("the processor"),
    "cuda": later("the GPU (CUDA)"),
    "tensorrt": later("the GPU (TensorRT)"),
}


@dataclass(frozen=True, slots=True)
class Need:
    """Something that needs somebody: what, why and where to look."""

    icon: str
    title: str
    words: str
    href: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True)
class DiskChart:
    """How full the disk was over the last days and will be, as SVG paths on a ground of 320 by 100."""

    curve: str
    area: str
    ahead: str
    today_y: float
    label_y: float
    percent: int
    words: str


@dataclass(frozen=True, slots=True)
class Lamp:
    """One camera in a line."""

    name: str
    shape: str
    words: str


@dataclass(frozen=True, slots=True)
class Card:
    """A card of facts; `needs` turns its state round."""

    title: str
    state: str
    needs: bool
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class SystemState:
    """The whole page."""

    headline: str
    needs: tuple[Need, ...]
    cameras: tuple[Lamp, ...]
    cameras_state: str
    cameras_need: bool
    disk: DiskChart | None
    disk_state: str
    disk_needs: bool
    disk_facts: tuple[Fact, ...]
    cards: tuple[Card, ...]


def system_state(
    status: Status,
    usage: Usage | None,
    reads_today: int,
    zone: ZoneInfo,
    now: datetime,
    backlogs: Mapping[str, Backlog] = MappingProxyType({}),
    others: tuple[Need, ...] = (),
) -> SystemState:
    """Judge everything that the process knows of itself; `backlogs` is what has not reached each target."""
    cameras = list(status.cameras.values())
    silent = [camera for camera in cameras if _is_silent(camera)]
    camera_needs = [_camera_need(camera, zone, now) for camera in silent]
    needs = (*_store_needs(status, usage), *camera_needs, *_delivery_needs(backlogs), *others, *_machine_needs(status))
    state, full_soon = _disk_state(usage)
    return SystemState(
        headline=_headline(len(needs)),
        needs=needs,
        cameras=tuple(Lamp(camera.name, camera_words(camera)[1], _lamp_words(camera, zone, now)) for camera in cameras),
        cameras_state=_("%(n)s silent") % {"n": len(silent)} if silent else counted(len(cameras), "camera"),
        cameras_need=bool(silent),
        disk=_chart(usage) if usage else None,
        disk_state=state,
        disk_needs=full_soon,
        disk_facts=_disk_facts(usage) if usage else (),
        cards=(
            _recognition(status),
            _store(status, usage, reads_today),
            _deliveries(backlogs, zone, now),
            _program(status, zone, now),
        ),
    )


def size(count: float) -> str:
    """Say a number of bytes: `640 kB`, `1.9 GB`, `2.0 TB`."""
    for unit, one in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if count >= one:
            return f"{decimal(count / one)} {unit}"
    return f"{count / 1e3:.0f} kB"


def _headline(count: int) -> str:
    if not count:
        return _("All well.")
    return ngettext("1 thing needs you.", "%(n)s things need you.", count) % {"n": count}


def _is_silent(camera: CameraStatus) -> bool:
    """Whether a camera should give pictures and does not; a file that came to its end has done its work."""
    given_up = camera.state is CameraState.ENDED and bool(camera.error)
    return given_up or camera.state in {CameraState.RECONNECTING, CameraState.STALLED}


def _camera_need(camera: CameraStatus, zone: ZoneInfo, now: datetime) -> Need:
    since = moment(camera.since, zone, now).ago
    title = _("%(name)s went silent %(ago)s.")
    if camera.state is CameraState.ENDED:
        title = _("%(name)s has been given up.")
    words = last_error(camera) if camera.error else camera_words(camera)[2]
    return Need("lost", title % {"name": camera.name, "ago": since}, words, "/cameras", _("Look"))


def _store_needs(status: Status, usage: Usage | None) -> list[Need]:
    needs = []
    if status.recorder_error:
        waits = _("%(reads)s wait in memory.") % {"reads": counted(status.recorder_queue, "read")}
        words = f"{sentence(status.recorder_error)}. {waits}"
        needs.append(Need("disk", _("Nothing can be stored now."), words))
    days = usage.days_left if usage else None
    if usage and usage.used >= _SCARCE:
        title = _("The disk has %(size)s left.") % {"size": size(usage.free)}
        needs.append(Need("disk", title, _("Free some space, or use a larger disk.")))
    elif usage and days is not None and days < _SOON:
        takes = _("The reads take %(size)s a day.") % {"size": size(usage.bytes_per_day)}
        words = f"{takes} {_('Free some space, or use a larger disk.')}"
        needs.append(Need("disk", _("The disk will be full in %(days)s.") % {"days": _days(days)}, words))
    return needs


def _delivery_needs(backlogs: Mapping[str, Backlog]) -> list[Need]:
    needs = []
    for name, backlog in backlogs.items():
        count = backlog.waiting + backlog.dead
        # The first failures mend themselves: somebody is needed when something was given up, or much has piled up.
        if backlog.dead or (backlog.error and backlog.waiting > _LONG_QUEUE):
            words = sentence_of(backlog.error) or _("They were given up; the page says why.")
            title = _("%(name)s has not got %(n)s of its messages.") % {"name": name, "n": number(count)}
            needs.append(Need("send", title, words, "/deliveries", _("Look")))
    return needs


def _machine_needs(status: Status) -> list[Need]:
    needs = []
    if status.fallback:
        words = _("A faster provider is installed and does not run. alpr doctor says what hinders it.")
        needs.append(Need("fix", _("The models run on the processor."), words))
    if _slowest(status.loop_lag) > _LATE:
        words = _("The program wakes late: fewer cameras, a lower fps or a faster machine would help.")
        needs.append(Need("clock", _("The machine is overloaded."), words))
    elif status.recorder_queue > _LONG_QUEUE and not status.recorder_error:
        words = _("%(reads)s wait to be stored: the disk is slower than the traffic.")
        needs.append(
            Need("clock", _("The disk falls behind."), words % {"reads": counted(status.recorder_queue, "read")})
        )
    return needs


def _lamp_words(camera: CameraStatus, zone: ZoneInfo, now: datetime) -> str:
    state = camera_words(camera)[0]
    if camera.state is not CameraState.LIVE:
        return _("%(state)s, since %(time)s") % {"state": state, "time": moment(camera.since, zone, now).clock}
    told = {"reads": counted(camera.reads, "read"), "n": number(camera.frames_dropped)}
    if not camera.frames_dropped:
        return _("%(reads)s, none dropped") % told
    return _("%(reads)s, %(n)s of %(all)s dropped") % {**told, "all": number(camera.frames_decoded)}


def _disk_state(usage: Usage | None) -> tuple[str, bool]:
    if usage is None:
        return _("not known"), True
    if usage.used >= _SCARCE:
        return _("nearly full"), True
    days = usage.days_left
    if days is None or days > _NEVER:
        return _("steady"), False
    return _("full in %(days)s") % {"days": _days(days)}, days < _SOON


def _days(days: float) -> str:
    if days < 1:
        return _("less than a day")
    if days < 60:  # noqa: PLR2004  up to here days say it better
        return counted(int(days), "day")
    return _("%(n)s years") % {"n": decimal(days / 365)} if days >= 730 else counted(int(days / 30), "month")  # noqa: PLR2004


def _disk_facts(usage: Usage) -> tuple[Fact, ...]:
    return (
        Fact(_("Free"), _("%(free)s of %(all)s") % {"free": size(usage.free), "all": size(usage.total)}),
        Fact(
            _("Reads take"),
            _("%(day)s a day, %(each)s each") % {"day": size(usage.bytes_per_day), "each": size(usage.bytes_per_read)},
        ),
    )


def _chart(usage: Usage) -> DiskChart:
    """Draw the last thirty days back from what is used now, less what our reads brought since."""
    today, right, empty, full = _CHART
    since, shares = 0, []
    for count in (*reversed(usage.reads_by_day), 0):
        shares.append(max(0.0, usage.used - since * usage.bytes_per_read / usage.total))
        since += count
    shares.reverse()
    step = today / (len(shares) - 1)
    points = [(round(n * step, 1), round(_height(share), 1)) for n, share in enumerate(shares)]
    line = " ".join(f"{x} {y}" for x, y in points)
    now_y = points[-1][1]
    daily = usage.bytes_per_day / usage.total
    days_right = (right - today) / step
    ahead = min(1.0, usage.used + daily * days_right)
    reach = right if ahead < 1 else today + step * (1 - usage.used) / daily
    percent = round(100 * usage.used)
    return DiskChart(
        curve=f"M{line}",
        area=f"M0 {empty:g}V{points[0][1]}L{line}V{empty:g}z",
        ahead=f"M{today:g} {now_y}L{reach:.1f} {_height(ahead):.1f}",
        today_y=now_y,
        label_y=now_y - 8 if now_y - full > 24 else now_y + 16,  # noqa: PLR2004  room for the figure
        percent=percent,
        words=_("Disk use over 30 days, %(percent)s percent now, %(state)s")
        % {"percent": percent, "state": _disk_state(usage)[0]},
    )


def _height(share: float) -> float:
    _, _, empty, full = _CHART
    return empty - share * (empty - full)


def _recognition(status: Status) -> Card:
    where = _PROVIDERS.get(status.provider.lower().removesuffix("executionprovider"), status.provider)
    facts = [
        Fact(_("Runs on"), _("%(where)s, proved at start") % {"where": _(where)} if where else _("not known")),
        *(Fact(_(title), _pace(status.stages[name])) for name, title in _STAGES if name in status.stages),
        *(Fact(_("Model"), model) for model in status.models),
    ]
    state = _("slower than it could be") if status.fallback else _("works")
    return Card(_("Recognition"), state, status.fallback, tuple(facts))


_STAGES: Final = (
    ("motion", later("Motion gate")),
    ("detect", later("Detector")),
    ("read", later("Plate reader")),
)


def _pace(stage: StageStatus) -> str:
    if not stage.recent:
        return _("not yet")
    slowest = number(1000 * _slowest(stage.recent))
    return _("%(mean)s ms, 95 %% under %(most)s ms") % {"mean": number(stage.mean_ms), "most": slowest}


def _slowest(seconds: Sequence[float]) -> float:
    """Return the time that 95 % stayed under; 0 when nothing was measured."""
    ordered = sorted(seconds)
    return ordered[int(0.95 * (len(ordered) - 1))] if ordered else 0.0


def _store(status: Status, usage: Usage | None, reads_today: int) -> Card:
    record = status.stages.get("record")
    facts = [
        Fact(_("Today"), counted(reads_today, "read")),
        *([Fact(_("All in all"), counted(usage.reads, "read"))] if usage else []),
        Fact(_("Waiting"), _("%(reads)s to be stored") % {"reads": counted(status.recorder_queue, "read")}),
        *([Fact(_("Storing takes"), _pace(record))] if record else []),
    ]
    waits = status.recorder_queue > _LONG_QUEUE
    state = _("cannot store") if status.recorder_error else _("behind") if waits else _("up to date")
    return Card(_("Reads"), state, bool(status.recorder_error) or waits, tuple(facts))


def _deliveries(backlogs: Mapping[str, Backlog], zone: ZoneInfo, now: datetime) -> Card:
    waiting, dead = (sum(getattr(one, kind) for one in backlogs.values()) for kind in ("waiting", "dead"))
    oldest = min((one.oldest for one in backlogs.values() if one.oldest), default=None)
    facts = (
        Fact(_("Undelivered"), _("%(messages)s wait") % {"messages": counted(waiting, "message")}),
        *(
            [Fact(_("The oldest waits"), _("since %(time)s") % {"time": moment(oldest, zone, now).clock})]
            if oldest
            else []
        ),
        Fact(_("Given up"), counted(dead, "message")),
    )
    failing = any(one.error for one in backlogs.values())
    state = _("all told") if not waiting else _("on its way")
    if dead or failing:
        state = _("%(n)s given up") % {"n": number(dead)} if dead else _("does not arrive")
    return Card(_("Deliveries"), state, bool(dead or failing), facts)


def _program(status: Status, zone: ZoneInfo, now: datetime) -> Card:
    late = _slowest(status.loop_lag)
    started = moment(status.started_at, zone, now)
    running = span((now - status.started_at).total_seconds())
    facts = (
        Fact("alpr", __version__),
        Fact(_("Running since"), f"{started.clock}, {started.day} ({running})"),
        Fact(
            _("Loop lag"),
            _("95 %% under %(most)s ms") % {"most": number(1000 * late)} if status.loop_lag else _("not measured yet"),
        ),
        Fact("Python", f"{platform.python_version()}, {platform.machine()}"),
    )
    return Card(_("Program"), _("overloaded") if late > _LATE else _("keeps up"), late > _LATE, facts)
