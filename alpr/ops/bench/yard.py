"""How fast the yard answers after years of containers: `python -m alpr.ops.bench.yard`.

Fills a database with made-up passes of containers (or takes the one that an earlier run has filled), each with its
read and its visit, and prints the milliseconds of each page and answer, and of grouping one more truck's reads.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import insert

from alpr.domain import Box, Kind, Read, Reading, State, Vehicle, canonical, new_read_id, utc_now
from alpr.iso6346 import check_digit
from alpr.keepers.yard import YardKeeper, YardSettings
from alpr.ops.bench.pages import asking, logged_in
from alpr.ops.bench.timings import Timing, time_store, timed, timing_of
from alpr.site.yard.arrivals import Expected
from alpr.site.yard.grouping import Portal
from alpr.stay import VisitState, Way
from alpr.store import expected, passes, reads, schema, yard
from alpr.store.database import Database, open_database
from alpr.store.passes import PassQuery
from alpr.store.places import first_place
from alpr.store.readrows import Evidence, row_values

_BATCH: Final = 2_000
_SAMPLES: Final = 40
_GOAL: Final = 100.0
"""Milliseconds that every page of the yard may take."""
_STEP: Final = timedelta(minutes=2)
"""Between two passes: 200,000 of them are nine months."""
_STAYS: Final = 4_000
"""So many containers stand in the yard at the end."""
_OWNERS: Final = ("MSCU", "TCLU", "HLXU", "CMAU", "OOLU", "EGHU", "TEMU", "FCIU")
_SIZES: Final = ("22G1", "45G1", "42G1", "22R1", "45R1", "L5G1", "")
_LANE: Final = Portal("lane-1", ("gate-in", "left", "right", "rear"), timedelta(seconds=20), ("rear",))


@dataclass(frozen=True, slots=True)
class _Passage:
    """One container that came or left."""

    at: datetime
    code: str
    size: str
    plate: str
    entered: datetime | None
    """When it had come in, of one that leaves."""
    first: str
    """The read that its visit began with."""
    read: str


async def fill(database: Database, count: int, now: datetime, stays: int = _STAYS) -> None:
    """Store so many passes that end at `now`: each container comes in, and all but about `stays` leave."""
    dice = random.Random(5)  # noqa: S311  made-up codes, no secrets
    made = _passages(dice, count, now, stays)
    while some := [one for one, _ in zip(made, range(_BATCH), strict=False)]:
        async with database.write() as connection:
            for table, rows in _rows(some).items():
                if rows:
                    # Who leaves closes a visit that stands there already.
                    await connection.execute(insert(schema.metadata.tables[table]).prefix_with("OR REPLACE"), rows)
    today = now.date()
    announced = [Expected(_code(dice), today + timedelta(days=n % 9 - 2), f"B{n}XK", f"B-{n}") for n in range(3_000)]
    await expected.add_all(database, announced, "bench", now)


def _passages(dice: random.Random, count: int, now: datetime, stays: int) -> Iterator[_Passage]:
    inside: list[_Passage] = []
    for left in range(count, 0, -1):
        at = now - left * _STEP
        read, plate = new_read_id(at), f"GX{dice.randrange(10_000):04d}"
        if len(inside) > stays and left % 2:
            came = inside.pop(dice.randrange(len(inside)))
            yield _Passage(at, came.code, came.size, plate, came.at, came.read, read)
        else:
            one = _Passage(at, _code(dice), dice.choice(_SIZES), plate, None, read, read)
            inside.append(one)
            yield one


def _code(dice: random.Random) -> str:
    ten = f"{dice.choice(_OWNERS)}{dice.randrange(1_000_000):06d}"
    return f"{ten}{check_digit(ten)}"


def _rows(some: list[_Passage]) -> Mapping[str, list[dict[str, Any]]]:
    """Return the rows of these passages by table; a visit of one that left in the same batch is written once."""
    visits: dict[str, dict[str, Any]] = {}
    for one in some:
        visits[one.first] = _visit(one)
    return {
        "reads": [_read_row(one) for one in some],
        "passes": [_pass_row(one) for one in some],
        "visits": list(visits.values()),
        "sightings": [_sighting(one) for one in some],
    }


def _read(one: _Passage) -> Read:
    way = "out" if one.entered else "in"
    return Read(
        id=one.read,
        camera=f"gate-{way}",
        kind=Kind.CONTAINER,
        state=State.FINAL,
        reading=Reading(one.code, 0.97, size_type=one.size),
        box=Box(100, 100, 500, 160),
        captured_at=one.at,
        frame_time=0.0,
        first_seen=one.at,
        last_seen=one.at,
        vehicle=Vehicle("truck", "white", 0.9),
        direction=way,
    )


def _read_row(one: _Passage) -> dict[str, Any]:
    evidence = Evidence(f"x/{one.read}-frame.jpg", "0" * 64, 1920, 1080, f"x/{one.read}-crop.jpg", "0" * 64)
    values = row_values(_read(one), evidence, one.at)
    place = first_place(one.at)
    return {"id": one.read, "place": place, "created_at": one.at, "pass_id": one.read, "arrival": "expected", **values}


def _pass_row(one: _Passage) -> dict[str, Any]:
    return {
        "id": one.read,
        "portal": "lane-1",
        "direction": "out" if one.entered else "in",
        "began_at": one.at,
        "ended_at": one.at + timedelta(seconds=6),
        "plate": one.plate,
        "trailer": "",
        "containers": [one.code],
        "container_count": 1,
        "read_count": 2,
        "arrival": "" if one.entered else "expected",
    }


def _visit(one: _Passage) -> dict[str, Any]:
    began = one.entered or one.at
    return {
        "id": one.first,
        "kind": Kind.CONTAINER.value,
        "text": one.code,
        "canonical": canonical(one.code),
        "state": (VisitState.CLOSED if one.entered else VisitState.OPEN).value,
        "began": began,
        "entered": began,
        "left": one.at if one.entered else None,
        "last_seen": one.at,
        "reads": [one.first, one.read] if one.entered else [one.read],
        "confidence": 1.0,
        "turned_round": False,
        "came_camera": "gate-in",
        "went_camera": "gate-out" if one.entered else "",
        "last_camera": "gate-out" if one.entered else "gate-in",
        "zone": "",
        "by_hand": "",
    }


def _sighting(one: _Passage) -> dict[str, Any]:
    return {
        "read_id": one.read,
        "kind": Kind.CONTAINER.value,
        "text": one.code,
        "folded": canonical(one.code),
        "way": (Way.OUT if one.entered else Way.IN).value,
        "at": one.at,
        "visit_id": one.first,
    }


async def measure(database: Database, data: Path, samples: int = _SAMPLES) -> list[Timing]:
    """Ask every page of the yard, and group another truck's reads."""
    (newest,) = await passes.page(database, PassQuery(limit=1))
    standing = await yard.inventory(database, yard.YardQuery(limit=200))
    last = standing[-1]
    paths = {
        "page: yard": "/yard",
        "page: yard, over free time": "/yard?show=over",
        "page: yard, 40 ft": "/yard?show=40",
        "page: yard, search": f"/yard?q={last.container[:7]}",
        "page: one container": f"/yard/{last.container}",
        "page: passes": "/passes",
        "page: one pass": f"/passes/{newest.id}",
        "page: expected": "/expected",
        "page: reports, 7 days": "/reports",
        "page: reports, 90 days": "/reports?when=quarter",
        "API: yard": "/api/v1/yard",
        "API: yard, totals": "/api/v1/yard/totals",
        "API: one container": f"/api/v1/yard/{last.container}",
        "API: passes": "/api/v1/passes",
        "API: metrics": "/api/v1/metrics",
    }
    async with logged_in(database, data, ("gate-in", "gate-out")) as client:
        for path in paths.values():
            await asking(client, path)()  # templates are compiled once
        timings = [await timed(name, [asking(client, path)] * samples, _GOAL) for name, path in paths.items()]
    return [*timings, await _grouping(database, 4 * samples)]


async def _grouping(database: Database, count: int) -> Timing:
    """Let trucks pass a portal of four cameras, half a minute apart; each read is taken up in its transaction."""
    keeper, began = YardKeeper(YardSettings((_LANE,))), utc_now() + timedelta(days=1)
    dice = random.Random(6)  # noqa: S311  made-up codes, no secrets

    def one(number: int) -> Read:
        at = began + timedelta(seconds=30 * (number // 4) + 2 * (number % 4))
        camera = _LANE.cameras[number % 4]
        made = _read(_Passage(at, _code(dice), "22G1", "", None, "", new_read_id(at)))
        if camera in {"left", "right"}:
            return replace(made, camera=camera)
        return replace(made, camera=camera, kind=Kind.PLATE, reading=Reading(f"GX{dice.randrange(10**6)}", 0.97))

    async def take(read: Read) -> None:
        evidence = Evidence("x/a.jpg", "0" * 64, 1920, 1080, "x/b.jpg", "0" * 64)
        async with database.write() as connection:
            await reads.save(connection, read, evidence, [], read.captured_at)
            started, worked = time.perf_counter(), time.process_time()
            await keeper.put(connection, read)
            took.append(1000 * (time.perf_counter() - started))
            busy.append(1000 * (time.process_time() - worked))

    took: list[float] = []
    busy: list[float] = []
    for number in range(count):
        await take(one(number))
    return timing_of("one read into its pass", took, busy)


async def _run(data: Path, count: int) -> list[Timing]:
    database = await open_database(data)
    try:
        if not await passes.page(database, PassQuery(limit=1)):
            began = time.perf_counter()
            await fill(database, count, utc_now())
            print(f"{count:,} passes stored in {time.perf_counter() - began:.0f} s", file=sys.stderr)
        return await measure(database, data)
    finally:
        await database.close()


def main() -> int:
    """Measure and print; return the exit code."""
    return time_store("alpr.ops.bench.yard", __doc__ or "", "passes", 200_000, _run)


if __name__ == "__main__":
    sys.exit(main())
