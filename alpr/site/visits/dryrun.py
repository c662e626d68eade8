"""What rules about who is inside would have done with the visits of the past."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alpr.site.rules.dryrun import Tried
from alpr.site.rules.firing import ReadyRule
from alpr.site.rules.passage import Passage
from alpr.site.visits.states import visit_watches
from alpr.stay import Room


@dataclass(frozen=True, slots=True)
class PastGuest:
    """Somebody who was inside, and until when, as far as anybody knows."""

    read: str
    entered: datetime
    left: datetime
    passage: Passage


def try_on_visits(rules: Iterable[ReadyRule], guests: Sequence[PastGuest], room: Room) -> list[Tried]:
    """Return what each rule would have done with those who came, in the order of time; once a visit."""
    return [_tried(one, guests, room) for one in rules]


def _tried(one: ReadyRule, guests: Sequence[PastGuest], room: Room) -> Tried:
    tried = Tried(one)
    fired = _crowded(one, guests, room) if one.rule.on == "occupancy" else _long(one, guests, room)
    for read in fired:
        tried.fired += 1
        tried.latest.append(read)
    return tried


def _long(one: ReadyRule, guests: Iterable[PastGuest], room: Room) -> Iterator[str]:
    """Give those who stayed longer than the rule or the room allows."""
    own = timedelta(seconds=one.rule.threshold) if one.rule.on == "dwell" else None
    for guest in guests:
        longest = own if own is not None else room.longest(guest.passage.lists, guest.passage.kind)
        if longest is not None and guest.left - guest.entered > longest and one.fires(guest.passage):
            yield guest.read


def _crowded(one: ReadyRule, guests: Sequence[PastGuest], room: Room) -> Iterator[str]:
    """Give whoever filled the place; it has to empty as far as for the live rule before somebody fills it again."""
    for watch in visit_watches([one], room):
        (subject,) = watch.cameras
        mine = [guest for guest in guests if _counts(subject, guest)]
        steps = [(guest.entered, 1, guest.read) for guest in mine] + [(guest.left, -1, guest.read) for guest in mine]
        count, full = 0, False
        for _, step, read in sorted(steps):
            count += step
            if not full and count > watch.threshold:
                full = True
                yield read
            elif count <= watch.release:
                full = False


def _counts(subject: str, guest: PastGuest) -> bool:
    kind, _, name = subject.partition(" ")
    if kind == "list":
        return name.casefold() in {known.casefold() for known in guest.passage.lists}
    return not subject or (kind == "zone" and guest.passage.zone == name)
