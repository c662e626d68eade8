"""The tables of workers and stations: their columns, what stands in them, and their order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from alpr.activity import HOUR, ActivityState, FactoryPlan
from alpr.site.factory.productivity import Amounts, StationMetrics, WorkerMetrics
from alpr.store.productivity import Current
from alpr.web.factory.filter import FactoryFilter
from alpr.web.factory.view import NONE, STATES, Part, hours, parts, rate, share
from alpr.web.words.language import gettext as _
from alpr.web.words.language import later, number


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure of a table: as shown, and as a spreadsheet takes it."""

    words: str
    raw: float | str | None
    minor: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A worker or a station of a table."""

    key: str
    name: str
    href: str
    now: str
    parts: tuple[Part, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: a link that orders by it."""

    key: str
    title: str
    href: str
    order: str
    """`ascending`, `descending` or nothing."""
    minor: bool = False


_WorkerValue = Callable[[Amounts], float | None]
_StationValue = Callable[[StationMetrics], float | None]

WORKER_COLUMNS: Final[tuple[tuple[str, str, _WorkerValue, str], ...]] = (
    ("working", later("Working"), lambda one: one.working, "time"),
    ("idle", later("Idle"), lambda one: one.idle, "time minor"),
    ("absent", later("Absent"), lambda one: one.absent, "time minor"),
    ("unknown", later("Unknown"), lambda one: one.unknown, "time minor"),
    ("utilisation", later("Utilisation"), lambda one: one.utilisation, "share"),
    ("units", later("Units"), lambda one: one.units, "count"),
    ("rate", later("Units/h"), lambda one: one.rate, "rate minor"),
)
STATION_COLUMNS: Final[tuple[tuple[str, str, _StationValue, str], ...]] = (
    ("occupied", later("Occupied"), lambda one: one.occupied, "time minor"),
    ("busy", later("Busy"), lambda one: one.busy, "time"),
    ("occupancy", later("Occupancy"), lambda one: one.occupancy, "share minor"),
    ("utilisation", later("Utilisation"), lambda one: one.utilisation, "share"),
    ("units", later("Units"), lambda one: one.amounts.units, "count"),
    ("throughput", later("Units/h"), lambda one: one.throughput, "rate minor"),
    ("performance", later("Of target"), lambda one: one.performance, "share minor"),
)


def columns(
    chosen: FactoryFilter, path: str, first: str, known: Iterable[tuple[str, str, object, str]]
) -> tuple[Column, ...]:
    """Return the heads of a table: each orders by its column, highest first, or turned round where it does already."""
    every = [("name", first, ""), *((key, _(title), form) for key, title, _value, form in known)]
    return tuple(_column(chosen, path, key, title, form) for key, title, form in every)


def _column(chosen: FactoryFilter, path: str, key: str, title: str, form: str) -> Column:
    sort = chosen.sort or "name"
    down, up = sort == f"-{key}", sort == key
    natural = key if key == "name" else f"-{key}"
    turned = {f"-{key}": key, key: f"-{key}"}.get(sort, natural)
    order = "descending" if down else "ascending" if up else ""
    return Column(key, title, chosen.url(path, sort="" if turned == "name" else turned), order, "minor" in form)


def worker_rows(
    chosen: FactoryFilter, plan: FactoryPlan, workers: Sequence[WorkerMetrics], now: Mapping[str, Current]
) -> tuple[Row, ...]:
    """Return the table of workers, in the order that is chosen."""
    rows = [
        Row(
            one.worker,
            plan.worker(one.worker).name,
            chosen.url("/factory/worker", worker=one.worker, station="", sort=""),
            _now_words(plan, now.get(one.worker)),
            parts(one.amounts),
            tuple(_cell(value(one.amounts), form) for _key, _title, value, form in WORKER_COLUMNS),
        )
        for one in workers
    ]
    return _ordered(rows, chosen.sort, [key for key, *_rest in WORKER_COLUMNS])


def station_rows(
    chosen: FactoryFilter, plan: FactoryPlan, stations: Sequence[StationMetrics], now: Iterable[Current]
) -> tuple[Row, ...]:
    """Return the table of stations, in the order that is chosen."""
    there: dict[str, list[str]] = {}
    for one in now:
        if one.state in {ActivityState.WORKING, ActivityState.IDLE}:
            there.setdefault(one.station, []).append(plan.worker(one.worker).name)
    rows = [
        Row(
            one.station,
            plan.station(one.station).name or _("nowhere"),
            chosen.url("/factory/station", station=one.station, worker="", sort=""),
            ", ".join(there.get(one.station, ())),
            parts(one.amounts),
            tuple(_cell(value(one), form) for _key, _title, value, form in STATION_COLUMNS),
        )
        for one in stations
    ]
    return _ordered(rows, chosen.sort, [key for key, *_rest in STATION_COLUMNS])


def place_rows(chosen: FactoryFilter, plan: FactoryPlan, stations: Sequence[StationMetrics]) -> tuple[Row, ...]:
    """Return the table of the stations at which somebody worked: his time there, as of workers."""
    rows = [
        Row(
            one.station,
            plan.station(one.station).name or _("nowhere"),
            chosen.url("/factory/station", station=one.station, worker="", sort=""),
            "",
            parts(one.amounts),
            tuple(_cell(value(one.amounts), form) for _key, _title, value, form in WORKER_COLUMNS),
        )
        for one in stations
    ]
    return _ordered(rows, chosen.sort, [key for key, *_rest in WORKER_COLUMNS])


def _ordered(rows: list[Row], sort: str, keys: Sequence[str]) -> tuple[Row, ...]:
    """Order by name, then by the chosen column; rows without a figure come last either way."""
    rows.sort(key=lambda row: (row.name.casefold(), row.key), reverse=sort == "-name")
    key = sort.removeprefix("-")
    if key in keys:
        at = keys.index(key)
        sign = -1 if sort.startswith("-") else 1
        rows.sort(key=lambda row: _rank(row.cells[at].raw, sign))
    return tuple(rows)


def _rank(raw: float | str | None, sign: int) -> tuple[bool, float]:
    return (False, sign * raw) if isinstance(raw, int | float) else (True, 0.0)


def _cell(value: float | None, form: str) -> Cell:
    minor = "minor" in form
    if value is None:
        return Cell(NONE, None, minor)
    if form.startswith("time"):
        return Cell(hours(int(value)), round(value / HOUR, 4), minor)
    if form.startswith("share"):
        return Cell(share(value), round(value, 4), minor)
    if form.startswith("rate"):
        return Cell(rate(value), round(value, 4), minor)
    return Cell(number(value), value, minor)


def _now_words(plan: FactoryPlan, one: Current | None) -> str:
    if one is None:
        return ""
    state = _(STATES[one.state])
    return (
        f"{state}, {plan.station(one.station).name}" if one.station and one.state is not ActivityState.ABSENT else state
    )


def file_rows(rows: Iterable[Row]) -> Iterator[tuple[object, ...]]:
    """Give a table as rows of a file: key, name, and the figures as they are, times in hours."""
    for row in rows:
        yield row.key, row.name, *("" if cell.raw is None else cell.raw for cell in row.cells)


def file_heads(known: Iterable[tuple[str, str, object, str]], first: str) -> tuple[str, ...]:
    """Name the columns of such a file."""
    return first, "name", *(f"{key}_h" if form.startswith("time") else key for key, _title, _value, form in known)
