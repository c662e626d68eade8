"""What people decided about visits, laid over what reads tell: it outlives every recomputation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from alpr.stay import Visit, VisitState


class Deed(StrEnum):
    """What somebody did to a visit."""

    CLOSE = "close"
    """It left at that time, unseen."""
    REOPEN = "reopen"
    """It was still inside at that time."""
    MERGE = "merge"
    """Both visits were one."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One deed; it means the visits that its reads belong to, whichever these are."""

    id: int
    deed: Deed
    read: str
    other: str | None
    """For a merge: a read of the other visit."""
    at: datetime
    """When the vehicle left, or was still there."""
    by: str


@dataclass(frozen=True, slots=True)
class Decided:
    """A visit after what people decided about it."""

    visit: Visit
    by: str = ""
    """Who decided last; empty: nobody."""


def decided(visits: Iterable[Visit], decisions: Sequence[Decision]) -> list[Decided]:
    """Return the visits with the decisions in effect, the oldest decision first; merged ones have the earlier's id."""
    found = {visit.id: Decided(visit) for visit in visits}
    home = {read: visit.visit.id for visit in found.values() for read in visit.visit.reads}
    for one in sorted(decisions, key=lambda decision: decision.id):
        mine = found.get(home.get(one.read, ""))
        if mine is None:
            continue
        if one.deed is Deed.MERGE:
            other = found.get(home.get(one.other or "", ""))
            if other is not None and other is not mine:
                both = _merged(mine.visit, other.visit)
                del found[mine.visit.id], found[other.visit.id]
                found[both.id] = Decided(both, one.by)
                home.update(dict.fromkeys(both.reads, both.id))
        elif (changed := _ended(mine.visit, one)) is not None:
            found[changed.id] = Decided(changed, one.by)
    return list(found.values())


def _ended(visit: Visit, decision: Decision) -> Visit | None:
    """Return the visit closed or opened by hand; None when a later read has told otherwise since."""
    if visit.last_seen > decision.at:
        return None
    if decision.deed is Deed.CLOSE:
        if visit.left is not None:
            return None
        state = VisitState.CLOSED if visit.entered else VisitState.MISSED_IN
        return replace(visit, state=state, left=decision.at)
    if visit.entered is None:
        return None
    return replace(visit, state=VisitState.OPEN, left=None, last_seen=decision.at, turned_round=False)


def _merged(one: Visit, other: Visit) -> Visit:
    """Return one visit of two: it came with the first that did and left with the last."""
    first, last = sorted((one, other), key=lambda visit: (visit.last_seen, visit.id))
    entered = min((visit.entered for visit in (one, other) if visit.entered), default=None)
    left = last.left
    state = last.state if left is None else VisitState.CLOSED if entered else VisitState.MISSED_IN
    began, later = sorted((one, other), key=lambda visit: (visit.entered or visit.left or visit.last_seen, visit.id))
    surest = max((first, last), key=lambda visit: (len(visit.reads), visit.confidence))
    return Visit(
        id=began.id,
        kind=began.kind,
        text=surest.text,
        state=state,
        entered=entered,
        left=left,
        last_seen=last.last_seen,
        reads=(*began.reads, *later.reads),
        confidence=min(one.confidence, other.confidence),
        turned_round=False,
    )
