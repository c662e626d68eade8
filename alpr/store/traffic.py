"""What reports say of the traffic: vehicles and containers by time, how long they stayed, how sure they were read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, case, distinct, func, literal_column, select, type_coerce

from alpr.domain import Kind
from alpr.store import schema
from alpr.store.database import Database
from alpr.store.statistics import QUARTER

_QUARTER_US: Final = QUARTER // timedelta(microseconds=1)
_SECOND_US: Final = 1_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Flow:
    """What passed in a stretch of time."""

    vehicles: int = 0
    vehicles_in: int = 0
    vehicles_out: int = 0
    containers: int = 0
    containers_in: int = 0
    containers_out: int = 0

    def __add__(self, other: Flow) -> Flow:
        return Flow(
            self.vehicles + other.vehicles,
            self.vehicles_in + other.vehicles_in,
            self.vehicles_out + other.vehicles_out,
            self.containers + other.containers,
            self.containers_in + other.containers_in,
            self.containers_out + other.containers_out,
        )


@dataclass(frozen=True, slots=True)
class Sureness:
    """How sure the reads of containers were, summed up so that stretches can be added."""

    reads: int = 0
    confidence: float = 0.0
    """The sum of all."""

    def __add__(self, other: Sureness) -> Sureness:
        return Sureness(self.reads + other.reads, self.confidence + other.confidence)

    @property
    def mean(self) -> float | None:
        """The mean, or None when nothing was read."""
        return self.confidence / self.reads if self.reads else None


@dataclass(frozen=True, slots=True)
class Share:
    """How many different containers were of a size and type, or of an owner; an empty key is not known."""

    key: str
    containers: int


async def flow(db: Database, since: datetime, until: datetime) -> tuple[tuple[datetime, Flow], ...]:
    """Count the passes from `since` until before `until` by the quarter of an hour they began in, oldest first."""
    columns = schema.passes.c
    quarter = type_coerce(columns.began_at, BigInteger) // _QUARTER_US
    statement = (
        select(
            quarter,
            func.count(),
            _if(columns.direction == "in", 1),
            _if(columns.direction == "out", 1),
            func.sum(columns.container_count),
            _if(columns.direction == "in", columns.container_count),
            _if(columns.direction == "out", columns.container_count),
        )
        .where(columns.began_at >= since, columns.began_at < until)
        .group_by(quarter)
        .order_by(quarter)
    )
    async with db.read() as connection:
        rows = await connection.execute(statement)
        return tuple((_EPOCH + number * QUARTER, Flow(*counts)) for number, *counts in rows)


async def sureness(db: Database, since: datetime, until: datetime) -> tuple[tuple[datetime, Sureness], ...]:
    """Sum up how sure reads of containers were, by quarter of an hour, oldest first."""
    columns = schema.reads.c
    quarter = type_coerce(columns.captured_at, BigInteger) // _QUARTER_US
    statement = (
        select(quarter, func.count(), func.sum(columns.confidence))
        .where(*_read_containers(since, until))
        .group_by(quarter)
        .order_by(quarter)
    )
    async with db.read() as connection:
        rows = await connection.execute(statement)
        return tuple((_EPOCH + number * QUARTER, Sureness(reads, total)) for number, reads, total in rows)


async def sizes(db: Database, since: datetime, until: datetime) -> tuple[Share, ...]:
    """Count the different containers by size and type, the most first."""
    return await _shares(db, schema.reads.c.size_type, since, until)


async def owners(db: Database, since: datetime, until: datetime) -> tuple[Share, ...]:
    """Count the different containers by the first four letters of their code, the most first."""
    return await _shares(db, func.substr(schema.reads.c.text, 1, 4), since, until)


async def dwell(
    db: Database, kind: Kind, edges: Sequence[timedelta], since: datetime, until: datetime
) -> tuple[int, ...]:
    """Count those who left from `since` until before `until` by how long they had stayed.

    Between each two edges, then those beyond the last; the first edge is 0.
    """
    columns = schema.visits.c
    seconds = (type_coerce(columns.left, BigInteger) - type_coerce(columns.entered, BigInteger)) // _SECOND_US
    place = case(
        *((seconds < edge // timedelta(seconds=1), number) for number, edge in enumerate(edges[1:])),
        else_=len(edges) - 1,
    )
    statement = (
        select(place, func.count())
        .where(
            columns.kind == kind.value,
            columns.left >= since,
            columns.left < until,
            columns.entered.is_not(None),
        )
        .group_by(place)
    )
    async with db.read() as connection:
        found = {row[0]: row[1] for row in await connection.execute(statement)}
    return tuple(found.get(number, 0) for number in range(len(edges)))


async def _shares(db: Database, key: ColumnElement[str], since: datetime, until: datetime) -> tuple[Share, ...]:
    containers = func.count(distinct(schema.reads.c.text))
    statement = select(key, containers).where(*_read_containers(since, until)).group_by(key)
    async with db.read() as connection:
        rows = await connection.execute(statement.order_by(containers.desc(), key))
        return tuple(Share(*row) for row in rows)


def _read_containers(since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    columns = schema.reads.c
    # Written out, so that SQLite sees that its partial index holds all of them.
    is_container = columns.kind == literal_column(f"'{Kind.CONTAINER.value}'")
    return is_container, columns.captured_at >= since, columns.captured_at < until, columns.text != ""


def _if(condition: ColumnElement[bool], value: Any) -> ColumnElement[int]:
    return func.sum(case((condition, value), else_=0))
