"""Activity events: kept once each, with the hours whose sums they change, in one transaction."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeAlias

from sqlalchemy import BigInteger, Table, insert, select, type_coerce
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from alpr.activity import MINUTE, ActivityEvent, to_us
from alpr.site.factory.fields import EventFault
from alpr.site.factory.workstates import CODES
from alpr.store import schema

Outcome: TypeAlias = "bool | EventFault"
"""True: accepted; False: was here before; or why it is refused."""
_EVENTS: Final = schema.activity_events
_Content: TypeAlias = tuple[int, str, str, int, float, int]
"""Moment, worker, station, kind, confidence, count: what a repetition has in common."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How events are taken in."""

    max_gap: int
    """Microseconds that a state can last: so far an event changes what comes after it."""
    strangers: bool = True
    """Whether workers and stations that nobody has named before are made."""
    workers: Collection[str] = ()
    """Those of the configuration."""
    stations: Collection[str] = ()


@dataclass(slots=True)
class _Names:
    """Numbers of the names in a batch; made for strangers when their first event is kept."""

    table: Table
    words: str
    known: dict[str, int]
    welcome: Collection[str]
    strangers: bool
    new: dict[str, None] = field(default_factory=dict)

    def fault(self, key: str) -> EventFault | None:
        if self.strangers or key in self.known or key in self.welcome:
            return None
        return EventFault(self.words, f"{key!r} is not known: add it to [[factory.{self.words}]]")

    def note(self, key: str) -> None:
        if key not in self.known:
            self.new[key] = None

    async def make(self, connection: AsyncConnection, now: datetime) -> None:
        if self.new:
            await connection.execute(insert(self.table), [{"key": key, "created_at": now} for key in self.new])
            self.known |= await _numbers(connection, self.table, self.new)


def key_of(event: ActivityEvent) -> bytes:
    """Return what tells a repetition: a digest of the sender's id, or else of all that the event says."""
    parts = (event.kind.value, repr(event.confidence), str(event.count), event.model, event.model_version)
    content = (str(to_us(event.at)), event.worker, event.station, *parts)
    said = f"id\0{event.id}" if event.id else "\0".join(("content", *content))
    return hashlib.blake2b(said.encode(), digest_size=16).digest()


async def add(
    connection: AsyncConnection, events: Sequence[ActivityEvent], terms: Terms, source_id: int, now: datetime
) -> list[Outcome]:
    """Keep the events of a batch that are new; return for each what became of it."""
    keys = [key_of(event) for event in events]
    before = await _kept(connection, keys)
    workers = await _names(connection, schema.activity_workers, "worker", terms, (one.worker for one in events))
    stations = await _names(connection, schema.activity_stations, "station", terms, (one.station for one in events))
    outcomes: list[Outcome] = []
    new: list[tuple[bytes, ActivityEvent]] = []
    for key, event in zip(keys, events, strict=True):
        content = _content(event)
        if (same := before.get(key)) is not None:
            outcomes.append(False if same == content else EventFault("id", "was given to another event before"))
            continue
        fault = workers.fault(event.worker) or stations.fault(event.station)
        outcomes.append(fault or True)
        if fault is None:
            before[key] = content
            workers.note(event.worker)
            stations.note(event.station)
            new.append((key, event))
    if new:
        await workers.make(connection, now)
        await stations.make(connection, now)
        models = await _models(connection, {(one.model, one.model_version) for _, one in new})
        shared = {"source_id": source_id, "received_at": now}
        rows = [_row(key, one, workers.known, stations.known, models) | shared for key, one in new]
        await connection.execute(insert(_EVENTS), rows)
        await soil(connection, (to_us(one.at) for _, one in new), terms.max_gap)
    return outcomes


async def soil(connection: AsyncConnection, moments: Iterable[int], max_gap: int) -> None:
    """Note the minutes whose sums change with events at these moments (microseconds)."""
    ranges = {(at // MINUTE, (at + max_gap) // MINUTE) for at in moments}
    minutes = {minute for first, last in ranges for minute in range(first, last + 1)}
    mark = secrets.randbits(62)
    statement = upsert(schema.activity_dirty)
    marked = statement.on_conflict_do_update(index_elements=["minute"], set_={"mark": statement.excluded.mark})
    await connection.execute(marked, [{"minute": minute, "mark": mark} for minute in sorted(minutes)])


def _content(event: ActivityEvent) -> _Content:
    return (to_us(event.at), event.worker, event.station, CODES[event.kind], event.confidence, event.count)


def _row(
    key: bytes,
    event: ActivityEvent,
    workers: Mapping[str, int],
    stations: Mapping[str, int],
    models: Mapping[tuple[str, str], int],
) -> dict[str, Any]:
    return {
        "key": key,
        "at": event.at,
        "worker_id": workers[event.worker],
        "station_id": stations[event.station],
        "kind": CODES[event.kind],
        "confidence": event.confidence,
        "count": event.count,
        "model_id": models.get((event.model, event.model_version)),
        "event_id": event.id or None,
    }


async def _kept(connection: AsyncConnection, keys: Sequence[bytes]) -> dict[bytes, _Content]:
    worker, station = schema.activity_workers.c, schema.activity_stations.c
    columns = _EVENTS.c
    joined = _EVENTS.join(schema.activity_workers, worker.id == columns.worker_id).join(
        schema.activity_stations, station.id == columns.station_id
    )
    at = type_coerce(columns.at, BigInteger)
    statement = (
        select(columns.key, at, worker.key, station.key, columns.kind, columns.confidence, columns.count)
        .select_from(joined)
        .where(columns.key.in_(keys))
    )
    return {row[0]: tuple(row[1:]) for row in await connection.execute(statement)}


async def _names(connection: AsyncConnection, table: Table, words: str, terms: Terms, named: Iterable[str]) -> _Names:
    welcome = terms.workers if words == "worker" else terms.stations
    return _Names(table, words, await _numbers(connection, table, set(named)), welcome, terms.strangers)


async def _numbers(connection: AsyncConnection, table: Table, keys: Iterable[str]) -> dict[str, int]:
    rows = await connection.execute(select(table.c.key, table.c.id).where(table.c.key.in_(list(keys))))
    return {row.key: row.id for row in rows}


async def _models(connection: AsyncConnection, named: Collection[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Return the numbers of models by name and version, made where they are new; none for an event without."""
    wanted = sorted(one for one in named if one != ("", ""))
    if not wanted:
        return {}
    table = schema.activity_models
    statement = upsert(table).on_conflict_do_nothing()
    await connection.execute(statement, [{"name": name, "version": version} for name, version in wanted])
    rows = await connection.execute(select(table).where(table.c.name.in_({name for name, _ in wanted})))
    return {(row.name, row.version): row.id for row in rows}
