"""How many activity events the box takes while its figures are asked for, and how fast these are over a year.

Run as `python -m alpr.ops.bench.factory`. Events come in batches over HTTP on the loopback, from a process of its own,
while figures of the day are asked for once a second. Then a year of 50 workers is made, its last month with a million
events, and the figures of the month and the trend of the year are asked for.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from datetime import time as clock
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import httpx
from litestar import Litestar

from alpr.access import Window
from alpr.activity import FactoryPlan, Shift
from alpr.bus import Bus
from alpr.correction import Corrector
from alpr.domain import utc_now
from alpr.keepers.activity import keep_sums
from alpr.keepers.gate import Gatekeeper
from alpr.live import LiveView
from alpr.log import configure_logging
from alpr.ops.bench.factoryseed import seed
from alpr.ops.bench.timings import Timing, timed
from alpr.site.factory.floor import Floor
from alpr.site.rules.book import Rulebook
from alpr.status import Status
from alpr.store import tokens
from alpr.store.activitysums import roll
from alpr.store.database import Database, open_database
from alpr.store.productivity import Step, measured, timeline, trend
from alpr.store.tokens import NewToken
from alpr.store.users import Role
from alpr.web.server import make_web, serve

_PORT: Final = 18_744
_BATCH: Final = 100
_WORKERS: Final = 50
_SAMPLES: Final = 5
_DAILY: Final = frozenset(range(7))


def _window(start: int, end: int) -> Window:
    return Window(_DAILY, clock(start), clock(end))


PLAN: Final = FactoryPlan(
    ZoneInfo("Europe/Berlin"),
    (
        Shift("Early", _window(6, 14), (_window(10, 11),)),
        Shift("Late", _window(14, 22), (_window(18, 19),)),
        Shift("Night", _window(22, 6), (_window(2, 3),)),
    ),
)


@dataclass(frozen=True, slots=True)
class Sent:
    """What a sender met."""

    events: int
    seconds: float
    milliseconds: list[float]
    """Of each batch, sorted."""


def send(rate: float, seconds: float, secret: str, answers: Connection) -> None:
    """Send batches at this many events a second; in a process of its own."""
    dice, took, count = random.Random(3), list[float](), 0  # noqa: S311  made-up work, no secrets
    headers = {"Authorization": f"Bearer {secret}"}
    began = time.perf_counter()
    with httpx.Client(base_url=f"http://127.0.0.1:{_PORT}", headers=headers, timeout=60) as client:
        while time.perf_counter() - began < seconds:
            due = began + count / rate
            time.sleep(max(0.0, due - time.perf_counter()))
            batch = [_event(count + number, dice) for number in range(_BATCH)]
            started = time.perf_counter()
            answer = client.post("/api/v1/activity/batch", json=batch).raise_for_status().json()
            took.append(1000 * (time.perf_counter() - started))
            count += answer["accepted"]
    answers.send(Sent(count, time.perf_counter() - began, sorted(took)))


def _event(number: int, dice: random.Random) -> dict[str, object]:
    kind = dice.choice(("working", "idle", "product_count"))
    return {
        "timestamp": utc_now().isoformat(),
        "worker": f"W{number % _WORKERS:02}",
        "station": f"S{dice.randrange(20):02}",
        "type": kind,
        "confidence": 0.9,
        "count": 1,
        "model": "bench",
        "model_version": "1",
        "id": f"bench-{number}",
    }


async def take_in(data: Path, rate: float, seconds: float) -> None:
    """Measure how events are taken while figures are asked for, and print it."""
    database = await open_database(data)
    try:
        bus, floor = Bus(), Floor(replace(PLAN, shifts=()))
        app, secret = await _site(database, data, bus, floor)
        work = [serve(app, "127.0.0.1", _PORT), keep_sums(database, bus, floor)]
        tasks = [asyncio.create_task(one) for one in work]
        await asyncio.sleep(0.3)
        asked: list[float] = []
        asking = asyncio.create_task(_ask(database, floor, asked))
        busy = os.times()
        sent = await asyncio.to_thread(_sender, rate, seconds, secret)
        used = sum(os.times()[:2]) - sum(busy[:2])
        for task in (*tasks, asking):
            task.cancel()
        await asyncio.wait([*tasks, asking])
    finally:
        await database.close()
    taken = sent.events / sent.seconds
    print(f"{sent.events:,} events in {sent.seconds:.1f} s: {taken:,.0f} a second, of {rate:,.0f} offered")
    print(f"a batch of {_BATCH}: {_middle(sent.milliseconds):.0f} ms, the slowest {sent.milliseconds[-1]:.0f} ms")
    asked.sort()
    print(f"figures meanwhile, {len(asked)} times: {_middle(asked):.0f} ms, the slowest {asked[-1]:.0f} ms")
    print(f"the site used {used / sent.seconds:.2f} cores, {1e6 * used / sent.events:.0f} us of a core an event")


def _middle(milliseconds: list[float]) -> float:
    return milliseconds[len(milliseconds) // 2]


async def _ask(database: Database, floor: Floor, asked: list[float]) -> None:
    while floor.plan is not None:
        now, began = utc_now(), time.perf_counter()
        await measured(database, floor.plan, now - timedelta(hours=8), now, now)
        asked.append(1000 * (time.perf_counter() - began))
        await asyncio.sleep(1)


def _sender(rate: float, seconds: float, secret: str) -> Sent:
    spawning = multiprocessing.get_context("spawn")
    received, answers = spawning.Pipe(duplex=False)
    sender = spawning.Process(target=send, args=(rate, seconds, secret, answers))
    sender.start()
    sent: Sent = received.recv()
    sender.join()
    return sent


async def _site(database: Database, data: Path, bus: Bus, floor: Floor) -> tuple[Litestar, str]:
    status, secret = Status(), tokens.new_secret()
    await tokens.create(database, NewToken("bench", tokens.digest(secret), Role.SENDER, utc_now(), "bench"))
    app = make_web(
        database=database,
        bus=bus,
        status=status,
        live=LiveView(),
        corrector=Corrector(database, bus, Gatekeeper(database, bus, status, Rulebook())),
        images=data / "images",
        site_name="Bench",
        timezone="Europe/Berlin",
        secure_cookies=False,
        session_hours=1,
        floor=floor,
    )
    return app, secret


async def ask_a_year(data: Path, share: float, days: float) -> list[Timing]:
    """Make a year and its last month, and return how long each question took."""
    now = datetime(2026, 11, 21, 4, 30, tzinfo=PLAN.zone)
    year, month = timedelta(days=days), timedelta(days=min(30, days))
    database = await open_database(data)
    try:
        began = time.perf_counter()
        sparse = await seed(database, PLAN, now - year, now - month, _WORKERS, timedelta(minutes=10) / share)
        dense = await seed(database, PLAN, now - month, now, _WORKERS, timedelta(seconds=42.4) / share)
        stored = time.perf_counter()
        while await roll(database, PLAN, now):
            pass
        added = time.perf_counter()
        print(f"a year of {sparse + dense:,} events, {dense:,} in the last month: stored in {stored - began:.0f} s,")
        print(f"added up in {added - stored:.0f} s")

        def asking(ask: Callable[[], Awaitable[object]]) -> list[Callable[[], Awaitable[object]]]:
            return [ask] * _SAMPLES

        return [
            await timed("figures of a month", asking(lambda: measured(database, PLAN, now - month, now, now))),
            await timed(
                "figures of a month, odd ends",
                asking(lambda: measured(database, PLAN, now - month, now - timedelta(minutes=17), now)),
            ),
            await timed("trend of a year, days", asking(lambda: trend(database, PLAN, now - year, now, now, Step.DAY))),
            await timed(
                "trend of a year, months", asking(lambda: trend(database, PLAN, now - year, now, now, Step.MONTH))
            ),
            await timed(
                "trend of a month, hours", asking(lambda: trend(database, PLAN, now - month, now, now, Step.HOUR))
            ),
            await timed(
                "timeline of a day", asking(lambda: timeline(database, PLAN, now - timedelta(days=1), now, now))
            ),
        ]
    finally:
        await database.close()


def main() -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m alpr.ops.bench.factory", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--rate", type=float, default=2000, help="events a second (default: 2000)")
    parser.add_argument("--seconds", type=float, default=30, help="of sending (default: 30)")
    parser.add_argument("--share", type=float, default=1.0, help="of the year's events (default: 1)")
    parser.add_argument("--days", type=float, default=365, help="of the year (default: 365)")
    parser.add_argument("--json", action="store_true", help="print the year's figures as one JSON object")
    args = parser.parse_args()
    configure_logging("error")
    with ExitStack() as stack:
        folders = [Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="alpr-bench-"))) for _ in range(2)]
        asyncio.run(take_in(folders[0], args.rate, args.seconds))
        timings = asyncio.run(ask_a_year(folders[1], args.share, args.days))
    if args.json:
        print(json.dumps({one.name: {"p50": one.p50, "worst": one.worst} for one in timings}))
        return 0
    for one in timings:
        print(f"{one.name:30} {one.p50:7.0f} ms, slowest {one.worst:.0f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
