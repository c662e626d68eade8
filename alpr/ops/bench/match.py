"""How long the lists take for a read: `python -m alpr.ops.bench.match`.

Makes entries as a large site has them (one in ten a wildcard, half of them with hours) and reads of which half are on
a list, every one with five runners-up, and prints the milliseconds of one decision on one core.
"""

from __future__ import annotations

import argparse
import json
import random
import string
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import quantiles
from zoneinfo import ZoneInfo

from alpr.access import Entry, ListKind
from alpr.domain import Box, Candidate, Character, Kind, Read, Reading, State
from alpr.site.lists.matching import Index
from alpr.site.schedule import parse_schedule

_SIGNS = string.ascii_uppercase + string.digits
_HOURS = parse_schedule("Mon-Fri 06:00-18:00")
_NOON = datetime(2026, 6, 17, 10, tzinfo=UTC)
_WILD = 10


@dataclass(frozen=True, slots=True)
class MatchTiming:
    """Milliseconds."""

    entries: int
    build: float
    p50: float
    p95: float
    worst: float


def measure(entries: int, reads: int, seed: int = 1) -> MatchTiming:
    """Decide on made-up reads and return how long each took."""
    dice = random.Random(seed)  # noqa: S311  made-up plates
    known = [_entry(dice, number) for number in range(entries)]
    began = time.perf_counter()
    index = Index(known, ZoneInfo("Europe/Berlin"))
    build = time.perf_counter() - began
    times = []
    for read in [_read(dice, known, number) for number in range(reads)]:
        began = time.perf_counter()
        index.decide(read, _NOON)
        times.append(time.perf_counter() - began)
    cuts = quantiles(times, n=20)
    return MatchTiming(entries, *(round(1000 * one, 3) for one in (build, cuts[9], cuts[18], max(times))))


def _entry(dice: random.Random, number: int) -> Entry:
    text = _text(dice)
    if number % _WILD == 0:
        text = dice.choice((f"{text[:3]}*", f"*{text[-3:]}", f"{text[:2]}?{text[3:]}", f"*{text[2:5]}*"))
    hours = _HOURS if number % 2 else ()
    return Entry(number, "Staff", dice.choice(tuple(ListKind)), text, schedule=hours)


def _read(dice: random.Random, known: Sequence[Entry], number: int) -> Read:
    text = _text(dice) if number % 2 else dice.choice(known).pattern.replace("*", "A").replace("?", "A")
    candidates = tuple(Candidate(_text(dice), 0.1) for _ in range(5))
    reading = Reading(text, 0.95, tuple(Character(sign, 0.98) for sign in text), candidates)
    box = Box(0, 0, 1, 1)
    return Read(str(number), "gate", Kind.PLATE, State.FINAL, reading, box, _NOON, 0.0, _NOON, _NOON)


def _text(dice: random.Random) -> str:
    return "".join(dice.choices(_SIGNS, k=7))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m alpr.ops.bench.match", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--entries", type=int, default=10_000, metavar="N", help="default: 10000")
    parser.add_argument("--reads", type=int, default=5_000, metavar="N", help="default: 5000")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    args = parser.parse_args()
    timing = measure(args.entries, args.reads)
    if args.json:
        told = {"p50": timing.p50, "p95": timing.p95, "worst": timing.worst}
        print(json.dumps({"entries": timing.entries, "build": timing.build, **told}))
        return
    print(f"{timing.entries:,} entries, indexed in {timing.build:.0f} ms")
    print(f"milliseconds a read: p50 {timing.p50:.2f}, p95 {timing.p95:.2f}, worst {timing.worst:.2f}")


if __name__ == "__main__":
    main()
