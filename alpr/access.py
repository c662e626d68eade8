"""The nouns of who may enter and whom to tell: frozen values, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final, TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

MAY_STAND: Final = timedelta(minutes=15)
"""So long after it was seen a vehicle may still stand at the gate; later it has driven on."""


class ListKind(StrEnum):
    """What being on a list means."""

    ALLOW = "allow"
    DENY = "deny"
    WATCH = "watch"


class Verdict(StrEnum):
    """What the lists say of a read; *unread* is no verdict of a list but has the same place on the screen."""

    ALLOWED = "allowed"
    DENIED = "denied"
    WATCH = "watch"
    UNKNOWN = "unknown"
    UNREAD = "unread"


class MatchKind(StrEnum):
    """How an entry fits a text."""

    EXACT = "exact"
    WILDCARD = "wildcard"
    CONFUSABLE = "confusable"


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the week in the site's time zone; an end at or before the start lies on the next day."""

    days: frozenset[int]
    """On which it begins, Monday is 0."""
    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Entry:
    """One plate or code on a list, `*` for any run and `?` for any one character allowed."""

    id: int
    list_name: str
    list_kind: ListKind
    pattern: str
    owner: str = ""
    company: str = ""
    note: str = ""
    opens_inexact: bool = False
    """Whether a match that is not exact (wildcard, look-alike) opens the barrier, too."""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    """Exclusive."""
    cameras: frozenset[str] = frozenset()
    """At which the entry holds; empty: at all."""
    schedule: tuple[Window, ...] = ()
    """When the entry holds; empty: always."""


@dataclass(frozen=True, slots=True)
class Match:
    """An entry that fits a read: how, how surely, and whether it holds there and then."""

    entry: Entry
    kind: MatchKind
    probability: float
    """That the plate is the entry's, 0 to 1, from the read's own characters."""
    reason: str
    """In words, such as `matched with O = 0`."""
    applies: bool = True
    """False: expired, outside its schedule or at another gate; `reason` says which."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the lists say of one read."""

    verdict: Verdict
    reason: str
    """In words, for the guard: `Staff: Meyer Logistics`, `on no list`, `expired 2 days ago`."""
    matches: tuple[Match, ...] = ()
    """The one that decided first."""
    opens: bool = False
    """Whether a barrier may open by itself: allowed, by a match that is exact or allowed to be inexact."""


@dataclass(frozen=True, slots=True)
class Message:
    """What one target is to be told once."""

    key: str
    """The same for the same thing told to the same target, after a restart too."""
    target: str
    """Name of a `[[target]]`, or `barrier/NAME`."""
    subject: str
    body: str
    facts: Mapping[str, Json] = field(default_factory=dict)
    """The event in the product's own JSON shape."""
    rule: str = ""
    read_id: str | None = None
    with_picture: bool = False
    expires_at: datetime | None = None
    """After this nobody wants to be told any more: a barrier's order lives seconds."""


class Severity(StrEnum):
    """How bad an alarm is."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"
