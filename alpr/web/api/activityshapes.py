"""What the API says of activity events and of who sends them."""

from dataclasses import dataclass
from datetime import datetime

from alpr.activity import ActivityKind
from alpr.intake.activity import Answer, Fate
from alpr.store.activitylog import StoredEvent
from alpr.store.activitysources import Source


@dataclass(frozen=True, slots=True)
class ActivityAnswer:
    """What became of one event; `field` and `reason` say what is wrong with a refused one.

    `position` counts from 1: in a list by its elements, in JSON Lines and CSV by lines.
    """

    position: int
    outcome: Fate
    id: str
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class ActivityAnswers:
    """What became of everything that was sent."""

    accepted: int
    duplicate: int
    refused: int
    events: list[ActivityAnswer]


@dataclass(frozen=True, slots=True)
class ActivityEventShape:
    """One event as it was sent, with who sent it and when it came."""

    timestamp: datetime
    worker: str
    station: str
    type: ActivityKind
    confidence: float
    count: int
    model: str
    model_version: str
    id: str
    source: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class ActivityEvents:
    """Events, newest first; `next` is the `cursor` of the page that follows, null on the last one."""

    events: list[ActivityEventShape]
    next: str | None


@dataclass(frozen=True, slots=True)
class ActivitySource:
    """A sender: `skew` is by how many seconds its clock is ahead (below 0: behind), 0 while it seems right."""

    name: str
    events: int
    refused: int
    received_at: datetime
    newest_at: datetime | None
    skew: float
    skewed_since: datetime | None


@dataclass(frozen=True, slots=True)
class ActivitySources:
    """All senders by name."""

    sources: list[ActivitySource]


def answers_shape(answers: list[Answer]) -> ActivityAnswers:
    """Show what became of a request."""
    counts = {fate: sum(one.fate is fate for one in answers) for fate in Fate}
    return ActivityAnswers(
        counts[Fate.ACCEPTED], counts[Fate.DUPLICATE], counts[Fate.REFUSED], [answer_shape(one) for one in answers]
    )


def answer_shape(one: Answer) -> ActivityAnswer:
    """Show what became of an event."""
    return ActivityAnswer(one.position, one.fate, one.id, one.field, one.reason)


def event_shape(stored: StoredEvent) -> ActivityEventShape:
    """Show an event."""
    event = stored.event
    return ActivityEventShape(
        timestamp=event.at,
        worker=event.worker,
        station=event.station,
        type=event.kind,
        confidence=event.confidence,
        count=event.count,
        model=event.model,
        model_version=event.model_version,
        id=event.id,
        source=stored.source,
        received_at=stored.received_at,
    )


def source_shape(source: Source) -> ActivitySource:
    """Show a sender."""
    return ActivitySource(
        source.name,
        source.events,
        source.refused,
        source.received_at,
        source.newest_at,
        source.skew.total_seconds(),
        source.skewed_since,
    )
