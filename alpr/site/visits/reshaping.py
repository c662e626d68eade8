"""Which visits a change of some reads makes anew, out of the reads that are near them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alpr.domain import Kind
from alpr.site.visits.pairing import settle
from alpr.site.visits.quiet import Known, Span, span
from alpr.site.visits.sightings import Seen
from alpr.stay import StayLimits, Visit


@dataclass(frozen=True, slots=True)
class Turn:
    """A read that is another: as it was and as it is, either of them nothing."""

    before: Seen | None
    after: Seen | None

    @property
    def id(self) -> str:
        """Of the read."""
        return self._any.sighting.id

    @property
    def kind(self) -> Kind:
        """Of what was read."""
        return self._any.sighting.kind

    @property
    def _any(self) -> Seen:
        one = self.after or self.before
        assert one is not None, "a turn has one side at least"
        return one

    @property
    def sides(self) -> tuple[Seen, ...]:
        """What there is of the two."""
        return tuple(one for one in (self.before, self.after) if one is not None)

    @property
    def keys(self) -> frozenset[str]:
        """The folded texts that it bore or bears."""
        return frozenset(text.folded for one in self.sides for text in one.texts)


@dataclass(frozen=True, slots=True)
class Stretch:
    """From when until when all reads are at hand."""

    since: datetime | None
    """None: from the first one on."""
    until: datetime


@dataclass(frozen=True, slots=True)
class Shape:
    """The reads that a change has to do with, and the visits that they make now."""

    reads: frozenset[str]
    """Whose visits are made anew, the changed ones among them."""
    visits: tuple[Visit, ...]
    """Nobody is given up for age here."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """More must be known before visits can be made: from an earlier moment on, or until a later one."""

    earlier: bool
    until: datetime


def reshape(
    turns: Sequence[Turn], near: Iterable[Seen], inside: Collection[str], known: Stretch, limits: StayLimits
) -> Shape | Wanted:
    """Make the visits around some changed reads of one kind that hang together.

    `near` are all other reads of the stretch that may be of the same vehicles, `inside` those that belong to a visit.
    """
    others = tuple(near)
    rows = [
        _in_order((*others, *(one for one in sides if one is not None)))
        for sides in zip(*((turn.before, turn.after) for turn in turns), strict=True)
    ]
    changed = {turn.id for turn in turns}
    found = span(Known(rows[0], rows[1], changed, inside, known.since), limits)
    if found is None:
        return Wanted(earlier=True, until=known.until)
    own = [seen for seen in rows[1] if _within(seen, found)]
    until = _needed(found, own, limits)
    if known.until < until:
        return Wanted(earlier=False, until=until)
    later = [seen for seen in rows[1] if found.end is not None and seen.order >= found.end]
    before = {seen.sighting.id for seen in rows[0] if _within(seen, found)}
    visits = tuple(visit for group in parted(own) for visit in settle(group, limits, later))
    return Shape(frozenset(before | changed | {seen.sighting.id for seen in own}), visits)


def ends(turns: Sequence[Turn]) -> tuple[datetime, datetime]:
    """Return the first and the last time that the turns are of."""
    times = [one.sighting.at for turn in turns for one in turn.sides]
    return min(times), max(times)


def together(turns: Sequence[Turn], reach: timedelta) -> Iterator[list[Turn]]:
    """Give the turns that are near in time, so that one look finds what is beside them all."""
    row: list[Turn] = []
    for turn in sorted(turns, key=lambda one: ends([one])[0]):
        if row and ends([turn])[0] - ends(row[-1:])[1] > reach:
            yield row
            row = []
        row.append(turn)
    if row:
        yield row


def apart(turns: Sequence[Turn], others: Sequence[Seen]) -> Iterator[tuple[list[Turn], list[Seen]]]:
    """Give the turns that hang together by any chain of texts, each time with what else hangs together with them."""
    rows = [*(turn.keys for turn in turns), *([text.folded for text in seen.texts] for seen in others)]
    for numbers in joined(rows):
        if own := [turns[number] for number in numbers if number < len(turns)]:
            yield own, [others[number - len(turns)] for number in numbers if number >= len(turns)]


def parted(seen: Sequence[Seen]) -> Iterator[list[Seen]]:
    """Part reads in the order of time into those that no text joins; each part keeps the order."""
    for numbers in joined([[text.folded for text in one.texts] for one in seen]):
        yield [seen[number] for number in numbers]


def joined(rows: Sequence[Iterable[str]]) -> list[list[int]]:
    """Return which rows hang together by any chain of common words, as numbers in rising order."""
    root: dict[str, str] = {}

    def top(word: str) -> str:
        while root.setdefault(word, word) != word:
            root[word] = root[root[word]]
            word = root[word]
        return word

    firsts = []
    for row in rows:
        first, *rest = row
        firsts.append(first)
        for word in rest:
            root[top(word)] = top(first)
    found: dict[str, list[int]] = {}
    for number, first in enumerate(firsts):
        found.setdefault(top(first), []).append(number)
    return list(found.values())


def _in_order(seen: Iterable[Seen]) -> list[Seen]:
    return sorted(seen, key=lambda one: one.order)


def _within(seen: Seen, found: Span) -> bool:
    return found.begin <= seen.order and (found.end is None or seen.order < found.end)


def _needed(found: Span, own: Sequence[Seen], limits: StayLimits) -> datetime:
    """Return until when reads must be known: those that would belong to the span, and those that tell of a return."""
    last = own[-1].sighting.at + limits.missed_after if own else found.felt_until
    return last if found.end is not None else max(last, found.felt_until)
