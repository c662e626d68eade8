"""`/api/v1/activity`: what the events come to, over any window."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Final, TypeAlias, TypeVar

from litestar import get
from litestar.params import QueryParameter

from alpr.activity import SECOND, FactoryPlan, Span, from_us, to_us
from alpr.domain import utc_now
from alpr.site.factory.definitions import DEFINITIONS
from alpr.site.factory.ledger import Narrow
from alpr.site.factory.productivity import Productivity, StationMetrics, WorkerMetrics, waterfall
from alpr.store import productivity
from alpr.store.productivity import Step
from alpr.web.api import parameters as given
from alpr.web.api.activity import OfStation, OfWorker, broken_cursor, cursor_text, parse_cursor, plan_of
from alpr.web.api.factoryshapes import (
    Definitions,
    DefinitionShape,
    FactoryFigures,
    StationPage,
    Timeline,
    Trend,
    TrendStep,
    WaterfallStep,
    WorkerPage,
    factory_shape,
    span_shape,
    station_shape,
    times_shape,
    worker_shape,
)
from alpr.web.api.problems import document, wrong
from alpr.web.context import Web, WebParts

_BAD: Final = document(HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN)
_LONGEST: Final = timedelta(days=3 * 366)
_LONGEST_DETAIL: Final = timedelta(days=32)
"""Of what is told event by event or hour by hour."""
_MOST_NAMED: Final = 500
OfShift: TypeAlias = Annotated[str, QueryParameter(max_length=40, description="In shifts of this name alone.")]
InSteps: TypeAlias = Annotated[
    Step, QueryParameter(description="By the site's clock: hours, days, weeks from Monday, or months.")
]
_Named = TypeVar("_Named", WorkerMetrics, StationMetrics)


@dataclass(frozen=True, slots=True)
class _Window:
    """From when until when, and what the time is."""

    since: datetime
    until: datetime
    now: datetime


@get("/activity/workers", responses=_BAD, summary="What each worker did")
async def list_workers(  # noqa: PLR0913  one parameter of the address each
    *,
    web: WebParts,
    since: given.Since = None,
    until: given.Until = None,
    worker: OfWorker = "",
    station: OfStation = "",
    shift: OfShift = "",
    cursor: given.Next = None,
    limit: given.Limit = 100,
) -> WorkerPage:
    """Give the figures of the workers, by id; without `since` those of today."""
    plan = plan_of(web)
    found = await _measured(web, plan, _window(plan, since, until, _LONGEST), Narrow(worker, station, shift))
    shown, following = _page(found.workers, [one.worker for one in found.workers], cursor, limit)
    return WorkerPage(found.since, found.until, [worker_shape(one, plan) for one in shown], following)


@get("/activity/stations", responses=_BAD, summary="What was done at each station")
async def list_stations(  # noqa: PLR0913  one parameter of the address each
    *,
    web: WebParts,
    since: given.Since = None,
    until: given.Until = None,
    worker: OfWorker = "",
    station: OfStation = "",
    shift: OfShift = "",
    cursor: given.Next = None,
    limit: given.Limit = 100,
) -> StationPage:
    """Give the figures of the stations, by id; without `since` those of today."""
    plan = plan_of(web)
    found = await _measured(web, plan, _window(plan, since, until, _LONGEST), Narrow(worker, station, shift))
    shown, following = _page(found.stations, [one.station for one in found.stations], cursor, limit)
    return StationPage(found.since, found.until, [station_shape(one, plan) for one in shown], following)


@get("/activity/factory", responses=_BAD, summary="The whole factory")
async def get_factory(
    *,
    web: WebParts,
    since: given.Since = None,
    until: given.Until = None,
    worker: OfWorker = "",
    station: OfStation = "",
    shift: OfShift = "",
) -> FactoryFigures:
    """Give the sums of all workers with the waterfall from planned to productive time; without `since` of today."""
    plan = plan_of(web)
    found = await _measured(web, plan, _window(plan, since, until, _LONGEST), Narrow(worker, station, shift))
    falls = [WaterfallStep(one.name, one.amount / SECOND, one.left / SECOND) for one in waterfall(found.total)]
    return factory_shape(found, falls)


@get("/activity/trend", responses=_BAD, summary="The factory step by step")
async def get_trend(
    *,
    web: WebParts,
    step: InSteps = Step.DAY,
    since: given.Since = None,
    until: given.Until = None,
    worker: OfWorker = "",
    station: OfStation = "",
    shift: OfShift = "",
) -> Trend:
    """Give the sums of each hour, day, week or month of the window; hours of 32 days at most."""
    plan = plan_of(web)
    window = _window(plan, since, until, _LONGEST_DETAIL if step is Step.HOUR else _LONGEST)
    narrow = Narrow(worker, station, shift)
    found = await productivity.trend(web.database, plan, window.since, window.until, window.now, step, narrow)
    steps = [TrendStep(one.start, one.end, times_shape(one.amounts)) for one in found]
    return Trend(window.since, window.until, str(plan.zone), steps)


@get("/activity/timeline", responses=_BAD, summary="Who did what when")
async def get_timeline(  # noqa: PLR0913  one parameter of the address each
    *,
    web: WebParts,
    since: given.Since = None,
    until: given.Until = None,
    worker: OfWorker = "",
    station: OfStation = "",
    shift: OfShift = "",
    cursor: given.Next = None,
    limit: given.Limit = 500,
) -> Timeline:
    """Give the states of those who take part in a shift, by worker and time, of 32 days at most."""
    plan = plan_of(web)
    window = _window(plan, since, until, _LONGEST_DETAIL)
    narrow = Narrow(worker, station, shift)
    found = await productivity.timeline(web.database, plan, window.since, window.until, window.now, narrow)
    shown, following = _page_of_spans(found, cursor, limit)
    return Timeline(window.since, window.until, [span_shape(one) for one in shown], following)


@get("/activity/definitions", responses=_BAD, summary="What each figure means")
async def list_definitions(web: WebParts) -> Definitions:
    """Give the formulas, and the settings that they depend on."""
    plan = plan_of(web)
    return Definitions(
        max_gap=plan.max_gap.total_seconds(),
        min_confidence=plan.min_confidence,
        handover=plan.handover.total_seconds(),
        timezone=str(plan.zone),
        definitions=[DefinitionShape(one.name, one.of, one.formula, one.words) for one in DEFINITIONS],
    )


async def _measured(web: Web, plan: FactoryPlan, window: _Window, narrow: Narrow) -> Productivity:
    return await productivity.measured(web.database, plan, window.since, window.until, window.now, narrow)


def _window(plan: FactoryPlan, since: datetime | None, until: datetime | None, longest: timedelta) -> _Window:
    now = utc_now()
    end = given.zoned("until", until) or now
    today = now.astimezone(plan.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    begin = given.zoned("since", since) or min(today, end)
    if begin > end:
        raise wrong("since", "lies after `until`")
    if end - begin > longest:
        raise wrong("since", f"lies more than {longest.days} days before `until`")
    if begin < from_us(0) or end > now + timedelta(days=longest.days):
        raise wrong("since" if begin < from_us(0) else "until", "lies beyond all events")
    return _Window(begin.astimezone(UTC), end.astimezone(UTC), now)


def _page(
    found: Sequence[_Named], keys: Sequence[str], cursor: str | None, limit: int
) -> tuple[Sequence[_Named], str | None]:
    after = parse_cursor(cursor)
    first = next((place for place, key in enumerate(keys) if key > after), len(keys)) if after else 0
    last = first + limit
    return found[first:last], cursor_text(keys[last - 1]) if len(keys) > last else None


def _page_of_spans(found: Sequence[Span], cursor: str | None, limit: int) -> tuple[Sequence[Span], str | None]:
    first, place = 0, parse_cursor(cursor)
    if place:
        moment, _, worker = place.partition(" ")
        if not moment.isascii() or not moment.isdigit():
            raise broken_cursor()
        after = worker, int(moment)
        first = next((n for n, one in enumerate(found) if (one.worker, to_us(one.start)) > after), len(found))
    shown = found[first : first + limit]
    more = len(found) > first + limit
    return shown, cursor_text(f"{to_us(shown[-1].start)} {shown[-1].worker}") if more else None
