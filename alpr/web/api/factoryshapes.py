"""What the API says of the factory floor; lengths of time are seconds, exact to the microsecond."""

from dataclasses import dataclass
from datetime import datetime

from alpr.activity import SECOND, ActivityState, FactoryPlan, Span
from alpr.site.factory.productivity import Amounts, Productivity, StationMetrics, WorkerMetrics


@dataclass(frozen=True, slots=True)
class Times:
    """Planned time and what became of it; `planned` is the sum of `breaks` and the four states.

    `utilisation` is `working / (working + idle + absent)`, `coverage` the share of the net time that is known, `rate`
    the units for each hour of work; null where there is nothing to divide by.
    """

    planned: float
    breaks: float
    working: float
    idle: float
    absent: float
    unknown: float
    units: int
    unsure_units: int
    utilisation: float | None
    coverage: float | None
    rate: float | None


@dataclass(frozen=True, slots=True)
class WorkerFigures:
    """One worker."""

    id: str
    name: str
    times: Times


@dataclass(frozen=True, slots=True)
class StationFigures:
    """One station: `times` adds up its workers, `open`, `occupied` and `busy` are by the clock.

    `occupancy` is `occupied / open`, `utilisation` `busy / open`, `throughput` the units for each open hour,
    `performance` the units as a share of what the station's `target` an hour asks of the work done there.
    """

    id: str
    name: str
    times: Times
    open: float
    occupied: float
    busy: float
    occupancy: float | None
    utilisation: float | None
    throughput: float | None
    target: float
    performance: float | None


@dataclass(frozen=True, slots=True)
class WorkerPage:
    """Workers by id; `next` is the `cursor` of the page that follows, null on the last one."""

    since: datetime
    until: datetime
    workers: list[WorkerFigures]
    next: str | None


@dataclass(frozen=True, slots=True)
class StationPage:
    """Stations by id; `next` is the `cursor` of the page that follows, null on the last one."""

    since: datetime
    until: datetime
    stations: list[StationFigures]
    next: str | None


@dataclass(frozen=True, slots=True)
class WaterfallStep:
    """What is taken away, and what is left; the first is the planned, the last the productive time."""

    name: str
    seconds: float
    left: float


@dataclass(frozen=True, slots=True)
class FactoryFigures:
    """The whole factory: sums of all workers, and so of all stations."""

    since: datetime
    until: datetime
    times: Times
    performance: float | None
    workers: int
    stations: int
    waterfall: list[WaterfallStep]


@dataclass(frozen=True, slots=True)
class TrendStep:
    """The factory in one step."""

    start: datetime
    end: datetime
    times: Times


@dataclass(frozen=True, slots=True)
class Trend:
    """The factory step by step; the first and the last one are cut to the window."""

    since: datetime
    until: datetime
    timezone: str
    steps: list[TrendStep]


@dataclass(frozen=True, slots=True)
class TimelineSpan:
    """A worker in one state; `station` is empty in breaks and where nothing is known."""

    worker: str
    station: str
    state: ActivityState
    start: datetime
    end: datetime
    shift: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Who did what when, by worker and time; `next` is the `cursor` of the page that follows, null on the last one."""

    since: datetime
    until: datetime
    spans: list[TimelineSpan]
    next: str | None


@dataclass(frozen=True, slots=True)
class DefinitionShape:
    """What a figure means, of whom, and how it is made."""

    name: str
    of: str
    formula: str
    words: str


@dataclass(frozen=True, slots=True)
class Definitions:
    """All figures, with the settings that they depend on: lengths in seconds."""

    max_gap: float
    min_confidence: float
    handover: float
    timezone: str
    definitions: list[DefinitionShape]


def times_shape(amounts: Amounts) -> Times:
    """Show amounts in seconds."""
    return Times(
        planned=amounts.planned / SECOND,
        breaks=amounts.breaks / SECOND,
        working=amounts.working / SECOND,
        idle=amounts.idle / SECOND,
        absent=amounts.absent / SECOND,
        unknown=amounts.unknown / SECOND,
        units=amounts.units,
        unsure_units=amounts.unsure_units,
        utilisation=amounts.utilisation,
        coverage=amounts.coverage,
        rate=amounts.rate,
    )


def worker_shape(one: WorkerMetrics, plan: FactoryPlan) -> WorkerFigures:
    """Show one worker."""
    return WorkerFigures(one.worker, plan.worker(one.worker).name, times_shape(one.amounts))


def station_shape(one: StationMetrics, plan: FactoryPlan) -> StationFigures:
    """Show one station."""
    return StationFigures(
        id=one.station,
        name=plan.station(one.station).name,
        times=times_shape(one.amounts),
        open=one.open / SECOND,
        occupied=one.occupied / SECOND,
        busy=one.busy / SECOND,
        occupancy=one.occupancy,
        utilisation=one.utilisation,
        throughput=one.throughput,
        target=one.target,
        performance=one.performance,
    )


def factory_shape(found: Productivity, falls: list[WaterfallStep]) -> FactoryFigures:
    """Show the whole factory."""
    return FactoryFigures(
        found.since,
        found.until,
        times_shape(found.total),
        found.performance,
        len(found.workers),
        len(found.stations),
        falls,
    )


def span_shape(span: Span) -> TimelineSpan:
    """Show a span."""
    return TimelineSpan(span.worker, span.station, span.state, span.start, span.end, span.shift)
