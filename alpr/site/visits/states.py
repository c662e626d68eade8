"""States of who is inside that rules are about: somebody for too long, too many of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from alpr.access import Severity
from alpr.site.rules.firing import ReadyRule
from alpr.site.rules.passage import Passage
from alpr.site.rules.states import Measure, Watch
from alpr.stay import Room

HAPPENINGS: Final = frozenset({"dwell", "overstay", "occupancy"})
_BETWEEN: Final = 0.5
"""A count is more than a threshold this far below it."""
_HYSTERESIS: Final = 1.5
"""It is over once two have left, so that one car that comes and goes does not flutter."""
_DAY: Final = 24
_OF_ONE: Final = ("dwell", "overstay")


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who is inside now."""

    text: str
    entered: datetime
    passage: Passage
    """How it came in, and the lists that know it."""


def visit_watches(rules: Iterable[ReadyRule], room: Room) -> tuple[Watch, ...]:
    """Return every threshold that rules have over who is inside."""
    return tuple(watch for one in rules for watch in _of_rule(one, room))


def _of_rule(one: ReadyRule, room: Room) -> Iterator[Watch]:
    rule = one.rule
    severity = Severity(rule.alarm) if rule.alarm else Severity.WARNING
    if rule.on == "dwell":
        yield Watch(rule.on, rule.threshold, 0.0, severity, rule.name, conditions=one.conditions)
    elif rule.on == "overstay":
        yield Watch(rule.on, 0.0, 0.0, severity, rule.name, conditions=one.conditions)
    elif rule.on == "occupancy":
        for subject, capacity in _subjects(rule.lists, rule.zones, room):
            most = rule.threshold or capacity
            if most:
                yield Watch(
                    rule.on, most - _BETWEEN, most - _HYSTERESIS, severity, rule.name, cameras=frozenset({subject})
                )


def _subjects(lists: Iterable[str], zones: Iterable[str], room: Room) -> Iterator[tuple[str, int]]:
    """Give what is counted, with the room that there is."""
    roomy = {name.casefold(): capacity for name, capacity in room.list_capacity.items()}
    named = [(f"list {name}", roomy.get(name.casefold(), 0)) for name in lists]
    named += [(f"zone {name}", room.zone_capacity.get(name, 0)) for name in zones]
    yield from named or [("", room.capacity)]


def guest_measures(guests: Iterable[Guest], room: Room, now: datetime) -> Iterator[Measure]:
    """Measure of each how long it has been inside, and by how much that is too long; 0 when it is not."""
    for guest in guests:
        stayed = now - guest.entered
        longest = room.longest(guest.passage.lists, guest.passage.kind)
        words = f"{guest.text} has been inside for {_span(stayed)}"
        if known := ", ".join(sorted(guest.passage.lists)):
            words += f" ({known})"
        about = (guest.text, max(0.0, stayed.total_seconds()))
        yield Measure("dwell", *about, words, round(about[1]), guest.passage, guest.text)
        over = (stayed - longest).total_seconds() if longest is not None else 0.0
        yield Measure("overstay", guest.text, max(0.0, over), words, round(about[1]), guest.passage, guest.text)


def gone_measures(open_keys: Iterable[str], here: Iterable[str]) -> Iterator[Measure]:
    """End what is still open of those who are not inside any more."""
    inside = set(here)
    for key in sorted(open_keys):
        # `rule NAME/dwell/TEXT`; names of rules have no slash.
        _, on, subject = (*key.split("/", 2), "", "")[:3]
        if on in _OF_ONE and subject not in inside:
            yield Measure(on, subject, 0.0, f"{subject} has left", text=subject)


def count_measures(
    total: int, lists: Mapping[str, int], zones: Mapping[str, int], known: Iterable[str]
) -> Iterator[Measure]:
    """Measure how many are inside: of the site, and of each list and zone that rules ask for (`list Visitors`)."""
    counts = (
        {"": total}
        | {f"list {name}": n for name, n in lists.items()}
        | {f"zone {name}": n for name, n in zones.items()}
    )
    for subject in dict.fromkeys(["", *known]):
        count = counts.get(subject.casefold() if subject.startswith("list ") else subject, 0)
        of = f" of {subject}" if subject else ""
        yield Measure("occupancy", subject, float(count), f"{count} inside{of}", count)


def _span(stayed: timedelta) -> str:
    minutes = max(0, int(stayed.total_seconds()) // 60)
    if minutes < 60:  # noqa: PLR2004  an hour
        return f"{minutes} min"
    return (
        f"{minutes // 60} h {minutes % 60} min" if minutes < 24 * 60 else f"{minutes // 1440} d {minutes // 60 % 24} h"
    )
