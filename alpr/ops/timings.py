"""Milliseconds of questions that are asked again and again, and how they are told."""

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
    """Milliseconds of one kind of question."""

    name: str
    count: int
    p50: float
    p95: float
    worst: float


async def timed(name: str, questions: Sequence[Callable[[], Awaitable[object]]]) -> Timing:
    """Ask one question after the other and return how long the answers took."""
    took: list[float] = []
    for ask in questions:
        began = time.perf_counter()
        await ask()
        took.append(1000 * (time.perf_counter() - began))
    took.sort()
    return Timing(name, len(took), took[len(took) // 2], took[int(len(took) * 0.95)], took[-1])


def table(timings: Sequence[Timing]) -> str:
    """Return a line for each kind of question."""
    head = f"{'milliseconds':28} {'p50':>7} {'p95':>7} {'worst':>7}"
    return "\n".join((head, *(f"{one.name:28} {one.p50:7.2f} {one.p95:7.2f} {one.worst:7.2f}" for one in timings)))


def figures(timings: Sequence[Timing]) -> dict[str, dict[str, float]]:
    """Return the same by name, for programs."""
    return {one.name: {"p50": one.p50, "p95": one.p95, "worst": one.worst} for one in timings}


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
