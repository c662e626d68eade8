"""The demo's factory floor: two crews of three at six stations, as their cameras would tell it, for ever the same.

What happens on a shift follows from its date and the worker alone: the past and what comes live are one story, and
telling a part of it twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from alpr.activity import ActivityEvent, ActivityKind, to_us

SOURCE: Final = "made up by alpr demo"
"""Under which the events are stored, and removed again: no token and no file is called so."""
MODEL: Final = "floor-watch"
_NEW_VERSION_AFTER: Final = timedelta(hours=23)
"""So long before now the cameras got a new version, which is less sure."""
_CREWS: Final = ("day", "night")
_HOURS: Final = 12
_EARLY: Final = timedelta(minutes=4)
_BLIND: Final = timedelta(minutes=38)
"""Once a shift something stands before the camera for so long."""
_BEAT: Final = 90.0
"""A camera repeats a state that lasts, about so often (seconds)."""


@dataclass(frozen=True, slots=True)
class Hand:
    """A worker of the demo: crew, stations, seconds for one unit, share of the time that work is waiting."""

    key: str
    name: str
    crew: str
    stations: tuple[str, str]
    cycle: float
    diligence: float


STATIONS: Final = {
    "demo-press-1": "Press 1",
    "demo-press-2": "Press 2",
    "demo-welding": "Welding",
    "demo-assembly": "Assembly",
    "demo-inspection": "Inspection",
    "demo-packing": "Packing",
}
"""Key and name."""
TARGETS: Final = {
    "demo-press-1": 110.0,
    "demo-press-2": 95.0,
    "demo-welding": 36.0,
    "demo-assembly": 30.0,
    "demo-inspection": 75.0,
    "demo-packing": 90.0,
}
"""Units an hour that the stations are meant to make."""
HANDS: Final = (
    Hand("demo-ada", "Ada Lindqvist", "day", ("demo-press-1", "demo-press-2"), 36.0, 0.86),
    Hand("demo-bruno", "Bruno Keller", "day", ("demo-welding", "demo-assembly"), 118.0, 0.74),
    Hand("demo-chiara", "Chiara Russo", "day", ("demo-inspection", "demo-packing"), 52.0, 0.8),
    Hand("demo-deniz", "Deniz Aydin", "night", ("demo-press-2", "demo-press-1"), 41.0, 0.78),
    Hand("demo-emil", "Emil Novak", "night", ("demo-assembly", "demo-welding"), 131.0, 0.66),
    Hand("demo-fatima", "Fatima Haddad", "night", ("demo-packing", "demo-inspection"), 47.0, 0.83),
)
BREAKS: Final = {
    "day": ["09:00-09:20", "12:30-13:00", "15:30-15:45"],
    "night": ["21:00-21:20", "00:30-01:00", "03:30-03:45"],
}
BEGINS: Final = {"day": "06:00", "night": "18:00"}
ENDS: Final = {"day": "18:00", "night": "06:00"}


def events_between(since: datetime, until: datetime, zone: ZoneInfo, changed: datetime) -> Iterator[ActivityEvent]:
    """Tell what the cameras see from `since` until before `until`, in order of time.

    The cameras have their new version from `changed` on.
    """
    first = since.astimezone(zone).date() - timedelta(days=1)
    days = (until.astimezone(zone).date() - first).days + 1
    told = (
        event
        for n in range(days)
        for hand in HANDS
        if (start := _begin(hand, first + timedelta(days=n), zone)) - _EARLY < until
        and start + timedelta(hours=_HOURS) > since
        for event in _shift(hand, start, zone, changed)
        if since <= event.at < until
    )
    yield from sorted(told, key=lambda event: (event.at, event.worker))


def new_version_at(now: datetime) -> datetime:
    """Return when the cameras got their new version, for a demo that starts now."""
    return (now - _NEW_VERSION_AFTER).replace(minute=0, second=0, microsecond=0)


def _begin(hand: Hand, day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.fromisoformat(BEGINS[hand.crew]), zone).astimezone(UTC)


def _shift(hand: Hand, start: datetime, zone: ZoneInfo, changed: datetime) -> Iterator[ActivityEvent]:
    """Tell one worker's shift: what he does between the breaks, at one station and now and then at the other."""
    random = Random(f"{hand.key}/{start.astimezone(zone).date()}")  # noqa: S311  chance, no secret
    blind = start + timedelta(minutes=random.uniform(90, 600))
    station = hand.stations[0]
    for begin, end in _between_breaks(hand, start, zone):
        at = begin + timedelta(seconds=random.uniform(-_EARLY.total_seconds() if begin == start else 0, 300))
        while at < end:
            kind, minutes = _next_state(random, hand)
            until = min(end, at + timedelta(minutes=minutes))
            if random.random() < 0.12:  # noqa: PLR2004  he helps at the other station
                station = hand.stations[1] if station == hand.stations[0] else hand.stations[0]
            for event in _state(random, hand, station, kind, (at, until), changed):
                if not blind <= event.at < blind + _BLIND:
                    yield event
            at = until


def _between_breaks(hand: Hand, start: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """Give the parts of a shift between its breaks."""
    day, begin = start.astimezone(zone).date(), start
    for pause in BREAKS[hand.crew]:
        first, last = (time.fromisoformat(clock) for clock in pause.split("-"))
        on = day + timedelta(days=first < time.fromisoformat(BEGINS[hand.crew]))
        yield begin, datetime.combine(on, first, zone).astimezone(UTC)
        begin = datetime.combine(on, last, zone).astimezone(UTC)
    yield begin, start + timedelta(hours=_HOURS)


def _state(
    random: Random,
    hand: Hand,
    station: str,
    kind: ActivityKind,
    window: tuple[datetime, datetime],
    changed: datetime,
) -> Iterator[ActivityEvent]:
    """Tell a state, repeated while it lasts, and what is made meanwhile."""
    at, until = window
    made = random.random()
    while at < until:
        yield _event(random, hand, station, kind, at, changed)
        step = timedelta(seconds=min(_BEAT * random.uniform(0.7, 1.3), max(1.0, (until - at).total_seconds())))
        if kind is ActivityKind.WORKING:
            made += step.total_seconds() / hand.cycle * random.uniform(0.85, 1.1)
            if made >= 1:
                yield _event(random, hand, station, ActivityKind.PRODUCT_COUNT, at + step / 2, changed, int(made))
                made -= int(made)
        at += step


def _next_state(random: Random, hand: Hand) -> tuple[ActivityKind, float]:
    """Return what comes next and for how many minutes."""
    chance = random.random()
    if chance < hand.diligence * 0.72:
        return ActivityKind.WORKING, random.uniform(9, 38)
    if chance < 0.93:  # noqa: PLR2004
        return ActivityKind.IDLE, random.uniform(1.5, 9)
    return ActivityKind.ABSENT, random.uniform(3, 12)


def _event(
    random: Random, hand: Hand, station: str, kind: ActivityKind, at: datetime, changed: datetime, count: int = 0
) -> ActivityEvent:
    new = at >= changed
    sure = random.betavariate(14, 1.3)
    if new:
        sure = random.betavariate(7, 2.6) if kind is ActivityKind.IDLE else random.betavariate(11, 1.6)
    if random.random() < 0.015:  # noqa: PLR2004  somebody in the way
        sure = random.uniform(0.2, 0.5)
    at = at.replace(microsecond=at.microsecond // 1000 * 1000)
    return ActivityEvent(
        at=at,
        worker=hand.key,
        station=station,
        kind=kind,
        confidence=round(sure, 3),
        count=count,
        model=MODEL,
        model_version="1.5.0" if new else "1.4.2",
        id=f"{hand.key}-{to_us(at)}-{kind}",
    )
