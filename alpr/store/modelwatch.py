"""What the models said in a window, by name and version: how many, how sure, which states."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeAlias

from sqlalchemy import ColumnElement, Integer, Select, cast, func, select

from alpr.domain import State
from alpr.site.factory.workstates import CODES
from alpr.store import schema
from alpr.store.database import Database

BINS: Final = 100
"""Confidence is counted in hundredths."""
_READS: Final = schema.reads.c
_EVENTS: Final = schema.activity_events.c
_KINDS: Final = {code: kind.value for kind, code in CODES.items()}


@dataclass(slots=True)
class Said:
    """What one version of a model said in a window."""

    model: str
    """Its name and version; empty where nobody says."""
    states: dict[str, int] = field(default_factory=dict)
    """How many of each state: of reads final, unread and so on, of events working, idle and so on."""
    bins: list[int] = field(default_factory=lambda: [0] * BINS)
    """How many with a confidence in each hundredth; unread vehicles have none."""
    total: float = 0.0

    @property
    def count(self) -> int:
        """Reads or events."""
        return sum(self.states.values())

    @property
    def mean(self) -> float | None:
        """The mean confidence of those that have one."""
        sure = sum(self.bins)
        return self.total / sure if sure else None

    def add(self, state: str, place: int, count: int, total: float, *, sure: bool) -> None:
        """Count so many of a state with a confidence in one hundredth."""
        self.states[state] = self.states.get(state, 0) + count
        if sure:
            self.bins[min(BINS - 1, max(0, place))] += count
            self.total += total


SaidByKind: TypeAlias = tuple[tuple[Said, ...], tuple[Said, ...], tuple[Said, ...]]
"""Of what reads, of what finds, of the factory floor."""


async def reads_by_model(db: Database, since: datetime, until: datetime) -> tuple[tuple[Said, ...], tuple[Said, ...]]:
    """Return what the models that read, and those that find, said from `since` until before `until`, busiest first."""
    rows = await _rows(db, _counted(since, until, _READS.reader, _READS.detector))
    readers = _gathered((row[0] or "", *_facts(*row[2:])) for row in rows)
    return readers, _gathered((row[1] or "", *_facts(*row[2:])) for row in rows)


async def reads_by_camera(
    db: Database, since: datetime, middle: datetime, until: datetime
) -> tuple[dict[str, Said], dict[str, Said]]:
    """Return what was said of each camera of ours before and from `middle` on, whichever models it was."""
    later = _READS.captured_at >= middle
    rows = await _rows(db, _counted(since, until, _READS.camera, later).where(_READS.source.is_(None)))
    parts = (_gathered((row[0], *_facts(*row[2:])) for row in rows if bool(row[1]) is late) for late in (False, True))
    before, after = ({one.model: one for one in part} for part in parts)
    return before, after


async def events_by_model(db: Database, since: datetime, until: datetime) -> tuple[Said, ...]:
    """Return what the models of the factory floor said; product counts among the states."""
    models = schema.activity_models.c
    place = cast(_EVENTS.confidence * BINS, Integer)
    statement = (
        select(_EVENTS.model_id, _EVENTS.kind, place, func.count(), func.sum(_EVENTS.confidence))
        .where(_EVENTS.at >= since, _EVENTS.at < until)
        .group_by(_EVENTS.model_id, _EVENTS.kind, place)
    )
    rows = await _rows(db, statement)
    known = await _rows(db, select(models.id, models.name, models.version))
    names = {number: f"{name} {version}".strip() for number, name, version in known}
    return _gathered(
        (names.get(number, ""), _KINDS[kind], place, count, total, True) for number, kind, place, count, total in rows
    )


def _counted(since: datetime, until: datetime, *by: ColumnElement[Any]) -> Select[Any]:
    # Of columns of the index ix_reads_models alone: the rows themselves, with all that they hold, stay untouched.
    place = cast(_READS.confidence * BINS, Integer)
    return (
        select(*by, _READS.state, place, func.count(), func.sum(_READS.confidence))
        .where(_READS.captured_at >= since, _READS.captured_at < until, _READS.state != State.DISMISSED.value)
        .group_by(*by, _READS.state, place)
    )


def _facts(state: str, place: int, count: int, total: float) -> tuple[str, int, int, float, bool]:
    """Return a counted row with whether its reads have a confidence: unread ones have no text to be sure of."""
    return state, place, count, total, state != State.UNREAD.value


async def _rows(db: Database, statement: Select[Any]) -> list[Any]:
    async with db.read() as connection:
        return list(await connection.execute(statement))


def _gathered(counted: Iterable[tuple[str, str, int, int, float, bool]]) -> tuple[Said, ...]:
    known: dict[str, Said] = {}
    for name, state, place, count, total, sure in counted:
        known.setdefault(name, Said(name)).add(state, place, count, total, sure=sure)
    return tuple(sorted(known.values(), key=lambda one: (-one.count, one.model)))
