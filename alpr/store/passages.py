"""Stored reads as the conditions of rules look at them: in columns, a stretch at a time, for the dry run."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import inf
from typing import Any, Final

import numpy as np
from sqlalchemy import BigInteger, func, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.site.rules.passage import Coded, Passages
from alpr.store import schema
from alpr.store.database import Database
from alpr.store.places import first_place

STRETCH: Final = 4000
"""Reads at a time."""
_SECOND_US: Final = 1_000_000

_T = schema.reads.c
_AT = type_coerce(_T.captured_at, BigInteger)


async def seconds_elsewhere(
    connection: AsyncConnection, canonical: str, camera: str, at: datetime, within: float
) -> float:
    """Return the seconds since this text was last read at another camera; infinite when longer ago than `within`."""
    latest = select(func.max(_T.captured_at)).where(
        _T.canonical == canonical,
        _T.camera != camera,
        _T.captured_at <= at,
        _T.captured_at >= at - timedelta(seconds=within),
    )
    found: datetime | None = (await connection.execute(latest)).scalar_one_or_none()
    return inf if found is None else (at - found).total_seconds()


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some reads in the order of their times, and how much of all has been given with them, 0 to 1."""

    passages: Passages
    done: float


@dataclass(slots=True)
class _Sighting:
    """Where a text was read last, and when it was read last at any other camera; microseconds."""

    camera: str
    at: int
    elsewhere_at: int | None = None


@dataclass(slots=True)
class _Trail:
    """Follows every text from camera to camera."""

    last: dict[str, _Sighting] = field(default_factory=dict)

    def seconds(self, text: str, camera: str, at: int) -> float:
        """Return the seconds since the text was read at another camera, and remember this read."""
        if not text:
            return inf
        before = self.last.get(text)
        if before is None:
            self.last[text] = _Sighting(camera, at)
            return inf
        if before.camera != camera:
            before.camera, before.elsewhere_at = camera, before.at
        before.at = at
        return inf if before.elsewhere_at is None else (at - before.elsewhere_at) / _SECOND_US


async def stretches(db: Database, since: datetime, until: datetime, size: int = STRETCH) -> AsyncIterator[Stretch]:
    """Give the reads from `since` until before `until`, oldest first, a few thousand at a time."""
    place, end, trail = first_place(since), first_place(until), _Trail()
    begin, given = place, 0
    while True:
        async with db.read() as connection:
            rows = await _rows(connection, place, end, size)
            listed = await _lists(connection, place, rows[-1].place + 1) if rows else {}
        if not rows:
            return
        place, given = rows[-1].place + 1, given + len(rows)
        done = 1.0 if len(rows) < size else (place - begin) / max(1, end - begin)
        yield Stretch(_passages(rows, listed, trail), done)
        if len(rows) < size:
            return


async def _rows(connection: AsyncConnection, place: int, end: int, size: int) -> Sequence[Any]:
    statement = (
        select(
            _T.id,
            _T.place,
            _AT.label("at"),
            _T.camera,
            _T.kind,
            _T.verdict,
            _T.canonical,
            _T.confidence,
            _T.region,
            _T.direction,
            _T.vehicle_type,
            _T.zone,
            schema.passes.c.arrival,
        )
        .outerjoin(schema.passes, schema.passes.c.id == _T.pass_id)
        .where(_T.place >= place, _T.place < end)
        .order_by(_T.place)
        .limit(size)
    )
    return (await connection.execute(statement)).all()


async def _lists(connection: AsyncConnection, place: int, end: int) -> Mapping[str, frozenset[str]]:
    hits = schema.hits
    statement = (
        select(hits.c.read_id, hits.c.list_name)
        .join(schema.reads, schema.reads.c.id == hits.c.read_id)
        .where(_T.place >= place, _T.place < end, hits.c.applies)
    )
    found: dict[str, set[str]] = {}
    for read_id, name in await connection.execute(statement):
        found.setdefault(read_id, set()).add(name)
    return {read_id: frozenset(names) for read_id, names in found.items()}


def _passages(rows: Sequence[Any], listed: Mapping[str, frozenset[str]], trail: _Trail) -> Passages:
    ids, _, at, camera, kind, verdict, text, confidence, region, *more = zip(*rows, strict=True)
    direction, vehicle, zone, arrival = more
    nowhere: frozenset[str] = frozenset()
    return Passages(
        ids=ids,
        microseconds=np.array(at, np.int64),
        confidence=np.array(confidence, np.float64),
        elsewhere=np.fromiter(map(trail.seconds, text, camera, at), np.float64, len(rows)),
        camera=Coded(camera),
        kind=Coded(kind),
        verdict=Coded(verdict),
        lists=Coded(listed.get(one, nowhere) for one in ids),
        text=Coded(text),
        region=Coded(_said(region)),
        direction=Coded(_said(direction)),
        vehicle=Coded(_said(vehicle)),
        zone=Coded(_said(zone)),
        arrival=Coded(_said(arrival)),
    )


def _said(column: Iterable[str | None]) -> Iterable[str]:
    return (value or "" for value in column)
