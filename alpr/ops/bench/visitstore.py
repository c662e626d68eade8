"""How fast visits are in the store, at the size that a site reaches after years: `python -m alpr.ops.bench.visitstore`.

Fills a database with made-up reads and visits (or takes the one that an earlier run has filled), asks what the pages of
visits ask and prints the milliseconds. Then a month of made-up traffic goes through the store, in the order of time and
in batches that come late: its visits are compared with those that all reads together give, and corrections are timed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import quantiles
from typing import Any, Final

from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.bus import Bus
from alpr.domain import Box, Kind, Read, Reading, State, utc_now
from alpr.errors import AlprError
from alpr.keepers.visits import VisitKeeper
from alpr.log import configure_logging
from alpr.ops.bench.pages import asking, logged_in
from alpr.ops.bench.seed import CAMERAS, seed
from alpr.ops.bench.timings import Timing, table, timed
from alpr.ops.bench.traffic import Month, make_month
from alpr.ops.bench.visits import PERFECT, USUAL
from alpr.site.visits.pairing import began, pair
from alpr.stay import Sighting, StayLimits, VisitState, Way
from alpr.store import reads, schema, visits
from alpr.store.database import Database, open_database
from alpr.store.reads import Evidence
from alpr.store.visits import VisitQuery

_SAMPLES: Final = 60
_INSIDE: Final = 400
_BATCH: Final = 5000
_GOAL: Final = 100.0
"""Milliseconds that every question and page may take."""
_EVIDENCE: Final = Evidence("f.jpg", "0" * 64, 1920, 1080, "c.jpg", "0" * 64)


@dataclass(frozen=True, slots=True)
class MonthThroughStore:
    """A month of traffic through the store."""

    reads: int
    visits: int
    same: bool
    """Whether they are the visits that all reads together give."""
    put_ms: float
    """A read that comes alone."""
    batch_ms: float
    """A read of a batch of a hundred that come in any order."""
    correction_p95_ms: float
    correction_touches: float
    """Visits that one correction changes, on average."""


async def fill(database: Database, count: int, inside: int = _INSIDE) -> None:
    """Make so many visits out of the stored reads, spread over all of them; the newest are inside."""
    async with database.write() as connection:
        await connection.execute(
            text(
                "INSERT INTO sightings (read_id, kind, text, folded, way, at, dismissed) "
                "SELECT id, kind, text, canonical, direction, captured_at, 0 FROM reads WHERE text != ''"
            )
        )
        rows = schema.reads.c
        columns = select(rows.id, rows.text, rows.canonical, rows.captured_at).where(rows.text != "")
        found = (await connection.execute(columns.order_by(rows.place.desc()))).all()
    chosen = [*found[:inside], *found[inside :: max(1, len(found) // max(1, count - inside))]][:count]
    made = [_visit(row, is_open=number < inside) for number, row in enumerate(chosen)]
    async with database.write() as connection:
        for begin in range(0, len(made), _BATCH):
            await connection.execute(insert(schema.visits), made[begin : begin + _BATCH])
        await connection.execute(
            text("UPDATE sightings SET visit_id = read_id WHERE read_id IN (SELECT id FROM visits)")
        )
        await connection.execute(
            insert(schema.hits), [_hit(row.id, number) for number, row in enumerate(chosen[:inside])]
        )


def _visit(row: Any, *, is_open: bool) -> dict[str, Any]:
    left = None if is_open else row.captured_at + timedelta(hours=1)
    return {
        "id": row.id,
        "kind": Kind.PLATE.value,
        "text": row.text,
        "canonical": row.canonical,
        "state": (VisitState.OPEN if is_open else VisitState.CLOSED).value,
        "began": row.captured_at,
        "entered": row.captured_at,
        "left": left,
        "last_seen": left or row.captured_at,
        "reads": [row.id],
        "confidence": 1.0,
        "turned_round": False,
        "came_camera": "gate-in",
        "went_camera": "" if is_open else "gate-out",
        "last_camera": "gate-in" if is_open else "gate-out",
        "zone": "bay" if is_open else "",
        "by_hand": "",
    }


def _hit(read: str, number: int) -> dict[str, Any]:
    name = ("Staff", "Visitors", "Hauliers")[number % 3]
    words = dict.fromkeys(("owner", "company", "note", "reason"), "")
    about = {"list_name": name, "list_kind": "allow", "pattern": "*", "match": "wildcard", "probability": 1.0}
    return {"read_id": read, "ordinal": 0, "entry_id": number, "applies": True, **about, **words}


async def measure(database: Database, dice: random.Random) -> list[Timing]:
    """Ask what the pages of visits ask."""
    newest = await visits.page(database, VisitQuery(limit=500))
    texts = [one.visit.text for one in newest]
    now = utc_now()
    some = dice.sample(texts, _SAMPLES)
    queries: dict[str, Iterator[VisitQuery]] = {
        "visits: newest page": (VisitQuery(limit=51) for _ in some),
        "visits: search": (VisitQuery(text=one[1:5], limit=51) for one in some),
        "visits: nothing fits": (VisitQuery(text=f"{one[:3]}QQ{one[3:]}", limit=51) for one in some[:20]),
        "visits: one state": (VisitQuery(state=VisitState.CLOSED, limit=51) for _ in some),
        "visits: of a week": (VisitQuery(since=now - timedelta(days=7), limit=51) for _ in some),
        "inside": (VisitQuery(state=VisitState.OPEN, limit=2000) for _ in some[:20]),
        "inside, one list": (VisitQuery(state=VisitState.OPEN, list_name="Staff", limit=2000) for _ in some[:20]),
    }
    timings = [
        await timed(name, [partial(visits.page, database, query) for query in asked], _GOAL)
        for name, asked in queries.items()
    ]
    timings.append(await timed("occupancy", [partial(visits.occupancy, database)] * 20, _GOAL))
    asks = [partial(visits.standing, database, one, Kind.PLATE, now) for one in some]
    return [*timings, await timed("standing of a plate", asks, _GOAL)]


async def measure_pages(database: Database, data: Path) -> list[Timing]:
    """Ask the pages and the API."""
    newest = (await visits.page(database, VisitQuery(limit=1)))[0].visit
    paths = {
        "page Inside": "/inside",
        "page Visits": "/visits",
        "page Visits, search": f"/visits?q={newest.text[:4]}",
        "page of a visit": f"/visits/{newest.id}",
        "fire roll": "/inside/roll",
        "API occupancy": "/api/v1/occupancy",
        "API visits": "/api/v1/visits",
    }
    async with logged_in(database, data, CAMERAS) as client:
        for path in paths.values():
            await asking(client, path)()  # templates are compiled once
        return [await timed(name, [asking(client, path)] * 40, _GOAL) for name, path in paths.items()]


async def month_through(
    database: Database, month: Month, dice: random.Random, corrections: int = 60
) -> MonthThroughStore:
    """Put a month through the store: the first half alone and in order, the rest in batches in any order."""
    limits = StayLimits()
    keeper = VisitKeeper(database, Bus(), limits, lambda: month.ends)
    one_by_one, late = list(month.sightings[:1000]), list(month.sightings[1000:])
    dice.shuffle(late)
    alone = [await _put(database, keeper, [one]) for one in one_by_one]
    batches = [late[begin : begin + 100] for begin in range(0, len(late), 100)]
    together = [await _put(database, keeper, batch) for batch in batches]
    found = await visits.page(database, VisitQuery(limit=1_000_000))
    fresh = pair(month.sightings, limits, month.ends)
    same = tuple(sorted((one.visit for one in found), key=began)) == fresh
    fixes, touched = [], 0
    before = {one.visit.id: one for one in found}
    for one in month.sightings[:: max(1, len(month.sightings) // corrections)]:
        began_at = time.perf_counter()
        async with database.write() as connection:
            await keeper.put(connection, _read(replace(one, reading=Reading(one.reading.text[::-1], 0.99))))
        fixes.append(time.perf_counter() - began_at)
        after = {it.visit.id: it for it in await visits.page(database, VisitQuery(limit=1_000_000))}
        touched += sum(before.get(name) != after.get(name) for name in before.keys() | after.keys())
        before = after
    return MonthThroughStore(
        len(month.sightings),
        len(found),
        same,
        round(1000 * sum(alone) / len(alone), 3),
        round(1000 * sum(together) / max(1, len(late)), 3),
        round(1000 * quantiles(fixes, n=20)[18], 2),
        round(touched / len(fixes), 2),
    )


async def _put(database: Database, keeper: VisitKeeper, batch: Sequence[Sighting]) -> float:
    """Store reads and return the seconds that their visits took."""
    made = [_read(one) for one in batch]
    async with database.write() as connection:
        for read in made:
            await reads.save(connection, read, _EVIDENCE, (), read.captured_at)
        return await _taken(keeper, connection, made)


async def _taken(keeper: VisitKeeper, connection: AsyncConnection, made: Sequence[Read]) -> float:
    began_at = time.perf_counter()
    await keeper.put_all(connection, made)
    return time.perf_counter() - began_at


def _read(one: Sighting) -> Read:
    return Read(
        id=one.id,
        camera=one.camera,
        kind=one.kind,
        state=State.FINAL,
        reading=one.reading,
        box=Box(0, 0, 1, 1),
        captured_at=one.at,
        frame_time=0.0,
        first_seen=one.at,
        last_seen=one.at,
        vehicle=one.vehicle,
        direction=None if one.way is Way.PASSING else one.way.value,
    )


async def _run(data: Path, count: int, visit_count: int) -> list[Timing]:
    database = await open_database(data)
    try:
        if not await reads.page(database, reads.ReadQuery(limit=1)):
            await seed(database, count, utc_now())
        if not await visits.page(database, VisitQuery(limit=1)):
            await fill(database, visit_count)
        timings = await measure(database, random.Random(2))  # noqa: S311  which questions, no secrets
        return [*timings, *await measure_pages(database, data)]
    finally:
        await database.close()


async def _months(folder: Path, staff: int) -> dict[str, MonthThroughStore]:
    found = {}
    for name, faults in (("perfect", PERFECT), ("usual", USUAL)):
        database = await open_database(folder / name)
        try:
            found[name] = await month_through(database, make_month(faults, staff=staff), random.Random(3))  # noqa: S311
        finally:
            await database.close()
    return found


def main() -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m alpr.ops.bench.visitstore", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--reads", type=int, default=100_000, metavar="N", help="default: 100000")
    parser.add_argument("--visits", type=int, default=20_000, metavar="N", help="default: 20000")
    parser.add_argument("--staff", type=int, default=40, metavar="N", help="of the month; default: 40")
    parser.add_argument("--data", type=Path, metavar="DIR", help="keep the database here (default: a temporary folder)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    args = parser.parse_args()
    configure_logging("warning")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="alpr-bench-")))
        try:
            timings = asyncio.run(_run(args.data or folder / "store", args.reads, args.visits))
            months = asyncio.run(_months(folder, args.staff))
        except AlprError as error:
            print(error, file=sys.stderr)
            return 1
    if args.json:
        print(json.dumps({"timings": [asdict(one) for one in timings], **{k: asdict(v) for k, v in months.items()}}))
        return 0
    print(table(timings))
    for name, month in months.items():
        print(f"a month of {name} reads through the store: {month}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
