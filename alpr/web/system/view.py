"""The system in one sentence, what needs somebody, and cards of facts."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from alpr import __version__
from alpr.status import CameraState
from alpr.web.alerts.deliveries_view import sentence_of
from alpr.web.system.cameras_view import camera_words, last_error
from alpr.web.system.disk_view import SCARCE, SOON, DiskChart, days_words, disk_chart, disk_facts, disk_state, size
from alpr.web.view import Fact, counted, moment, sentence, span
from alpr.web.words.language import gettext as _
from alpr.web.words.language import later, ngettext, number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from alpr.status import CameraStatus, StageStatus, Status
    from alpr.store.deliveries import Backlog
    from alpr.store.usage import Usage

_LATE: Final = 0.1
"""Seconds that the loop may wake late once in twenty times."""
_LONG_QUEUE: Final = 16
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
    state, full_soon = disk_state(usage)
    return SystemState(
        headline=_headline(len(needs)),
        needs=needs,
        cameras=tuple(Lamp(camera.name, camera_words(camera)[1], _lamp_words(camera, zone, now)) for camera in cameras),
        cameras_state=_("%(n)s silent") % {"n": len(silent)} if silent else counted(len(cameras), "camera"),
        cameras_need=bool(silent),
        disk=disk_chart(usage) if usage else None,
        disk_state=state,
        disk_needs=full_soon,
        disk_facts=disk_facts(usage) if usage else (),
        cards=(
            _recognition(status),
            _store(status, usage, reads_today),
            _deliveries(backlogs, zone, now),
            _program(status, zone, now),
        ),
    )


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
    if usage and usage.used >= SCARCE:
        title = _("The disk has %(size)s left.") % {"size": size(usage.free)}
        needs.append(Need("disk", title, _("Free some space, or use a larger disk.")))
    elif usage and not usage.limits.disk and days is not None and days < SOON:
        takes = _("The reads take %(size)s a day.") % {"size": size(usage.bytes_per_day)}
        words = f"{takes} {_('Free some space, or use a larger disk.')}"
        needs.append(Need("disk", _("The disk will be full in %(days)s.") % {"days": days_words(days)}, words))
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
