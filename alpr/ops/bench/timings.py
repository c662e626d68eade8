"""Milliseconds of questions that are asked again and again, beside what was promised, and how they are told."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from alpr.errors import AlprError
from alpr.log import configure_logging


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds of one kind of question, by the clock."""

    name: str
    count: int
    p50: float
    p95: float
    worst: float
    cpu: float
    """Of processor time, 95 of 100 took less: it grows less than the clock's on a machine that has much else to do."""
    goal: float | None = None
    """What 95 of 100 should stay below; None: nothing was promised."""

    @property
    def met(self) -> bool:
        """Whether what was promised holds."""
        return self.goal is None or self.p95 <= self.goal


async def timed(name: str, questions: Sequence[Callable[[], Awaitable[object]]], goal: float | None = None) -> Timing:
    """Ask one question after the other, say on standard error how long the answers took, and return it."""
    took: list[float] = []
    busy: list[float] = []
    for ask in questions:
        began, worked = time.perf_counter(), time.process_time()
        await ask()
        took.append(1000 * (time.perf_counter() - began))
        busy.append(1000 * (time.process_time() - worked))
    timing = timing_of(name, took, busy, goal)
    print(_line(timing), file=sys.stderr, flush=True)
    return timing


def timing_of(name: str, took: Sequence[float], busy: Sequence[float], goal: float | None = None) -> Timing:
    """Sum up milliseconds by the clock and of processor time."""
    by_clock, worked = sorted(took), sorted(busy)
    late = int(len(by_clock) * 0.95)
    return Timing(name, len(by_clock), by_clock[len(by_clock) // 2], by_clock[late], by_clock[-1], worked[late], goal)


def table(timings: Sequence[Timing]) -> str:
    """Return a line for each kind of question, and how many goals were met."""
    head = f"{'milliseconds':30} {'p50':>7} {'p95':>7} {'worst':>7} {'CPU p95':>8}"
    lines = [head, *map(_line, timings)]
    if promised := [one for one in timings if one.goal is not None]:
        lines.append(f"{sum(one.met for one in promised)} of {len(promised)} goals met")
    return "\n".join(lines)


def _line(one: Timing) -> str:
    figures = f"{one.name:30} {one.p50:7.2f} {one.p95:7.2f} {one.worst:7.2f} {one.cpu:8.2f}"
    if one.goal is None:
        return figures
    return f"{figures}  goal {one.goal:.0f}: {'met' if one.met else 'NOT met'}"


def figures(timings: Sequence[Timing]) -> dict[str, dict[str, float]]:
    """Return the same by name, for programs."""
    return {one.name: {"p50": one.p50, "p95": one.p95, "worst": one.worst, "cpu": one.cpu} for one in timings}


def time_store(
    module: str, doc: str, noun: str, count: int, run: Callable[[Path, int], Awaitable[list[Timing]]]
) -> int:
    """Be the command that fills a database with so many of something, asks, and prints; return the exit code."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=doc.splitlines()[0])
    parser.add_argument(f"--{noun}", type=int, default=count, metavar="N", dest="count", help=f"default: {count}")
    parser.add_argument("--data", type=Path, metavar="DIR", help="keep the database here (default: a temporary folder)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    args = parser.parse_args()
    configure_logging("warning")

    async def asked(data: Path) -> list[Timing]:
        return await run(data, args.count)

    with ExitStack() as stack:
        data = args.data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="alpr-bench-")))
        try:
            timings = asyncio.run(asked(data))
        except AlprError as error:
            print(error, file=sys.stderr)
            return 1
    print(json.dumps(figures(timings)) if args.json else table(timings))
    return 0
