"""How well and how fast reads pair up into visits: `python -m alpr.ops.bench.visits`.

Makes a month of traffic whose truth is known, once with perfect reads and once with misread and missed ones, and prints
how many visits are right, who is taken to be inside and is not, and what pairing costs on one core.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from statistics import quantiles

from alpr.domain import Reading
from alpr.ops.bench.traffic import Faults, Month, TrueVisit, make_month
from alpr.site.visits.book import VisitBook
from alpr.site.visits.pairing import pair
from alpr.stay import StayLimits, Visit, VisitState, Way

PERFECT = Faults()
USUAL = Faults(misread=0.05, missed=0.03)


@dataclass(frozen=True, slots=True)
class VisitScore:
    """How right the visits of a month are, as shares of the true ones."""

    reads: int
    visits: int
    right: float
    """Exactly the reads of the visit that there are, and the state that they allow."""
    whole: float
    """As that, and no end missed: a read that is not there counts against it."""
    oldest_inside_days: float
    """For how long the one has not been seen who is longest inside."""
    ghosts_a_day: float
    """Taken to be inside at midnight, and not there."""
    unnoticed_a_day: float
    """Inside at midnight, and taken to be gone."""


@dataclass(frozen=True, slots=True)
class VisitTiming:
    """Seconds for the month at once; milliseconds for one read that comes or is corrected."""

    month: float
    read_p50: float
    read_p95: float
    correction_p95: float
    correction_touches: float
    """Visits that one correction changes, on average."""


def score(month: Month, limits: StayLimits) -> VisitScore:
    """Pair a month and compare with the truth."""
    visits = pair(month.sightings, limits, month.ends)
    passing = {one.id for one in month.sightings if one.way is Way.PASSING}
    found = {frozenset(visit.reads) - passing: visit for visit in visits}
    seen = [true for true in month.visits if true.ins or true.outs]
    right = [true for true in seen if _is_right(true, found.get(true.ins | true.outs))]
    whole = [true for true in right if true.ins and (true.outs or true.left is None)]
    inside = [visit for visit in visits if visit.state is VisitState.OPEN]
    oldest = max((month.ends - visit.last_seen for visit in inside), default=timedelta())
    ghosts, unnoticed = _midnights(month, limits)
    shares = (len(right) / len(seen), len(whole) / len(month.visits), oldest / timedelta(days=1), ghosts, unnoticed)
    return VisitScore(len(month.sightings), len(month.visits), *(round(one, 4) for one in shares))


def _is_right(true: TrueVisit, visit: Visit | None) -> bool:
    if visit is None:
        return False
    if not true.ins:
        return visit.state is VisitState.MISSED_IN
    if true.outs:
        return visit.state is VisitState.CLOSED
    # Nobody can tell at once that the way out was missed.
    return visit.state is VisitState.OPEN or (true.left is not None and visit.state is VisitState.MISSED_OUT)


def _midnights(month: Month, limits: StayLimits) -> tuple[float, float]:
    """Return how many, on average at the end of a day, are taken to be inside wrongly, and outside wrongly."""
    book, waiting = VisitBook(limits), list(reversed(month.sightings))
    first = min(true.entered for true in month.visits)
    days = max(1, (month.ends - first) // timedelta(days=1))
    owner = {read: true for true in month.visits for read in true.ins | true.outs}
    ghosts = unnoticed = 0
    for night in (month.ends - timedelta(days=left) for left in reversed(range(days))):
        while waiting and waiting[-1].at < night:
            book.put(waiting.pop())
        there = {
            id(true) for true in month.visits if true.entered < night and (true.left is None or true.left >= night)
        }
        open_ones = [visit for visit in book.visits(night) if visit.state is VisitState.OPEN]
        taken = {id(owner[read]) for visit in open_ones for read in visit.reads if read in owner}
        ghosts += sum(1 for visit in open_ones if not any(id(owner.get(read)) in there for read in visit.reads))
        unnoticed += len(there - taken)
    return ghosts / days, unnoticed / days


def measure(month: Month, limits: StayLimits, corrections: int = 200) -> VisitTiming:
    """Pair a month at once, then read by read, and correct some reads; return what each took."""
    began = time.perf_counter()
    pair(month.sightings, limits, month.ends)
    at_once = time.perf_counter() - began
    book = VisitBook(limits)
    reads, fixes, touched = [], [], 0
    for one in month.sightings:
        began = time.perf_counter()
        book.put(one)
        reads.append(time.perf_counter() - began)
    for one in month.sightings[:: max(1, len(month.sightings) // corrections)]:
        corrected = replace(one, reading=Reading(one.reading.text[::-1], 0.99))
        began = time.perf_counter()
        change = book.correct(corrected)
        fixes.append(time.perf_counter() - began)
        touched += len({visit.id for visit in (*change.gone, *change.new)})
    cuts = quantiles(reads, n=20)
    figures = (1000 * cuts[9], 1000 * cuts[18], 1000 * quantiles(fixes, n=20)[18], touched / len(fixes))
    return VisitTiming(round(at_once, 3), *(round(one, 3) for one in figures))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m alpr.ops.bench.visits", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--staff", type=int, default=80, metavar="N", help="cars that come every day; default: 80")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="another month; default: 1")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    args = parser.parse_args()
    limits = StayLimits()
    months = {
        name: make_month(one, args.seed, staff=args.staff) for name, one in (("perfect", PERFECT), ("usual", USUAL))
    }
    scores = {name: score(month, limits) for name, month in months.items()}
    timing = measure(months["usual"], limits)
    if args.json:
        print(json.dumps({**{name: asdict(one) for name, one in scores.items()}, "timing": asdict(timing)}))
        return
    for name, one in scores.items():
        print(f"{name} reads: {one.reads:,} of {one.visits:,} visits; right {one.right:.2%}, both ends {one.whole:.2%}")
        print(
            f"  inside at midnight: {one.ghosts_a_day:.1f} who are not, without {one.unnoticed_a_day:.1f} who are;",
            end="",
        )
        print(f" nobody unseen for more than {one.oldest_inside_days:.1f} days")
    print(f"the month at once {timing.month:.2f} s; a read p50 {timing.read_p50} ms, p95 {timing.read_p95} ms;", end="")
    print(f" a correction p95 {timing.correction_p95} ms, {timing.correction_touches:.1f} visits changed")


if __name__ == "__main__":
    main()
