"""Milliseconds of questions that are asked again and again, and how they are told."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass


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
