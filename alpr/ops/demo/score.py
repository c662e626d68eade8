"""How the demo does: the reads that were stored, held against the passes that were played."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from alpr.domain import Read, State
from alpr.ops.demo.cameras import Played

_SLACK = timedelta(seconds=1.0)
SETTLES = timedelta(seconds=4.0)
"""How long after its end a pass is judged: its read is completed when its track has ended."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one pass."""

    played: Played
    outcome: str
    """`right`, `wrong` or `unread`."""
    texts: tuple[str, ...]
    """What was read in its time; empty texts were stored as unread."""


@dataclass(frozen=True, slots=True)
class Tally:
    """The verdicts of all passes that are over."""

    verdicts: tuple[Verdict, ...] = ()
    readable: int = 0
    readable_right: int = 0
    parked_reads: int = 0
    """How many reads there are of the parked car: one is right."""
    stray: tuple[Read, ...] = field(default=(), repr=False)
    """Reads while nothing passed."""

    def count(self, outcome: str) -> int:
        """Return how many passes came out so."""
        return sum(verdict.outcome == outcome for verdict in self.verdicts)


def score_so_far(played: Sequence[Played], reads: Iterable[Read], now: datetime, *, parked: str = "") -> Tally:
    """Judge every pass that is over by `now`.

    Right is exactly one read with the text, and for a plate that cannot be read none with any; two reads, or another
    text, are wrong. A pass that nobody watched as a whole, because the camera was lost, is not judged, nor are its
    reads stray. `parked` is the text of the car that stands before a camera all the time.
    """
    rest = [read for read in reads if not parked or read.text != parked]
    count = sum(1 for read in reads if parked and read.text == parked) if parked else 0
    due = [one for one in played if one.whole and one.end + SETTLES <= now]
    shown: dict[Played, list[Read]] = {one: [] for one in due}
    taken: set[str] = set()
    for read in rest:
        # Two passes may follow each other closely: a read is of the one that it shares most time with.
        near = max((one for one in played if one.camera == read.camera), key=partial(_shared, read), default=None)
        if near is not None and _shared(read, near) >= timedelta():
            taken.add(read.id)
            if near in shown:
                shown[near].append(read)
    verdicts = [_verdict(one, mine) for one, mine in shown.items()]
    begin = min((one.start for one in played), default=now)
    stray = tuple(read for read in rest if read.id not in taken and begin < read.last_seen < now - SETTLES * 3)
    readable = [verdict for verdict in verdicts if verdict.played.readable]
    right = sum(verdict.outcome == "right" for verdict in readable)
    return Tally(tuple(verdicts), len(readable), right, count, stray)


def _shared(read: Read, one: Played) -> timedelta:
    """Return how long the read and the pass were in view together; below 0 when they were not."""
    return min(read.last_seen, one.end + _SLACK) - max(read.first_seen, one.start - _SLACK)


def _verdict(one: Played, mine: Sequence[Read]) -> Verdict:
    texts = tuple(read.text for read in mine if read.state is not State.UNREAD)
    shown = tuple(read.text for read in mine)
    if not one.readable:
        return Verdict(one, "wrong" if texts else "right" if mine else "unread", shown)
    if texts == (one.text,) and len(mine) == 1:
        return Verdict(one, "right", shown)
    return Verdict(one, "wrong" if texts else "unread", shown)
