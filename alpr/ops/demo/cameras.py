"""The demo's cameras: what each plays when, in real time, and the truth about it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

from alpr.domain import utc_now
from alpr.ops.demo.cast import CAMERAS, LIGHT_NAMES, Act, cast
from alpr.ops.demo.rtsp import Stream
from alpr.ops.demo.studio import RATE, clip, fade_clip, idle_clip

_STEP: Final = float(1 / RATE)
_TICKS: Final = round(90_000 / RATE)
DYING_EVERY: Final = 120.0
DYING_FOR: Final = 20.0
_LONGEST: Final = timedelta(minutes=5)
"""No pass is still being shown so long after it began."""
_PHASES: Final[Mapping[str, float]] = {"day": 60.0, "dusk": 35.0, "night": 45.0}
_PAUSES: Final[Mapping[str, tuple[int, int]]] = {"gate-in": (2, 4), "gate-out": (2, 4), "yard": (14, 18)}
"""How many idle clips of two seconds follow a pass."""


@dataclass(frozen=True, slots=True)
class Played:
    """One pass as it was shown: the truth that reads are held against."""

    camera: str
    text: str
    kind: str
    readable: bool
    start: datetime
    """When its plate came into the picture."""
    end: datetime
    """When nothing of it was left."""
    whole: bool = True
    """Whether somebody watched all of it: what was seen in part is not judged."""


@dataclass(slots=True)
class Channel:
    """One camera: who watches it, and what it has shown."""

    name: str
    clips: Path
    acts: Mapping[str, list[Act]]
    random: Random
    stream: Stream = field(default_factory=Stream)
    played: list[Played] = field(default_factory=list)
    playing: Played | None = None
    """What is being shown: it may be read before it is over."""
    _next: dict[str, int] = field(default_factory=dict)

    @property
    def watched(self) -> bool:
        """Whether what is played is seen by anybody."""
        return self.stream.alive and bool(self.stream.viewers)

    def next_act(self, light: str) -> Act | None:
        """Return the pass that comes next in this light, None while it is not drawn yet."""
        acts = self.acts[light]
        number = self._next.get(light, 0)
        if not acts or not clip(self.clips, acts[number % len(acts)]).exists():
            return None
        self._next[light] = number + 1
        return acts[number % len(acts)]

    async def play(self, path: Path, pace: _Pace) -> None:
        """Send a clip, frame by frame in real time."""
        for unit in await asyncio.to_thread(load_clip, path):
            await pace.wait()
            self.stream.send(unit, _TICKS)


class _Pace:
    """Waits for the time of each next frame; what came late is made up for, but not more than a second."""

    def __init__(self) -> None:
        self._due = asyncio.get_running_loop().time()

    async def wait(self) -> None:
        """Wait until the next frame is due."""
        now = asyncio.get_running_loop().time()
        self._due = max(self._due + _STEP, now - 1.0)
        await asyncio.sleep(max(0.0, self._due - now))


def load_clip(path: Path) -> list[bytes]:
    """Return the frames of a clip, each as its H.264 units with start codes."""
    data = path.read_bytes()
    units, at = [], 0
    for size in json.loads(path.with_suffix(".json").read_text()):
        units.append(data[at : at + size])
        at += size
    return units


def make_channels(clips: Path, seed: int = 1) -> dict[str, Channel]:
    """Make the demo's cameras, by name."""
    acts = cast()
    return {
        name: Channel(
            name,
            clips,
            {light: [act for act in acts if (act.camera, act.light) == (name, light)] for light in LIGHT_NAMES},
            Random(f"{seed} {name}"),  # noqa: S311 - chance, no secret
        )
        for name in CAMERAS
    }


def light_at(seconds: float) -> str:
    """Return the light so many seconds after the start: day, dusk and night take turns in two minutes and a half."""
    rest = seconds % sum(_PHASES.values())
    for light, length in _PHASES.items():
        if rest < length:
            return light
        rest -= length
    return LIGHT_NAMES[0]


async def run_channel(channel: Channel) -> None:
    """Play passes for ever, those of the light that it is, with pauses between."""
    loop = asyncio.get_running_loop()
    begin, light, pause, pace = loop.time(), LIGHT_NAMES[0], 1, _Pace()
    while True:
        idle = idle_clip(channel.clips, channel.name, light)
        if not idle.exists():
            await asyncio.sleep(0.2)
            continue
        wanted = light_at(loop.time() - begin)
        following = LIGHT_NAMES[(LIGHT_NAMES.index(light) + 1) % len(LIGHT_NAMES)]
        fade = fade_clip(channel.clips, channel.name, light, following)
        if wanted != light and fade.exists() and idle_clip(channel.clips, channel.name, following).exists():
            await channel.play(fade, pace)
            light = following
        elif pause > 0 or (act := channel.next_act(light)) is None:
            pause -= 1
            await channel.play(idle, pace)
        else:
            await _play_act(channel, act, pace)
            pause = channel.random.randint(*_PAUSES[channel.name])


async def _play_act(channel: Channel, act: Act, pace: _Pace) -> None:
    path = clip(channel.clips, act)
    truth = json.loads(path.with_suffix(".truth.json").read_text())
    begin, watched = utc_now(), channel.watched
    start = begin + timedelta(seconds=truth["start"])
    shown = Played(channel.name, truth["text"], truth["kind"], truth["readable"], start, begin + _LONGEST)
    channel.playing = shown
    await channel.play(path, pace)
    channel.playing = None
    channel.played.append(replace(shown, end=utc_now(), whole=watched and channel.watched))


async def run_dying(channel: Channel, *, every: float = DYING_EVERY, gone: float = DYING_FOR) -> None:
    """Let a camera go away now and then: cut connections, refuse new ones, come back."""
    while True:
        await asyncio.sleep(every - gone)
        channel.stream.alive = False
        channel.stream.cut()
        await asyncio.sleep(gone)
        channel.stream.alive = True
