"""Moments at which visits can be parted: what was seen before has no bearing on what is seen from then on.

Staff that come every day make one long chain of reads that are near each other. To find the visits around one read
anew, not the whole chain is needed, only what lies between two quiet moments: there, all that was seen lately has left,
or was not seen for too long, or the next read itself begins a new stay of the vehicle that seemed to be inside.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from alpr.site.visits.sightings import Seen
from alpr.stay import StayLimits, Way

Place: TypeAlias = tuple[datetime, str]
"""Where a read stands in the order of all: time, and id between two at once."""

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class _Stay:
    """The latest stay of one text, as far as it has been followed."""

    began: Way
    gate: Way
    at: datetime
    """When it last came or went."""
    last: datetime

    def goes_on(self, seen: Seen, limits: StayLimits) -> bool:
        """Whether the read belongs to it: the same as in `visits`."""
        one = seen.sighting
        if one.at - self.last > limits.missed_after:
            return False
        if one.way is self.gate:
            return one.at - self.at <= limits.duplicate
        if self.gate is Way.IN:
            return True
        return one.way is Way.IN and self.began is Way.IN and one.at - self.at <= limits.turn_round

    def felt_until(self, limits: StayLimits) -> datetime:
        """Return until when another read may have to do with it."""
        if self.gate is Way.OUT:
            return self.at + max(limits.duplicate, limits.turn_round)
        return self.last + limits.missed_after


@dataclass(frozen=True, slots=True)
class Span:
    """The reads between two quiet moments, and until when later ones would have belonged to them."""

    begin: Place
    end: Place | None
    """The first read that does not belong to it any more; None when it goes on to the last."""
    felt_until: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """All reads that may be of the same vehicles as some that change, in the order of time, from a moment on."""

    before: Sequence[Seen]
    after: Sequence[Seen]
    """With the change."""
    changed: Collection[str]
    """Ids of the reads that are another, new or gone."""
    inside: Collection[str]
    """Ids of reads that belong to a visit: they may have passed a camera without direction while it lasted."""
    since: datetime | None
    """Nothing is left out from here on; None: nothing at all."""


def span(known: Known, limits: StayLimits) -> Span | None:
    """Return the stretch in which visits can be others after the change; None when more of the past must be known."""
    rows = (known.before, known.after)
    touched = [seen.order for row in rows for seen in row if seen.sighting.id in known.changed]
    first, last = min(touched), max(touched)
    begin: Place | None = min(row[0].order for row in rows if row)
    if known.since is not None:
        ways = [_quiet(row, known.changed, known.inside, limits) for row in rows]
        certain = known.since + limits.missed_after
        places = sorted({seen.order for row in rows for seen in row if certain <= seen.sighting.at})
        quiet = (place for place in reversed(places) if place <= first and all(_holds(way, place) for way in ways))
        begin = next(quiet, None)
    return None if begin is None else _until(known, begin, last, limits)


def _until(known: Known, begin: Place, last: Place, limits: StayLimits) -> Span:
    """Return the span from its beginning to the first moment after the change that is quiet with and without it."""
    rows = [[seen for seen in row if seen.order >= begin] for row in (known.before, known.after)]
    ways = [_quiet(row, (), known.inside, limits) for row in rows]
    later = (seen.order for seen in rows[1] if seen.order > last)
    end = next((place for place in later if all(_holds(way, place) for way in ways)), None)
    return Span(begin, end, end[0] if end else max(way.felt_until for way in ways))


@dataclass(frozen=True, slots=True)
class _Quiet:
    """Which reads of a row begin something new."""

    places: Sequence[Place]
    begins: Sequence[bool]
    felt_until: datetime


def _holds(row: _Quiet, place: Place) -> bool:
    """Whether the row can be parted before this place."""
    number = bisect_left(row.places, place)
    if number < len(row.places):
        return row.begins[number]
    return place[0] > row.felt_until


def _quiet(row: Sequence[Seen], changed: Collection[str], inside: Collection[str], limits: StayLimits) -> _Quiet:
    """Look at each read in the order of time; one that is changed silences nobody by beginning a stay of its own."""
    stays: dict[str, _Stay] = {}
    begins = []
    for seen in row:
        begins.append(_begins(seen, stays, limits, silences=seen.sighting.id not in changed))
        _follow(seen, stays, inside, limits)
    return _Quiet(
        [seen.order for seen in row], begins, max((one.felt_until(limits) for one in stays.values()), default=_NEVER)
    )


def _begins(seen: Seen, stays: dict[str, _Stay], limits: StayLimits, *, silences: bool) -> bool:
    """Whether nothing before this read can have to do with it or with what follows."""
    own = stays.get(seen.text)
    if own is not None and own.goes_on(seen, limits):
        return False
    over = seen.text if silences and seen.sighting.way is not Way.PASSING else None
    return all(stay.felt_until(limits) < seen.sighting.at for stay in _but(stays, over))


def _but(stays: dict[str, _Stay], text: str | None) -> Iterator[_Stay]:
    return (stay for name, stay in stays.items() if name != text)


def _follow(seen: Seen, stays: dict[str, _Stay], inside: Collection[str], limits: StayLimits) -> None:
    """Let the read go on with the stay of its text, or begin one."""
    one, stay = seen.sighting, stays.get(seen.text)
    if stay is not None and stay.goes_on(seen, limits):
        stay.last = one.at
        if one.way is not Way.PASSING:
            stay.gate, stay.at = one.way, one.at
    elif one.way is not Way.PASSING:
        stays[seen.text] = _Stay(one.way, one.way, one.at, one.at)
    elif one.id in inside and (stay is None or stay.gate is not Way.IN):
        # Who knows since when: nobody has looked so far back.
        stays[seen.text] = _Stay(Way.IN, Way.IN, one.at, one.at)
