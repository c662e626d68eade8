"""How many reads of other systems the box takes: a whole site behind HTTP, a sender of its own process.

Run as `python -m alpr.ops.bench.exchange`. Reads come in batches, some again, in the order of a network that was away.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import random
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import httpx
from litestar import Litestar

from alpr.access import Entry, ListKind
from alpr.bus import Bus
from alpr.correction import Corrector
from alpr.domain import utc_now
from alpr.exchange.admission import Station, Terms
from alpr.intake.reads import Intake, IntakeSettings
from alpr.keepers.gate import Gatekeeper
from alpr.keepers.visits import VisitKeeper
from alpr.keepers.yard import YardKeeper, YardSettings
from alpr.live import LiveView
from alpr.site.rules.book import Rulebook
from alpr.status import Status
from alpr.stay import StayLimits
from alpr.store import entries, lists, tokens
from alpr.store.database import Database, open_database
from alpr.store.images import Images
from alpr.store.tokens import NewToken
from alpr.store.users import Role
from alpr.web.server import make_web, serve

_PORT = 18_743
_PLATES = 3000
_LISTED = 1000
_AGAIN = 0.1
_WINDOW = 1500
_CAMERAS = ("north", "south")


@dataclass(frozen=True, slots=True)
class Load:
    """What is sent."""

    rate: float
    """Reads a second; 0 for as many as are taken."""
    seconds: float
    batch: int
    senders: int


def sent(seed: int) -> Iterator[dict[str, object]]:
    """Make up reads without end: vehicles come and go, one in ten is told again, the order is that of luck."""
    dice = random.Random(seed)  # noqa: S311 - made-up traffic
    at = datetime.now(UTC) - timedelta(days=20)
    inside: set[str] = set()
    waiting: list[dict[str, object]] = []
    before: deque[dict[str, object]] = deque(maxlen=_WINDOW)
    number = 0
    while True:
        at += timedelta(seconds=dice.expovariate(1 / 2))
        text = f"{chr(65 + seed)}B{dice.randrange(_PLATES):04d}"
        leaves = text in inside
        inside ^= {text}
        number += 1
        read: dict[str, object] = {
            "id": f"{seed}-{number}",
            "camera": _CAMERAS[leaves],
            "direction": "out" if leaves else "in",
            "captured_at": at.isoformat(),
            "text": text,
            "confidence": round(dice.uniform(0.7, 1), 3),
        }
        waiting.append(read)
        if len(waiting) >= _WINDOW:
            chosen = waiting.pop(dice.randrange(len(waiting)))
            before.append(chosen)
            yield chosen
            if dice.random() < _AGAIN:
                yield dice.choice(before)


def send(load: Load, seed: int, secret: str, answers: Connection) -> None:
    """Send batches at the wanted rate; give the milliseconds of each request and the counts."""
    reads, milliseconds = sent(seed), list[float]()
    counts = {"accepted": 0, "duplicate": 0, "refused": 0}
    pause = load.batch * load.senders / load.rate if load.rate else 0.0
    url = f"http://127.0.0.1:{_PORT}/api/v1/reads"
    with httpx.Client(headers={"authorization": f"Bearer {secret}"}, timeout=60) as client:
        batch = [next(reads) for _ in range(load.batch)]
        begin = time.monotonic()
        due = begin
        while time.monotonic() - begin < load.seconds:
            started = time.monotonic()
            answer = client.post(url, json=batch).raise_for_status().json()
            milliseconds.append((time.monotonic() - started) * 1000)
            for fate in counts:
                counts[fate] += answer[fate]
            batch = [next(reads) for _ in range(load.batch)]
            due += pause
            time.sleep(max(0.0, due - time.monotonic()))
    answers.send((milliseconds, counts, time.monotonic() - begin))


async def measure(load: Load, data: Path) -> None:
    """Serve a site from a folder while others send, and print how it went."""
    database = await open_database(data)
    try:
        app, intake, secret = await _site(database, data)
        tasks = [asyncio.create_task(intake.run()), asyncio.create_task(serve(app, "127.0.0.1", _PORT))]
        await asyncio.sleep(0.3)
        busy, results = os.times(), await asyncio.to_thread(_send_all, load, secret)
        used = sum(os.times()[:2]) - sum(busy[:2])
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    finally:
        await database.close()
    _report(load, results, used)


def _send_all(load: Load, secret: str) -> list[tuple[list[float], dict[str, int], float]]:
    spawning = multiprocessing.get_context("spawn")
    pipes = [spawning.Pipe(duplex=False) for _ in range(load.senders)]
    senders = [
        spawning.Process(target=send, args=(load, seed, secret, answers)) for seed, (_, answers) in enumerate(pipes)
    ]
    for sender in senders:
        sender.start()
    results = [received.recv() for received, _ in pipes]
    for sender in senders:
        sender.join()
    return results


async def _site(database: Database, data: Path) -> tuple[Litestar, Intake, str]:
    bus, status, book, now = Bus(), Status(), Rulebook(), utc_now()
    number = await lists.create(database, "Staff", ListKind.ALLOW, "bench", now)
    assert number is not None
    for listed in range(_LISTED):
        await entries.add(database, number, Entry(0, "Staff", ListKind.ALLOW, f"AB{listed:04d}"), "bench", now)
    visits = VisitKeeper(database, bus, StayLimits())
    keeper = Gatekeeper(database, bus, status, book, yard=YardKeeper(YardSettings()), visits=visits)
    await keeper.load()
    settings = IntakeSettings(terms=Terms(stations={("", name): Station(name) for name in _CAMERAS}))
    images = Images(data / "images")
    intake = Intake(database, images, bus, judge=keeper.decide_all, committed=keeper.committed, settings=settings)
    secret = tokens.new_secret()
    await tokens.create(database, NewToken("bench", tokens.digest(secret), Role.SENDER, now, "bench"))
    app = make_web(
        database=database,
        bus=bus,
        status=status,
        live=LiveView(),
        corrector=Corrector(database, bus, keeper),
        visits=visits,
        images=images.root,
        site_name="Bench",
        timezone="UTC",
        secure_cookies=False,
        session_hours=1,
        book=book,
        intake=intake,
    )
    return app, intake, secret


def _report(load: Load, results: list[tuple[list[float], dict[str, int], float]], used: float) -> None:
    milliseconds = sorted(one for each, _, _ in results for one in each)
    counts = {fate: sum(counts[fate] for _, counts, _ in results) for fate in results[0][1]}
    took = max(seconds for _, _, seconds in results)
    total = sum(counts.values())
    print(f"{total} reads in {took:.1f} s, batches of {load.batch}, {load.senders} senders: {total / took:.0f} reads/s")
    print(", ".join(f"{number} {fate}" for fate, number in counts.items()))
    middle, late = milliseconds[len(milliseconds) // 2], milliseconds[int(len(milliseconds) * 0.99)]
    print(f"a request: {middle:.0f} ms in the middle, {late:.0f} ms the 99th of 100, {milliseconds[-1]:.0f} ms at most")
    print(f"the site used {used / took:.2f} cores, {1000 * used / total:.2f} ms of a core a read")


def main() -> None:
    """Measure as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=500, help="reads a second; 0: as many as are taken")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--batch", type=int, default=50, help="reads of one request")
    parser.add_argument("--senders", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(Load(args.rate, args.seconds, args.batch, args.senders), Path(folder)))


if __name__ == "__main__":
    main()
