"""Reads of one vehicle pair up into visits, whatever the order in which the reads come.

First the reads of one and the same text, in the order of time, part into stays; then stays whose texts differ by what
cameras mix up become one, the likeliest first, where together they tell of one stay: an entry without exit and an exit
without entry, or the same passage read twice. Whatever a read's text cannot be a part of stays as it is.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from alpr.site.visits.sightings import LEAST, Seen, Sightings, likeness
from alpr.stay import Sighting, StayLimits, Visit, VisitState, Way


def pair(sightings: Iterable[Sighting], limits: StayLimits, now: datetime) -> tuple[Visit, ...]:
    """Return the visits that these reads tell of, by their beginning; their order and repetition do not matter."""
    known = Sightings(limits.missed_after)
    for one in sightings:
        known.put(one)
    found = [visit for group in known.groups(set(known)) for visit in settle(group, limits)]
    return tuple(aged(visit, limits, now) for visit in sorted(found, key=began))


def began(visit: Visit) -> tuple[datetime, str]:
    """Return what visits are ordered by."""
    first = visit.entered or visit.left
    assert first is not None, "a visit has one end at least"
    return first, visit.id


def aged(visit: Visit, limits: StayLimits, now: datetime) -> Visit:
    """Give up a vehicle that nobody has seen for too long."""
    if visit.state is VisitState.OPEN and now - visit.last_seen > limits.missed_after:
        return replace(visit, state=VisitState.MISSED_OUT)
    return visit


def settle(group: Sequence[Seen], limits: StayLimits, later: Sequence[Seen] = ()) -> list[Visit]:
    """Return the visits of reads that may be of one vehicle, given in the order of time; nobody is given up for age.

    What was seen `later` makes no visits; it only tells that somebody has come again.
    """
    texts: dict[str, list[Seen]] = {}
    for seen in group:
        texts.setdefault(seen.text, []).append(seen)
    stays = [_Stay(tuple(one)) for same in texts.values() for one in _parted(same, limits)]
    if len(texts) > 1:
        stays = _joined(stays, group, limits)
        stays = _witnessed(stays, group, limits)
    return [_visit(stay, (*group, *later), limits) for stay in stays]


@dataclass(frozen=True, slots=True, eq=False)
class _Stay:
    """Sightings of one stay, in the order of time, none of another stay between its ends."""

    seen: tuple[Seen, ...]
    confidence: float = 1.0

    @property
    def first(self) -> datetime:
        return self.seen[0].sighting.at

    @property
    def last(self) -> datetime:
        return self.seen[-1].sighting.at

    @property
    def texts(self) -> dict[str, Seen]:
        """Return the surest sighting of each text."""
        return {
            one.text: one for one in sorted(self.seen, key=lambda one: (one.sighting.reading.confidence, one.order))
        }

    @property
    def gone(self) -> bool:
        ways = (seen.sighting.way for seen in reversed(self.seen))
        return next(way for way in ways if way is not Way.PASSING) is Way.OUT


def _parted(same: Sequence[Seen], limits: StayLimits) -> list[list[Seen]]:
    """Part sightings of one vehicle into stays; who passes without being inside is left out."""
    stays: list[list[Seen]] = []
    gate: Sighting | None = None
    for seen in same:
        one = seen.sighting
        if gate is not None and _continues(stays[-1], gate, one, limits):
            stays[-1].append(seen)
        elif one.way is not Way.PASSING:
            stays.append([seen])
        gate = gate if one.way is Way.PASSING else one
    return stays


def _continues(stay: Sequence[Seen], gate: Sighting, one: Sighting, limits: StayLimits) -> bool:
    """Whether one belongs to the stay; `gate` is where the vehicle last came or went."""
    if one.at - stay[-1].sighting.at > limits.missed_after:
        return False
    if one.way is gate.way:
        return one.at - gate.at <= limits.duplicate
    if gate.way is Way.IN:
        return True
    came = stay[0].sighting.way is Way.IN
    return one.way is Way.IN and came and one.at - gate.at <= limits.turn_round


def _joined(stays: list[_Stay], group: Sequence[Seen], limits: StayLimits) -> list[_Stay]:
    """Join stays of different texts, the likeliest and nearest first."""
    part_of: dict[_Stay, _Stay] = {}

    def whole(stay: _Stay) -> _Stay:
        while stay in part_of:
            stay = part_of[stay]
        return stay

    for likely, one, other in _pairs(stays, limits):
        a, b = whole(one), whole(other)
        both = _Stay(_in_order((*a.seen, *b.seen)), min(likely, a.confidence, b.confidence))
        if a is not b and _is_one(both, limits) and not _interrupted(both, group):
            part_of[a] = part_of[b] = both
    return list(dict.fromkeys(map(whole, stays)))


def _pairs(stays: list[_Stay], limits: StayLimits) -> list[tuple[float, _Stay, _Stay]]:
    """Return the pairs of stays that may be one, the likeliest first, then the nearest."""
    ordered = sorted(stays, key=lambda stay: stay.seen[0].order)
    found = []
    for place, one in enumerate(ordered):
        until = one.last + (max(limits.duplicate, limits.turn_round) if one.gone else limits.missed_after)
        for later in range(place + 1, len(ordered)):
            other = ordered[later]
            if other.first > until or one.seen[0].text == other.seen[0].text:
                break  # no stay reaches past the next one of its own text
            if (likely := _likeness(one, other)) >= LEAST:
                # Among equals every other pair goes first: a row is joined in halves, not one by one.
                found.append((-likely, abs(other.first - one.last), later & -later, place, later))
    return [(-likely, ordered[place], ordered[later]) for likely, _, _, place, later in sorted(found)]


def _likeness(one: _Stay, other: _Stay) -> float:
    """Return how likely two stays are of one vehicle; 0 for the same text, whose order has parted them already."""
    mine, theirs = one.texts, other.texts
    if mine.keys() & theirs.keys():
        return 0.0
    return max(likeness(a, b) for a in mine.values() for b in theirs.values())


def _in_order(seen: Iterable[Seen]) -> tuple[Seen, ...]:
    return tuple(sorted(seen, key=lambda one: one.order))


def _is_one(stay: _Stay, limits: StayLimits) -> bool:
    return [len(one) for one in _parted(stay.seen, limits)] == [len(stay.seen)]


def _interrupted(both: _Stay, group: Sequence[Seen]) -> bool:
    """Whether the same texts came or went otherwise while it lasted: a vehicle cannot be inside twice."""
    texts, own = both.texts.keys(), {seen.sighting.id for seen in both.seen}
    after = bisect_right(group, both.first, key=_at)
    before = bisect_left(group, both.last, key=_at)
    return any(
        seen.text in texts and seen.sighting.way is not Way.PASSING and seen.sighting.id not in own
        for seen in group[after:before]
    )


def _at(seen: Seen) -> datetime:
    return seen.sighting.at


def _witnessed(stays: list[_Stay], group: Sequence[Seen], limits: StayLimits) -> list[_Stay]:
    """Give those who passed a camera without direction, under a text misread, to the likeliest stay."""
    taken = {seen.sighting.id for stay in stays for seen in stay.seen}
    passed: dict[_Stay, list[Seen]] = {stay: [] for stay in stays}
    sure = {stay: stay.confidence for stay in stays}
    for seen in group:
        if seen.sighting.id in taken:
            continue
        fitting = list(_inside_then(stays, seen, limits))
        if fitting:
            likely, best = max(fitting, key=lambda it: (it[0], it[1].seen[0].order))
            passed[best].append(seen)
            sure[best] = min(sure[best], likely)
    return [_Stay(_in_order((*stay.seen, *passed[stay])), sure[stay]) for stay in stays]


def _inside_then(stays: Sequence[_Stay], seen: Seen, limits: StayLimits) -> Iterator[tuple[float, _Stay]]:
    """Give the stays that may be of this vehicle and lasted when it passed, each with its likeness."""
    for stay in stays:
        if stay.first < seen.sighting.at and (seen.sighting.at < stay.last or not stay.gone):
            likely = max(likeness(seen, one) for one in stay.texts.values())
            fits = likely >= LEAST and not _superseded(stay, stays, seen.sighting.at)
            if fits and _is_one(_Stay(_in_order((*stay.seen, seen))), limits):
                yield likely, stay


def _superseded(stay: _Stay, stays: Sequence[_Stay], moment: datetime) -> bool:
    """Whether one of its texts had come again by then: nobody saw it leave, but it did."""
    texts = stay.texts.keys()
    return any(stay.first < other.first < moment and texts & other.texts.keys() for other in stays if other is not stay)


def _visit(stay: _Stay, group: Sequence[Seen], limits: StayLimits) -> Visit:
    ways = [(seen.sighting.way, seen.sighting.at) for seen in stay.seen]
    entered = next((at for way, at in ways if way is Way.IN), None)
    left = _end(ways) if stay.gone else None
    if left is None:
        state = VisitState.MISSED_OUT if _seen_again(stay, group) else VisitState.OPEN
    else:
        state = VisitState.CLOSED if entered else VisitState.MISSED_IN
    return Visit(
        id=stay.seen[0].sighting.id,
        kind=stay.seen[0].sighting.kind,
        text=_agreed(stay.seen),
        state=state,
        entered=entered,
        left=left,
        last_seen=stay.last,
        reads=tuple(seen.sighting.id for seen in stay.seen),
        confidence=stay.confidence,
        turned_round=_short(entered, left, limits.turn_round),
    )


def _end(ways: Sequence[tuple[Way, datetime]]) -> datetime:
    """Return when it was seen leaving for the last time."""
    return max(at for way, at in ways if way is Way.OUT)


def _short(entered: datetime | None, left: datetime | None, limit: timedelta) -> bool:
    return entered is not None and left is not None and left - entered <= limit


def _seen_again(stay: _Stay, group: Sequence[Seen]) -> bool:
    """Whether what may be the same vehicle was seen at a gate after this stay."""
    texts = stay.texts.values()
    since = bisect_right(group, stay.seen[-1].order, key=lambda seen: seen.order)
    later = (seen for seen in islice(group, since, None) if seen.sighting.way is not Way.PASSING)
    return any(likeness(seen, one) >= LEAST for seen in later for one in texts)


def _agreed(seen: Sequence[Seen]) -> str:
    """Return the text that the reads are surest of together."""
    weight: dict[str, float] = {}
    for one in seen:
        weight[one.text] = weight.get(one.text, 0.0) + one.sighting.reading.confidence
    return max(weight, key=lambda text: (weight[text], text))
