"""Which entries of the lists fit a read, and what follows: allowed, denied, watch, unknown.

A text fits an entry exactly, by the entry's wildcard, or with look-alikes, weighed by the read's own characters. Deny
beats allow beats watch, among the matches that are likely enough beside the best one; and whatever the verdict, no
barrier opens by itself on an inexact match that its entry does not allow, or while an entry that denies fits at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from alpr.access import Decision, Entry, ListKind, Match, MatchKind, Verdict
from alpr.domain import Read, State
from alpr.site.glob import ANY_ONE, ANY_RUN, align
from alpr.site.likeness import Hypothesis, hypotheses, likelihood, swaps
from alpr.site.lists.patterns import Known, Patterns
from alpr.site.lists.validity import why_not

_WEIGHTY = 0.5
"""A match takes part in the verdict from this share of the best one's probability: what the reader itself doubts does,
what look-alikes are always suspected of does not, and only keeps the barrier shut."""
_VERDICTS = {ListKind.DENY: Verdict.DENIED, ListKind.ALLOW: Verdict.ALLOWED, ListKind.WATCH: Verdict.WATCH}
_RANK = {ListKind.DENY: 0, ListKind.ALLOW: 1, ListKind.WATCH: 2}
_HOW = {MatchKind.EXACT: 0, MatchKind.WILDCARD: 1, MatchKind.CONFUSABLE: 2}


class Index:
    """All entries, found by text: 10,000 of them cost a read well under a millisecond."""

    def __init__(self, entries: Iterable[Entry], zone: ZoneInfo) -> None:
        self._zone = zone
        self._patterns = Patterns(entries)

    def decide(self, read: Read, now: datetime) -> Decision:
        """Say what the lists say of the read at this time (aware) and its camera."""
        seen = hypotheses(read.reading)
        if read.state is State.UNREAD or not seen:
            return Decision(Verdict.UNREAD, "could not be read")
        found: dict[int, Match] = {}
        for one in seen:
            for match in self._fitting(one):
                found[match.entry.id] = _better(found.get(match.entry.id), match)
        return _decide([self._checked(match, read.camera, now) for match in found.values()])

    def _fitting(self, seen: Hypothesis) -> Iterator[Match]:
        for known in self._patterns.likely(seen.folded):
            places = _places(known, seen)
            if places is not None:
                signs = [sign for sign in known.typed if sign not in {ANY_RUN, ANY_ONE}]
                yield from _match(seen, known, list(zip(places, signs, strict=True)))

    def _checked(self, match: Match, camera: str, now: datetime) -> Match:
        why = why_not(match.entry, camera, now, self._zone)
        if not why:
            return match
        return replace(match, reason=f"{match.reason}; {why}", applies=False)


def _places(known: Known, seen: Hypothesis) -> Sequence[int] | None:
    """Return where in the text the pattern's letters and digits lie; the very ones that were typed come first."""
    if not known.wild:
        return range(len(seen.text))
    literal = align(known.typed, seen.text)
    return literal if literal is not None else align(known.folded, seen.folded)


def _match(seen: Hypothesis, known: Known, signs: Sequence[tuple[int, str]]) -> Iterator[Match]:
    """Give the match, if what was seen can be these signs at their places."""
    probability = likelihood(seen, signs)
    if probability is None:
        return
    forgiven = swaps(seen, signs)
    if forgiven or not seen.read:
        kind = MatchKind.CONFUSABLE
        reason = f"matched with {forgiven}" if seen.read else f"may be {seen.text}, a runner-up of the read"
    elif known.wild:
        kind, reason = MatchKind.WILDCARD, f"fits {known.entry.pattern}"
    else:
        kind, reason = MatchKind.EXACT, f"is {known.entry.pattern}"
    yield Match(known.entry, kind, probability, reason)


def _better(known: Match | None, match: Match) -> Match:
    """Return the closer of two matches of one entry; what was read first gives the reason."""
    if known is None or _HOW[match.kind] < _HOW[known.kind]:
        return match
    return replace(known, probability=max(known.probability, match.probability)) if match.kind is known.kind else known


def _order(match: Match) -> tuple[int, float, int]:
    return _HOW[match.kind], -match.probability, match.entry.id


def _decide(matches: list[Match]) -> Decision:
    holding = sorted((match for match in matches if match.applies), key=_order)
    past = sorted((match for match in matches if not match.applies), key=_order)
    if not holding:
        reason = f"{past[0].entry.list_name}: {past[0].reason}" if past else "on no list"
        return Decision(Verdict.UNKNOWN, reason, tuple(past))
    least = _WEIGHTY * max(match.probability for match in holding)
    weighty = [match for match in holding if match.probability >= least]
    rank = min(_RANK[match.entry.list_kind] for match in weighty)
    first = min(
        (match for match in weighty if _RANK[match.entry.list_kind] == rank),
        key=lambda match: (not _may_open(match), *_order(match)),
    )
    rest = [match for match in holding if match is not first]
    denying = [match for match in rest if match.entry.list_kind is ListKind.DENY]
    verdict = _VERDICTS[first.entry.list_kind]
    opens = verdict is Verdict.ALLOWED and _may_open(first) and not denying
    return Decision(verdict, _words(first, rest), (first, *rest, *past), opens)


def _may_open(match: Match) -> bool:
    return match.kind is MatchKind.EXACT or match.entry.opens_inexact


def _words(first: Match, rest: Sequence[Match]) -> str:
    """Say for the guard whose it is, how it fits if not exactly, and which entries say otherwise."""
    entry = first.entry
    whose = entry.owner or entry.company or entry.note
    parts = [f"{entry.list_name}: {whose}" if whose else entry.list_name]
    if first.kind is not MatchKind.EXACT:
        parts.append(first.reason)
    for kind in _RANK:
        other = next((one for one in rest if one.entry.list_kind is kind is not entry.list_kind), None)
        if other is not None:
            parts.append(_contradiction(other, entry.list_kind))
    return "; ".join(parts)


def _contradiction(other: Match, stronger: ListKind) -> str:
    name, kind = other.entry.list_name, other.entry.list_kind
    if other.kind is MatchKind.CONFUSABLE:
        shut = ": nothing opens by itself" if kind is ListKind.DENY else ""
        return f"may be {other.entry.pattern} of {name}{shut}"
    beaten = kind is ListKind.ALLOW and stronger is ListKind.DENY
    return f"also on {name}, but deny beats allow" if beaten else f"also on {name}"
