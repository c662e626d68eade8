"""Activity events on their way into the store: each is answered on its own, once it is committed.

What was answered as accepted is on the disk; what was not may be sent again, for a repetition is known by its id or its
content.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import structlog

from alpr.activity import ActivityEvent, FactoryPlan, in_us
from alpr.bus import ActivityCommitted, Bus
from alpr.domain import utc_now
from alpr.site.factory.fields import EventFault, moment_of, parse_event
from alpr.site.factory.file import Item, Unreadable
from alpr.site.factory.floor import Floor
from alpr.store import activity, activitysources
from alpr.store.activity import Terms
from alpr.store.database import Database

_AT_ONCE: Final = 1000
"""Events of one transaction: a file of a million must not keep the cameras from storing their reads."""
_OFF: Final = EventFault("", "the factory is switched off: set `enabled = true` in [factory]")
_log = structlog.get_logger(__name__)


class Fate(StrEnum):
    """What became of an event."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of the event at this place of what was sent, counted from 1."""

    position: int
    fate: Fate
    field: str = ""
    """Which is wrong, where it is refused; empty when it is the event as a whole."""
    reason: str = ""
    id: str = ""
    """The sender's own, where the event has one."""


class Intake:
    """Takes events in, from whichever way they come."""

    def __init__(self, database: Database, bus: Bus, floor: Floor, clock: Callable[[], datetime] = utc_now) -> None:
        self._database, self._bus, self._floor, self._clock = database, bus, floor, clock

    async def take(self, given: Sequence[object], source: str, *, clocked: bool = True) -> list[Answer]:
        """Keep the events that are right and new, and answer each; `given` are items, or what JSON holds.

        `clocked`: the events are of now, so that they tell whether the sender's clock is right. Raises StoreError; what
        was sent may then be sent again as a whole.
        """
        items = [one if isinstance(one, Item) else Item(place, one) for place, one in enumerate(given, 1)]
        answers: list[Answer] = []
        for first in range(0, len(items), _AT_ONCE):
            answers += await self._take(items[first : first + _AT_ONCE], source, clocked=clocked)
        return answers

    async def _take(self, items: Sequence[Item], source: str, *, clocked: bool) -> list[Answer]:
        now, floor, plan = self._clock(), self._floor, self._floor.plan
        if plan is None:
            return _answers(items, [_OFF] * len(items), ())
        parsed = [_parsed(one.value, now, floor.skew) for one in items]
        events = [one for one in parsed if isinstance(one, ActivityEvent)]
        newest = (
            max((at for one in items if (at := moment_of(one.value)) is not None), default=None) if clocked else None
        )
        async with self._database.write() as connection:
            number = await activitysources.number_of(connection, source, now)
            outcomes = await activity.add(connection, events, terms_of(plan, strangers=floor.strangers), number, now)
            answers = _answers(items, parsed, outcomes)
            accepted = sum(one.fate is Fate.ACCEPTED for one in answers)
            refused = sum(one.fate is Fate.REFUSED for one in answers)
            tolerance = floor.skew if clocked else None
            skew = await activitysources.note(connection, number, (accepted, refused), newest, now, tolerance)
        if skew:
            way = "ahead" if skew > 0 else "behind, or its events always come late"
            off = round(abs(timedelta(microseconds=skew)).total_seconds())
            _log.warning("a sender's clock is off", source=source, seconds=off, way=way)
        if accepted:
            kept = [one for one, outcome in zip(events, outcomes, strict=True) if outcome is True]
            workers, stations = frozenset(one.worker for one in kept), frozenset(one.station for one in kept)
            self._bus.publish(ActivityCommitted(workers, stations, accepted))
        return answers


def terms_of(plan: FactoryPlan, *, strangers: bool) -> Terms:
    """Return how the store takes events in."""
    return Terms(in_us(plan.max_gap), strangers, plan.workers, plan.stations)


def _parsed(given: object, now: datetime, skew: timedelta) -> ActivityEvent | EventFault:
    if isinstance(given, Unreadable):
        return EventFault("", given.words)
    return parse_event(given, now, skew)


def _answers(
    items: Sequence[Item], parsed: Sequence[ActivityEvent | EventFault], outcomes: Sequence[activity.Outcome]
) -> list[Answer]:
    left = iter(outcomes)
    answers = []
    for item, one in zip(items, parsed, strict=True):
        said = one if isinstance(one, EventFault) else next(left)
        sender_id = one.id if isinstance(one, ActivityEvent) else ""
        if isinstance(said, EventFault):
            answers.append(Answer(item.position, Fate.REFUSED, said.field, said.words, sender_id))
        else:
            answers.append(Answer(item.position, Fate.ACCEPTED if said else Fate.DUPLICATE, id=sender_id))
    return answers
