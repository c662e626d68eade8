"""How fast rules are tried on a month, followed at the gate, and told: `python -m alpr.ops.bench.rules`.

Fills a database with made-up reads and their verdicts, tries made-up rules on all of them, then lets reads be recorded
one after the other with a large list and all those rules, and prints the milliseconds from the commit of a read to the
call of the target that is told.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from statistics import quantiles
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import text

from alpr.access import Entry, ListKind
from alpr.bus import Bus, ReadCommitted
from alpr.camera.picture import ImagePicture
from alpr.config import Rule
from alpr.delivery.outbox import Outbox
from alpr.domain import Box, Capture, Kind, Read, Reading, Recording, State, new_read_id, utc_now
from alpr.errors import AlprError
from alpr.keepers.gate import Gatekeeper
from alpr.log import configure_logging
from alpr.ops.bench.seed import CAMERAS, seed
from alpr.recorder import Recorder
from alpr.site.rules.book import FiledRule, Names, Rulebook
from alpr.site.rules.firing import ready
from alpr.status import Status
from alpr.store import entries, lists
from alpr.store.database import Database, open_database
from alpr.store.deliveries import Delivery
from alpr.store.dryrun import dry_run
from alpr.store.images import Images

_MONTH = timedelta(days=31)
_VERDICTS = """UPDATE reads SET verdict = CASE WHEN state = 'unread' THEN 'unread'
    WHEN confidence > 0.97 THEN 'allowed' WHEN confidence < 0.9 THEN 'denied' ELSE 'unknown' END"""
_HITS = """INSERT INTO hits (read_id, ordinal, entry_id, list_name, list_kind, pattern, owner, company, note, match,
    probability, reason, applies) SELECT id, 0, 1, 'Staff', 'allow', text, '', '', '', 'exact', 1.0, '', 1 FROM reads
    WHERE verdict = 'allowed'"""


@dataclass(frozen=True, slots=True)
class RuleTiming:
    """What was measured: seconds of the dry runs, milliseconds of the rest."""

    reads: int
    rules: int
    dry_run_all: float
    dry_run_one: float
    dry_run_all_cpu: float
    """Processor seconds, which other programs of the machine do not change much."""
    dry_run_pieces: int
    commit_to_call_p50: float
    commit_to_call_p95: float
    commit_to_call_worst: float
    record_p95: float
    """From the recording handed over to the commit, pictures written and synced included."""


class _Clock:
    """Stands for a target: notes when each read was told."""

    def __init__(self) -> None:
        self.called: dict[str, float] = {}
        self.told = asyncio.Event()

    async def send(self, delivery: Delivery, picture: bytes | None) -> None:  # noqa: ARG002  as targets take it
        self.called.setdefault(delivery.read_id or "", time.perf_counter())
        self.told.set()

    async def close(self) -> None:
        """Have nothing to let go of."""


def made_up_rules(count: int) -> list[Rule]:
    """Return rules of every kind; one in ten fires often."""
    dice = random.Random(3)  # noqa: S311  made-up rules
    return [_rule(dice, number) for number in range(count)]


def _rule(dice: random.Random, number: int) -> Rule:
    kinds: tuple[dict[str, object], ...] = (
        {"verdicts": ["denied", "unknown"], "cameras": [dice.choice(CAMERAS)]},
        {"plates": [f"{dice.choice('ABCD')}*{dice.randrange(10)}", f"*{dice.randrange(100)}"]},
        {"hours": "Mon-Fri 22:00-06:00; Sat,Sun 00:00-24:00", "verdicts": ["unknown"], "cooldown": 600.0},
        {"lists": ["Staff"], "directions": ["in"], "at_most": 20},
        {"above": 0.5, "below": 0.9, "regions": ["eu"], "vehicles": ["truck"]},
        {"too_fast": 60.0 + number},
        {"hours": f"{number % 24:02d}:00-{(number + 3) % 24:02d}:30", "kinds": ["plate"]},
        {"verdicts": ["unread"], "cooldown": 30.0},
    )
    return Rule.model_validate({"name": f"rule {number}", "tag": "x", **kinds[number % len(kinds)]})


async def measure_dry_run(database: Database, rules: list[Rule]) -> tuple[float, float, int]:
    """Return the seconds of a dry run over the last month, those of the processor, and the pieces it came in."""
    now, pieces = utc_now(), 0
    began, spent = time.perf_counter(), time.process_time()
    async for _ in dry_run(database, ready(rules, ZoneInfo("Europe/Berlin")), now - _MONTH, now):
        pieces += 1
    return time.perf_counter() - began, time.process_time() - spent, pieces


async def measure_calls(
    database: Database, data: Path, rules: list[Rule], reads: int
) -> tuple[list[float], list[float]]:
    """Record reads one after the other; return the seconds to each commit, and from there to each call."""
    clock, bus, status, book = _Clock(), Bus(), Status(), Rulebook(names=Names(CAMERAS, ("clock",)))
    told = [*rules, Rule(name="tell", tell=["clock"])]
    book.filed = tuple(FiledRule(rule, 1) for rule in told)
    gatekeeper = Gatekeeper(database, bus, status, book)
    await gatekeeper.load()
    outbox = Outbox(database, Images(data / "images"), {"clock": clock}, bus=bus)
    gatekeeper.wakes(outbox.wake)
    recorder = Recorder(
        database, Images(data / "images"), bus, status, decide=gatekeeper.decide, committed=gatekeeper.committed
    )
    work = [asyncio.create_task(recorder.run()), asyncio.create_task(outbox.run())]
    to_commit, to_call = [], []
    try:
        async with bus.listen(ReadCommitted) as events:
            for capture in _captures(reads):
                clock.told.clear()
                began = time.perf_counter()
                await recorder.record(Recording(capture.read.camera, (capture,)))
                await events.get()
                committed = time.perf_counter()
                async with asyncio.timeout(10):
                    await clock.told.wait()
                to_commit.append(committed - began)
                to_call.append(max(0.0, clock.called[capture.read.id] - committed))
    finally:
        for task in work:
            task.cancel()
        await asyncio.wait(work)
    return to_commit, to_call


def _captures(count: int) -> Iterator[Capture]:
    dice = random.Random(4)  # noqa: S311  made-up plates
    frame = np.random.default_rng(1).integers(90, 160, (1080, 1920, 3), np.uint8)
    box = Box(514, 522, 686, 568)
    for _ in range(count):
        now, plate = utc_now(), f"GX{dice.randrange(10_000):04d}"
        reading = Reading(plate, 0.95, region="de")
        camera = dice.choice(CAMERAS)
        read = Read(new_read_id(now), camera, Kind.PLATE, State.FINAL, reading, box, now, 0.0, now, now)
        yield Capture(read, ImagePicture(frame), frame[522:568, 514:686])


async def _run(data: Path, count: int, rule_count: int, calls: int) -> RuleTiming:
    database = await open_database(data)
    try:
        await seed(database, count, utc_now())
        async with database.write() as connection:
            await connection.execute(text(_VERDICTS))
            await connection.execute(text(_HITS))
        rules = made_up_rules(rule_count)
        every, cpu, pieces = await measure_dry_run(database, rules)
        one, _, _ = await measure_dry_run(database, rules[:1])
        number = await lists.create(database, "Staff", ListKind.ALLOW, "bench", utc_now())
        staff = [Entry(0, "Staff", ListKind.ALLOW, f"HX{place:05d}") for place in range(10_000)]
        await entries.add_all(database, number or 0, staff, "bench", utc_now())
        to_commit, to_call = await measure_calls(database, data, rules, calls)
    finally:
        await database.close()
    cuts = quantiles(to_call, n=20)
    figures = (cuts[9], cuts[18], max(to_call), quantiles(to_commit, n=20)[18])
    dry = (round(every, 3), round(one, 3), round(cpu, 3), pieces)
    return RuleTiming(count, rule_count, *dry, *(round(1000 * seconds, 2) for seconds in figures))


def main() -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m alpr.ops.bench.rules", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--reads", type=int, default=100_000, metavar="N", help="of the dry run; default: 100000")
    parser.add_argument("--rules", type=int, default=200, metavar="N", help="default: 200")
    parser.add_argument("--calls", type=int, default=200, metavar="N", help="reads that are recorded; default: 200")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    args = parser.parse_args()
    configure_logging("warning")
    with tempfile.TemporaryDirectory(prefix="alpr-bench-") as folder:
        try:
            timing = asyncio.run(_run(Path(folder), args.reads, args.rules, args.calls))
        except AlprError as error:
            print(error, file=sys.stderr)
            return 1
    if args.json:
        print(json.dumps(asdict(timing)))
        return 0
    took = f"{timing.dry_run_all:.2f} s ({timing.dry_run_all_cpu:.2f} s of the processor)"
    print(f"dry run of {timing.rules} rules over {timing.reads:,} reads: {took}, ", end="")
    print(f"in {timing.dry_run_pieces} pieces; of one rule {timing.dry_run_one:.2f} s")
    print(f"commit to call, ms: p50 {timing.commit_to_call_p50}, p95 {timing.commit_to_call_p95}", end="")
    print(f", worst {timing.commit_to_call_worst}; recorded to commit p95 {timing.record_p95}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
